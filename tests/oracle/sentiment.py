"""The sentiment marts, from the definitions alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal

from .arithmetic import (
    Row,
    add_months,
    adjusted_wald,
    end_of,
    is_complete,
    mean,
    month_of,
    months_between,
    playbooks,
    ratio,
)
from .entities import Context, Survey
from .paying import first_paid_on, mrr_on, paid_periods

CLI_QUESTIONS = ("product_quality", "customer_service", "overall_experience")

# ---- answers ---------------------------------------------------------------------


def surveys_of(ctx: Context, survey_type: str) -> list[Survey]:
    """What was sent of one type of survey, answered or not."""
    return [survey for survey in ctx.surveys if survey.survey_type == survey_type]


def is_answered(survey: Survey) -> bool:
    """Answered by as_of: a later answer is no answer yet (rule 2)."""
    return survey.score is not None and survey.responded_on is not None


def answers_of(ctx: Context, survey_type: str) -> list[Survey]:
    """The answers of one type of survey."""
    return [survey for survey in surveys_of(ctx, survey_type) if is_answered(survey)]


def nps_segment(score: Decimal | int) -> str:
    """9-10 promoter, 7-8 passive, 0-6 detractor."""
    if score >= 9:
        return "promoter"
    return "passive" if score >= 7 else "detractor"


def latest_answers(answers: Iterable[Survey]) -> list[Survey]:
    """The latest answer of each respondent; ties by highest response_id (rule 50)."""
    latest: dict[tuple[str, str], Survey] = {}
    for answer in answers:
        respondent = (
            ("response", answer.response_id)
            if answer.user_id is None
            else ("user", answer.user_id)
        )
        held = latest.get(respondent)
        if held is None or _moment(answer) > _moment(held):
            latest[respondent] = answer
    return list(latest.values())


def _moment(answer: Survey) -> tuple[datetime, str]:
    return answer.responded_at or datetime.min, answer.response_id


def _months_of_subject(ctx: Context, surveys: list[Survey]) -> list[date]:
    """Every month from that of the first survey, or of an answer dated before it."""
    if not surveys:
        return []
    first = min(min(s.sent_on, s.responded_on or s.sent_on) for s in surveys)
    return months_between(first, ctx.as_of)


def _answered_within(answers: list[Survey], start: date, end: date) -> list[Survey]:
    return [a for a in answers if a.responded_on and start <= a.responded_on <= end]


# ---- NPS -------------------------------------------------------------------------


def nps_segments(ctx: Context) -> list[Row]:
    """One row per answer to the NPS question: all of them (rule 50)."""
    plays = playbooks()
    rows = []
    for answer in answers_of(ctx, "nps"):
        assert answer.score is not None and answer.responded_at is not None
        segment = nps_segment(answer.score)
        play = plays.get(segment)
        due = (
            answer.responded_at + timedelta(hours=play.due_hours)
            if play and play.due_hours is not None
            else None
        )
        rows.append(
            {
                "response_id": answer.response_id,
                "account_id": answer.account_id,
                "user_id": answer.user_id,
                "responded_at": answer.responded_at,
                "score": answer.score,
                "nps_segment": segment,
                "comment": answer.comment,
                "follow_up_action": play.action if play else None,
                "follow_up_due_at": due,
            }
        )
    return rows


def nps_monthly(ctx: Context) -> list[Row]:
    """One row per month and kind of period, from the first NPS survey's month."""
    sent = surveys_of(ctx, "nps")
    answers = answers_of(ctx, "nps")
    rows = []
    for month in _months_of_subject(ctx, sent):
        end = end_of(month, ctx.as_of)
        for period_type, start in (
            ("month", month),
            ("trailing_90_days", end - timedelta(days=89)),
        ):
            asked = [survey for survey in sent if start <= survey.sent_on <= end]
            answered = [survey for survey in asked if is_answered(survey)]
            latest = latest_answers(_answered_within(answers, start, end))
            segments = [nps_segment(a.score) for a in latest if a.score is not None]
            responses = len(segments)
            promoters = segments.count("promoter")
            passives = segments.count("passive")
            detractors = segments.count("detractor")
            lower, upper = adjusted_wald(promoters, detractors, responses)
            rows.append(
                {
                    "date_month": month,
                    "period_type": period_type,
                    "surveys_sent": len(asked),
                    "surveys_answered": len(answered),
                    "responses": responses,
                    "response_rate": ratio(len(answered), len(asked)),
                    "promoters": promoters,
                    "passives": passives,
                    "detractors": detractors,
                    "promoter_share": ratio(promoters, responses),
                    "passive_share": ratio(passives, responses),
                    "detractor_share": ratio(detractors, responses),
                    "nps": ratio(100 * (promoters - detractors), responses),
                    "nps_lower": lower,
                    "nps_upper": upper,
                    "is_small_sample": responses < ctx.config["small_sample_size"],
                    "is_complete_month": is_complete(month, ctx.as_of),
                }
            )
    return rows


# ---- CLI and CSAT ----------------------------------------------------------------


def customer_loyalty_index(ctx: Context) -> list[Row]:
    """One row per month from the first CLI survey's: three questions, one index."""
    surveys = surveys_of(ctx, "cli")
    by_month: dict[date, list[Survey]] = defaultdict(list)
    for answer in answers_of(ctx, "cli"):
        assert answer.responded_on is not None
        by_month[month_of(answer.responded_on)].append(answer)
    index: dict[date, float | None] = {}
    rows = []
    for month in _months_of_subject(ctx, surveys):
        answers = by_month.get(month, [])
        means = {
            question: mean(
                answer.score
                for answer in answers
                if answer.question == question and answer.score is not None
            )
            for question in CLI_QUESTIONS
        }
        given = [value for value in means.values() if value is not None]
        cli = sum(given) / len(given) * 10 if given else None
        before = index.get(add_months(month, -1))
        index[month] = cli
        rows.append(
            {
                "date_month": month,
                "responses": len({answer.response_id for answer in answers}),
                **means,
                "questions_answered": len(given),
                "cli": cli,
                "cli_change": (
                    cli - before if cli is not None and before is not None else None
                ),
                "is_complete_month": is_complete(month, ctx.as_of),
            }
        )
    return rows


def csat_monthly(ctx: Context) -> list[Row]:
    """One row per month from the first CSAT survey's."""
    by_month: dict[date, list[Survey]] = defaultdict(list)
    for answer in answers_of(ctx, "csat"):
        assert answer.responded_on is not None
        by_month[month_of(answer.responded_on)].append(answer)
    rows = []
    for month in _months_of_subject(ctx, surveys_of(ctx, "csat")):
        answers = by_month.get(month, [])
        scores = [answer.score for answer in answers if answer.score is not None]
        satisfied = sum(score >= 4 for score in scores)
        rows.append(
            {
                "date_month": month,
                "responses": len({answer.response_id for answer in answers}),
                "satisfied": satisfied,
                "csat_rate": ratio(satisfied, len(scores)),
                "mean_score": mean(scores),
                "is_complete_month": is_complete(month, ctx.as_of),
            }
        )
    return rows


# ---- referrals -------------------------------------------------------------------


def referrals_monthly(ctx: Context) -> list[Row]:
    """One row per month from the first referral's (rule 52)."""
    if not ctx.referrals:
        return []
    paid = first_paid_on(ctx)
    by_month = defaultdict(list)
    for referral in ctx.referrals:
        by_month[month_of(referral.referred_on)].append(referral)
    rows = []
    for month in months_between(min(by_month), ctx.as_of):
        made = by_month.get(month, [])
        accepted = [
            referral
            for referral in made
            if referral.referred_account_id in paid
            and paid[referral.referred_account_id] >= referral.referred_on
        ]
        referring = {referral.referrer_account_id for referral in made}
        end = end_of(month, ctx.as_of)
        paying = sum(mrr_on(p, end) > 0 for p in paid_periods(ctx).values())
        rows.append(
            {
                "date_month": month,
                "referrals": len(made),
                "accepted_referrals": len(accepted),
                "referring_accounts": len(referring),
                "paying_customers": paying,
                "referral_rate": ratio(len(referring), paying),
                "is_complete_month": is_complete(month, ctx.as_of),
            }
        )
    return rows


MARTS: dict[str, tuple[Callable[[Context], list[Row]], list[str]]] = {
    "nps_segments": (nps_segments, ["response_id"]),
    "nps_monthly": (nps_monthly, ["date_month", "period_type"]),
    "customer_loyalty_index": (customer_loyalty_index, ["date_month"]),
    "csat_monthly": (csat_monthly, ["date_month"]),
    "referrals_monthly": (referrals_monthly, ["date_month"]),
}
