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

from pipeline.history.file import HistoryError, history_path
from pipeline.history.relations import create_history_relations
from pipeline.history.renewal_model import create_model_relations, model_path
from pipeline.history.reported import FILE, create_reported_relation
from pipeline.project import ROOT, InputError, default_vars
from pipeline.raw.connection import reach
from pipeline.raw.inspect import inspect_inputs, report
from pipeline.raw.locate import raw_origin
from pipeline.raw.relations import create_relations, raw_relations
from pipeline.raw.sources import history_origin, modelled_tables
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
        reach(conn, settings, self.config)
        relations = raw_relations(inspection, self.config)
        origin = raw_origin(self.config, settings)
        create_relations(conn, relations, origin, modelled_tables(self.config))
        kept = history_path(self.config, settings)
        of_data = history_origin(origin, self.config)
        create_history_relations(conn, kept, of_data)
        create_reported_relation(conn, settings.publish_folder / FILE, of_data)
        create_model_relations(conn, model_path(self.config, settings), of_data)


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
