"""Runs a dbt command in this process, and waits for the JVM that Spark started.

python -m benchmarks.dbt_and_jvm <dbt command and options>

Otherwise the JVM ends after this process, and nobody knows what it used.
"""

from __future__ import annotations

import sys
from typing import Any

from dbt.cli.main import dbtRunner


def main() -> None:
    """Run it; exits as dbt does."""
    done = dbtRunner().invoke(sys.argv[1:])
    if (pyspark := sys.modules.get("pyspark")) is not None:
        wait_for_jvm(pyspark.SparkContext)
    sys.exit(0 if done.success else 1)


def wait_for_jvm(context: Any) -> None:
    """Stop Spark; its JVM ends when its input does."""
    if context._active_spark_context is not None:
        context._active_spark_context.stop()
    if context._gateway is not None:
        context._gateway.shutdown()
        context._gateway.proc.stdin.close()
        context._gateway.proc.wait()


if __name__ == "__main__":
    main()
