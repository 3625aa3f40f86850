"""docs/your-data.md: its SQL and its mapping work as described."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import yaml

from pipeline.project import project_vars
from pipeline.raw import inspect_inputs
from tests.python.conftest import ROOT, dbt, settings_of

# The export of which the text speaks, made from the demo's.
EXPORT = {
    "contracts.csv": """
        select subscription_id as contract, account_id as customer, plan as product,
            upper(billing_interval) as "Billed per", amount as price,
            started_on as valid_from, ended_on as valid_to
        from read_csv('{}/subscriptions.csv', all_varchar = true)
        where currency = 'USD' and subscription_id is not null
    """,
    "sessions.parquet": """
        select login_id as session, user_id as person, account_id as customer,
            logged_in_at as started, session_minutes as minutes
        from read_csv('{}/logins.csv')
    """,
    "nps.csv": """
        select response_id as answer_no, account_id as customer, score as rating,
            comment as remark, sent_at as asked_at, responded_at as answered_at
        from read_csv('{}/surveys.csv', all_varchar = true)
        where survey_type = 'nps'
    """,
}


def blocks(language: str) -> list[str]:
    text = (ROOT / "docs" / "your-data.md").read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def make_export(folder: Path) -> dict[str, int]:
    folder.mkdir(parents=True)
    rows = {}
    for name, query in EXPORT.items():
        source = query.format(ROOT / "demo" / "data")
        found = duckdb.execute(f"copy ({source}) to '{folder / name}'").fetchone()
        assert found is not None
        rows[name] = int(found[0])
    return rows


def test_the_walk(tmp_path: Path) -> None:
    rows = make_export(tmp_path / "export")
    (views,) = blocks("sql")
    with duckdb.connect(str(tmp_path / "mine.duckdb")) as connection:
        connection.execute(views.replace("'export/", f"'{tmp_path}/export/"))
    (mapping,) = blocks("yaml")
    config = yaml.safe_load(mapping)
    place = {"RAW_DATABASE": str(tmp_path / "mine.duckdb")}

    found = inspect_inputs({**project_vars(), **config}, settings_of(place))
    assert found.problems == []
    done = dbt(tmp_path, "seed", environment=place, config=config)
    assert done.returncode == 0, done.stdout[-4000:]

    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        connection.execute(f"attach '{tmp_path}/mine.duckdb' as user_raw (read_only)")
        read = connection.execute(
            "select (select count(distinct subscription_id)"
            " from raw.raw_subscriptions),"
            " (select count(logged_in_at) from raw.raw_logins),"
            " (select count(distinct response_id) from raw.raw_surveys),"
            " (select count(*) from raw.raw_accounts)"
        ).fetchone()
    assert read is not None
    assert read[0] > 100
    assert read[1] == rows["sessions.parquet"] > 1000
    assert read[2] > 100
    assert read[3] == 0
