"""Tables of what customers sign, are sent, and bring about: waivers, messages, referrals, issues."""

from __future__ import annotations

from typing import Final

from .maker import Maker, pick
from .reference import documents
from .schema import Entity, entity
from .statements import for_each

_TRIGGERS: Final = (
    "event_reminder",
    "event_registration_confirmed",
    "waitlist_added",
    "event_cancelled",
    "broadcast_message",
)
_SMS_STATUSES: Final = (
    "delivered",
    "delivered",
    "delivered",
    "sent",
    "queued",
    "failed",
    "undelivered",
    "external_error",
)


def _waivers(maker: Maker) -> str:
    return for_each(maker, 61_003, "waiver", "waivers", "other AS waiver_id, at AS signed_at", share=(7, 10))


def _policies(maker: Maker) -> str:
    return for_each(
        maker,
        62_003,
        "policy",
        "policy_versions",
        "other + 4 AS policy_id, other AS version_id, at AS agreed_at",
        share=(6, 10),
    )


def _messages(maker: Maker) -> str:
    draw = maker.draw("a.id", "sms")
    return f"""
    SELECT {maker.ids_from(67_003, "queued_at, a.id")} AS id, customer_id, queued_at, queued_at + draw % 60000 AS
        status_updated_at, {pick(_SMS_STATUSES, "draw / 7")} AS status, {pick(_TRIGGERS, "draw / 11")} AS trigger,
        CASE {pick(_TRIGGERS, "draw / 11")} WHEN 'event_cancelled' THEN name || ' is cancelled.'
            WHEN 'waitlist_added' THEN 'You are on the waiting list of ' || name || '.'
            WHEN 'event_registration_confirmed' THEN 'You are booked for ' || name || '.'
            WHEN 'event_reminder' THEN 'See you at ' || name || '!' ELSE 'News from the studio.' END AS content
    FROM (
        SELECT a.id, a.customer_id, {draw} AS draw, e.name, min(e.starts_at, {maker.present}) - 90000000 AS queued_at
        FROM attendances a JOIN events e ON e.id = a.event_id WHERE {draw} % 7 = 0
    ) a
    """


def _referrals(maker: Maker) -> str:
    draw = maker.draw("c.id", "referral")
    return f"""
    SELECT {maker.ids_from(68_003, "c.id")} AS id, c.referring_member_id AS referring_customer_id, c.id AS
        signup_customer_id,
        h.id AS signup_customer_membership_id, date(c.created_at / 1000, 'unixepoch') AS signup_date,
        CASE WHEN {draw} % 3 > 0 THEN date(min(c.created_at + 864000000, {maker.present}) / 1000, 'unixepoch') END AS
            confirmation_date,
        c.created_at + 3600000 AS updated_at, CASE WHEN {draw} % 3 > 0 THEN 1000 END AS credit,
        CASE {draw} % 3 WHEN 0 THEN CASE {draw} / 3 % 5 WHEN 0 THEN 'cancelled' ELSE 'pending' END ELSE 'confirmed' END
            AS status
    FROM customers c LEFT JOIN (SELECT customer_id, min(id) AS id FROM customer_memberships GROUP BY customer_id) h
        ON h.customer_id = c.id
    WHERE c.referring_member_id IS NOT NULL
    """


def _issues(maker: Maker) -> str:
    draw = maker.draw("c.id", "issue")
    return f"""
    SELECT {maker.ids_from(69_003, "c.id")} AS id, c.id AS customer_id, {
        pick(["Injury", "Billing", "Lost key"], draw)
    } AS
        name, 1 + {draw} / 5 % 3 AS status_id FROM customers c WHERE {draw} % 5 = 0
    """


def _blocks(maker: Maker) -> str:
    return f"""
    SELECT {maker.ids_from(71_003, "c.id")} AS id, c.id AS customer_id, c.created_at + 1 AS created_at,
        CASE WHEN NOT c.registration_blocked THEN min(c.created_at + 864000000, {maker.present}) END AS deactivated_at
    FROM customers c WHERE c.registration_blocked OR c.id % 8 = 0
    """


def _invites(maker: Maker) -> str:
    """Each child of a family was invited; for some families an invitation is still open."""
    draw = maker.draw("f.id", "invite")
    friend = pick(["Ada", "Ben", "Chloe", "Farah", "Luca"], draw)
    return f"""
    SELECT {maker.ids_from(73_003, "family_id, claimed_by, first_name")} AS id, first_name, last_name, email, claimed_by
    FROM (
        SELECT family_id, first_name, last_name, email, id AS claimed_by FROM customers WHERE family_role = 'child'
        UNION ALL
        SELECT f.id, {friend}, f.name, 'family' || f.id || '@example.com', NULL FROM families f WHERE {draw} % 3 > 0
    )
    """


def _lead_forms(maker: Maker) -> str:
    return f"""
    SELECT {maker.ids_from(74_003, "id")} AS id, id AS lead_source_id, name || ' enquiries' AS name,
        'Leads from: ' || lower(name) AS description, id % 2 AS send_invite_email
    FROM lead_sources WHERE NOT archived
    """


def _reports_of_advisor(maker: Maker) -> str:
    """One a week for half a year."""
    today = f"'{maker.today.isoformat()}'"
    return f"""
    WITH RECURSIVE weeks(n) AS (SELECT 26 UNION ALL SELECT n - 1 FROM weeks WHERE n > 1)
    SELECT {75_003 + 17 * maker.index} + (26 - n) * 2 AS id, date({today}, '-' || (7 * n) || ' days') AS start_date,
        date({today}, '-' || (7 * n - 6) || ' days') AS end_date,
        {maker.present} - (n - 1) * 604800000 - 3600000 - {maker.draw("n", "advice")} % 18000000 AS available_at,
        {pick(["Evenings are nearly full", "More visits than last week", "Three classes stay empty"], "n")} AS headline
    FROM weeks
    """


def _calendar_events(maker: Maker) -> str:
    """What instructors do elsewhere, around the present."""
    draw = maker.draw("i.id * 50 + k", "calendar")
    return f"""
    WITH RECURSIVE numbers(k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM numbers WHERE k < 11),
    planned AS (
        SELECT i.id AS instructor_id, k, {draw} AS draw,
            {maker.present} / 86400000 * 86400000 + (k * 4 - 24) * 86400000 AS day
        FROM instructors i JOIN numbers
    )
    SELECT {maker.ids_from(76_003, "day, instructor_id")} AS id, instructor_id,
        CASE WHEN draw % 6 THEN day + (8 + draw % 9) * 3600000 ELSE day END AS start_datetime_utc,
        CASE WHEN draw % 6 THEN day + (9 + draw % 9 + draw % 3) * 3600000 ELSE day + 86400000 END AS end_datetime_utc,
        draw % 6 = 0 AS is_all_day, draw % 5 > 0 AS is_busy, day - 864000000 AS created_at,
        {pick(["Dentist", "School run", "Holiday", "Training", "Physio"], "draw / 7")} AS title,
        {pick(["CONF", "CONF", "CONF", "TENT", "CANC"], "draw / 11")} AS status,
        {pick(["DEFT", "PRIV", "PUBL"], "draw / 13")} AS visibility
    FROM planned
    """


CONTACT: Final[tuple[Entity, ...]] = (
    entity("waivers", "name text, status text, doc json", documents("waivers")),
    entity(
        "waiver_agreements",
        "customer -> customers, waiver -> waivers, signed_at moment",
        _waivers,
        derived={
            "download_url": "text: 'https://goteamup.com/waivers/' || {id} || '.pdf'",
            "signature_image": "text: 'https://images.example.com/signatures/' || {id} || '.png'",
        },
    ),
    entity("policy_versions", "text text, url text, effective_at moment", documents("policy_versions")),
    entity(
        "policies",
        "name text, status text, current_or_impending_version -> policy_versions, version -> policy_versions",
        documents("policies"),
    ),
    entity(
        "policy_agreements",
        "customer -> customers, policy -> policies, version -> policy_versions, agreed_at moment",
        _policies,
    ),
    entity(
        "sms_messages",
        "customer -> customers, queued_at moment, status_updated_at moment, status text, trigger text, content text",
        _messages,
        derived={"interaction.trigger": "text: {trigger}"},
    ),
    entity(
        "customer_referrals",
        """referring_customer -> customers, signup_customer -> customers, signup_customer_membership ->
        customer_memberships, signup_date day, confirmation_date day, updated_at moment, credit pence, status text""",
        _referrals,
        derived={
            "credit_given": "text: printf('%.2f', {credit} / 100.0)",
            "signup_customer_membership.status": """text: replace(replace({signup_customer_membership.stored_status},
                'upgraded', 'completed'), 'downgraded', 'completed')""",
            "signup_membership.id": "key: {signup_customer_membership.membership.id}",
            "signup_membership.name": "text: {signup_customer_membership.membership.name}",
            "signup_month": "key: strftime('%m', {signup_date})",
            "signup_year": "key: strftime('%Y', {signup_date})",
        },
    ),
    entity(
        "customer_issues",
        "customer -> customers, name text, status -> issue_statuses",
        _issues,
    ),
    entity(
        "issue_statuses",
        "importance text",
        documents("issue_statuses"),
        derived={
            "importance_key": """text: CASE {importance} WHEN 'Flag on Profiles' THEN 'flag_on_profile' WHEN 'Normal'
                THEN 'normal' ELSE 'closed' END"""
        },
    ),
    entity("broadcast_messages", "subject text, venue -> venues", documents("broadcast_messages")),
    entity(
        "family_invites",
        "first_name text, last_name text, email text, claimed_by key",
        _invites,
        derived={"claim_url": "text: 'https://goteamup.com/families/invites/' || {id}"},
    ),
    entity(
        "lead_forms",
        "lead_source -> lead_sources, name text, description text, send_invite_email flag",
        _lead_forms,
        derived={
            "uuid": "text: printf('%08x-0000-4000-8000-%012x', {id}, {id} * 7919)",
            "redirect_url": "text: 'https://goteamup.com/leads/' || {id} || '/thanks'",
        },
    ),
    entity(
        "business_advisor_reports",
        "start_date day, end_date day, available_at moment, headline text",
        _reports_of_advisor,
        derived={"content": "text: 'https://goteamup.com/advisor/reports/' || {id}"},
    ),
    entity(
        "external_calendar_events",
        """instructor -> instructors, start_datetime_utc moment, end_datetime_utc moment, is_all_day flag, is_busy flag,
        created_at moment, title text, status text, visibility text""",
        _calendar_events,
        derived={
            "calendar_is_primary": "text: 'true'",
            "calendar_name": "text: {instructor.name}",
            "calendar_source_calendar_id": "text: 'calendar-' || {instructor_id}",
            "base64_calendar_source_calendar_id": "text: 'Y2FsZW5kYXI' || {instructor_id}",
            "calendar_source_created_at": "moment: {created_at}",
            "calendar_source_updated_at": "moment: {created_at}",
            "calendar_source_event_id": "text: 'event-' || {id}",
            "calendar_timezone": "text: 'UTC'",
            "timezone": "text: 'UTC'",
            "description": "text: NULL",
            "etag": "text: 'etag-' || {id}",
            "link": "text: 'https://calendars.example.com/events/' || {id}",
            "location_address": "text: NULL",
            "location_latitude": "number: NULL",
            "location_longitude": "number: NULL",
            "location_name": "text: NULL",
            "calendar_source_account.id": "key: {instructor_id} + 80000",
            "calendar_source_account.calendar_source": """text: CASE {instructor_id} % 2 WHEN 0 THEN 'GOOG'
                ELSE 'MSFT' END""",
            "calendar_source_account.account_id": "text: 'account-' || {instructor_id}",
            "calendar_source_account.username": "text: 'instructor' || {instructor_id} || '@example.com'",
        },
    ),
    entity("business_closures", "closure_date day", documents("closures")),
    entity("providers", "name text, doc json", documents("providers")),
    entity(
        "customer_registration_blocks",
        "customer -> customers, created_at moment, deactivated_at moment",
        _blocks,
        derived={"is_active": "flag: {deactivated_at} IS NULL"},
    ),
)
