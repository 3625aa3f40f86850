"""Other places that readers get the marts in: PostgreSQL, and Parquet files.

`make publish` validates and publishes the DuckDB file; a target copies that file as it
is, and reads it back. `build` opens the file, `postgres` and `parquet` write, `copy`
runs them.
"""

from pipeline.targets.copy import TARGETS, check_targets, copy_to

__all__ = ["TARGETS", "check_targets", "copy_to"]
