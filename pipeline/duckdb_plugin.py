"""What dbt's connection needs to read the user's data; `profiles.yml` names it.

In a macro the statements would be written to dbt's log, with what they hold.
"""

from __future__ import annotations

from dbt.adapters.duckdb.plugins import BasePlugin
from dbt_common.exceptions import DbtRuntimeError
from duckdb import DuckDBPyConnection

from pipeline.project import InputError
from pipeline.raw_access import reach


class Plugin(BasePlugin):
    """Attaches RAW_DATABASE, or gives access to the bucket of RAW_LOCATION."""

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        """Prepare the connection from which dbt's others are copied."""
        try:
            reach(conn)
        except InputError as error:
            raise DbtRuntimeError(str(error)) from None
