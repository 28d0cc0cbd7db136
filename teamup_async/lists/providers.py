"""Providers - List.

API document: "Providers - List", ``GET /api/v2/providers``.
"""

from __future__ import annotations

import attrs

from ..endpoint import Endpoint
from ..envelope import LIST
from ..query import ListQuery
from .objects.providers import Provider

__all__ = ["PROVIDERS", "Provider", "ProvidersQuery"]


@attrs.frozen(kw_only=True)
class ProvidersQuery(ListQuery[Provider]):
    """Parameters of ``GET /providers``. API document: "Providers - List"."""


PROVIDERS = Endpoint(
    name="providers",
    title="Providers - List",
    path="/providers",
    query=ProvidersQuery,
    row=Provider,
    envelope=LIST,
    retrieve=True,
)
