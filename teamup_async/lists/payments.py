"""How customers pay.

API documents: "Payment Methods - List" (``GET /api/v2/payment_methods``), "Payment Processors - List"
(``GET /api/v2/payment_processors``), "Payment Subscriptions - List" (``GET
/api/v2/payment_subscriptions``).
"""

from __future__ import annotations

import attrs

from ..endpoint import Endpoint
from ..envelope import LIST
from ..query import ListQuery, Query
from .objects.payments import PaymentMethod, PaymentProcessor, PaymentSubscription

__all__ = [
    "PAYMENT_METHODS",
    "PAYMENT_PROCESSORS",
    "PAYMENT_SUBSCRIPTIONS",
    "PaymentMethod",
    "PaymentMethodsQuery",
    "PaymentProcessor",
    "PaymentProcessorsQuery",
    "PaymentSubscription",
    "PaymentSubscriptionsQuery",
]


@attrs.frozen(kw_only=True)
class PaymentMethodsQuery(Query[PaymentMethod]):
    """Parameters of ``GET /payment_methods``. API document: "Payment Methods - List"."""


@attrs.frozen(kw_only=True)
class PaymentProcessorsQuery(ListQuery[PaymentProcessor]):
    """Parameters of ``GET /payment_processors``. API document: "Payment Processors - List"."""


@attrs.frozen(kw_only=True)
class PaymentSubscriptionsQuery(ListQuery[PaymentSubscription]):
    """Parameters of ``GET /payment_subscriptions``. API document: "Payment Subscriptions - List"."""


PAYMENT_METHODS = Endpoint(
    name="payment_methods",
    title="Payment Methods - List",
    path="/payment_methods",
    query=PaymentMethodsQuery,
    row=PaymentMethod,
    envelope=LIST,
)


PAYMENT_PROCESSORS = Endpoint(
    name="payment_processors",
    title="Payment Processors - List",
    path="/payment_processors",
    query=PaymentProcessorsQuery,
    row=PaymentProcessor,
    envelope=LIST,
)


PAYMENT_SUBSCRIPTIONS = Endpoint(
    name="payment_subscriptions",
    title="Payment Subscriptions - List",
    path="/payment_subscriptions",
    query=PaymentSubscriptionsQuery,
    row=PaymentSubscription,
    envelope=LIST,
)
