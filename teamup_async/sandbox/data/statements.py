"""The large tables, each filled by one ``INSERT ... SELECT`` over arithmetic on the row number. `now` is the
present, in milliseconds.

So a million rows take seconds and no memory, and are the same for the same seed everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from zlib import crc32

from ..data import words
from .sizes import BLOCK, FIRST_OF_EVENT, FOUNDERS, AccountIds, Sizes
from .studio import Studio


def _draw(number: str, seed: int, salt: str) -> str:
    """SQL for a well-mixed non-negative integer below 2**31 that depends on a number, the seed and a name
    only.
    """
    key = crc32(f"{seed}:{salt}".encode()) % 2147483647
    linear = f"((({number}) * 48271 + {key}) % 2147483647)"
    return f"({linear} * {linear} % 2147483629)"


def attendances(ids: AccountIds, seed: int, studio: Studio, numbers: range, now: int) -> str:
    """Attendances with these numbers: places of events in turn, for customers there are by then."""
    start, end = numbers.start, numbers.stop
    place = f"n % {BLOCK}"
    event_place = " + ".join(f"({place} >= {first})" for first in FIRST_OF_EVENT[1:])
    first_place = "CASE " + " ".join(
        f"WHEN {place} >= {first} THEN {first}" for first in reversed(FIRST_OF_EVENT)
    )
    membership = _pick(list(studio.memberships), "customer_n * 31 % 97")
    source = _pick(list(studio.booking_sources), "draw / 7 % 89")
    return f"""
    INSERT INTO attendances
    WITH RECURSIVE numbers(n) AS (
        SELECT {start} WHERE {start} < {end} UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < {end}
    ),
    placed AS (
        SELECT n, n / {BLOCK} * {len(FIRST_OF_EVENT)} + {event_place} AS event_n,
            n / {BLOCK} * {BLOCK} + {first_place} END AS event_first, {_draw("n", seed, "attendance")} AS draw
        FROM numbers LIMIT -1 OFFSET 0
    ),
    booked AS (
        SELECT *, CASE
            WHEN n < {FOUNDERS} THEN n
            WHEN (n - {FOUNDERS}) % 25 = 0 THEN {FOUNDERS} + (n - {FOUNDERS}) / 25
            ELSE ({_draw("event_n", seed, "customer")} + n - event_first)
                % ({FOUNDERS} + max(0, (event_first - {FOUNDERS} + 24) / 25))
        END AS customer_n, draw % 100 AS how, draw / 100 % 100 AS outcome
        FROM placed LIMIT -1 OFFSET 0
    )
    SELECT {ids.attendances.sql("n")},
        CASE WHEN e.starts_at > {now} THEN {now} - 1 - draw % 864000000
            ELSE e.ends_at + draw % 7200000 END,
        {ids.customers.sql("customer_n")}, e.id,
        CASE WHEN how < 78 THEN 'membership' WHEN how < 93 THEN 'dropin' ELSE 'free' END,
        CASE WHEN how < 78 THEN 600000 + customer_n * 3 + customer_n % 2 END,
        CASE WHEN how < 78 THEN {membership} END,
        CASE WHEN draw % 19 > 0 THEN {source} END,
        CASE
            WHEN e.starts_at > {now} THEN CASE WHEN outcome < 94 THEN 'registered' ELSE 'late_cancelled' END
            WHEN outcome < 82 THEN 'attended' WHEN outcome < 89 THEN 'no_show' WHEN outcome < 96 THEN
            'late_cancelled'
            ELSE 'registered'
        END,
        CASE WHEN e.starts_at <= {now} AND outcome < 82 AND draw % 10 > 0
            THEN e.starts_at - 900000 + draw % 1200000 END,
        n < {FOUNDERS} OR (n - {FOUNDERS}) % 25 = 0
    FROM booked JOIN events e ON e.id = {ids.events.sql("event_n")}
    """


def _pick(values: list[int], number: str) -> str:
    cases = " ".join(f"WHEN {place} THEN {value}" for place, value in enumerate(values))
    return f"CASE ({number}) % {len(values)} {cases} END"


def strikes(ids: AccountIds, seed: int, now: int) -> str:
    """A strike for each past attendance that was missed or cancelled late."""
    draw = _draw("a.id", seed, "strike")
    return f"""
    INSERT INTO attendance_strikes
    SELECT {ids.strikes.sql("row_number() OVER (ORDER BY id) - 1")}, customer_id, event_id, membership_id,
    attendance_status,
        CASE WHEN draw % 20 < 8 THEN 'open' WHEN draw % 20 < 10 THEN 'voided' WHEN draw % 20 < 13 THEN
        'expired'
            WHEN draw % 20 < 15 THEN 'in_penalty_sequence' WHEN draw % 20 < 16 THEN 'upcoming_charge'
            WHEN draw % 20 < 19 THEN 'charged' ELSE 'charge_skipped' END,
        CASE WHEN draw / 20 % 3 = 0 THEN 'late_cancels_or_no_shows'
            WHEN attendance_status = 'no_show' THEN 'no_shows' ELSE 'late_cancels' END,
        CASE WHEN draw % 20 BETWEEN 13 AND 18 THEN 4100 + draw / 60 % 7 END
    FROM (
        SELECT a.id, a.customer_id, a.event_id, a.membership_id, {draw} AS draw,
            CASE a.status WHEN 'no_show' THEN 'no_show' ELSE 'late_cancel' END AS attendance_status
        FROM attendances a JOIN events e ON e.id = a.event_id
        WHERE a.status IN ('no_show', 'late_cancelled') AND e.starts_at <= {now} ORDER BY a.id LIMIT -1
        OFFSET 0
    )
    """


def course_session_attendances(ids: AccountIds, seed: int, studio: Studio, sizes: Sizes, now: int) -> str:
    """Sessions fill in turn; a tenth of them stays empty."""
    session = ids.course_sessions.sql("session_n")
    sessions = sizes.course_sessions
    return f"""
    INSERT INTO course_session_attendances
    WITH RECURSIVE numbers(n) AS (
        SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < {sizes.course_session_attendances}
    ),
    drawn AS (
        SELECT n, {_draw("n", seed, "course")} AS draw,
            n * {sessions} / {sizes.course_session_attendances} AS spread FROM numbers LIMIT -1 OFFSET 0
    ),
    placed AS (
        SELECT *, CASE WHEN spread % 10 = 9 THEN spread - 1 - draw % 3 ELSE spread END AS session_n FROM drawn
    )
    SELECT {ids.course_session_attendances.sql("n")},
        {ids.customers.sql(f"({_draw('session_n', seed, 'pupil')} + n) % {sizes.customers}")}, s.id,
        CASE WHEN draw % 10 < 5 THEN 'course_dropin' WHEN draw % 10 < 8 THEN 'membership' ELSE
        'session_dropin' END,
        CASE WHEN draw % 10 BETWEEN 5 AND 7 THEN {_pick(list(studio.memberships), "draw / 10 % 83")} END,
        draw / 1000 % 12 = 0,
        CASE WHEN s.starts_at > {now} THEN 'registered' WHEN draw / 10 % 100 < 84 THEN 'attended'
            WHEN draw / 10 % 100 < 95 THEN 'no_show' ELSE 'registered' END
    FROM placed JOIN course_sessions s ON s.id = {session}
    """


COUNT_ATTENDING: Final = """
    UPDATE course_sessions SET attending_count = (
        SELECT count(*) FROM course_session_attendances a WHERE a.course_session_id = course_sessions.id
    )
"""


def instructed_sessions(ids: AccountIds, seed: int, studio: Studio, now: int) -> Iterator[str]:
    """One row for each instructor of each past class, then of each past course session."""
    rate = _pick([*studio.pay_rates, 0], "instructor_id * 7 + offering_type_id")
    tiers = " + ".join(
        f"max(0, min(attended, {10**9 if upper is None else upper}) - {lower}) * {pence}"
        for lower, upper, pence in words.PAY_TIERS
    )
    yield f"""
    INSERT INTO instructed_sessions
    WITH counted AS (
        SELECT event_id AS session_id, sum(status = 'attended') AS attended, sum(status = 'no_show') AS
        no_show,
            sum(status = 'late_cancelled') AS late, sum(status = 'attended' AND booking_method = 'free') AS
            comped
        FROM attendances GROUP BY event_id
    ),
    course_counted AS (
        SELECT course_session_id AS session_id, sum(status = 'attended') AS attended, sum(status =
        'no_show') AS no_show
        FROM course_session_attendances GROUP BY course_session_id
    ),
    sessions AS (
        SELECT 'class' AS kind, e.name, e.offering_type_id, e.instructor_id, e.second_id, e.starts_at,
        e.ends_at,
            e.venue_id, e.max_occupancy, c.attended, c.no_show, c.late, c.comped
        FROM events e LEFT JOIN counted c ON c.session_id = e.id WHERE e.starts_at <= {now}
        UNION ALL
        SELECT 'course_session', coalesce(s.name, o.name), s.offering_type_id, s.instructor_id, s.second_id,
        s.starts_at,
            s.ends_at, s.venue_id, s.max_occupancy, c.attended, c.no_show, 0, 0
        FROM course_sessions s JOIN offering_types o ON o.id = s.offering_type_id
        LEFT JOIN course_counted c ON c.session_id = s.id WHERE s.starts_at <= {now} AND s.status = 'active'
    ),
    taught AS (
        SELECT *, instructor_id AS teacher FROM sessions UNION ALL
        SELECT *, second_id FROM sessions WHERE second_id IS NOT NULL
    ),
    paid AS (
        SELECT t.*, row_number() OVER (ORDER BY starts_at, kind, venue_id, teacher, name) - 1 AS n,
            nullif({rate}, 0) AS rate_id, {_draw("starts_at / 60000", seed, "pay")} AS draw
        FROM taught t
    )
    SELECT {ids.instructed_sessions.sql("n")}, kind, p.name, offering_type_id, teacher, starts_at,
        (ends_at - starts_at) / 3600000.0, venue_id, max_occupancy, coalesce(attended, 0), coalesce(no_show,
        0),
        coalesce(late, 0), coalesce(comped, 0), rate_id,
        CASE r.type WHEN 'per_hour' THEN r.pence * (ends_at - starts_at) / 3600000
            WHEN 'per_customer' THEN r.pence * coalesce(attended, 0)
            WHEN 'per_customer_tiered' THEN r.pence + {tiers.replace("attended", "coalesce(attended, 0)")}
            END,
        r.id IS NOT NULL AND (draw % 40 = 0)
    FROM paid p LEFT JOIN pay_rates r ON r.id = p.rate_id
    """
