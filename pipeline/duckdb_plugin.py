"""What dbt's connection must know and dbt's log must not; `profiles.yml` names it.

In a macro the statements would be written to dbt's log, with what they hold: the way to
the user's data, and the salt of e-mail hashes.
"""

from __future__ import annotations

import os

from dbt.adapters.duckdb.plugins import BasePlugin
from dbt_common.exceptions import DbtRuntimeError
from duckdb import DuckDBPyConnection

from pipeline.project import InputError
from pipeline.raw_access import reach


class Plugin(BasePlugin):
    """Gives access to RAW_DATABASE or RAW_LOCATION's bucket, and to EMAIL_HASH_SALT."""

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        """Prepare the connection from which dbt's others are copied."""
        try:
            reach(conn)
        except InputError as error:
            raise DbtRuntimeError(str(error)) from None
        # For macro email_hash_salt: a table in memory, gone with the connection.
        conn.execute("attach if not exists ':memory:' as email_hash")
        conn.execute("create or replace table email_hash.main.salts (salt varchar)")
        conn.execute(
            "insert into email_hash.main.salts values (?)",
            [os.environ.get("EMAIL_HASH_SALT") or None],
        )
