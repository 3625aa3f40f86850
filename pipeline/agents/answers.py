"""What the tools answer: rows of the marts, with as-of date and build."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec

import duckdb

from pipeline.agents.queries import BY_SEGMENT, MOVED_BY_SEGMENT, OF_ACCOUNT
from pipeline.agents.values import plain
from pipeline.project import ROOT
from pipeline.sealed import Identity, SealedFile

Answer = dict[str, Any]

SECONDS = 10  # of a query
MOST_ROWS = 1_000
SEGMENT_ROWS = 500
NAMES = 20  # listed in a message

# Which metrics MRR movements explain, and which churned customers, health, or NPS.
OF_MRR = {
    *("mrr_at_end", "arr", "arpa", "gross_mrr_churn_rate", "net_mrr_churn_rate"),
    *("quick_ratio", "nrr_12m", "grr_12m", "customers_at_end", "churn_rate", "ltv"),
    *("ltv_to_cac", "ltv_to_crc"),
}
OF_CHURN = {"customers_at_end", "churn_rate", "gross_mrr_churn_rate", "grr_12m", "ltv"}
OF_HEALTH = {"health_score_mean", "red_accounts"}


class MistakeError(Exception):
    """The question cannot be answered; the message says what can be asked."""


Given = ParamSpec("Given")
Question = Callable[Concatenate["Answers", Given], Answer]


def of_one_build(ask: Question[Given]) -> Question[Given]:
    """A question that is asked again where another build was published meanwhile."""

    @wraps(ask)
    def asked(answers: Answers, /, *given: Given.args, **named: Given.kwargs) -> Answer:
        while True:
            before = answers.identity()
            answer = ask(answers, *given, **named)
            if answers.identity() == before:
                return answer

    return asked


class Answers:
    """Questions to the published file; each is answered from one build."""

    def __init__(self, file: Path) -> None:
        self._file = SealedFile(file)
        self._lock = threading.RLock()  # a connection answers one at a time

    def identity(self) -> Identity | None:
        """Which file is published now; None where nothing is."""
        with suppress(OSError):
            return self._file.identity()
        return None

    # -- what there is -----------------------------------------------------------------

    @of_one_build
    def about(self) -> Answer:
        """The build, its as-of date, and its marts."""
        marts = self._rows(
            "select table_name as mart, comment as description from duckdb_tables()"
            " where schema_name = 'marts' order by 1"
        )
        return self._answer(marts=marts)

    @of_one_build
    def list_metrics(self) -> Answer:
        """The catalogue."""
        return self._answer(metrics=self._rows("from marts.metric_catalogue"))

    @of_one_build
    def describe_metric(self, metric: str) -> Answer:
        """Its definition, latest values, and by which segments it can be asked."""
        described = self._metric(metric)
        months = self._rows(
            "select min(date_month) as first_month, max(date_month) as last_month"
            " from marts.kpi_monthly where metric = ?",
            metric,
        )
        segments = self._rows(
            "select distinct segment_type from marts.retention_by_segment"
            " where metric = ? order by 1",
            metric,
        )
        latest = self._rows(
            "select kpi.* from marts.kpi_monthly as kpi cross join marts.figures_as_of"
            " where metric = ? and date_month in (latest_complete_month, open_month)"
            " order by date_month",
            metric,
        )
        return self._answer(
            metric=metric,
            definition=described,
            months=months[0],
            segment_types=[row["segment_type"] for row in segments],
            latest=latest,
        )

    @of_one_build
    def describe_mart(self, mart: str) -> Answer:
        """The columns of a mart."""
        self._one_of("mart", mart, "select table_name from duckdb_tables()")
        described = self._rows(
            "select comment from duckdb_tables() where table_name = ?", mart
        )
        columns = self._rows(
            "select column_name as name, data_type as type, comment as description"
            " from duckdb_columns() where table_name = ? order by column_index",
            mart,
        )
        text = described[0]["comment"]
        return self._answer(mart=mart, description=text, columns=columns)

    # -- metrics -----------------------------------------------------------------------

    @of_one_build
    def metric_over_time(
        self,
        metric: str,
        months: int = 13,
        segment_type: str | None = None,
        segment_value: str | None = None,
    ) -> Answer:
        """A metric by month, of the company or by segment."""
        if not 1 <= months <= 120:
            raise MistakeError("months is 1 to 120.")
        if segment_type is None:
            definition = self._metric(metric)
            rows = self._rows(
                "select date_month, value, lower, upper, is_small_sample,"
                " is_complete_month, first_reported_value from marts.kpi_monthly"
                " where metric = ? order by date_month desc limit ?",
                *(metric, months),
            )
            return self._answer(metric=metric, definition=definition, rows=rows[::-1])
        self._one_of(
            *("metric by segment", metric),
            "select distinct metric from marts.retention_by_segment",
        )
        self._one_of(
            *("segment_type", segment_type),
            "select distinct segment_type from marts.retention_by_segment",
        )
        if segment_value is not None:
            self._one_of(
                *("segment_value", segment_value),
                "select distinct segment_value from marts.retention_by_segment"
                " where segment_type = ?",
                segment_type,
            )
        rows = self._rows(
            BY_SEGMENT,
            *(metric, segment_type, segment_value, months),
        )
        return self._answer(
            metric=metric,
            segment_type=segment_type,
            rows=rows[-SEGMENT_ROWS:],
            is_cut=len(rows) > SEGMENT_ROWS,
        )

    @of_one_build
    def why_metric_moved(self, metric: str, month: str | None = None) -> Answer:
        """What the marts say of a metric's change against the month before."""
        definition = self._metric(metric)
        month = self._month(month)
        rows = self._rows(
            "select * from marts.kpi_monthly where metric = ? and date_month = ?",
            *(metric, month),
        )
        if not rows:
            raise MistakeError(f"{metric} has no row for {month}.")
        found: Answer = {
            "reported_changes": self._rows(
                "select * from marts.figures_reported where metric = ? and"
                " date_month = ? order by publish_number",
                *(metric, month),
            )
        }
        if metric in OF_MRR:
            found["movements"] = self._rows(
                "select movement_type, accounts, mrr_change"
                " from marts.mrr_movements_monthly where date_month = ? order by 1",
                month,
            )
            found["largest_movements"] = self._rows(
                "select account_name, movement.* exclude (date_month)"
                " from marts.mrr_movements as movement"
                " left join marts.dim_accounts using (account_id)"
                " where date_month = ? order by abs(mrr_change) desc, account_id"
                " limit 10",
                month,
            )
        if metric in OF_CHURN:
            found["churn_reasons"] = self._rows(
                "select * exclude (date_month) from marts.churn_reasons"
                " where date_month = ? order by churned_mrr desc",
                month,
            )
        if metric in OF_HEALTH:
            found["largest_score_changes"] = self._rows(
                "select account_name, health.* exclude (date_month, health_score_exact)"
                " from marts.account_health as health"
                " left join marts.dim_accounts using (account_id)"
                " where date_month = ? and score_change is not null"
                " order by abs(score_change) desc, account_id limit 10",
                month,
            )
        if metric == "nps":
            found["answers"] = self._rows(
                "select * from marts.nps_monthly where period_type = 'month'"
                " and date_month in (cast($1 as date), cast($1 as date)"
                " - interval 1 month) order by date_month",
                month,
            )
        found["by_segment"] = self._rows(
            MOVED_BY_SEGMENT,
            *(metric, month),
        )
        return self._answer(
            metric=metric, definition=definition, month=rows[0], explained_by=found
        )

    # -- an account --------------------------------------------------------------------

    @of_one_build
    def account(self, account: str) -> Answer:
        """One account in full, by its id or its exact name."""
        found = self._rows(
            "select * from marts.customer_360 where account_id = $1"
            " or lower(account_name) = lower($1) order by account_id limit 6",
            account,
        )
        if len(found) > 1:
            ids = ", ".join(str(row["account_id"]) for row in found)
            raise MistakeError(f"Several accounts have this name: {ids}. Give an id.")
        if not found:
            near = self._rows(
                "select account_id, account_name from marts.customer_360"
                " where contains(lower(account_name), lower($1)) order by 1 limit 5",
                account,
            )
            names = "; ".join(f"{r['account_id']} {r['account_name']}" for r in near)
            raise MistakeError(
                f"There is no account {account[:60]!r}."
                + (f" Similar: {names}." if near else "")
            )
        key = found[0]["account_id"]
        rows = {name: self._rows(sql, key) for name, sql in OF_ACCOUNT.items()}
        return self._answer(account=found[0], **rows)

    # -- a query -----------------------------------------------------------------------

    @of_one_build
    def query(self, sql: str, rows: int = 100) -> Answer:
        """A select over the marts, in a process of its own."""
        if not 1 <= rows <= MOST_ROWS:
            raise MistakeError(f"rows is 1 to {MOST_ROWS:,}.")
        about = self._about()
        request = {"file": str(self._file.file), "sql": sql, "rows": rows}
        try:
            done = subprocess.run(
                [sys.executable, "-m", "pipeline.agents.worker"],
                input=json.dumps(request),
                capture_output=True,
                text=True,
                timeout=SECONDS,
                cwd=ROOT,
                env={"PYTHONUTF8": "1"},  # nothing else of this process: no secrets
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise MistakeError(
                f"The query took longer than {SECONDS} s and was stopped: select less."
            ) from None
        if done.returncode or not done.stdout:
            raise MistakeError("The query needed too much memory, and was stopped.")
        answer = json.loads(done.stdout)
        if "refused" in answer:
            raise MistakeError(answer["refused"])
        return {**about, **answer}

    # -- small parts -------------------------------------------------------------------

    def _answer(self, **parts: Any) -> Answer:
        return {**self._about(), **parts}

    def _about(self) -> Answer:
        [about] = self._rows(
            "select as_of_date, latest_complete_month, open_month, note"
            " from marts.figures_as_of"
        )
        with self._lock:
            build = self._file.manifest().get("build_id", "not known")
        return {**about, "build": build}

    def _rows(self, sql: str, *parameters: Any) -> list[Answer]:
        with self._lock:
            try:
                found = self._file.query(sql, [*parameters])
                names = [column[0] for column in found.description or ()]
                return [
                    dict(zip(names, map(plain, row), strict=True))
                    for row in found.fetchall()
                ]
            except FileNotFoundError:
                raise MistakeError(
                    "Nothing is published yet: somebody has to run `make publish`."
                ) from None
            except duckdb.CatalogException:
                raise MistakeError(
                    "The published build is from an older version: somebody has to"
                    " publish again."
                ) from None
            except duckdb.Error as error:
                first = str(error).splitlines()[0]
                place = str(self._file.file)
                raise MistakeError(first.replace(place, "the file")) from None

    def _metric(self, metric: str) -> Answer:
        self._one_of("metric", metric, "select metric from marts.metric_catalogue")
        [found] = self._rows(
            "select * from marts.metric_catalogue where metric = ?", metric
        )
        return found

    def _month(self, month: str | None) -> str:
        if month is None:
            [row] = self._rows("select latest_complete_month from marts.figures_as_of")
            return str(row["latest_complete_month"])
        found = self._rows(
            "select try_cast($1 || case when length($1) = 7 then '-01' else '' end"
            " as date) as given",
            month,
        )
        if not (day := found[0]["given"]):
            raise MistakeError(f"month is {month[:20]!r}: expected 2026-08.")
        return f"{day[:7]}-01"

    def _one_of(self, what: str, given: str, sql: str, *parameters: Any) -> None:
        names = sorted(
            str(value) for row in self._rows(sql, *parameters) for value in row.values()
        )
        if given not in names:
            more = f" and {len(names) - NAMES} more" if len(names) > NAMES else ""
            raise MistakeError(
                f"There is no {what} {given[:60]!r}. There are:"
                f" {', '.join(names[:NAMES])}{more}."
            )
