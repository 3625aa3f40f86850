"""Render dbt's documentation as one page: models, columns, lineage, dashboards."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from pipeline.console import display_path, print_step
from pipeline.dbt_run import run_dbt
from pipeline.exit_codes import BUILD_FAILED
from pipeline.project import ROOT

PAGE = ROOT / "build" / "docs" / "index.html"
# The page of dbt 1.11 requests an icon that does not exist, and one under the name of
# its template. When dbt changes it, tests/project/test_other_tools.py fails.
HTML_FIXES = {
    "${require('./assets/favicons/favicon.ico')}": "data:,",
    'xlink:href="{{ getIcon': 'ng-href="{{ getIcon',
}


def docs(console: Console, page: Path = PAGE) -> int:
    """Write the page, without data or a server.

    Returns:
        0, or 5: dbt failed and printed the reason.
    """
    print_step(console, "docs", "dbt's own, as one page")
    with TemporaryDirectory() as folder:
        artifacts = Path(folder)
        done = run_dbt(
            console,
            *("docs", "generate", "--static", "--empty-catalog"),
            database=artifacts / "warehouse.duckdb",
            artifacts=artifacts,
        )
        made = artifacts / "static_index.html"
        if not (done and made.exists()):
            return BUILD_FAILED
        text = made.read_text(encoding="utf-8")
        for broken, fixed in HTML_FIXES.items():
            text = text.replace(broken, fixed)
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, encoding="utf-8")
    console.print(f"Wrote {display_path(page)}.", highlight=False, soft_wrap=True)
    return 0
