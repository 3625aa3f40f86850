"""What dbt's connection gets before the first model; `profiles.yml` names it.

Schema `raw` is made here, from what the preflight found: by Python and not by a macro,
since a macro's statements are written to dbt's log, with what they hold: the way to the
user's data, and the salt of e-mail hashes.
"""

from __future__ import annotations

import json
from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.flags import get_flags
from duckdb import DuckDBPyConnection

from pipeline.history.file import HistoryError
from pipeline.project import ROOT, InputError, default_vars
from pipeline.raw.fill import fill_raw
from pipeline.raw.inspect import inspect_inputs, report
from pipeline.settings import Settings, read_settings
from pipeline.sql import sql_text


class Plugin(BasePlugin):
    """Fills schema `raw`; gives access to its sources and to EMAIL_HASH_SALT."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Take the vars given on dbt's command line over those of `dbt_project.yml`."""
        given = plugin_config.get("vars") or {}
        # VARS_FILE counts in dbt only as --vars, which `make build` gives it
        self.config = default_vars()
        for name, text in given.items():
            value = json.loads(text) if isinstance(text, str) else text
            if value is not None:
                self.config[name] = value
        # all of them: a misspelt one is reported, not read
        flags: Any = get_flags()  # type: ignore[no-untyped-call]
        self.config |= getattr(flags, "VARS", None) or {}

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        """Prepare the connection from which dbt's others are copied.

        Raises:
            RuntimeError: dbt prints its message, and ends.
        """
        try:
            settings = read_settings()
            if self.creds:  # of the target
                built = {"duckdb_path": ROOT / self.creds.path}
                settings = settings.model_copy(update=built)
            _limit_memory(conn, settings)
            _keep_salt(conn, settings)
            self._fill_raw(conn, settings)
        except (InputError, HistoryError) as error:
            raise RuntimeError(str(error)) from None

    def _fill_raw(self, conn: DuckDBPyConnection, settings: Settings) -> None:
        inspection = inspect_inputs(self.config, settings, reads_values=False)
        if inspection.problems:
            raise InputError("\n".join(report(inspection)))
        fill_raw(conn, inspection, self.config, settings)


def _limit_memory(conn: DuckDBPyConnection, settings: Settings) -> None:
    if limit := settings.duckdb_memory_limit:
        conn.execute(f"set memory_limit = {sql_text(limit)}")


def _keep_salt(conn: DuckDBPyConnection, settings: Settings) -> None:
    """For macro email_hash_salt: a table in memory, gone with the connection."""
    conn.execute("attach if not exists ':memory:' as email_hash")
    conn.execute("create or replace table email_hash.main.salts (salt varchar)")
    conn.execute(
        "insert into email_hash.main.salts values (?)",
        [settings.email_hash_salt or None],
    )
