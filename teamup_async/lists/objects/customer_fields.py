"""The questions that a business asks its customers, and the answers."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import attrs

__all__ = ["CustomerField", "CustomerFieldAnswer", "CustomerFieldValue", "FieldChoice"]


@attrs.frozen
class FieldChoice:
    """A value that a customer can choose."""

    value: str | None = None
    label: str | None = None
    order: int | None = None
    created_at: datetime | None = None


@attrs.frozen(slots=False)
class CustomerField:
    """A question that a business asks its customers."""

    id: int | None = None
    created_at: datetime | None = None
    object: Literal["customer_field"] | str | None = None
    label: str | None = None
    full_text: str | None = None
    type: (
        Literal[
            "short_text",
            "long_text",
            "boolean",
            "date",
            "datetime",
            "integer",
            "decimal",
            "choice",
            "multiple_choice",
            "address",
            "phone_number",
        ]
        | str
        | None
    ) = None
    key: str | None = None
    explanation_required_condition: (
        Literal["always", "never", "optional", "if_true", "if_false"] | str | None
    ) = None
    choices: list[FieldChoice] | None = None
    is_visible_to_all_staff: bool | None = None
    show_on_customer_profile: bool | None = None
    show_on_new_customer_form: bool | None = None
    system_use: str | None = None


@attrs.frozen
class CustomerFieldAnswer:
    """An answer of several parts: `answer` and `explanation` of a boolean field, the rest of an address."""

    answer: bool | None = None
    explanation: str | None = None
    address_line1: str | None = None
    address_line2: str | None = None
    city: str | None = None
    region: str | None = None
    postcode: str | None = None
    country: str | None = None


@attrs.frozen(slots=False)
class CustomerFieldValue:
    """A customer's answer to a field.

    `value` takes the form of the field's type: a number, text (also for dates and decimals, whose texts can't be told
    from others without the field), a list of choices, or an object.
    """

    id: int | None = None
    object: Literal["customer_field_value"] | str | None = None
    field: int | CustomerField | None = None
    value: str | int | list[str] | CustomerFieldAnswer | None = None
    created_at: datetime | None = None
    last_updated_at: datetime | None = None
