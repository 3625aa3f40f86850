"""dct's server, restricted to requests for this machine (`serve` starts it).

dct answers whatever host name a request carries. A web page whose host name points to
this machine (DNS rebinding) could then read every dashboard, so other names are refused
here, and in `front`, which browsers talk to.

The server is taken from dbt Charts 0.10 by replacing one function before dct calls it.
"""

from __future__ import annotations

from typing import Any

OWN_NAMES = ["127.0.0.1", "localhost"]


def guard(app: Any) -> Any:
    """Refuse requests to other host names."""
    from starlette.middleware.trustedhost import TrustedHostMiddleware

    app.add_middleware(
        TrustedHostMiddleware, allowed_hosts=OWN_NAMES, www_redirect=False
    )
    return app


def main() -> None:
    """Run dct with its server guarded."""
    from dbt_charts.cli.main import app as dct
    from dbt_charts.core.serve import server

    create = server.create_server

    def guarded(*arguments: Any, **given: Any) -> Any:
        return guard(create(*arguments, **given))

    server.create_server = guarded
    dct()
