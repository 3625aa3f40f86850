"""The command line: `python -m pipeline <command>`."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from demo.generate import generate as generate_demo
from demo.tools import generate as generate_tools
from pipeline import dashboards as pages
from pipeline import export as exports
from pipeline import metrics, semantic_layer
from pipeline.build import audit as run_audit
from pipeline.build import build as run_build
from pipeline.build import preflight
from pipeline.compare_builds import compare_builds as run_compare
from pipeline.console import print_line
from pipeline.demo import demo as run_demo
from pipeline.docs import docs as run_docs
from pipeline.exit_codes import GATE_FAILED, INPUTS_FAILED, INTERRUPTED
from pipeline.notify import notify as run_notify
from pipeline.project import ROOT, InputError, project_vars
from pipeline.publish import forget as run_forget
from pipeline.publish import publish as run_publish
from pipeline.publish import rollback as run_rollback
from pipeline.publish import take_snapshot
from pipeline.query import query as run_query
from pipeline.raw.locate import DEMO_FOLDER
from pipeline.settings import read_settings
from pipeline.spark import load as run_load_spark
from pipeline.targets import check_targets
from pipeline.targets import copy_to as copy_targets
from pipeline.what_if import health_what_if as run_what_if
from quality.results import Gate

app = typer.Typer(
    help=__doc__, no_args_is_help=True, add_completion=False, rich_markup_mode=None
)
console = Console()
NEW_ORIGIN = "Continue the history, although the data comes from another place."


@app.command()
def build(
    full_refresh: Annotated[
        bool, typer.Option(help="Rebuild everything, incremental models too.")
    ] = False,
) -> None:
    """Raw data to marts, with both gates.

    Exit code 3 inputs, 4 a gate, 5 the build, 6 something else has the file open.
    """
    raise typer.Exit(run_build(console, full_refresh=full_refresh))


@app.command()
def demo() -> None:
    """Build, publish and render the demo, whatever data is configured.

    Same exit codes as publish.
    """
    raise typer.Exit(run_demo(console))


@app.command()
def query(
    sql: Annotated[str, typer.Argument(help="One select over the marts.")],
) -> None:
    """Print the rows of a select over the published marts."""
    run_query(console, sql)


@app.command()
def compare(
    before: Annotated[Path, typer.Argument(help="A published file, or a build.")],
    after: Annotated[Path, typer.Argument(help="Another one.")],
) -> None:
    """Show what differs between the marts of two builds; exit code 9 if any does."""
    raise typer.Exit(run_compare(console, before, after))


@app.command()
def check_inputs() -> None:
    """Check that the raw inputs can be read; exit code 3 if not."""
    raise typer.Exit(0 if preflight(console) else INPUTS_FAILED)


@app.command()
def audit() -> None:
    """Run both gates on the current build; exit code 4 if one fails."""
    gates: tuple[Gate, ...] = ("raw", "marts")
    database = read_settings().duckdb_path
    results = [run_audit(console, gate, database) for gate in gates]
    raise typer.Exit(0 if all(r and r.passed for r in results) else GATE_FAILED)


@app.command()
def publish(
    full_refresh: Annotated[
        bool, typer.Option(help="Build from scratch, not on the last build.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option(help="Build and validate, but do not publish.")
    ] = False,
    wait: Annotated[
        float, typer.Option(help="Seconds to wait for another publish to end.")
    ] = 0,
    threads: Annotated[
        int | None, typer.Option(help="dbt's threads; default: the profile's.")
    ] = None,
    accept: Annotated[
        str | None,
        typer.Option(
            help="Id of the published build; the differences from it are intended."
        ),
    ] = None,
    accept_new_origin: Annotated[
        bool, typer.Option("--accept-new-origin", help=NEW_ORIGIN)
    ] = False,
    dashboards: Annotated[
        bool,
        typer.Option(
            "--dashboards/--no-dashboards",
            " /--no-boards",  # the old name
            help="Render the dashboards, too.",
        ),
    ] = True,
    target: Annotated[
        list[str] | None,
        typer.Option(help="Copy it there, too: postgres or parquet (repeatable)."),
    ] = None,
    from_spark: Annotated[bool, typer.Option(help="Publish Spark's tables.")] = False,
) -> None:
    """Build in isolation, validate, compare, and swap in the file that readers open.

    Exit code 3 inputs, 4 a gate, 5 the build, 6 another publish is running, 7 the file
    could not be published, 9 it differs from the last build. Whatever failed, readers
    see the build before. 8: it is published, but the dashboards could not be rendered;
    11: it is published, but not copied to a target.
    """
    check_targets(target or [])
    failed = run_publish(
        console,
        full_refresh=full_refresh,
        dry_run=dry_run,
        wait=wait,
        threads=threads,
        accept=accept,
        accept_new_origin=accept_new_origin,
        from_spark=from_spark,
    )
    if failed or dry_run:
        raise typer.Exit(failed)
    copied = copy_targets(console, target or [], wait=wait) if target else 0
    if dashboards:
        failed = pages.render_after_publish(console)
    raise typer.Exit(copied or failed)


@app.command()
def copy_to(
    target: Annotated[list[str], typer.Argument(help="postgres, parquet, or both.")],
    wait: Annotated[
        float, typer.Option(help="Seconds to wait for a publish to end.")
    ] = 0,
) -> None:
    """Copy the published build to PostgreSQL or Parquet files, and read it back.

    Exit code 6 while a publish is running, 11 if it failed: then readers of the copy
    see the build before.
    """
    raise typer.Exit(copy_targets(console, target, wait=wait))


@app.command()
def snapshot(
    accept_new_origin: Annotated[
        bool, typer.Option("--accept-new-origin", help=NEW_ORIGIN)
    ] = False,
    wait: Annotated[
        float, typer.Option(help="Seconds to wait for a publish to end.")
    ] = 0,
) -> None:
    """Keep today's accounts, users and prices of the last `make build` in the history.

    `make publish` does it for your own data. Exit code 3 where it does not fit the
    history, 6 while a publish or a build is running.
    """
    raise typer.Exit(
        take_snapshot(console, accept_new_origin=accept_new_origin, wait=wait)
    )


@app.command()
def forget(
    user: Annotated[str | None, typer.Option(help="Id of a user.")] = None,
    account: Annotated[str | None, typer.Option(help="Id of an account.")] = None,
    remove_id: Annotated[
        bool, typer.Option("--remove-id", help="Replace the id by a random one, too.")
    ] = False,
    wait: Annotated[
        float, typer.Option(help="Seconds to wait for a publish to end.")
    ] = 0,
) -> None:
    """Erase a user's or an account's attributes from the history and all builds.

    Rows stay, so that counts stay. Exit code 3 where no file knows the id, 6 while a
    publish or a build is running, 7 where a file could not be written.
    """
    raise typer.Exit(
        run_forget(console, user=user, account=account, remove_id=remove_id, wait=wait)
    )


@app.command()
def rollback(
    wait: Annotated[
        float, typer.Option(help="Seconds to wait for a publish to end.")
    ] = 0,
    dashboards: Annotated[
        bool,
        typer.Option(
            "--dashboards/--no-dashboards",
            " /--no-boards",  # the old name
            help="Render the dashboards, too.",
        ),
    ] = True,
) -> None:
    """Publish the previous build again (same exit codes as publish)."""
    failed = run_rollback(console, wait=wait)
    if not failed and dashboards:
        failed = pages.render_after_publish(console)
    raise typer.Exit(failed)


@app.command()
def notify(
    dry_run: Annotated[
        bool, typer.Option(help="Print the messages; send and remember nothing.")
    ] = False,
    mark_as_sent: Annotated[
        bool, typer.Option(help="Send nothing, but remember all as sent.")
    ] = False,
) -> None:
    """Send new open alerts to NOTIFY_URLS, each once (exit code 10 if it failed)."""
    raise typer.Exit(run_notify(console, dry_run=dry_run, mark_as_sent=mark_as_sent))


@app.command()
def fit_forecast() -> None:
    """Fit the renewal forecast on the terms that the last build decided."""
    from pipeline.forecast import fit_forecast as run_fit  # loads scikit-learn

    run_fit(console, project_vars(), read_settings())


@app.command()
def health_what_if(
    weights: Annotated[
        str, typer.Argument(help="As usage=50,billing=20,support=20,nps=10.")
    ],
) -> None:
    """Show who would change health band under other weights; nothing is kept."""
    raise typer.Exit(run_what_if(console, weights, read_settings()))


@app.command()
def dashboards(
    strict: Annotated[
        bool, typer.Option(help="Warnings about the day's data are failures, too.")
    ] = False,
) -> None:
    """Render the published dashboards into build/dashboards (exit code 8 if not)."""
    raise typer.Exit(pages.render(console, strict=strict))


@app.command(hidden=True)
def boards(strict: Annotated[bool, typer.Option()] = False) -> None:
    """Old name of `dashboards`."""
    console.print("`boards` is now `dashboards`: please use the new name.")
    raise typer.Exit(pages.render(console, strict=strict))


@app.command()
def serve(
    port: Annotated[int, typer.Option(help="Port on this machine.")] = 8710,
) -> None:
    """Run the interactive dashboards of what is published, until Ctrl-C."""
    raise typer.Exit(pages.serve(console, port))


@app.command()
def docs() -> None:
    """Write dbt's documentation as one page, build/docs/index.html."""
    raise typer.Exit(run_docs(console))


@app.command()
def export(
    mart: Annotated[
        str, typer.Argument(help="Such as monthly_churn; all; or monthly_pack.")
    ],
    target: Annotated[
        Path, typer.Argument(help="A file .csv or .parquet; a folder; a file .xlsx.")
    ],
    form: Annotated[
        str, typer.Option("--as", help="Of all marts: csv or parquet.")
    ] = "csv",
) -> None:
    """Write a published mart, all of them, or the monthly pack as an Excel workbook.

    In CSV and Excel, cells are harmless to spreadsheets.
    """
    if mart == "monthly_pack":
        from pipeline import workbook  # loads XlsxWriter

        for sheet, rows in workbook.monthly_pack(target).items():
            print_line(console, f"{sheet:<24} {rows:>9,} rows")
        print_line(console, f"Wrote {target}.")
    elif mart == "all":
        written = exports.export_all(target, form)
        rows = sum(written.values())
        print_line(console, f"{len(written)} marts, {rows:,} rows, in {target}")
    else:
        print_line(console, f"{exports.export(mart, target):,} rows in {target}")


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True}
)
def semantic(context: typer.Context) -> None:
    """Ask the semantic layer: what follows goes to MetricFlow's command `mf`."""
    raise typer.Exit(semantic_layer.query(context.args))


@app.command()
def load_spark(
    target: Annotated[str, typer.Option(help="Of profiles.yml.")] = "spark",
) -> None:
    """Check the raw inputs, and make them raw tables on Spark (docs/spark.md).

    Exit code 3 inputs, 5 the tables could not be made.
    """
    raise typer.Exit(run_load_spark(console, target=target))


@app.command()
def demo_data(
    folder: Annotated[Path, typer.Argument(help="Where the files go.")] = DEMO_FOLDER,
    seed: Annotated[
        int, typer.Option(help="Another seed tells another story.")
    ] = 20240101,
    as_tools: Annotated[
        bool,
        typer.Option(help="As Stripe, HubSpot, Zendesk … have it: the sources demo."),
    ] = False,
) -> None:
    """Regenerate the demo's files; the same seed gives the same bytes."""
    make = generate_tools if as_tools else generate_demo
    for table, rows in make(folder, seed).items():
        console.print(f"{table:<28} {rows:>7,} rows", highlight=False)


@app.command()
def metrics_page() -> None:
    """Regenerate docs/metrics.md from the catalogue and the models' metadata.

    And models/overview.md, the front page of dbt's documentation.
    """
    manifest = metrics.project_manifest(console)
    for file, text in (
        (metrics.PAGE, metrics.page(manifest)),
        (metrics.OVERVIEW, metrics.overview(manifest)),
    ):
        file.write_text(text, encoding="utf-8")
        console.print(f"Wrote {file.relative_to(ROOT)}.", highlight=False)


def main() -> None:
    """Run the command line; mistakes and Ctrl-C print a line, not a traceback."""
    # Parsing makes millions of objects that stay: to look for garbage among them often
    # takes a tenth of the CPU of a build.
    gc.set_threshold(50_000, 20, 100)
    try:
        app()
    except InputError as error:
        print_line(console, str(error))
        raise SystemExit(INPUTS_FAILED) from None
    except SystemExit as stop:
        if stop.code == INTERRUPTED:  # what Typer makes of Ctrl-C
            console.print("Stopped. To continue, run the same command again.")
        raise


if __name__ == "__main__":
    main()
