"""Endpoints as methods that take filters: ``teamup.reports.attendances(...)``, ``teamup.course_sessions(...)``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from inspect import Signature
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, Protocol, Self, TypeVar, overload

from . import lists, reports

if TYPE_CHECKING:
    from . import blocking
    from .endpoint import Endpoint
    from .stream import RowStream

__all__ = ["Blocking", "ListMethod", "ListMethods", "Lists", "Method", "Reports", "RetrievableList"]

P = ParamSpec("P")
Row = TypeVar("Row")


class _Streams(Protocol):
    """What methods need of a client."""

    def stream(self, endpoint: Endpoint[..., Any], /, **filters: Any) -> RowStream[Any]: ...

    async def retrieve(
        self,
        endpoint: Endpoint[..., Any],
        object_id: int,
        /,
        *,
        expand: Sequence[str] | None = None,
        fields: Sequence[str] | None = None,
    ) -> Any: ...


class _Owner(Protocol):
    """What has methods: the client itself, or one of its namespaces."""

    @property
    def _streams(self) -> _Streams: ...


class Blocking:
    """A mark for clients, and their namespaces, that are not async: their methods return blocking streams."""


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
    def __get__(self, owner: Blocking, owner_class: type) -> Callable[P, blocking.RowStream[Row]]: ...

    @overload
    def __get__(self, owner: _Owner, owner_class: type) -> Callable[P, RowStream[Row]]: ...

    def __get__(self, owner: Any, owner_class: type) -> Any:
        if owner is None:
            return self
        streams = owner._streams  # noqa: SLF001 - what a method needs
        endpoint = self._endpoint()

        def method(*args: P.args, **kwargs: P.kwargs) -> Any:
            return streams.stream(endpoint, *args, **kwargs)

        _describe(method, endpoint)
        return method

    # Tools that look without calling anything (jedi, as IPython uses it) see this object instead of the function.

    @property
    def __signature__(self) -> Signature:
        from .signatures import signature

        return signature(self._endpoint())

    def __call__(self, **_: Any) -> Any:
        raise TypeError(f"{self._endpoint().name} is a method of a client: call it there")


class RetrievableList(Generic[P, Row]):
    """A list as a method of a client: call it with filters for a `RowStream`, or `get` one object."""

    def __init__(self, streams: _Streams, endpoint: Endpoint[P, Row]) -> None:
        self._streams = streams
        self._endpoint = endpoint
        _describe(self, endpoint)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> RowStream[Row]:
        """A stream of the rows that pass these filters. Raises `QueryError` for what can't be sent."""
        return self._streams.stream(self._endpoint, *args, **kwargs)

    async def get(
        self, object_id: int, /, *, expand: Sequence[str] | None = None, fields: Sequence[str] | None = None
    ) -> Row:
        """The object with this id; one request.

        Args:
            object_id: The object's id.
            expand: Objects to send whole, as in the list.
            fields: Fields to return, as in the list.

        Raises:
            QueryError: for what can't be sent.
            NotFoundError: where there is no such object.
        """
        found: Row = await self._streams.retrieve(self._endpoint, object_id, expand=expand, fields=fields)
        return found


class ListMethod(Method[P, Row]):
    """A list as a method, which can `get` one object too."""

    @overload
    def __get__(self, owner: None, owner_class: type) -> Self: ...

    @overload
    def __get__(self, owner: Blocking, owner_class: type) -> blocking.RetrievableList[P, Row]: ...

    @overload
    def __get__(self, owner: _Owner, owner_class: type) -> RetrievableList[P, Row]: ...

    def __get__(self, owner: Any, owner_class: type) -> Any:
        if owner is None:
            return self
        streams = owner._streams  # noqa: SLF001 - what a method needs
        made: Any = RetrievableList if not isinstance(owner, Blocking) else streams._retrievable  # noqa: SLF001 - the same
        return made(streams, self._endpoint())


def _describe(method: Any, endpoint: Endpoint[..., Any]) -> None:
    from .signatures import docstring, signature

    method.__doc__ = docstring(endpoint)
    method.__name__ = method.__qualname__ = endpoint.name.replace(".", "_")
    vars(method)["__signature__"] = signature(endpoint)


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
    """The lists whose names no report has, as methods of the client and of `Lists`."""

    ai_business_advisor_reports = Method(lambda: lists.AI_BUSINESS_ADVISOR_REPORTS)
    business_closures = Method(lambda: lists.BUSINESS_CLOSURES)
    content = ListMethod(lambda: lists.CONTENT)
    content_collections = ListMethod(lambda: lists.CONTENT_COLLECTIONS)
    content_filters = Method(lambda: lists.CONTENT_FILTERS)
    course_sessions = ListMethod(lambda: lists.COURSE_SESSIONS)
    courses = ListMethod(lambda: lists.COURSES)
    crm_lead_forms = ListMethod(lambda: lists.CRM_LEAD_FORMS)
    crm_lead_sources = ListMethod(lambda: lists.CRM_LEAD_SOURCES)
    customer_field_values = ListMethod(lambda: lists.CUSTOMER_FIELD_VALUES)
    customer_fields = ListMethod(lambda: lists.CUSTOMER_FIELDS)
    customer_form_submissions = ListMethod(lambda: lists.CUSTOMER_FORM_SUBMISSIONS)
    customer_forms = ListMethod(lambda: lists.CUSTOMER_FORMS)
    customer_issues = ListMethod(lambda: lists.CUSTOMER_ISSUES)
    customer_registration_blocks = ListMethod(lambda: lists.CUSTOMER_REGISTRATION_BLOCKS)
    discount_code_groups = Method(lambda: lists.DISCOUNT_CODE_GROUPS)
    discount_codes = ListMethod(lambda: lists.DISCOUNT_CODES)
    events = ListMethod(lambda: lists.EVENTS)
    external_calendars_events = Method(lambda: lists.EXTERNAL_CALENDARS_EVENTS)
    family_invites = Method(lambda: lists.FAMILY_INVITES)
    membership_categories = Method(lambda: lists.MEMBERSHIP_CATEGORIES)
    membership_payment_plans = ListMethod(lambda: lists.MEMBERSHIP_PAYMENT_PLANS)
    memberships = ListMethod(lambda: lists.MEMBERSHIPS)
    payment_methods = Method(lambda: lists.PAYMENT_METHODS)
    payment_processors = Method(lambda: lists.PAYMENT_PROCESSORS)
    payment_subscriptions = Method(lambda: lists.PAYMENT_SUBSCRIPTIONS)
    policy_agreements = Method(lambda: lists.POLICY_AGREEMENTS)
    policy_versions = Method(lambda: lists.POLICY_VERSIONS)
    providers = ListMethod(lambda: lists.PROVIDERS)
    venue_rooms = ListMethod(lambda: lists.VENUE_ROOMS)
    venues = ListMethod(lambda: lists.VENUES)
    waiver_agreements = ListMethod(lambda: lists.WAIVER_AGREEMENTS)
    waivers = ListMethod(lambda: lists.WAIVERS)


class Lists(ListMethods):
    """The lists, as methods that take filters and return a `RowStream`.

    Where the API sends one object by its id, the method has a ``get``: ``await teamup.lists.customers.get(7)``.
    """

    def __init__(self, streams: _Streams) -> None:
        self._streams = streams

    attendances = ListMethod(lambda: lists.ATTENDANCES)
    course_session_attendances = ListMethod(lambda: lists.COURSE_SESSION_ATTENDANCES)
    customer_membership_holds = ListMethod(lambda: lists.CUSTOMER_MEMBERSHIP_HOLDS)
    customer_memberships = ListMethod(lambda: lists.CUSTOMER_MEMBERSHIPS)
    customers = ListMethod(lambda: lists.CUSTOMERS)
    invoices = ListMethod(lambda: lists.INVOICES)
