"""Small objects that several endpoints share.

Every field is optional: ``columns=`` and ``fields=`` decide what a row carries, and what is absent is None.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

import attrs

__all__ = [
    "CustomerAtVenue",
    "CustomerCard",
    "CustomerMembershipSummary",
    "CustomerSummary",
    "DiscountCodeSummary",
    "Image",
    "Money",
    "Named",
]


@attrs.frozen
class Named:
    """An id with its name: a venue, an offering type, an instructor, a membership."""

    id: int | None = None
    name: str | None = None


@attrs.frozen
class CustomerSummary:
    """A customer, in short."""

    id: int | None = None
    name: str | None = None
    email: str | None = None


@attrs.frozen
class CustomerCard:
    """A customer with a picture."""

    id: int | None = None
    name: str | None = None
    email: str | None = None
    thumbnail_url: str | None = None


@attrs.frozen
class CustomerAtVenue:
    """A customer with the venue they belong to."""

    id: int | None = None
    name: str | None = None
    email: str | None = None
    venue: Named | None = None


@attrs.frozen
class CustomerMembershipSummary:
    """A membership that a customer holds, and what kind it is."""

    id: int | None = None
    membership: Named = Named()


@attrs.frozen
class DiscountCodeSummary:
    """The name of a discount, and the code that customers type."""

    name: str | None = None
    code: str | None = None


@attrs.frozen
class Money:
    """An amount. `decimal` is exact: it is read from the digits of the answer, never through a float."""

    decimal: Decimal | None = None
    string: str | None = None
    iso_currency_code: str | None = None
    currency_symbol: str | None = None
    currency_symbol_position: Literal["before", "after"] | str | None = None


@attrs.frozen
class Image:
    """A picture of an offering type or category."""

    id: int | None = None
    url: str | None = None
    original_width: float | None = None
    original_height: int | None = None
