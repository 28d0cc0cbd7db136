"""Tables of what customers sign, answer, watch and are sent."""

from __future__ import annotations

from typing import Final

from .maker import Maker, pick
from .reference import documents
from .schema import Entity, entity

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


def _for_each(
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


def _waivers(maker: Maker) -> str:
    return _for_each(maker, 61_003, "waiver", "waivers", "other AS waiver_id, at AS signed_at", share=(7, 10))


def _policies(maker: Maker) -> str:
    return _for_each(
        maker,
        62_003,
        "policy",
        "policy_versions",
        "other AS policy_id, other - 4 AS version_id, at AS agreed_at",
        share=(6, 10),
    )


def _views(maker: Maker) -> str:
    return _for_each(maker, 63_003, "view", "content", "other AS content_id, at AS viewed_at", share=(3, 10))


def _answers(maker: Maker) -> str:
    value = pick(["Yes", "No", "A friend told me", "Knee", "Mornings"], "draw / 10")
    return _for_each(
        maker,
        64_003,
        "answer",
        "customer_fields",
        f"other AS field_id, {value} AS value, at - 1000 AS created_at, at AS last_updated_at",
        share=(5, 10),
    )


def _changes(maker: Maker) -> str:
    draw = maker.draw("a.id", "change")
    return f"""
    SELECT {maker.ids_from(65_003, "last_updated_at, a.id")} AS id, customer_id, field_id, last_updated_at AS
        changed_at,
        CASE WHEN {draw} % 3 > 0 THEN 'Not yet' END AS previous_value, value AS new_value
    FROM customer_field_values a
    """


def _submissions(maker: Maker) -> str:
    return _for_each(
        maker, 66_003, "form", "customer_forms", "other AS form_id, at AS created_at", share=(4, 10)
    )


def _messages(maker: Maker) -> str:
    draw = maker.draw("a.id", "sms")
    return f"""
    SELECT {maker.ids_from(67_003, "queued_at, a.id")} AS id, customer_id, queued_at, queued_at + draw % 60000 AS
        status_updated_at, {pick(_SMS_STATUSES, "draw / 7")} AS status, {pick(_TRIGGERS, "draw / 11")} AS trigger,
        'See you at ' || name || '!' AS content
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
        CASE WHEN NOT c.registration_blocked THEN c.created_at + 864000000 END AS deactivated_at
    FROM customers c WHERE c.registration_blocked OR c.id % 8 = 0
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
    entity("content_collections", "name text, doc json", documents("collections")),
    entity(
        "content",
        "name text, collection -> content_collections, instructor -> instructors, doc json",
        documents("content"),
    ),
    entity("content_filters", "name text, doc json", documents("content_filters")),
    entity("content_views", "customer -> customers, content -> content, viewed_at moment", _views),
    entity(
        "customer_fields",
        "label text, full_text text, type text, created_at moment, doc json",
        documents("fields"),
    ),
    entity(
        "customer_field_values",
        "customer -> customers, field -> customer_fields, value text, created_at moment, last_updated_at moment",
        _answers,
    ),
    entity(
        "customer_field_changes",
        "customer -> customers, field -> customer_fields, changed_at moment, previous_value text, new_value text",
        _changes,
    ),
    entity(
        "customer_forms",
        "name text, created_at moment, doc json",
        documents("forms"),
        collections={
            "offering_types": "offering_types.",
            "memberships": "memberships.",
            "fields": "customer_fields.",
        },
    ),
    entity(
        "customer_form_submissions",
        "customer -> customers, form -> customer_forms, created_at moment",
        _submissions,
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
    entity("business_closures", "closure_date day", documents("closures")),
    entity("providers", "name text, doc json", documents("providers")),
    entity(
        "customer_registration_blocks",
        "customer -> customers, created_at moment, deactivated_at moment",
        _blocks,
        derived={"is_active": "flag: {deactivated_at} IS NULL"},
    ),
)
