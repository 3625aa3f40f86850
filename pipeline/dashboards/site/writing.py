"""The folder of static pages: those drawn here, the accounts', and what they share."""

from __future__ import annotations

import shutil
from pathlib import Path

from pipeline.dashboards.catalogue import DOWNLOADS, OWN, REPORTS
from pipeline.dashboards.navigation import ASSETS
from pipeline.dashboards.site import reports
from pipeline.dashboards.site.pages import Site

ACCOUNTS_FOLDER = "account"
ASSETS_FOLDER = "assets"


def write(site: Site, folder: Path) -> int:
    """Write the pages of a build into a folder.

    Returns:
        How many accounts have a page.
    """
    shutil.copytree(ASSETS, folder / ASSETS_FOLDER)
    for name in OWN:
        (folder / f"{name}.html").write_text(site.page(name), encoding="utf-8")
    for name in DOWNLOADS:
        (folder / name).write_text(site.download(name), encoding="utf-8", newline="")
    if site.reports:
        reports.write(site.reports, folder / REPORTS, site.as_of["as_of_date"])
    accounts = folder / ACCOUNTS_FOLDER
    accounts.mkdir()
    written = 0
    for name, page in site.account_pages(site.accounts):
        (accounts / f"{name}.html").write_text(page, encoding="utf-8")
        written += 1
    return written
