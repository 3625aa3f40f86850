"""What is written about staging from its own sources, so that nobody writes it twice.

`python -m tests.project.staging_texts` writes both:

    models/staging/raw_columns.md  a doc block per column of models/staging/sources.yml,
                                   for the models that have the same column
    macros/staging/README.md       the compiled SQL of base_exchange_rates
"""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from tests.python.conftest import ROOT, dbt

SOURCES = ROOT / "models" / "staging" / "sources.yml"
COLUMNS = ROOT / "models" / "staging" / "raw_columns.md"
README = ROOT / "macros" / "staging" / "README.md"
MODEL = "base_exchange_rates"
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
    """The SQL that dbt makes of the model on the demo, with its raw tables in place."""
    arguments = ("--quiet", "--select", MODEL)
    done = dbt(folder, "compile", *arguments)
    assert done.returncode == 0, done.stdout[-6000:]
    (file,) = (folder / "target" / "compiled").rglob(f"{MODEL}.sql")
    return readable(file.read_text("utf-8"))


def readable(sql: str) -> str:
    """Without the white space that Jinja leaves, and without the database's name."""
    lines = [line.rstrip() for line in sql.strip().splitlines() if line.strip()]
    return "\n".join(lines).replace('"warehouse".', "").replace('"', "") + "\n"


def with_sql(page: str, sql: str) -> str:
    """The page with this SQL in its only block of SQL."""
    return SQL.sub(lambda _: sql, page, count=1)


if __name__ == "__main__":
    COLUMNS.write_text(doc_blocks(), "utf-8")
    with TemporaryDirectory() as place:
        sql = compiled_model(Path(place))
    README.write_text(with_sql(README.read_text("utf-8"), sql), "utf-8")
