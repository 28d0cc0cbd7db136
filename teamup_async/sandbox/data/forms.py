"""Tables of what customers are asked, and what they answer: fields, forms, submissions."""

from __future__ import annotations

from typing import Final

from .maker import Maker, pick
from .reference import documents, links
from .schema import Entity, entity
from .statements import for_each


def _answers(maker: Maker) -> str:
    own = pick(["Yes", "No", "A friend told me", "Knee", "Shoulder"], "draw / 10")
    chosen = pick(["Mornings", "Lunch", "Evenings"], "draw / 10")
    value = f"""CASE (SELECT type FROM customer_fields f WHERE f.id = other) WHEN 'choice' THEN {chosen}
        WHEN 'date' THEN date(at / 1000, 'unixepoch', '-' || (7000 + draw % 9000) || ' days') ELSE {own} END"""
    return for_each(
        maker,
        64_003,
        "answer",
        "(SELECT id FROM customer_fields WHERE NOT is_virtual)",
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
    return for_each(
        maker, 66_003, "form", "customer_forms", "other AS form_id, at AS created_at", share=(4, 10)
    )


def _applied(what: str, table: str) -> str:
    """The memberships or offering types that forms apply to: all, only some, all but some, or none."""
    listed = f"EXISTS (SELECT 1 FROM form_{what} AS l WHERE l.form_id = f.id AND l.{table}_id = o.id)"
    return f"""
    SELECT row_number() OVER (ORDER BY f.id, o.id) AS id, f.id AS form_id, o.id AS {table}_id
    FROM customer_forms f JOIN {table}s o
    WHERE CASE f.{what}_applies_to WHEN 'all' THEN 1 WHEN 'only' THEN {listed} WHEN 'all_except' THEN NOT {listed}
        ELSE 0 END
    """


FORMS: Final[tuple[Entity, ...]] = (
    entity(
        "customer_fields",
        "label text, full_text text, type text, created_at moment, is_virtual flag, system_use text, doc json",
        documents("fields"),
        collections={"forms": "form_fields.field -> form"},
    ),
    entity(
        "customer_field_scenarios",
        "field -> customer_fields, scenario text",
        links("fields", "scenarios", "field_id", "scenario"),
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
        """name text, created_at moment, no_signup flag, offering_types_applies_to text, memberships_applies_to text,
        doc json""",
        documents("forms"),
        collections={
            "offering_types": "form_offering_types.form -> offering_type",
            "memberships": "form_memberships.form -> membership",
            "fields": "form_fields.form -> field",
            "applied_offering_types": "applied_offering_types.form -> offering_type",
            "applied_memberships": "applied_memberships.form -> membership",
        },
    ),
    entity(
        "form_fields",
        "form -> customer_forms, field -> customer_fields",
        links("forms", "fields", "form_id", "field_id"),
    ),
    entity(
        "form_offering_types",
        "form -> customer_forms, offering_type -> offering_types",
        links("forms", "offering_types", "form_id", "offering_type_id"),
    ),
    entity(
        "form_memberships",
        "form -> customer_forms, membership -> memberships",
        links("forms", "memberships", "form_id", "membership_id"),
    ),
    entity(
        "applied_offering_types",
        "form -> customer_forms, offering_type -> offering_types",
        lambda _: _applied("offering_types", "offering_type"),
    ),
    entity(
        "applied_memberships",
        "form -> customer_forms, membership -> memberships",
        lambda _: _applied("memberships", "membership"),
    ),
    entity(
        "customer_form_submissions",
        "customer -> customers, form -> customer_forms, created_at moment",
        _submissions,
        derived={
            "latest_values": """json: (SELECT json_group_array(json_object('id', a.id, 'object', 'customer_field_value',
                'field', a.field_id, 'value', a.value, 'created_at',
                strftime('%Y-%m-%dT%H:%M:%fZ', a.created_at / 1000.0, 'unixepoch'), 'last_updated_at',
                strftime('%Y-%m-%dT%H:%M:%fZ', a.last_updated_at / 1000.0, 'unixepoch')))
                FROM customer_field_values AS a INDEXED BY answers_of_customer WHERE a.customer_id = {customer_id}
                AND a.field_id IN (SELECT l.field_id FROM form_fields AS l WHERE l.form_id = {form_id}))"""
        },
    ),
)
