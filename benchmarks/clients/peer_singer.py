"""Peer: a tap written with singer-sdk; a whole sync, its messages going to standard output (discarded)."""

from __future__ import annotations

import logging
from typing import Any, ClassVar

from meter import PAGE, REPORT, TOKEN, Meter, arguments, into_file, jsonl
from singer_sdk import RESTStream, Tap
from singer_sdk import typing as th
from singer_sdk.pagination import BaseOffsetPaginator

NAMED = (th.Property("id", th.IntegerType), th.Property("name", th.StringType))
IDS: list[int] = []


class Offsets(BaseOffsetPaginator):
    def has_more(self, response: Any) -> bool:
        return self.current_value + PAGE < response.json()["total"]


class Attendances(RESTStream[int]):
    name = "attendances"
    path = REPORT
    primary_keys: ClassVar[tuple[str, ...]] = ("id",)
    records_jsonpath = "$.rows[*]"
    schema = th.PropertiesList(
        th.Property("id", th.IntegerType),
        th.Property("updated_at", th.DateTimeType),
        th.Property(
            "customer",
            th.ObjectType(
                *NAMED, th.Property("email", th.StringType), th.Property("thumbnail_url", th.StringType)
            ),
        ),
        th.Property(
            "event",
            th.ObjectType(
                *NAMED, th.Property("starts_at", th.DateTimeType), th.Property("ends_at", th.DateTimeType)
            ),
        ),
        th.Property("offering_type", th.ObjectType(*NAMED)),
        th.Property("venue", th.ObjectType(*NAMED)),
        th.Property("instructors", th.ArrayType(th.ObjectType(*NAMED))),
        th.Property("booking_method", th.StringType),
        th.Property(
            "customer_membership",
            th.ObjectType(
                th.Property("id", th.IntegerType), th.Property("membership", th.ObjectType(*NAMED))
            ),
        ),
        th.Property("booking_source", th.StringType),
        th.Property("status", th.StringType),
        th.Property("checkin", th.ObjectType(th.Property("ocurred_at", th.DateTimeType))),
        th.Property("is_first_attendance", th.BooleanType),
    ).to_dict()

    @property
    def url_base(self) -> str:
        return str(self.config["url"])

    @property
    def http_headers(self) -> dict[str, str]:
        return {"Authorization": f"Token {TOKEN}"}

    def get_new_paginator(self) -> Offsets:
        return Offsets(start_value=0, page_size=PAGE)

    def get_url_params(self, _context: Any, next_page_token: int | None) -> dict[str, Any]:
        return {"format": "json", "sort": "id", "limit": PAGE, "offset": next_page_token or 0}

    def post_process(self, row: dict[str, Any], _context: Any = None) -> dict[str, Any]:
        IDS.append(row["id"])
        return row


class TapTeamUp(Tap):
    name = "tap-teamup"
    config_jsonschema = th.PropertiesList(th.Property("url", th.StringType)).to_dict()

    def discover_streams(self) -> list[Attendances]:
        return [Attendances(self)]


def main() -> None:
    given, meter = arguments(jsonl), Meter()
    url = given.url
    logging.disable(logging.INFO)
    with meter.walk(), into_file(jsonl=given.jsonl):
        TapTeamUp(config={"url": url}).sync_all()
    meter.finish(IDS)


if __name__ == "__main__":
    main()
