"""What dbt's connection gets before the first model; `profiles.yml` names it.

Schema `raw` is made here, from what the preflight found: by Python and not by a macro,
since a macro's statements are written to dbt's log, with what they hold: the way to the
user's data, and the salt of e-mail hashes.
"""

from __future__ import annotations

import json
import os
import re
from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.flags import get_flags
from duckdb import DuckDBPyConnection

from pipeline.history.file import HistoryError, history_path
from pipeline.history.relations import create_history_relations
from pipeline.project import InputError, project_vars
from pipeline.raw.connection import reach
from pipeline.raw.inspect import inspect_inputs, report
from pipeline.raw.locate import raw_origin
from pipeline.raw.relations import create_relations, raw_relations
from pipeline.raw.sources import history_origin, modelled_tables


class Plugin(BasePlugin):
    """Fills schema `raw`; gives access to its sources and to EMAIL_HASH_SALT."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Take the vars given on dbt's command line over those of `dbt_project.yml`."""
        given = plugin_config.get("vars") or {}
        self.config = project_vars()
        for name, text in given.items():
            value = json.loads(text) if isinstance(text, str) else text
            if value is not None:
                self.config[name] = value
        # all that stand there: a misspelt one is reported, not read
        flags: Any = get_flags()  # type: ignore[no-untyped-call]
        self.config |= getattr(flags, "VARS", None) or {}

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        """Prepare the connection from which dbt's others are copied.

        Raises:
            RuntimeError: dbt prints its message, and ends.
        """
        try:
            _limit_memory(conn)
            _keep_salt(conn)
            self._fill_raw(conn)
        except (InputError, HistoryError) as error:
            raise RuntimeError(str(error)) from None

    def _fill_raw(self, conn: DuckDBPyConnection) -> None:
        built = {"DUCKDB_PATH": self.creds.path} if self.creds else {}
        inspection = inspect_inputs(
            self.config, {**os.environ, **built}, reads_values=False
        )
        if inspection.problems:
            raise InputError("\n".join(report(inspection)))
        reach(conn, os.environ, self.config)
        relations = raw_relations(inspection, self.config)
        modelled = modelled_tables(self.config)
        create_relations(conn, relations, raw_origin(self.config), modelled)
        origin = history_origin(raw_origin(self.config), self.config)
        create_history_relations(conn, history_path(self.config), origin)


def _limit_memory(conn: DuckDBPyConnection) -> None:
    limit = os.environ.get("DUCKDB_MEMORY_LIMIT")
    if not limit:
        return
    if not re.fullmatch(r"\d+ ?[KMGT]i?B", limit):
        raise InputError(f"DUCKDB_MEMORY_LIMIT is {limit}: expected a size like 4GB")
    conn.execute(f"set memory_limit = '{limit}'")


def _keep_salt(conn: DuckDBPyConnection) -> None:
    """For macro email_hash_salt: a table in memory, gone with the connection."""
    conn.execute("attach if not exists ':memory:' as email_hash")
    conn.execute("create or replace table email_hash.main.salts (salt varchar)")
    conn.execute(
        "insert into email_hash.main.salts values (?)",
        [os.environ.get("EMAIL_HASH_SALT") or None],
    )
