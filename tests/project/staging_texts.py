"""What is written about staging from its own sources, so that nobody writes it twice.

`python -m tests.project.staging_texts` writes both:

    models/staging/raw_columns.md  a doc block per column of models/staging/sources.yml,
                                   for the models that have the same column
    macros/staging/README.md       the compiled SQL of base_exchange_rates
"""

from __future__ import annotations

import re
import shutil
import textwrap
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import yaml

from tests.python.conftest import ROOT, dbt

SOURCES = ROOT / "models" / "staging" / "sources.yml"
COLUMNS = ROOT / "models" / "staging" / "raw_columns.md"
README = ROOT / "macros" / "staging" / "README.md"
MODEL = "base_exchange_rates"
EXPORT = ROOT / "tests" / "data" / "foreign_export"
# Typed columns: each cell of a CSV file would be a page of text parsing.
RATES = """
    select
        'EUR' as currency,
        date '2024-01-01' as rate_date,
        cast(1.08 as decimal(18, 8)) as rate_to_base,
        timestamp '2024-01-02 06:00:00' as updated_at
"""
SQL = re.compile(r"(?<=```sql\n).*?(?=```)", re.DOTALL)
HEADER = """\
<!-- Written by `python -m tests.project.staging_texts` from the descriptions of
     models/staging/sources.yml; change them there. -->
"""


def doc_blocks() -> str:
    """A doc block per column of the raw tables."""
    (source,) = yaml.safe_load(SOURCES.read_text("utf-8"))["sources"]
    blocks = [HEADER]
    for table in source["tables"]:
        for column in table["columns"]:
            text = textwrap.fill(column["description"].strip(), 96)
            name = f"{table['name']}__{column['name']}"
            blocks.append(f"{{% docs {name} %}}\n{text}\n{{% enddocs %}}\n")
    return "\n".join(blocks)


def compiled_model(folder: Path) -> str:
    """The SQL that dbt makes of the model for a Parquet file of exchange rates."""
    raw = folder / "raw"
    shutil.copytree(EXPORT, raw)
    duckdb.sql(f"copy ({RATES}) to '{raw / 'exchange_rates.parquet'}'")
    done = dbt(
        folder,
        *("compile", "--quiet", "--select", MODEL),
        environment={"RAW_LOCATION": str(raw), "AS_OF_DATE": "2024-12-31"},
    )
    assert done.returncode == 0, done.stdout[-6000:]
    (file,) = (folder / "target" / "compiled").rglob(f"{MODEL}.sql")
    return readable(file.read_text("utf-8"))


def readable(sql: str) -> str:
    """Without spaces at line ends, and with names as they are written by hand."""
    lines = [line.rstrip() for line in sql.strip().splitlines()]
    return "\n".join(lines).replace('"warehouse".', "").replace('"', "") + "\n"


def with_sql(page: str, sql: str) -> str:
    """The page with this SQL in its only block of SQL."""
    return SQL.sub(lambda _: sql, page, count=1)


if __name__ == "__main__":
    COLUMNS.write_text(doc_blocks(), "utf-8")
    with TemporaryDirectory() as place:
        README.write_text(
            with_sql(README.read_text("utf-8"), compiled_model(Path(place))), "utf-8"
        )
