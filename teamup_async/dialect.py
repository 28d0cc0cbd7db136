"""What no document says about the real API: one field for each unknown, with its plausible answers.

The client, the sandbox and ``teamup doctor`` read the same class: a server speaks one dialect, and a client that
holds the same one understands it. Sources: the vendor's API documents (endpoint pages), its guide pages
("authentication", "errors", "rate-limits", "pagination", "expanding-responses"), and what public clients do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal, Self

import attrs

from .errors import ConfigurationError, nearest

__all__ = ["UNKNOWNS", "Dialect", "Topic", "Unknown"]

Topic = Literal["access", "requests", "order and pages", "answers", "refusals"]
_UNKNOWN: Final = "teamup_async.unknown"


@attrs.frozen(kw_only=True)
class Unknown:
    """One thing that no document says.

    `name` is the field of `Dialect`, `question` what is not known, `values` the plausible answers with their
    meanings, the `default` among them. `source` names the document that leaves it open or hints at an answer.
    `by_itself` says what a client with the default does on a server with another answer, and `found_by` how
    ``teamup doctor`` finds out.
    """

    name: str
    topic: Topic
    question: str
    values: Mapping[str, str]
    default: str
    source: str
    by_itself: str
    found_by: str


def _unknown(
    topic: Topic, question: str, /, *, source: str, by_itself: str, found_by: str, **values: str
) -> Any:
    """A field whose values are those named, the default first."""
    default = next(iter(values))
    said: dict[str, Any] = {
        "topic": topic,
        "question": question,
        "values": values,
        "default": default,
        "source": source,
        "by_itself": by_itself,
        "found_by": found_by,
    }
    return attrs.field(default=default, validator=_check, metadata={_UNKNOWN: said})


def _check(_: Any, attribute: attrs.Attribute[Any], value: Any) -> None:
    _value(attribute.name, attribute.metadata[_UNKNOWN]["values"], value)


def _value(name: str, known: Iterable[str], value: Any) -> str:
    """The known value that `value` is, however it is capitalised. Raises `ConfigurationError`."""
    values = tuple(known)
    if value in values:
        return str(value)
    near = nearest(str(value), values)
    hint = f"; did you mean {near!r}?" if near else "."
    raise ConfigurationError(f"{name} does not know {value!r}{hint} Allowed: {', '.join(values)}")


_PAGES: Final = 'the endpoint pages ("Report - Data")'
_ENCODING: Final = (
    "the endpoint pages; only `expand`, `fields` and 16 filters of lists are documented, with commas"
)
_NAMES: Final = "the parameter `columns` of the endpoint pages, which lists flat and dotted names"


@attrs.frozen(kw_only=True, repr=False)
class Dialect:
    """How the real API answers where its documents are silent; every default is the likeliest answer.

        TeamUp(dialect=Dialect(arrays="comma", sort_by_id="ignored"))

    `UNKNOWNS` describes each field. Raises `ConfigurationError` for a value that a field does not know.
    """

    # --- access ---

    auth_scheme: Literal["Token", "Bearer", "JWT"] = _unknown(
        "access",
        "The word before the token",
        Token="Authorization: Token ... (the others may be taken, too)",  # noqa: S106 - a word
        Bearer="Authorization: Bearer ...",
        JWT="Authorization: JWT ...",
        source='guide "authentication" and the samples, which contradict each other',
        by_itself="says so: the error of a refused token names `auth_scheme`",
        found_by="the word that is accepted, of the three",
    )
    provider_header: Literal["optional", "required"] = _unknown(
        "access",
        "Whether `TeamUp-Provider-ID` must be sent",
        optional="only where a token reaches several businesses",
        required="always: without it the answer is 400",
        source='guide "authentication"; error code `provider_header_missing` seen by third parties',
        by_itself="sends it when `provider_id` is given; else the error names it",
        found_by="a list, asked without the header",
    )
    mode_header: Literal["optional", "required"] = _unknown(
        "access",
        "Whether `TeamUp-Request-Mode` must be sent",
        optional="the token says the mode",
        required="always: without it the answer is 403",
        source='header parameters of "Course Sessions - List"; error code `mode_not_allowed` seen by third parties',
        by_itself="sends it when `mode` is given; else the error names it",
        found_by="a list, asked without the header",
    )
    report_headers: Literal["taken", "ignored", "refused"] = _unknown(
        "access",
        "Whether reports take the two headers",
        taken="as lists do",
        ignored="the token alone says which business",
        refused="reports answer 400 to them",
        source="no report page lists header parameters; those of lists do",
        by_itself="sends them when given; the error of a refusal names `report_headers`",
        found_by="a report, asked with a right header and with one of an unknown business",
    )
    bad_token: Literal["unauthorized", "forbidden"] = _unknown(
        "access",
        "The status of a token that is not accepted",
        unauthorized="401",
        forbidden="403",
        source='guide "errors" names both statuses',
        by_itself="refreshes a token after a 403 too, where its code or the dialect says that it expired; names it",
        found_by="a list, asked with a token that nobody has",
    )
    refresh_tokens: Literal["replaced", "kept"] = _unknown(
        "access",
        "Whether a refresh brings a new refresh token",
        replaced="the old one is used up",
        kept="the answer holds none, and the old one stays good",
        source='"Refresh access token", which does not say whether the old one stays valid',
        by_itself="takes the new one if there is one, and keeps the old one otherwise",
        found_by="not asked: it would use the refresh token up",
    )
    quota_of: Literal["token", "business"] = _unknown(
        "access",
        "Whom the quota counts",
        token="each token by itself",  # noqa: S106 - a word
        business="each business, whatever tokens are used",
        source='guide "rate-limits": "per caller (authenticated user, else IP address)"',
        by_itself="waits after a 429 that it did not expect",
        found_by="not asked: it takes two tokens of one business",
    )

    # --- requests ---

    arrays: Literal["repeat", "comma", "brackets"] = _unknown(
        "requests",
        "How reports take lists of values",
        repeat="`a=1&a=2`",
        comma="`a=1,2`",
        brackets="`a[]=1&a[]=2`",
        source=_ENCODING,
        by_itself="looks at the headers, asks a small request or a few, and takes the form that is understood",
        found_by="a report, asked for two columns in each form",
    )
    list_arrays: Literal["repeat", "comma", "brackets"] = _unknown(
        "requests",
        "How lists take lists of values, where no document says so",
        repeat="`a=1&a=2`",
        comma="`a=1,2`",
        brackets="`a[]=1&a[]=2`",
        source=_ENCODING,
        by_itself="asks two or three small requests, and takes the form that is understood",
        found_by="a list, asked for two customers in each form",
    )
    unknown_parameters: Literal["refused", "ignored"] = _unknown(
        "requests",
        "What happens to a parameter that the server does not know",
        refused="400",
        ignored="nothing: the answer is as without it",
        source="no document; Django REST framework ignores them",
        by_itself="sends declared parameters only",
        found_by="a report, asked with a parameter that nobody has",
    )
    column_names: Literal["dotted", "flat"] = _unknown(
        "requests",
        "Which names `columns` and `sort` take",
        dotted="`customer.id`, and its flat names too",
        flat="`customer_id` where there is such a name, not `customer.id`",
        source=_NAMES,
        by_itself="sends dotted names; the error of a refusal names `column_names`",
        found_by="a report, asked for a column by each of its names",
    )
    default_columns: Literal["all", "few"] = _unknown(
        "requests",
        "Which columns a report has without `columns=`",
        all="all of them",
        few="a choice, perhaps without `id`",
        source="`required` in `column_headers`; the default is not documented",
        by_itself="says so once, and asks for all columns by name",
        found_by="a report, asked without `columns`",
    )
    format_json: Literal["honoured", "ignored"] = _unknown(
        "requests",
        "Whether reports take `format=json`",
        honoured="the answer is JSON",
        ignored="the answer is CSV, which is the documented default",
        source=f"`format` of {_PAGES}; the pages declare `application/json` only",
        by_itself="says so: the error names `format_json`",
        found_by="the kind of the first answer",
    )
    grouped_id_gt: Literal["filters", "ignored", "refused"] = _unknown(
        "requests",
        "What `id_gt` does in grouped reports, and in others whose rows have no id",
        filters="only what has a greater id is counted or listed",
        ignored="nothing",
        refused="400",
        source="every report page lists `id_gt`, without a description",
        by_itself="never walks by it there; when you ask for it, finds out first whether it does anything",
        found_by="a grouped report, asked for what lies behind an id that nothing has",
    )

    # --- order and pages ---

    sort_by_id: Literal["honoured", "ignored", "refused"] = _unknown(
        "order and pages",
        "Whether reports can be sorted by `id`",
        honoured="`sort=id` sorts",
        ignored="rows come in another order",
        refused="400",
        source="`sortable` in `column_headers`; which columns are is not documented",
        by_itself="says so once, and walks on by pages that repeat their last row",
        found_by="a report, asked up and down",
    )
    sort_priority: Literal["first", "last"] = _unknown(
        "order and pages",
        "Which of several `sort` columns counts most",
        first="the one named first",
        last="the one named last",
        source="`sorted.priority` in `column_headers`; the priority is not documented",
        by_itself="looks whether rows come sorted by the first column, and names the columns the other way round",
        found_by="a report, sorted by a nearly unique column and another",
    )
    ties: Literal["steady", "changing"] = _unknown(
        "order and pages",
        "The order of rows that share their sort keys, or are not sorted",
        steady="the same in each answer",
        changing="another in each answer",
        source="no document",
        by_itself="notices where pages do not fit together; the error names `ties`",
        found_by="the same request without an order, twice",
    )
    id_gt: Literal["exclusive", "inclusive", "ignored"] = _unknown(
        "order and pages",
        "What `id_gt` does in reports whose rows have an id",
        exclusive="rows with greater ids",
        inclusive="the row with that id, too",
        ignored="nothing",
        source="every report page lists `id_gt`, without a description",
        by_itself="leaves out what it did not ask for, or walks without it",
        found_by="a report, asked for what lies behind an id in its middle",
    )
    paging: Literal["both", "limit_offset", "page"] = _unknown(
        "order and pages",
        "Which of the two pairs of parameters pages a report",
        both="`limit` and `offset`, or `page` and `page_size`",
        limit_offset="`limit` and `offset`; the others are ignored",
        page="`page` and `page_size`; the others are ignored",
        source=f"{_PAGES}: both pairs, without a word about precedence",
        by_itself="notices that the first page came again, and takes the other pair",
        found_by="which pair brings as many rows as it asks for",
    )
    page_past_end: Literal["empty", "not_found", "last_page"] = _unknown(
        "order and pages",
        "What a report answers behind its last row",
        empty="a page without rows",
        not_found="404",
        last_page="the last page again",
        source="no document",
        by_itself="takes each of them for the end",
        found_by="a page far behind the last row",
    )
    list_page_past_end: Literal["not_found", "empty", "last_page"] = _unknown(
        "order and pages",
        "What a list answers behind its last page",
        not_found="404",
        empty="a page without rows",
        last_page="the last page again",
        source='guide "pagination", which does not say',
        by_itself="takes each of them for the end",
        found_by="a page far behind the last one",
    )
    largest_page: Literal["documented", "clamped", "refused"] = _unknown(
        "order and pages",
        "How many rows a page may have",
        documented="as many as documented: 100, or 250 events",
        clamped="fewer: the server gives what it can",
        refused="fewer: asking for more is answered with 400",
        source="`limit` and `page_size` of the endpoint pages; the guide contradicts that of events",
        by_itself="goes on with smaller pages",
        found_by="how many rows come where 100 are asked for",
    )
    total: Literal["exact", "absent", "approximate", "whole"] = _unknown(
        "order and pages",
        "What `total` and `count` say",
        exact="how many rows the query has",
        absent="nothing: they are missing or null",
        approximate="about how many",
        whole="how many rows there are without filters",
        source=f'{_PAGES}: "total rows of the report"; guide "pagination"',
        by_itself="`count()` looks whether rows end there, and counts them otherwise; a walk that is misled says so",
        found_by="whether rows end where the total says, with a filter and without",
    )

    # --- answers ---

    row_names: Literal["nested", "dotted", "flat"] = _unknown(
        "answers",
        "How rows name what lies in objects",
        nested='`{"customer": {"id": 1}}`',
        dotted='`{"customer.id": 1}`',
        flat='`{"customer_id": 1}`',
        source=f"{_PAGES}: nested in the schema; whether a flat column name changes it is not stated",
        by_itself="reads all of them",
        found_by="the keys of a row",
    )
    header_names: Literal["dotted", "flat"] = _unknown(
        "answers",
        "How `column_headers` name columns",
        dotted="`customer.id`",
        flat="`customer_id`",
        source=_NAMES,
        by_itself="reads both",
        found_by="the keys of `column_headers`",
    )
    pivot_keys: Literal["plain", "dotted", "nested"] = _unknown(
        "answers",
        "The keys of pivoted columns in rows",
        plain='`{"2025-01": 3}`',
        dotted='`{"count.2025-01": 3}`',
        nested='`{"counts": {"2025-01": 3}}`, with the key `counts.2025-01`',
        source=f"{_PAGES} of five grouped reports; neither keys nor an example",
        by_itself="reads them by the keys of `column_headers`",
        found_by="a grouped report, pivoted by year",
    )
    missing_values: Literal["null", "absent"] = _unknown(
        "answers",
        "What stands for a value that there is not",
        null="`null`",
        absent="nothing: the key is missing",
        source="row fields are neither required nor nullable in the schemas",
        by_itself="reads both as None",
        found_by="whether rows lack keys that others have",
    )
    datetimes: Literal["z", "offset", "naive"] = _unknown(
        "answers",
        "How answers write moments",
        z="`2025-01-31T09:00:00Z`",
        offset="`2025-01-31T09:00:00+00:00`",
        naive="`2025-01-31T09:00:00`, in UTC",
        source="format `date-time` of the schemas",
        by_itself="reads all of them as moments in UTC; what has no offset is taken for UTC",
        found_by="the moments of a page",
    )
    money_keys: Literal["decimal", "amount", "plain"] = _unknown(
        "answers",
        "How amounts of money are written",
        decimal='`{"decimal": 12.5, "iso_currency_code": "GBP", ...}`',
        amount='`{"amount": "12.50", "currency": "GBP"}`',
        plain='`"12.50"`',
        source="row schemas: `decimal` mostly; `amount` and plain text in some places",
        by_itself="reads all of them into `decimal`",
        found_by="an amount of an invoice",
    )
    csv_header: Literal["keys", "labels"] = _unknown(
        "answers",
        "The first line of CSV files",
        keys="the keys of the columns",
        labels="their labels",
        source="no document shows a CSV file",
        by_itself="reads exported files with both",
        found_by="the report as CSV",
    )
    job_id: Literal["integer", "text"] = _unknown(
        "answers",
        "How an export names its job",
        integer='`{"job": 12}`',
        text='`{"job": "12"}`',
        source='"Report - Export" says integer, "Bulk Actions - Export" text',
        by_itself="reads both",
        found_by="not asked: it would start a job",
    )
    gzip: Literal["on_request", "never"] = _unknown(
        "answers",
        "Whether answers are compressed",
        on_request="for clients that accept it",
        never="not at all",
        source="no document",
        by_itself="reads both",
        found_by="the headers of the answers",
    )

    # --- refusals ---

    error_body: Literal["documented", "detail", "messages", "html", "empty"] = _unknown(
        "refusals",
        "The body of an error",
        documented="`{code, message, type, field_errors}`",
        detail='`{"detail": "..."}`, and `{"field": ["..."]}` for 400',
        messages='`["..."]`',
        html="a web page",
        empty="nothing",
        source='guide "errors"; Django REST framework has its own form',
        by_itself="finds the text in each of them",
        found_by="the errors that came, or one that is asked for",
    )
    retry_after: Literal["none", "seconds", "date"] = _unknown(
        "refusals",
        "Whether a 429 says how long to wait",
        none="no `Retry-After`",
        seconds="`Retry-After: 12`",
        date="`Retry-After: Fri, 31 Jan 2025 09:00:00 GMT`",
        source='guide "rate-limits", which names no header',
        by_itself="obeys it, and waits 5, 10, 20, 40 seconds without it",
        found_by="a 429, with `--quota`",
    )

    @classmethod
    def from_settings(cls, settings: Mapping[str, str]) -> Self:
        """The dialect with these fields, by name; the others have their defaults.

        Names may be written with dashes and in any case, values in any case. Raises `ConfigurationError`, with the
        nearest name or value.
        """
        chosen: dict[str, Any] = {}
        for given, value in settings.items():
            unknown = unknown_named(given)
            folded = {known.lower(): known for known in unknown.values}
            chosen[unknown.name] = folded.get(str(value).strip().lower(), value)
        return cls(**chosen)

    @classmethod
    def parse(cls, texts: str | Iterable[str]) -> Self:
        """The dialect that texts such as ``"sort_by_id=ignored"`` describe: several, or one with spaces between.

        What `str()` makes of a dialect is read back. Raises `ConfigurationError`.
        """
        given = [texts] if isinstance(texts, str) else list(texts)
        settings: dict[str, str] = {}
        for part in " ".join(given).replace(",", " ").split():
            name, sign, value = part.partition("=")
            if not sign and name.lower() == "default":
                continue
            if not sign:
                raise ConfigurationError(
                    f"a dialect is written field=value, such as sort_by_id=ignored, not {part!r}"
                )
            settings[name] = value
        return cls.from_settings(settings)

    def deviations(self) -> dict[str, str]:
        """The fields that differ from their defaults."""
        return {
            unknown.name: getattr(self, unknown.name)
            for unknown in UNKNOWNS
            if getattr(self, unknown.name) != unknown.default
        }

    def __repr__(self) -> str:
        """The Python that makes it."""
        return f"Dialect({', '.join(f'{name}={value!r}' for name, value in self.deviations().items())})"

    def __str__(self) -> str:
        return " ".join(f"{name}={value}" for name, value in self.deviations().items()) or "default"


UNKNOWNS: Final[tuple[Unknown, ...]] = tuple(
    Unknown(name=field.name, **field.metadata[_UNKNOWN]) for field in attrs.fields(Dialect)
)
"""All unknowns, in the order of the fields."""
_BY_NAME: Final = {unknown.name: unknown for unknown in UNKNOWNS}


def unknown_named(name: str) -> Unknown:
    """The unknown of this name, which may be written with dashes. Raises `ConfigurationError`."""
    found = _BY_NAME.get(name.strip().lower().replace("-", "_"))
    if found is None:
        near = nearest(name, _BY_NAME)
        hint = f"; did you mean {near!r}?" if near else f". Allowed: {', '.join(_BY_NAME)}"
        raise ConfigurationError(f"a dialect has no field {name!r}{hint}")
    return found
