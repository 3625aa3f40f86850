"""Random subscriptions: stories of customers, made of the edge cases of rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from .arithmetic import add_months, half_up, month_of
from .random_world import World, spelt, spelt_day

PLANS = ("starter", "team", "Team", "business", "enterprise")
INTERVALS = ("month", "month", "month", "week", "quarter", "half_year", "year")
TERMS = {"quarter": 3, "half_year": 6, "year": 12}
REASONS = (
    "competitor",
    "freemium",
    "business_closure",
    "price",
    "missing_features",
    "support",
    "payment_failure",
    "paused",
    "other",
    "unknown",
    "",
    "",
    "Price",
    "too expensive",
)
# They hit halves of the fourth decimal, or have no exact double.
AMOUNTS = (
    *("10", "12.35", "99.99", "49", "49.00", "100", "250.5", "1000", "0.0003"),
    *("0.0006", "0.0009", "1.0001", "33.3333", "29.9950", "0.0001", "7.7777"),
    *("123456789.0125", "1234567890.1235", "2.675", "1.005", "00120.50", "+75"),
    *("0.30000000000000004", "19.989999999999998", "100.0000000005"),
)


@dataclass
class Terms:
    """A period's attributes, without its dates."""

    plan: str
    billing_interval: str
    amount: str
    currency: str
    is_trial: bool = False
    term_months: str = ""
    item_id: str = ""


def some_terms(world: World, start: date) -> Terms:
    """Terms whose currency has a rate on that day (or, if messy, maybe not)."""
    known = ["USD", "USD"]
    for currency, since in world.rates_from.items():
        if since <= start or (not world.clean and world.chance(0.1)):
            known.append(currency)
    return Terms(
        plan=world.random.choice(PLANS),
        billing_interval=world.random.choice(INTERVALS),
        amount=world.random.choice(AMOUNTS),
        currency=world.random.choice(known),
        term_months=world.random.choice(("",) * 12 + ("1", "3", "12", "12.0", "24")),
    )


def changed(world: World, old: Terms, start: date) -> Terms:
    """The terms that follow: often on the same plan, in the same currency."""
    terms = some_terms(world, start)
    terms.item_id = old.item_id
    if world.chance(0.6):
        terms.plan = old.plan
    if world.chance(0.6):
        terms.currency = old.currency
    if world.chance(0.3):
        terms.amount, terms.billing_interval = old.amount, old.billing_interval
    return terms


def list_amount(world: World, amount: str) -> str:
    """At or above the amount; or not delivered."""
    factor = world.random.choice(("", "1", "1.25", "3"))
    if not factor:
        return ""
    return f"{half_up(Fraction(amount.strip('+')) * Fraction(factor), 4):f}"


def new_subscription(world: World) -> str:
    """An id; sorted as text they are not in the order in which they were made."""
    world.tables.setdefault("subscriptions", [])
    number = len({row["subscription_id"] for row in world.tables["subscriptions"]})
    return f"S{number * 7919 % 10007}"


def add_period(
    world: World,
    subscription_id: str,
    account_id: str,
    terms: Terms,
    start: date,
    end: date | None,
) -> None:
    """One row of subscriptions."""
    no = ("false", "", "0", "N", "no")
    if end and world.config.get("ended_on_is_inclusive"):
        end -= timedelta(days=1)
    world.add(
        "subscriptions",
        subscription_id=subscription_id,
        subscription_item_id=terms.item_id,
        account_id=account_id,
        plan=terms.plan,
        billing_interval=terms.billing_interval,
        seats=world.random.choice(("", "0", "1", "25", "3.0")),
        amount=terms.amount,
        list_amount=list_amount(world, terms.amount),
        currency=terms.currency,
        is_trial=world.random.choice(("true", "1", "Y"))
        if terms.is_trial
        else world.random.choice(no),
        started_on=spelt_day(world, start),
        ended_on=spelt_day(world, end),
        cancel_reason=world.random.choice(REASONS) if end else "",
        term_months=terms.term_months,
        updated_at=spelt(world, world.moment(start)),
    )


def chain(world: World, account_id: str, start: date) -> None:
    """Period after period: changes on the day itself, gaps, old terms left open."""
    subscription_id = new_subscription(world)
    terms = some_terms(world, start)
    for n in range(world.random.randint(1, 6)):
        length = world.random.choice((1, 5, 14, 28, 30, 31, 59, 90, 181, 365))
        end: date | None = start + timedelta(days=length)
        following = start + timedelta(days=length)
        if world.chance(0.25):  # open: the next one ends it
            end = None
        elif world.chance(0.3):
            following += timedelta(days=world.random.choice((1, 10, 30, 31, 70)))
        add_period(world, subscription_id, account_id, terms, start, end)
        start = following
        terms = changed(world, terms, start)
        if n and world.chance(0.15):
            break


def net_out(world: World, account_id: str, start: date) -> None:
    """One subscription ends on the day on which another of the same price starts."""
    terms = some_terms(world, start)
    change = start + timedelta(days=world.random.choice((1, 20, 31, 100)))
    add_period(world, new_subscription(world), account_id, terms, start, change)
    terms.plan = world.random.choice(PLANS)
    days = world.random.choice((10, 200))
    end = change + timedelta(days=days) if world.chance(0.5) else None
    if terms.currency == "USD":  # another day's rate would not net out
        add_period(world, new_subscription(world), account_id, terms, change, end)


def up_and_down(world: World, account_id: str, start: date) -> None:
    """An add-on that comes and goes inside a month."""
    add_period(
        world,
        new_subscription(world),
        account_id,
        some_terms(world, start),
        start,
        None,
    )
    month = add_months(month_of(start), world.random.randint(1, 5))
    for _ in range(2):
        come = month + timedelta(days=world.random.randint(0, 12))
        gone = come + timedelta(days=world.random.randint(1, 14))
        terms = some_terms(world, come)
        add_period(world, new_subscription(world), account_id, terms, come, gone)


def new_and_lost(world: World, account_id: str, start: date) -> None:
    """A customer inside a month only, who may come back."""
    come = month_of(start) + timedelta(days=world.random.randint(0, 10))
    gone = come + timedelta(days=world.random.randint(1, 15))
    subscription_id = new_subscription(world)
    add_period(world, subscription_id, account_id, some_terms(world, come), come, gone)
    if world.chance(0.6):
        back = gone + timedelta(days=world.random.choice((2, 5, 40, 120)))
        terms = some_terms(world, back)
        end = back + timedelta(days=45) if world.chance(0.4) else None
        add_period(world, subscription_id, account_id, terms, back, end)


def to_free(world: World, account_id: str, start: date) -> None:
    """A paid plan that ends about when a free one starts (rule 17)."""
    end = start + timedelta(days=world.random.choice((20, 61, 200)))
    add_period(
        world, new_subscription(world), account_id, some_terms(world, start), start, end
    )
    free = end + timedelta(days=world.random.choice((-1, 0, 0, 1)))
    terms = Terms("free", "month", world.random.choice(("0", "0.00", "-0")), "USD")
    terms.is_trial = world.chance(0.15)  # a trial is no free plan
    until = free + timedelta(days=60) if world.chance(0.5) else None
    add_period(world, new_subscription(world), account_id, terms, free, until)


def ties(world: World, account_id: str, start: date) -> None:
    """Two subscriptions of one price, on different plans, that end on one day."""
    terms = some_terms(world, start)
    end = start + timedelta(days=world.random.choice((15, 45, 400)))
    for plan in world.random.sample(PLANS, 2):
        tied = Terms(plan, terms.billing_interval, terms.amount, terms.currency)
        add_period(world, new_subscription(world), account_id, tied, start, end)


def trial(world: World, account_id: str, start: date) -> None:
    """Trials back to back, overlapping or apart; paid late, in time or never."""
    subscription_id = new_subscription(world)
    if world.chance(0.3):  # its window closes about now
        start = world.as_of - timedelta(days=44 + world.random.randint(-2, 2))
    end = start + timedelta(days=14)
    terms = Terms(world.random.choice(PLANS), "month", "49", "USD", is_trial=True)
    is_open = world.chance(0.15)
    add_period(
        world, subscription_id, account_id, terms, start, None if is_open else end
    )
    if world.chance(0.4):
        again = end + timedelta(days=world.random.choice((-3, 0, 1, 20)))
        end = again + timedelta(days=world.random.choice((2, 14)))
        add_period(world, new_subscription(world), account_id, terms, again, end)
    if world.chance(0.6):
        paid = end + timedelta(days=world.random.choice((-5, 0, 1, 29, 30, 31)))
        until = paid + timedelta(days=world.random.choice((1, 70)))
        add_period(
            world,
            new_subscription(world),
            account_id,
            some_terms(world, paid),
            paid,
            until if world.chance(0.4) else None,
        )


def term(world: World, account_id: str, start: date) -> None:
    """Terms from a month's end or leap day, over on or about a due date."""
    year = start.year
    start = world.random.choice(
        (date(year, 1, 31), date(year, 8, 31), date(year, 11, 30), date(2020, 2, 29))
    )
    interval = world.random.choice(tuple(TERMS))
    terms = some_terms(world, start)
    terms.billing_interval = interval
    due = add_months(start, TERMS[interval] * world.random.randint(1, 3))
    end = due + timedelta(days=world.random.choice((-1, 0, 0, 1)))
    is_open = world.chance(0.3)
    add_period(
        world,
        new_subscription(world),
        account_id,
        terms,
        start,
        None if is_open else end,
    )
    if world.chance(0.5):
        on = due + timedelta(days=world.random.choice((-1, 0, 0, 1)))
        after = some_terms(world, on)
        add_period(world, new_subscription(world), account_id, after, on, None)


def many_terms(world: World, account_id: str, start: date) -> None:
    """Terms that fell due again and again; over on a due date, about it, or never."""
    begin = world.start + timedelta(days=world.random.randint(0, 300))
    terms = some_terms(world, begin)
    terms.billing_interval = world.random.choice(("quarter", "half_year", "month"))
    terms.term_months = world.random.choice(("", "2", "3"))
    subscription_id = new_subscription(world)
    length = TERMS.get(terms.billing_interval, 3)
    end = add_months(begin, length * world.random.randint(1, 5))
    end += timedelta(days=world.random.choice((-1, 0, 0, 0, 1)))
    stays = world.chance(0.5)
    until = None if stays else end
    add_period(world, subscription_id, account_id, terms, begin, until)
    if world.chance(0.3):  # an item more, begun shortly before they fall due
        also = some_terms(world, begin)
        later = add_months(begin, length * world.random.randint(1, 4))
        also.term_months = str(length)
        also.item_id = "more"
        if also.currency == "USD":
            last = until if until and until > later else None
            add_period(world, subscription_id, account_id, also, later, last)


def about_now(world: World, account_id: str, start: date) -> None:
    """Starts, ends and renewals on the as-of day and the days around it."""
    near = world.as_of + timedelta(days=world.random.randint(-1, 2))
    terms = some_terms(world, start)
    subscription_id = new_subscription(world)
    if world.chance(0.5):
        add_period(world, subscription_id, account_id, terms, start, near)
    else:
        months = world.random.choice((3, 6, 12))
        back = add_months(world.as_of, -months) + timedelta(
            days=world.random.choice((-1, 0, 1, 89, 90, 91))
        )
        terms.billing_interval = {v: k for k, v in TERMS.items()}[months]
        if back <= world.as_of and (
            terms.currency == "USD" or world.rates_from[terms.currency] <= back
        ):
            add_period(world, subscription_id, account_id, terms, back, None)
    if world.chance(0.4):
        after = some_terms(world, near)
        add_period(world, new_subscription(world), account_id, after, near, None)


def items(world: World, account_id: str, start: date) -> None:
    """One subscription of several items: some change, some have no id."""
    subscription_id = new_subscription(world)
    ids = world.random.sample(("i1", "i2", "I2", "10", "9", ""), 3)
    is_together = world.chance(0.5)
    for item_id in ids:
        day = (
            start
            if is_together
            else start + timedelta(days=world.random.choice((0, 9)))
        )
        terms = some_terms(world, day)
        terms.item_id = item_id
        if is_together:  # they fall due on one day
            terms.term_months = world.random.choice(("12", "6", "3"))
        length = world.random.choice((20, 181, 365, 366, 730))
        end = day + timedelta(days=length) if world.chance(0.5) else None
        add_period(world, subscription_id, account_id, terms, day, end)
        if end and world.chance(0.5):
            after = changed(world, terms, end)
            add_period(world, subscription_id, account_id, after, end, None)


def pause(world: World, account_id: str, start: date) -> None:
    """Continues at no charge: on the same plan, on another, or on both at once (17)."""
    subscription_id = new_subscription(world)
    stop = start + timedelta(days=world.random.choice((31, 100, 300)))
    terms = some_terms(world, start)
    add_period(world, subscription_id, account_id, terms, start, stop)
    begin = stop + timedelta(days=world.random.choice((0, 0, 0, 1)))
    back = begin + timedelta(days=world.random.choice((10, 45, 61)))
    for plan in world.random.choice(((terms.plan,), ("free",), (terms.plan, "free"))):
        free = Terms(plan, "month", world.random.choice(("0", "0.00")), "USD")
        identifier = subscription_id if plan == terms.plan else new_subscription(world)
        add_period(world, identifier, account_id, free, begin, back)
    if world.chance(0.5):
        after = changed(world, terms, back)
        add_period(world, subscription_id, account_id, after, back, None)
    if world.chance(0.3):  # another subscription is not paused
        other = some_terms(world, start)
        add_period(world, new_subscription(world), account_id, other, start, None)


def scheduled(world: World, account_id: str, start: date) -> None:
    """An end that is known today: a cancellation, or only a term's (rule 77)."""
    subscription_id = new_subscription(world)
    end = world.as_of + timedelta(days=world.random.choice((1, 30, 89, 90, 91, 200)))
    months = world.random.choice((1, 3, 12))
    begin = add_months(end, -months)
    if begin > world.as_of:
        return
    terms = some_terms(world, begin)
    interval = {1: "month", 3: "quarter", 12: "year"}[months]
    amount = world.random.choice(("100", "100.00", "49"))
    terms = Terms(terms.plan, interval, amount, "USD", term_months=terms.term_months)
    if world.chance(0.6):
        before = Terms(terms.plan, interval, amount, "USD")
        before.is_trial = world.chance(0.1)
        if world.chance(0.3):
            before.amount = "99"
        first = add_months(begin, -months)
        stop = None if world.chance(0.3) else begin
        add_period(world, subscription_id, account_id, before, first, stop)
    add_period(world, subscription_id, account_id, terms, begin, end)
    if world.chance(0.6):
        world.tables["subscriptions"][-1]["cancel_reason"] = ""
    if world.chance(0.3):  # what follows is booked already
        day = end + timedelta(days=world.random.choice((-5, 0, 0, 1)))
        identifier = world.random.choice((subscription_id, new_subscription(world)))
        if day < end:
            identifier = new_subscription(world)
        if day > world.as_of:
            after = Terms(
                terms.plan, interval, world.random.choice((amount, "0")), "USD"
            )
            add_period(world, identifier, account_id, after, day, None)
    if world.chance(0.2):  # another subscription continues
        add_period(
            world,
            new_subscription(world),
            account_id,
            some_terms(world, begin),
            begin,
            None,
        )


def trial_of_a_customer(world: World, account_id: str, start: date) -> None:
    """A period that calls itself a trial, of an account that paid before (rule 76)."""
    stop = start + timedelta(days=world.random.choice((15, 40)))
    paid = some_terms(world, start)
    until = None if world.chance(0.3) else stop
    add_period(world, new_subscription(world), account_id, paid, start, until)
    day = stop + timedelta(days=world.random.choice((-3, 0, 60)))
    if world.chance(0.3):
        day = max(day, world.as_of - timedelta(days=5))
    terms = Terms(world.random.choice(PLANS), "month", "49", "USD", is_trial=True)
    subscription_id = new_subscription(world)
    end = day + timedelta(days=14)
    last = end if world.chance(0.8) else None
    add_period(world, subscription_id, account_id, terms, day, last)
    if world.chance(0.5):  # and that is paid for afterwards
        after = some_terms(world, end)
        add_period(world, subscription_id, account_id, after, end, None)


def same_day(world: World, account_id: str, start: date) -> None:
    """Several terms of one item on one day: the last one holds (rule 72)."""
    if world.clean:  # all others are duplicates
        return
    subscription_id = new_subscription(world)
    times = ("", "", " 08:00", " 17:30:00", "T17:30", " 23:00 -05", " 08:00 UTC")
    stamps = ("", "", f"{start} 09:00", f"{start} 10:00:00 UTC", "no time", str(start))
    for _ in range(world.random.choice((2, 3, 4))):
        terms = some_terms(world, start)
        terms.item_id = world.random.choice(("", "", "i1"))
        length = world.random.choice((0, 30, 45))
        end = start + timedelta(days=length) if world.chance(0.5) else None
        add_period(world, subscription_id, account_id, terms, start, end)
        row = world.tables["subscriptions"][-1]
        row["started_on"] = f"{start}{world.random.choice(times)}"
        row["updated_at"] = world.random.choice(stamps)
        if end and world.chance(0.3):
            row["ended_on"] = f"{end}{world.random.choice((*times, ' noon'))}"


SCENARIOS = (
    *(chain, chain, net_out, up_and_down, new_and_lost, to_free, ties, trial, trial),
    *(
        term,
        term,
        many_terms,
        many_terms,
        about_now,
        items,
        pause,
        scheduled,
        scheduled,
        trial_of_a_customer,
    ),
    same_day,
)


def make_subscriptions(world: World) -> None:
    """One to three of the stories above an account; some have none."""
    for account_id in world.accounts:
        last = world.as_of - timedelta(days=30)
        if world.chance(0.15):  # an account that has nothing else than a trial
            trial(world, account_id, world.day(last=last))
            continue
        for _ in range(world.random.choice((0, 1, 1, 2, 3))):
            world.random.choice(SCENARIOS)(world, account_id, world.day(last=last))
