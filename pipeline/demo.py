"""From nothing to dashboards of the demo: `make demo`."""

from __future__ import annotations

from rich.console import Console

from pipeline import environment
from pipeline.build import FIRST_QUERIES
from pipeline.console import display_path, print_line
from pipeline.dashboards import render_after_publish
from pipeline.dashboards.folders import target
from pipeline.publish import publish
from pipeline.settings import read_settings


def demo(console: Console) -> int:
    """Build the demo once, publish it, render its dashboards, and say what is next.

    The demo is used whatever RAW_LOCATION and RAW_DATABASE say.

    Args:
        console: Where progress is printed.

    Returns:
        0, or the exit code of the step that failed, as `publish` gives it; 8: the
        dashboards could not be rendered.
    """
    with environment.variables(RAW_LOCATION="", RAW_DATABASE="", AS_OF_DATE=""):
        failed = publish(console) or render_after_publish(console)
    if failed:
        return failed
    page = target(console, read_settings()) / "index.html"
    if page.exists():  # no dashboards on Python 3.10
        where = f"Open {display_path(page)} in a browser, or run `make serve`."
        print_line(console, f"\nDone. {where}")
    print_line(console, "\nAsk the published metrics, for instance:")
    for sql in FIRST_QUERIES:
        print_line(console, f'  make query SQL="{sql}"')
    print_line(
        console, "\nNext: docs/tour.md, and docs/your-data.md for your own data."
    )
    return 0
