"""Superset on this machine with our dashboard: `make superset`.

It runs in `.venv-superset`. Its users, its secret key and its copy of the dashboard's
definition are in build/superset/.
"""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from pipeline.exit_codes import INPUTS_FAILED
from pipeline.project import ROOT
from pipeline.sealed import DATABASE, PUBLISH_FIRST
from pipeline.settings import read_settings

HOST, PORT = "127.0.0.1", 8088
HERE = Path(__file__).parent
ASSETS = HERE / "assets"
WORK = ROOT / "build" / "superset"
ADMIN = "admin"
WORKERS = 2
SEALED = "access_mode=read_only&enable_external_access=false&lock_configuration=true"


def assets(published: Path) -> dict[str, str]:
    """The dashboard and what it is made of, over a published file.

    Args:
        published: The file that readers open.

    Returns:
        YAML by its path, as Superset imports it.
    """
    found = {}
    for file in sorted(ASSETS.rglob("*.yaml")):
        text = file.read_text(encoding="utf-8")
        name = str(file.relative_to(ASSETS))
        if name.startswith("databases/"):
            database = yaml.safe_load(text)
            database["sqlalchemy_uri"] = f"duckdb:///{published}?{SEALED}"
            text = yaml.safe_dump(database)
        found[name] = text
    return found


def secret(file: Path) -> str:
    """A random text that only its owner may read; made when it is first asked for."""
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(32), encoding="utf-8")
    return file.read_text(encoding="utf-8")


def prepare(published: Path, password: str) -> None:
    """Make or update Superset's own database, its administrator and the dashboard."""
    from flask_migrate import upgrade
    from superset.app import create_app

    app: Any = create_app()
    with app.app_context():
        from superset import db, security_manager
        from superset.commands.importers.v1.assets import ImportAssetsCommand
        from superset.connectors.sqla.models import SqlaTable
        from superset.utils.core import override_user

        upgrade()
        app.appbuilder.add_permissions(update_perms=True)
        security_manager.sync_role_definitions()
        user = security_manager.find_user(ADMIN)
        if user is None:
            role = security_manager.find_role("Admin")
            names = (ADMIN, "Local", "Administrator", "admin@localhost")
            user = security_manager.add_user(*names, role, password)
        with override_user(user):
            ImportAssetsCommand(assets(published)).run()
            # Columns come from the published file, with their types and descriptions.
            for dataset in db.session.query(SqlaTable).all():
                dataset.fetch_metadata()
            db.session.commit()


def main(
    port: Annotated[int, typer.Option(help="Port on this machine.")] = PORT,
    work: Annotated[Path, typer.Option(help="Superset's own files.")] = WORK,
) -> None:
    """Serve the dashboards of the published build with Superset, on loopback."""
    published = (read_settings().publish_folder / DATABASE).resolve()
    if not published.exists():
        print(PUBLISH_FIRST.format(published), file=sys.stderr)
        raise typer.Exit(INPUTS_FAILED)
    work = work.resolve()
    work.mkdir(mode=0o700, parents=True, exist_ok=True)
    secret(work / "secret_key")
    password = secret(work / "admin_password")
    os.environ |= {
        "SUPERSET_CONFIG_PATH": str(HERE / "superset_config.py"),
        "SUPERSET_HOME": str(work),
    }
    prepare(published, password)
    page = f"http://{HOST}:{port}/superset/dashboard/customer-success/"
    print(
        f"{page} as {ADMIN}, with the password in {work / 'admin_password'}",
        file=sys.stderr,
    )
    # Workers without threads: each has one query at a time, and no connection between
    # two queries, so that the next one opens what is published by then.
    command = [sys.executable, "-m", "gunicorn", "--worker-class", "sync"]
    command += ["--workers", str(WORKERS), "--timeout", "120", "--no-control-socket"]
    command += ["--bind", f"{HOST}:{port}", "superset.app:create_app()"]
    os.execv(sys.executable, command)


if __name__ == "__main__":
    typer.run(main)
