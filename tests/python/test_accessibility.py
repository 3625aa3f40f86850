"""axe-core finds nothing serious on any page, light and dark: `make test-axe`."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.dashboards import catalogue
from pipeline.project import ROOT
from tests.python.browser import HOSTILE, Browser

pytestmark = [pytest.mark.axe, pytest.mark.xdist_group("dashboards")]

AXE = ROOT / "build" / "axe" / "package" / "axe.min.js"
SERIOUS = {"serious", "critical"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", [*catalogue.PAGES, f"account/{HOSTILE}"])
def test_nothing_serious(name: str, scheme: str, pages: Path, browser: Browser) -> None:
    page = browser.open((pages / f"{name}.html").as_uri())
    page.emulate_media(color_scheme=scheme)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    wrong = [
        (violation["impact"], violation["id"], violation["nodes"][0]["target"])
        for violation in found["violations"]
        if violation["impact"] in SERIOUS
    ]
    assert wrong == []
    page.close()
