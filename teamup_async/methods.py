"""Endpoints as methods that take filters: ``teamup.reports.attendances(...)``, ``teamup.course_sessions(...)``."""

from __future__ import annotations

from collections.abc import Callable
from inspect import Signature
from typing import Any, Generic, ParamSpec, Protocol, Self, TypeVar, overload

from . import lists, reports
from .endpoint import Endpoint
from .signatures import docstring, signature
from .stream import RowStream

__all__ = ["ListMethods", "Lists", "Method", "Reports"]

P = ParamSpec("P")
Row = TypeVar("Row")


class _Streams(Protocol):
    """What methods need of a client."""

    def stream(self, endpoint: Endpoint[..., Any], /, **filters: Any) -> RowStream[Any]: ...


class _Owner(Protocol):
    """What has methods: the client itself, or one of its namespaces."""

    @property
    def _streams(self) -> _Streams: ...


class Method(Generic[P, Row]):
    """An endpoint as a method, with the keyword arguments of its query class.

    It takes a function, so that a declaration is loaded when it is used. Signature and docstring are made from
    the declaration: `help()`, `inspect.signature` and editors show each filter with its text.
    """

    def __init__(self, endpoint: Callable[[], Endpoint[P, Row]]) -> None:
        self._endpoint = endpoint

    @overload
    def __get__(self, owner: None, owner_class: type) -> Self: ...

    @overload
    def __get__(self, owner: _Owner, owner_class: type) -> Callable[P, RowStream[Row]]: ...

    def __get__(self, owner: _Owner | None, owner_class: type) -> Self | Callable[P, RowStream[Row]]:
        if owner is None:
            return self
        streams = owner._streams  # noqa: SLF001 - what a method needs of its owner
        endpoint = self._endpoint()

        def method(*args: P.args, **kwargs: P.kwargs) -> RowStream[Row]:
            return streams.stream(endpoint, *args, **kwargs)

        method.__doc__ = docstring(endpoint)
        method.__name__ = method.__qualname__ = endpoint.name.replace(".", "_")
        vars(method)["__signature__"] = signature(endpoint)
        return method

    # Tools that look without calling anything (jedi, as IPython uses it) see this object instead of the function.

    @property
    def __signature__(self) -> Signature:
        return signature(self._endpoint())

    def __call__(self, **_: Any) -> Any:
        raise TypeError(f"{self._endpoint().name} is a method of a client: call it there")


class Reports:
    """The reports, as methods that take filters and return a `RowStream`."""

    def __init__(self, streams: _Streams) -> None:
        self._streams = streams

    attendances = Method(lambda: reports.ATTENDANCES)
    attendances_grouped = Method(lambda: reports.ATTENDANCES_GROUPED)
    attendance_strikes = Method(lambda: reports.ATTENDANCE_STRIKES)
    attendance_strikes_grouped = Method(lambda: reports.ATTENDANCE_STRIKES_GROUPED)
    classes = Method(lambda: reports.CLASSES)
    classes_grouped = Method(lambda: reports.CLASSES_GROUPED)
    content_views = Method(lambda: reports.CONTENT_VIEWS)
    content_views_grouped = Method(lambda: reports.CONTENT_VIEWS_GROUPED)
    course_session_attendances = Method(lambda: reports.COURSE_SESSION_ATTENDANCES)
    course_session_attendances_grouped = Method(lambda: reports.COURSE_SESSION_ATTENDANCES_GROUPED)
    customers = Method(lambda: reports.CUSTOMERS)
    customers_grouped = Method(lambda: reports.CUSTOMERS_GROUPED)
    customer_credits = Method(lambda: reports.CUSTOMER_CREDITS)
    customer_field_changes = Method(lambda: reports.CUSTOMER_FIELD_CHANGES)
    customer_memberships = Method(lambda: reports.CUSTOMER_MEMBERSHIPS)
    customer_memberships_grouped = Method(lambda: reports.CUSTOMER_MEMBERSHIPS_GROUPED)
    customer_membership_holds = Method(lambda: reports.CUSTOMER_MEMBERSHIP_HOLDS)
    customer_membership_holds_grouped = Method(lambda: reports.CUSTOMER_MEMBERSHIP_HOLDS_GROUPED)
    customer_referrals = Method(lambda: reports.CUSTOMER_REFERRALS)
    customer_referrals_grouped = Method(lambda: reports.CUSTOMER_REFERRALS_GROUPED)
    discount_code_uses = Method(lambda: reports.DISCOUNT_CODE_USES)
    discount_code_uses_grouped = Method(lambda: reports.DISCOUNT_CODE_USES_GROUPED)
    gift_cards = Method(lambda: reports.GIFT_CARDS)
    instructed_sessions = Method(lambda: reports.INSTRUCTED_SESSIONS)
    instructors = Method(lambda: reports.INSTRUCTORS)
    invoices = Method(lambda: reports.INVOICES)
    invoices_grouped = Method(lambda: reports.INVOICES_GROUPED)
    invoice_line_items = Method(lambda: reports.INVOICE_LINE_ITEMS)
    invoice_line_items_grouped = Method(lambda: reports.INVOICE_LINE_ITEMS_GROUPED)
    sms_messages = Method(lambda: reports.SMS_MESSAGES)
    sms_messages_grouped = Method(lambda: reports.SMS_MESSAGES_GROUPED)
    waiver_signatures = Method(lambda: reports.WAIVER_SIGNATURES)


class ListMethods:
    """The lists, as methods of the client and of `Lists`."""

    course_sessions = Method(lambda: lists.COURSE_SESSIONS)


class Lists(ListMethods):
    """The lists, as methods that take filters and return a `RowStream`."""

    def __init__(self, streams: _Streams) -> None:
        self._streams = streams
