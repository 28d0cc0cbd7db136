"""Tables of customers, their families, and the memberships they hold."""

from __future__ import annotations

from typing import Final

from . import fill
from .maker import Maker, pick
from .reference import documents, links
from .schema import Entity, entity

_VISITS: Final = "FROM attendances AS v INDEXED BY attendances_of_customer WHERE v.customer_id = {id}"
_LAST: Final = (
    "FROM attendances AS v INDEXED BY attendances_of_customer JOIN events AS w ON w.id = v.event_id"
    " WHERE v.customer_id = {id}"
)
_HELD: Final = (
    "FROM customer_memberships AS h INDEXED BY memberships_of_customer JOIN memberships AS k"
    " ON k.id = h.membership_id WHERE h.customer_id = {id}"
)
_HELD_LIST: Final = (
    "json_group_array(json_object('id', h.id, 'membership', json_object('id', k.id, 'name', k.name)))"
)
_PAID: Final = "FROM invoices AS p INDEXED BY invoices_of_customer WHERE p.customer_id = {id}"
_HOLD: Final = (
    "FROM customer_membership_holds AS d INDEXED BY holds_of_membership WHERE d.customer_membership_id = {id}"
)
_HOLD_NOW: Final = f"{_HOLD} AND d.start_date <= {{today}} AND d.end_date >= {{today}}"


def _families(maker: Maker) -> str:
    del maker
    return (
        "SELECT family_id AS id, min(last_name) AS name FROM customers WHERE family_id IS NOT NULL"
        " GROUP BY family_id"
    )


def _memberships(maker: Maker) -> str:
    """One for each customer who ever booked with one, an older one for every third."""
    kinds = maker.studio.held_memberships
    today = f"'{maker.today.isoformat()}'"
    draw = maker.draw("n", "membership")
    since, until = "date(begun / 1000, 'unixepoch')", "date(ended / 1000, 'unixepoch')"
    return f"""
    WITH visited AS (
        SELECT v.customer_id, min(w.starts_at) AS first_start, max(w.ends_at) AS last_end
        FROM attendances v JOIN events w ON w.id = v.event_id GROUP BY v.customer_id
    ),
    numbered AS (
        SELECT row_number() OVER (ORDER BY id) - 1 AS n, c.id AS customer_id, c.created_at,
            min(coalesce(first_start, c.created_at), {maker.present}) AS first_start,
            coalesce(last_end, c.created_at) AS last_end
        FROM customers c LEFT JOIN visited ON visited.customer_id = c.id
    ),
    held AS (
        SELECT n * 3 + n % 2 AS number, n, customer_id, 0 AS old, first_start AS begun,
            {pick(kinds, "n * 31 % 97")} AS membership_id, {draw} AS draw,
            CASE WHEN last_end < {maker.present} - 5184000000 AND {draw} % 4 > 0
                THEN last_end + {draw} % 864000000 END AS ended
        FROM numbered
        UNION ALL
        SELECT n * 3 + 2, n, customer_id, 1, created_at, {pick(kinds, "n * 31 % 97 + 1")}, {draw},
            created_at + (first_start - created_at) / 2 FROM numbered WHERE n % 3 = 0
    )
    SELECT 600000 + number AS id, customer_id, membership_id, min({maker.present}, coalesce(ended, begun + draw %
            86400000 * 40)) AS updated_at,
        begun AS purchased_at, {since} AS start_date,
        CASE WHEN ended IS NOT NULL THEN {until} WHEN m.type != 'recurring_plan'
            THEN date({today}, '+' || (20 + draw % 300) || ' days') END AS expiration_date,
        CASE WHEN ended IS NULL AND m.type = 'recurring_plan'
            THEN date({today}, '+' || (1 + draw % 28) || ' days') END AS renewal_date,
        CASE WHEN ended IS NULL THEN CASE draw % 12 WHEN 0 THEN 'hold' ELSE 'active' END
            WHEN old THEN {pick(["upgraded", "downgraded", "completed"], "draw / 12")}
            WHEN m.type = 'recurring_plan' THEN 'cancelled' ELSE 'completed' END AS status,
        CASE WHEN ended IS NOT NULL AND NOT old AND m.type = 'recurring_plan' THEN ended END AS cancelled_at,
        CASE WHEN ended IS NOT NULL AND (old OR m.type != 'recurring_plan') THEN ended END AS completed_at,
        draw % 9 = 0 AS has_custom_limits, old OR n % 3 > 0 AS is_first_membership,
        m.pence AS billed_price,
        CASE WHEN ended IS NOT NULL AND NOT old AND m.type = 'recurring_plan'
            THEN {pick(["cancelled", "mistake", "no_auto_renew"], "draw / 7")} END AS cancellation_reason,
        CASE WHEN draw % 11 > 0 THEN {pick(list(maker.studio.more["processors"]), "draw / 11")} END
            AS payment_processor_id
    FROM held JOIN memberships m ON m.id = membership_id
    """


def _holds(maker: Maker) -> str:
    """One now for each membership on hold, one in the past or future for some others."""
    today = f"'{maker.today.isoformat()}'"
    draw = maker.draw("m.id", "hold")
    return f"""
    WITH held AS (
        SELECT m.id AS membership_id, m.start_date AS since, {draw} AS draw, m.billed_price,
            CASE WHEN m.status = 'hold' THEN max(m.start_date, date({today}, '-' || ({draw} % 14) || ' days'))
                WHEN {draw} % 3 = 0 THEN date({today}, '+' || (3 + {draw} % 40) || ' days')
                ELSE date(m.start_date, '+' || (5 + {draw} % 40) || ' days') END AS begin,
            CASE WHEN m.status = 'hold' THEN 15 + {draw} % 20 ELSE 7 + {draw} % 24 END AS days
        FROM customer_memberships m
        WHERE m.status = 'hold' OR ({draw} / 3 % 4 = 0 AND m.status = 'active')
    )
    SELECT {maker.ids_from(840_003, "membership_id")} AS id, membership_id AS customer_membership_id,
        created_at, created_at + draw % 86400000 AS updated_at, begin AS start_date,
        date(begin, '+' || days || ' days') AS end_date, days AS days_to_add, draw % 2 AS is_usage_prorated,
        {pick(["charge", "credit", None], "draw / 5")} AS payment_resolution_type,
        CASE draw / 5 % 3 WHEN 1 THEN billed_price / 2 END AS credit_amount,
        CASE draw / 5 % 3 WHEN 0 THEN billed_price / 4 END AS reactivation_charge_amount,
        draw % 6 = 0 AS is_payment_resolution_customized
    FROM (SELECT *, min(CAST(strftime('%s', begin) AS INTEGER) * 1000, {maker.present}) - 86400000 - draw % 864000000
        AS created_at FROM held)
    """


PEOPLE: Final[tuple[Entity, ...]] = (
    entity(
        "customers",
        """name text, email text, first_name text, last_name text, created_at moment, deleted_at moment, date_of_birth
        day, phone_number text, gender text, address_first_line text, address_city text, address_country text,
        address_postal_code text, is_claimed flag, is_lead flag, registration_blocked flag, referral_code text,
        family -> families, family_role text, venue -> venues, instructor -> instructors, lead_source ->
        lead_sources, referring_member -> customers, emergency_contact_name text, emergency_contact_phone text""",
        fill.customers,
        derived={
            "full_name": "text: {name}",
            "thumbnail_url": "text: 'https://images.example.com/customers/' || {id} || '.jpg'",
            "address": """json: json_object('first_line', {address_first_line}, 'second_line', NULL, 'city',
                {address_city}, 'region', {address_city}, 'country', {address_country}, 'postal_code',
                {address_postal_code})""",
            "address.second_line": "text: NULL",
            "address.region": "text: {address_city}",
            "age": """key: CAST(strftime('%Y', {today}) AS INTEGER) - CAST(strftime('%Y', {date_of_birth}) AS INTEGER)
                - (strftime('%m-%d', {today}) < strftime('%m-%d', {date_of_birth}))""",
            "days_until_birthday": """key: (CAST(strftime('%j', {date_of_birth}) AS INTEGER)
                - CAST(strftime('%j', {today}) AS INTEGER) + 365) % 365""",
            "is_active": f"flag: EXISTS (SELECT 1 {_HELD} AND h.status = 'active')",
            "is_new": "flag: {created_at} > {now} - 2592000000",
            "is_slipping_away": f"""flag: EXISTS (SELECT 1 {_HELD} AND h.status = 'active') AND NOT EXISTS
                (SELECT 1 {_LAST} AND w.starts_at > {{now}} - 2592000000)""",
            "has_failed_payments": f"flag: EXISTS (SELECT 1 {_PAID} AND p.status IN ('failed', 'retry_failed'))",
            "has_retry_payments": f"flag: EXISTS (SELECT 1 {_PAID} AND p.status = 'retrying')",
            "has_account_credit": "flag: {account_credit_balance} > 0",
            "account_credit_balance": """pence: (SELECT coalesce(sum(g.amount), 0) FROM customer_credits AS g INDEXED BY
                credits_of_customer WHERE g.customer_id = {id})""",
            "credit_balance": "pence: {account_credit_balance}",
            "last_payment_at": f"moment: (SELECT max(p.paid_at) {_PAID})",
            "last_payment_amount": f"""pence: (SELECT (SELECT sum(l.amount - l.discount_amount + l.tax_amount)
                FROM invoice_line_items AS l INDEXED BY items_of_invoice WHERE l.invoice_id = p.id)
                {_PAID} AND p.paid_at IS NOT NULL ORDER BY p.paid_at DESC, p.id LIMIT 1)""",
            "registered_and_attended_count": f"""key: (SELECT count(*) {_VISITS}
                AND v.status IN ('registered', 'attended'))""",
            "registrations_count": f"key: (SELECT count(*) {_VISITS} AND v.status = 'registered')",
            "attendances_count": f"key: (SELECT count(*) {_VISITS} AND v.status = 'attended')",
            "late_cancels_count": f"key: (SELECT count(*) {_VISITS} AND v.status = 'late_cancelled')",
            "no_shows_count": f"key: (SELECT count(*) {_VISITS} AND v.status = 'no_show')",
            "latest_registration": f"""json: (SELECT json_object('id', w.id, 'starts_at',
                strftime('%Y-%m-%dT%H:%M:%fZ', w.starts_at / 1000.0, 'unixepoch'), 'name', w.name, 'type', 'event')
                {_LAST} ORDER BY w.starts_at DESC LIMIT 1)""",
            "latest_registration.starts_at": f"moment: (SELECT max(w.starts_at) {_LAST})",
            "active_customer_memberships": f"json: (SELECT {_HELD_LIST} {_HELD} AND h.status = 'active')",
            "inactive_customer_memberships": f"""json: (SELECT {_HELD_LIST} {_HELD} AND h.status NOT IN
                ('active', 'hold'))""",
            "on_hold_customer_memberships": f"json: (SELECT {_HELD_LIST} {_HELD} AND h.status = 'hold')",
            "family.role": "text: {family_role}",
            "family.managers": """json: (SELECT json_group_array(json_object('id', f.id, 'name', f.name)) FROM customers
                AS f INDEXED BY customers_of_family WHERE f.family_id = {family_id} AND f.family_role = 'manager')""",
            "emergency_contact.relationship": "text: CASE WHEN {emergency_contact_name} IS NOT NULL THEN 'Friend' END",
            "referral_code.code": "text: {referral_code}",
            "referral_code.share_url": "text: 'https://goteamup.com/r/' || {referral_code}",
            "visibility": "text: CASE WHEN {deleted_at} IS NULL THEN 'visible' ELSE 'hidden' END",
            "provider": "key: (SELECT o.id FROM providers AS o LIMIT 1)",
            "family": "key: {family_id}",
            "participating": "flag: 1",
            "is_opted_into_broadcast_messages": "flag: {id} % 5 > 0",
            "is_opted_into_sms_marketing": "flag: {id} % 3 > 0",
        },
        collections={"field_values": "customer_field_values.customer"},
    ),
    entity("families", "name text", _families),
    entity("lead_sources", "name text, archived flag", documents("lead_sources")),
    entity(
        "memberships",
        "name text, type text, pence number, category -> membership_categories, is_dropin flag, for_sale flag, "
        "allow_repeat_purchases flag, visible_to_customers flag, doc json",
        documents("memberships"),
        derived={
            "active_member_count": """key: (SELECT count(*) FROM customer_memberships AS h INDEXED BY
                holders_of_membership WHERE h.membership_id = {id} AND h.status = 'active')""",
            "has_active_members": "flag: {active_member_count} > 0",
        },
        collections={
            "forms": "applied_memberships.membership -> form",
            "offering_types": "membership_offerings.membership -> offering_type",
        },
    ),
    entity(
        "membership_offerings",
        "membership -> memberships, offering_type -> offering_types",
        links("memberships", "permits", "membership_id", "offering_type_id"),
    ),
    entity("membership_categories", "name text, doc json", documents("membership_categories")),
    entity(
        "customer_memberships",
        """customer -> customers, membership -> memberships, updated_at moment, purchased_at moment, start_date day,
        expiration_date day, renewal_date day, status text, cancelled_at moment, completed_at moment,
        has_custom_limits flag, is_first_membership flag, billed_price pence, cancellation_reason text,
        payment_processor -> payment_processors""",
        _memberships,
        derived={
            "name": "text: {membership.name}",
            "stored_status": "text: {status}",
            "type": """text: replace({membership.type}, '_plan', '')""",
            "purchase_date": "day: date({purchased_at} / 1000, 'unixepoch')",
            "cancelled_date": "day: date({cancelled_at} / 1000, 'unixepoch')",
            "upgraded_date": "day: CASE {status} WHEN 'upgraded' THEN date({completed_at} / 1000, 'unixepoch') END",
            "downgraded_date": "day: CASE {status} WHEN 'downgraded' THEN date({completed_at} / 1000, 'unixepoch') END",
            "ended_on": "day: coalesce({cancelled_date}, date({completed_at} / 1000, 'unixepoch'))",
            "payment_processor": "text: {payment_processor.name}",
            "active_hold": f"key: (SELECT d.id {_HOLD_NOW} ORDER BY d.id LIMIT 1)",
            "active_hold_start_date": f"day: (SELECT d.start_date {_HOLD_NOW} ORDER BY d.id LIMIT 1)",
            "active_hold_end_date": f"day: (SELECT d.end_date {_HOLD_NOW} ORDER BY d.id LIMIT 1)",
            "has_active_hold": "flag: {active_hold} IS NOT NULL",
            "has_expiration_date": "flag: {expiration_date} IS NOT NULL",
            "other_active": f"""json: (SELECT {_HELD_LIST} {_HELD.replace("{id}", "{customer_id}")}
                AND h.status = 'active' AND h.id != {{id}})""",
            "use_count": """key: (SELECT count(*) FROM attendances AS v INDEXED BY attendances_of_customer
                WHERE v.customer_id = {customer_id} AND v.customer_membership_id = {id})""",
            "allowed_cancellation_date": "day: {start_date}",
            "next_billing_date": "day: {renewal_date}",
            "is_set_for_cancellation": "text: 'false'",
            "discount_code": """key: (SELECT i.discount_code_id FROM invoices AS i INDEXED BY invoices_of_held
                WHERE i.customer_membership_id = {id} AND i.discount_code_id IS NOT NULL ORDER BY i.id LIMIT 1)""",
            "discount_code_makes_free_forever": "text: 'false'",
            "payment_subscription": "key: CASE {membership.type} WHEN 'recurring_plan' THEN {id} + 100000 END",
        },
    ),
    entity(
        "customer_membership_holds",
        """customer_membership -> customer_memberships, created_at moment, updated_at moment, start_date day, end_date
        day, days_to_add key, is_usage_prorated flag, payment_resolution_type text, credit_amount pence,
        reactivation_charge_amount pence, is_payment_resolution_customized flag""",
        _holds,
        derived={
            "active": "flag: {start_date} <= {today} AND {end_date} >= {today}",
            "status": """text: CASE WHEN {end_date} < {today} THEN 'ended' WHEN {start_date} > {today} THEN 'upcoming'
                ELSE 'active' END""",
            "duration": "number: julianday({end_date}) - julianday({start_date})",
            "prorate_usage": "flag: {is_usage_prorated}",
            "previous_expiration_date": """day: date({customer_membership.expiration_date}, '-' || {days_to_add} || '
                days')""",
            "previous_allowed_cancellation_date": "day: {customer_membership.allowed_cancellation_date}",
            "other_active_customer_memberships": "json: {customer_membership.other_active}",
        },
    ),
)
