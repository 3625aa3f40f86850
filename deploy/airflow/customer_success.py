"""Airflow 3: the nightly run, each step a call of the project's command line.

Airflow and the project have an environment each: a worker needs Airflow, a checkout of
the project with its `.venv`, the folders to keep (docs/deploying.md, "State"), and in
its environment CUSTOMER_SUCCESS_HOME, the checkout's path, beside the project's own
variables. No secret is in this file or in an argument.

A step is tried again only where that can help; its exit code decides.
"""

from __future__ import annotations

import os
import subprocess
from datetime import datetime, timedelta

from airflow.sdk import dag, task
from airflow.sdk.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowSkipException,
)

INPUTS_FAILED = 3  # the export may still be on its way
LOCKED = 6  # another publish is running
NOTIFY_FAILED = 10  # what was sent is not sent again


def run(*arguments: str, again_after: int | None = None) -> None:
    """Run a command of the project; its output goes to the task's log.

    Args:
        arguments: Of `customer-success-warehouse`.
        again_after: The exit code after which another try may succeed, if any.

    Raises:
        AirflowException: It ended with that code.
        AirflowFailException: It ended with another one: a person has to look.
    """
    home = os.environ["CUSTOMER_SUCCESS_HOME"]
    command = [f"{home}/.venv/bin/customer-success-warehouse", *arguments]
    with subprocess.Popen(
        command,
        cwd=home,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        assert process.stdout
        for line in process.stdout:
            print(line, end="", flush=True)
    if process.returncode:
        message = f"{arguments[0]} ended with exit code {process.returncode}."
        if process.returncode == again_after:
            raise AirflowException(message)
        raise AirflowFailException(message)


@dag(
    schedule="17 4 * * *",
    start_date=datetime(2026, 1, 1),
    catchup=False,  # a publish is as of yesterday, whatever night Airflow asks for
    max_active_runs=1,
    default_args={"retries": 3, "retry_delay": timedelta(minutes=20)},
    doc_md=__doc__,
)
def customer_success() -> None:
    """Check the inputs, publish, then render dashboards and send alerts."""

    @task
    def check_inputs() -> None:
        run("check-inputs", again_after=INPUTS_FAILED)

    @task
    def publish() -> None:
        run("publish", "--no-dashboards", again_after=LOCKED)

    @task
    def dashboards() -> None:
        run("dashboards")

    @task
    def notify() -> None:
        if not os.environ.get("NOTIFY_URLS"):
            raise AirflowSkipException("NOTIFY_URLS is not set: nobody to notify.")
        run("notify", again_after=NOTIFY_FAILED)

    check_inputs() >> publish() >> [dashboards(), notify()]


customer_success()
