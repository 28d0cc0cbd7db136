"""Refusals: what they say, in whatever form, and which fields of `Dialect` may explain them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from teamup_async._http.answer import Answer, error_from
from teamup_async._http.suspects import is_token_refused, suspects
from teamup_async.auth import Credentials
from teamup_async.dialect import Dialect
from teamup_async.errors import ResponseDecodeError, StatusError

REPORT = "/reports/attendances/data"
PAGE = (
    b"<!doctype html><html><head><title>Bad</title><style>b {}</style></head><body><h1>Bad Request</h1>"
    b"<p>status: &quot;lost&quot; is no choice</p></body></html>"
)


def refusal(status: int, body: Any) -> StatusError:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    error = error_from(Answer(status, "application/json", "", sent), 0.0)
    assert isinstance(error, StatusError)
    return error


@pytest.mark.parametrize(
    ("body", "message", "fields"),
    [
        ({"detail": "Not found."}, "Not found.", {}),
        (
            {"status": ["No choice."], "sort": "No column."},
            "status: No choice.; sort: No column.",
            {"status", "sort"},
        ),
        ({"non_field_errors": ["Give one.", "Or two."]}, "Give one. Or two.", {"non_field_errors"}),
        (["No.", "Never.", None], "No.; Never.", {}),
        (PAGE, 'Bad Request status: "lost" is no choice', {}),
        (b"", None, {}),
        (b"no", None, {}),
        (b"<p></p>", None, {}),
        ("no", None, {}),
        ([], None, {}),
        ({}, None, {}),
    ],
)
def test_forms_of_errors(body: Any, message: str | None, fields: set[str]) -> None:
    """The text of an error is found in the forms of Django REST framework, in lists, and in web pages."""
    error = refusal(400, body)

    assert error.message == message
    assert set(error.field_errors) == set(fields)
    assert (message or "400: ") in str(error)


def test_csv_instead_of_json() -> None:
    """CSV names the field `format_json`, and is not asked for again."""
    error = error_from(Answer(200, "text/csv; charset=utf-8", "", b"id\r\n"), 0.0)

    assert isinstance(error, ResponseDecodeError)
    assert not error.retryable
    assert "Dialect(format_json=...)" in str(error)


def said_of(
    status: int, body: Any, query: str = "", path: str = REPORT, **credentials: Any
) -> tuple[str, ...]:
    return suspects(refusal(status, body), path, query, Credentials(token="t0ken", **credentials))


QUERY = "columns=id&sort=-id&sort=status&status=a&limit=100&offset=0&format=json&event_start_gte=x&id_gt=4"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"sort": ["No."]}, ("sort_by_id", "column_names", "arrays")),
        ({"columns": ["No."]}, ("arrays", "column_names")),
        ({"field_errors": {"status": ["No."]}, "message": ""}, ("arrays",)),
        (["limit: too large"], ("largest_page", "paging")),
        ({"detail": "id_gt is not for you"}, ("grouped_id_gt",)),
        ({"code": "provider_header_missing"}, ("provider_header",)),
    ],
)
def test_what_a_refusal_speaks_of(body: Any, expected: tuple[str, ...]) -> None:
    """A refusal that names a parameter or header leads to the fields that it depends on."""
    assert said_of(400, body, QUERY) == expected


def test_a_refusal_without_words() -> None:
    """Without a word all fields are named that what was sent depends on."""
    assert said_of(400, b"", QUERY) == (
        "arrays", "column_names", "sort_by_id", "largest_page", "paging", "grouped_id_gt", "provider_header",
    )  # fmt: skip
    assert said_of(400, b"", "status%5B%5D=a&page_size=9&sort=id", "/attendances", provider_id="4") == (
        "list_arrays",
        "largest_page",
    )
    assert said_of(400, b"", "", provider_id="4") == ("report_headers",)
    assert said_of(400, {"sort": ["No column."]}, "sort=type") == (
        "column_names",
        "default_columns",
        "arrays",
    )


def test_tokens() -> None:
    """401 names the word before the token; 403 also what else may be missing. Other statuses have no suspects."""
    assert said_of(401, b"") == ("auth_scheme",)
    assert said_of(403, b"") == ("auth_scheme", "bad_token", "mode_header")
    assert said_of(403, b"", mode="provider") == ("auth_scheme", "bad_token", "report_headers")
    assert said_of(404, b"") == ()


def test_a_token_that_is_refused() -> None:
    """401 refuses the token; 403 does where the dialect or the code says so."""
    plain, told = refusal(403, {"detail": "no"}), refusal(403, {"code": "token_expired"})

    assert is_token_refused(refusal(401, b""), Dialect())
    assert is_token_refused(told, Dialect())
    assert is_token_refused(plain, Dialect(bad_token="forbidden"))
    assert not is_token_refused(plain, Dialect())
    assert not is_token_refused(refusal(400, b""), Dialect(bad_token="forbidden"))
