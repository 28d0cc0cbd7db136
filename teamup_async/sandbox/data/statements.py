"""The large tables, each filled by one SELECT over arithmetic on the row number.

So a million rows take seconds and no memory, and are the same for the same seed everywhere.
"""

from __future__ import annotations

from . import words
from .maker import Maker, pick
from .sizes import BLOCK, FIRST_OF_EVENT, FOUNDERS


def for_each(
    maker: Maker, base: int, what: str, others: str, columns: str, *, share: tuple[int, int], when: str = "at"
) -> str:
    """A row for each customer and each row of another table, or for a share of them."""
    draw = maker.draw("c.id * 31 + o.id", what)
    taken, of = share
    return f"""
    SELECT {maker.ids_from(base, "at, customer_id, other")} AS id, customer_id, {columns}
    FROM (
        SELECT c.id AS customer_id, o.id AS other, {draw} AS draw,
            c.created_at + {draw} % max(1, {maker.present} - c.created_at) AS at
        FROM customers c JOIN {others} o
    ) WHERE draw % {of} < {taken} AND {when} IS NOT NULL
    """


def attendances(maker: Maker) -> str:
    """Seats of events in turn, past ones and then future ones, for customers there are by then."""
    sizes, ids, now = maker.sizes, maker.ids, maker.present
    future = sizes.first_future, sizes.first_future + sizes.future
    seat = f"n % {BLOCK}"
    event_seat = " + ".join(f"({seat} >= {first})" for first in FIRST_OF_EVENT[1:])
    first_seat = "CASE " + " ".join(
        f"WHEN {seat} >= {first} THEN {first}" for first in reversed(FIRST_OF_EVENT)
    )
    membership = pick(maker.studio.held_memberships, "customer_n * 31 % 97")
    source = pick(list(maker.studio.booking_sources), "draw / 7 % 89")
    return f"""
    WITH RECURSIVE past(n) AS (
        SELECT 0 WHERE {sizes.attendances} > 0 UNION ALL SELECT n + 1 FROM past WHERE n + 1 < {sizes.attendances}
    ),
    future(n) AS (
        SELECT {future[0]} WHERE {sizes.future} > 0 UNION ALL SELECT n + 1 FROM future WHERE n + 1 < {future[1]}
    ),
    seated AS (
        SELECT n, n / {BLOCK} * {len(FIRST_OF_EVENT)} + {event_seat} AS event_n,
            n / {BLOCK} * {BLOCK} + {first_seat} END AS event_first, {maker.draw("n", "attendance")} AS draw
        FROM (SELECT n FROM past UNION ALL SELECT n FROM future) LIMIT -1 OFFSET 0
    ),
    booked AS (
        SELECT *, CASE
            WHEN n < {FOUNDERS} THEN n
            WHEN (n - {FOUNDERS}) % 25 = 0 THEN {FOUNDERS} + (n - {FOUNDERS}) / 25
            ELSE ({maker.draw("event_n", "customer")} + n - event_first)
                % ({FOUNDERS} + max(0, (event_first - {FOUNDERS} + 24) / 25))
        END AS customer_n, draw % 100 AS how, draw / 100 % 100 AS outcome
        FROM seated LIMIT -1 OFFSET 0
    )
    SELECT {ids.attendances.sql("n")} AS id,
        CASE WHEN e.starts_at > {now} THEN {now} - 1 - draw % 864000000 ELSE e.ends_at + draw % 7200000 END
            AS updated_at,
        {ids.customers.sql("customer_n")} AS customer_id, e.id AS event_id,
        CASE WHEN how < 78 THEN 'membership' WHEN how < 93 THEN 'dropin' ELSE 'free' END AS booking_method,
        CASE WHEN how < 78 THEN 600000 + customer_n * 3 + customer_n % 2 END AS customer_membership_id,
        CASE WHEN how < 78 THEN {membership} END AS membership_id,
        CASE WHEN draw % 19 > 0 THEN {source} END AS booking_source_id,
        CASE
            WHEN e.starts_at > {now} THEN CASE WHEN outcome < 94 THEN 'registered' ELSE 'late_cancelled' END
            WHEN outcome < 82 THEN 'attended' WHEN outcome < 89 THEN 'no_show'
            WHEN outcome < 96 THEN 'late_cancelled' ELSE 'registered'
        END AS status,
        CASE WHEN e.starts_at <= {now} AND outcome < 82 AND draw % 10 > 0
            THEN e.starts_at - 900000 + draw % 1200000 END AS checkin_at,
        n < {FOUNDERS} OR (n - {FOUNDERS}) % 25 = 0 AS is_first_attendance
    FROM booked JOIN events e ON e.id = {ids.events.sql("event_n")}
    """


def weekday(local: str) -> str:
    """The name of the day of a local time, in SQL."""
    names = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday")
    cases = " ".join(f"WHEN '{number}' THEN '{name}'" for number, name in enumerate(names))
    return f"CASE strftime('%w', {local}) {cases} ELSE 'saturday' END"


def recurring_reservations(maker: Maker) -> str:
    """Some bookings are repeated every week."""
    return f"""
    SELECT {maker.ids_from(78_003, "a.id")} AS id, a.customer_id, e.offering_type_id,
        {weekday("e.local_start")} AS weekday
    FROM attendances a JOIN events e ON e.id = a.event_id WHERE {maker.draw("a.id", "recurring")} % 40 = 0
    """


def strikes(maker: Maker) -> str:
    """A strike for each past attendance that was missed or cancelled late."""
    return f"""
    SELECT {maker.ids.strikes.sql("row_number() OVER (ORDER BY id) - 1")} AS id, customer_id, event_id,
        membership_id, attendance_status,
        CASE WHEN draw % 20 < 8 THEN 'open' WHEN draw % 20 < 10 THEN 'voided'
            WHEN draw % 20 < 13 THEN 'expired' WHEN draw % 20 < 15 THEN 'in_penalty_sequence'
            WHEN draw % 20 < 16 THEN 'upcoming_charge' WHEN draw % 20 < 19 THEN 'charged'
            ELSE 'charge_skipped' END AS status,
        CASE WHEN draw / 20 % 3 = 0 THEN 'late_cancels_or_no_shows'
            WHEN attendance_status = 'no_show' THEN 'no_shows' ELSE 'late_cancels' END AS applies_to,
        CASE WHEN draw % 20 BETWEEN 13 AND 18 THEN 4100 + draw / 60 % 7 END AS penalty_id
    FROM (
        SELECT a.id, a.customer_id, a.event_id, a.membership_id, {maker.draw("a.id", "strike")} AS draw,
            CASE a.status WHEN 'no_show' THEN 'no_show' ELSE 'late_cancel' END AS attendance_status
        FROM attendances a JOIN events e ON e.id = a.event_id
        WHERE a.status IN ('no_show', 'late_cancelled') AND e.starts_at <= {maker.present}
        ORDER BY a.id LIMIT -1 OFFSET 0
    )
    """


def course_session_attendances(maker: Maker) -> str:
    """Sessions fill in turn; a tenth of them stays empty."""
    sizes, ids = maker.sizes, maker.ids
    pupils = sizes.course_session_attendances if sizes.course_sessions and sizes.customers else 0
    membership = pick(maker.studio.held_memberships, "customer_n * 31 % 97")
    return f"""
    WITH RECURSIVE numbers(n) AS (
        SELECT 0 WHERE {pupils} > 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < {pupils}
    ),
    drawn AS (
        SELECT n, {maker.draw("n", "course")} AS draw, n * {sizes.course_sessions} / {max(1, pupils)} AS spread
        FROM numbers LIMIT -1 OFFSET 0
    ),
    seated AS (
        SELECT *, CASE WHEN spread % 10 = 9 THEN spread - 1 - draw % 3 ELSE spread END AS session_n,
            draw % 10 BETWEEN 5 AND 7 AS held
        FROM drawn LIMIT -1 OFFSET 0
    ),
    chosen AS (
        SELECT *, ({maker.draw("session_n", "pupil")} + n) % {max(1, sizes.customers)} AS customer_n FROM seated
    )
    SELECT {ids.course_session_attendances.sql("n")} AS id, {ids.customers.sql("customer_n")} AS customer_id,
        s.id AS course_session_id,
        CASE WHEN held THEN 'membership' WHEN draw % 10 < 5 THEN 'course_dropin' ELSE 'session_dropin' END
            AS booking_method,
        CASE WHEN held THEN 600000 + customer_n * 3 + customer_n % 2 END AS customer_membership_id,
        CASE WHEN held THEN {membership} END AS membership_id,
        draw / 1000 % 12 = 0 AS is_makeup,
        CASE WHEN s.starts_at > {maker.present} THEN 'registered' WHEN draw / 10 % 100 < 84 THEN 'attended'
            WHEN draw / 10 % 100 < 95 THEN 'no_show' ELSE 'registered' END AS status
    FROM chosen JOIN course_sessions s ON s.id = {ids.course_sessions.sql("session_n")}
    """


def instructed_sessions(maker: Maker) -> str:
    """One row for each instructor of each past class, then of each past course session."""
    rate = pick([*maker.studio.pay_rates, 0], "instructor_id * 7 + offering_type_id")
    tiers = " + ".join(
        f"max(0, min(coalesce(attended, 0), {10**9 if upper is None else upper}) - {lower}) * {pence}"
        for lower, upper, pence in words.PAY_TIERS
    )
    return f"""
    WITH counted AS (
        SELECT event_id AS session_id, sum(status = 'attended') AS attended, sum(status = 'no_show') AS no_show,
            sum(status = 'late_cancelled') AS late,
            sum(status = 'attended' AND booking_method = 'free') AS comped
        FROM attendances GROUP BY event_id
    ),
    course_counted AS (
        SELECT course_session_id AS session_id, sum(status = 'attended') AS attended,
            sum(status = 'no_show') AS no_show
        FROM course_session_attendances GROUP BY course_session_id
    ),
    sessions AS (
        SELECT 'class' AS kind, e.name, e.offering_type_id, e.instructor_id, e.second_id, e.starts_at, e.ends_at,
            e.venue_id, e.max_occupancy, c.attended, c.no_show, c.late, c.comped
        FROM events e LEFT JOIN counted c ON c.session_id = e.id
        WHERE e.starts_at <= {maker.present} AND e.status = 'active'
        UNION ALL
        SELECT 'course_session', coalesce(s.name, o.name), s.offering_type_id, s.instructor_id, s.second_id,
            s.starts_at, s.ends_at, s.venue_id, s.max_occupancy, c.attended, c.no_show, 0, 0
        FROM course_sessions s JOIN offering_types o ON o.id = s.offering_type_id
            LEFT JOIN course_counted c ON c.session_id = s.id
        WHERE s.starts_at <= {maker.present} AND s.status = 'active'
    ),
    taught AS (
        SELECT *, instructor_id AS teacher FROM sessions UNION ALL
        SELECT *, second_id FROM sessions WHERE second_id IS NOT NULL
    ),
    paid AS (
        SELECT t.*, row_number() OVER (ORDER BY starts_at, kind, venue_id, teacher, name) - 1 AS n,
            nullif({rate}, 0) AS rate_id, {maker.draw("starts_at / 60000", "pay")} AS draw
        FROM taught t
    )
    SELECT {maker.ids.instructed_sessions.sql("n")} AS id, kind AS session_type, p.name AS name, offering_type_id,
        teacher AS instructor_id, starts_at, (ends_at - starts_at) / 3600000.0 AS hours, venue_id, max_occupancy,
        coalesce(attended, 0) AS attended_count, coalesce(no_show, 0) AS no_show_count,
        coalesce(late, 0) AS late_cancel_count, coalesce(comped, 0) AS comped_attended, rate_id AS pay_rate_id,
        CASE r.type WHEN 'per_hour' THEN r.pence * (ends_at - starts_at) / 3600000
            WHEN 'per_customer' THEN r.pence * coalesce(attended, 0)
            WHEN 'per_customer_tiered' THEN r.pence + {tiers} END AS pay,
        r.id IS NOT NULL AND (draw % 40 = 0) AS pay_pending
    FROM paid p LEFT JOIN pay_rates r ON r.id = p.rate_id
    """
