"""Dagster: the published warehouse as an asset, each step a call of the command line.

Dagster and the project have an environment each: Dagster's process needs a checkout of
the project with its `.venv`, the folders to keep (docs/deploying.md, "State"), and in
its environment CUSTOMER_SUCCESS_HOME, the checkout's path, beside the project's own
variables. No secret is in this file or in an argument.

A step is tried again only where that can help; its exit code decides.
"""

import json
import os
import subprocess
from pathlib import Path

import dagster as dg

INPUTS_FAILED = 3  # the export may still be on its way
LOCKED = 6  # another publish is running
NOTIFY_FAILED = 10  # what was sent is not sent again
TRIES = 3
SECONDS_BETWEEN = 20 * 60


def run(
    context: dg.AssetExecutionContext, *arguments: str, again_after: int | None = None
) -> None:
    """Run a command of the project; its output goes to the run's log.

    Args:
        context: Of the asset.
        arguments: Of `customer-success-warehouse`.
        again_after: The exit code after which another try may succeed, if any.

    Raises:
        RetryRequested: It ended with that code.
        Failure: It ended with another one: a person has to look.
    """
    home = os.environ["CUSTOMER_SUCCESS_HOME"]
    command = [f"{home}/.venv/bin/customer-success-warehouse", *arguments]
    done = subprocess.run(
        command,
        cwd=home,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    context.log.info(done.stdout)
    if done.returncode == again_after:
        raise dg.RetryRequested(max_retries=TRIES, seconds_to_wait=SECONDS_BETWEEN)
    if done.returncode:
        lines = done.stdout.strip().splitlines()[-10:]
        raise dg.Failure(
            f"{arguments[0]} ended with exit code {done.returncode}.",
            metadata={"exit_code": done.returncode, "log": "\n".join(lines)},
            allow_retries=False,
        )


@dg.asset
def checked_inputs(context: dg.AssetExecutionContext) -> None:
    """The raw tables can be read."""
    run(context, "check-inputs", again_after=INPUTS_FAILED)


@dg.asset(deps=[checked_inputs])
def published_warehouse(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """The file that readers open; its manifest is the metadata."""
    run(context, "publish", "--no-dashboards", again_after=LOCKED)
    folder = Path(os.environ["CUSTOMER_SUCCESS_HOME"]) / (
        os.environ.get("PUBLISH_FOLDER") or "publish"
    )
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return dg.MaterializeResult(
        metadata={
            "build": manifest["build_id"],
            "as_of_date": manifest["as_of_date"],
            "marts": len(manifest["marts"]),
        }
    )


@dg.asset(deps=[published_warehouse])
def dashboards(context: dg.AssetExecutionContext) -> None:
    """The dashboards' pages."""
    run(context, "dashboards")


@dg.asset(deps=[published_warehouse])
def sent_alerts(context: dg.AssetExecutionContext) -> None:
    """New open alerts, sent to NOTIFY_URLS."""
    if not os.environ.get("NOTIFY_URLS"):
        context.log.info("NOTIFY_URLS is not set: nobody to notify.")
        return
    run(context, "notify", again_after=NOTIFY_FAILED)


nightly = dg.define_asset_job(
    "nightly", selection=dg.AssetSelection.all(), tags={"dagster/max_runtime": "21600"}
)
definitions = dg.Definitions(
    assets=[checked_inputs, published_warehouse, dashboards, sent_alerts],
    jobs=[nightly],
    schedules=[dg.ScheduleDefinition(job=nightly, cron_schedule="17 4 * * *")],
)
