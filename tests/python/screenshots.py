"""The images of the README, from the rendered pages: `make screenshots`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipeline.project import ROOT
from tests.python.browser import chromium

PAGES = ROOT / "build" / "dashboards"
IMAGES = ROOT / "docs" / "images"
# The start page, and the account with the largest page: it has most to show.
HEIGHT = 1000


def largest(folder: Path) -> Path:
    """The largest page of a folder."""
    return max(folder.glob("*.html"), key=lambda file: (file.stat().st_size, file.name))


def main() -> None:
    """Make the images.

    Raises:
        SystemExit: No pages are rendered.
    """
    if not (PAGES / "index.html").exists():
        raise SystemExit("No pages are rendered: run `make publish` first.")
    shown = {"today": PAGES / "index.html", "account": largest(PAGES / "account")}
    with chromium() as browser:
        page: Any = browser.new_page(viewport={"width": 1280, "height": HEIGHT})
        for name, file in shown.items():
            page.goto(file.as_uri())
            page.screenshot(path=IMAGES / f"{name}.png")
            print(f"docs/images/{name}.png: {file.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
