"""Five questions of an analyst, answered from the published file: `make notebook`.

Each cell selects from the marts and computes nothing.
"""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Five questions")


@app.cell
def _():
    import marimo as mo

    from pipeline.reader import Published

    published = Published()
    shares = ("_rate", "_rate_lower", "_rate_upper", "_12m", "retained_share_with")
    shares += ("retained_share_without", "difference", "lower", "upper")
    money = ("mrr", "mrr_change", "mrr_due_90d")

    def ask(sql: str) -> list[dict[str, object]]:
        """The rows of a select over the marts, by column name."""
        return published.query(sql).dicts()

    def show(rows: list[dict[str, object]]) -> object:
        """A table, with percentages and money formatted; null stays empty."""

        def formatted(form: str):
            return lambda value: "" if value is None else format(value, form)

        names = [*rows[0]] if rows else []
        forms = {name: formatted(".1%") for name in names if name.endswith(shares)}
        forms |= {name: formatted(",.0f") for name in names if name.endswith(money)}
        return mo.ui.table(rows, selection=None, pagination=False, format_mapping=forms)

    return ask, mo, show


@app.cell
def _(ask, mo):
    as_of = ask(
        "select as_of_date, latest_complete_month, note from marts.figures_as_of"
    )
    mo.md(f"""
    # Five questions

    {as_of[0]["note"]}
    """)
    return (as_of,)


@app.cell
def _(ask, mo, show):
    churn = ask("""
        select date_month, churned_customers, churn_rate, churn_rate_lower,
            churn_rate_upper, is_small_sample
        from marts.monthly_churn
        where is_complete_month
        order by date_month desc
        limit 12
    """)
    mo.vstack([mo.md("## How many customers left, month by month?"), show(churn)])
    return (churn,)


@app.cell
def _(ask, mo, show):
    movements = ask("""
        select movement.movement_type, movement.accounts, movement.mrr_change
        from marts.mrr_movements_monthly as movement
        inner join marts.figures_as_of as as_of
            on movement.date_month = as_of.latest_complete_month
        order by movement.mrr_change desc
    """)
    mo.vstack([mo.md("## Why did MRR move in the latest month?"), show(movements)])
    return (movements,)


@app.cell
def _(ask, mo, show):
    at_risk = ask("""
        select account_id, account_name, csm_owner, current_mrr, health_score,
            top_driver, next_renewal_on
        from marts.customer_360
        where health_band in ('red', 'yellow') and current_mrr > 0
        order by current_mrr desc, account_id
        limit 10
    """)
    mo.vstack([mo.md("## Which accounts at risk pay most, and why?"), show(at_risk)])
    return (at_risk,)


@app.cell
def _(ask, mo, show):
    features = ask("""
        select feature_key, customers_with, retained_share_with, customers_without,
            retained_share_without, difference, lower, upper, p_adjusted
        from marts.feature_retention
        where within_days = 30 and not is_small_sample
        order by difference desc, feature_key
    """)
    mo.vstack(
        [
            mo.md("## Which features did customers use early who stayed a year?"),
            mo.md("A difference is no effect of the feature."),
            show(features),
        ]
    )
    return (features,)


@app.cell
def _(ask, mo, show):
    books = ask("""
        select book.csm_owner, book.customers, book.mrr, book.nrr_12m, book.red_mrr,
            book.mrr_due_90d
        from marts.csm_book as book
        inner join marts.figures_as_of as as_of
            on book.date_month = as_of.latest_complete_month
        order by book.mrr desc, book.csm_owner
    """)
    mo.vstack([mo.md("## Whose customers stay and grow?"), show(books)])
    return (books,)


if __name__ == "__main__":
    app.run()
