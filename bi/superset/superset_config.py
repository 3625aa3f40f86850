"""Superset's settings for `make superset`: this machine only, marts only.

`bi.superset.serve` sets SUPERSET_CONFIG_PATH to this file, and SUPERSET_HOME.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

HOME = Path(os.environ["SUPERSET_HOME"])

SECRET_KEY = (HOME / "secret_key").read_text(encoding="utf-8")
SQLALCHEMY_DATABASE_URI = f"sqlite:///{HOME / 'superset.db'}"
DATA_DIR = str(HOME)

# Nothing is cached: after a publish, the next query is of the new build.
CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}
DATA_CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}

# The browser loads from this server alone: not the image with which Superset reports
# that it is in use.
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": "'none'",
        "style-src": ["'self'", "'unsafe-inline'"],
        "script-src": ["'self'", "'strict-dynamic'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,
    "session_cookie_secure": False,
}


def SQL_QUERY_MUTATOR(sql: str, database: Any, **_: Any) -> str:  # noqa: N802
    """Refuse what is more than one select over the marts, in charts and in SQL Lab."""
    from superset.errors import ErrorLevel, SupersetError, SupersetErrorType
    from superset.exceptions import SupersetErrorException

    from pipeline.guard import RefusedError, check

    if database.backend == "duckdb":
        try:
            with database.get_raw_connection() as connection:
                check(connection, sql)
        except RefusedError as error:
            refused = SupersetError(
                message=str(error),
                error_type=SupersetErrorType.GENERIC_DB_ENGINE_ERROR,
                level=ErrorLevel.ERROR,
            )
            raise SupersetErrorException(refused) from None
    return sql
