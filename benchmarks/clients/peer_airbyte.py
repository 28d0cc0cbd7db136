"""Peer: an airbyte-cdk low-code connector (a manifest), read to its end, messages discarded."""

from __future__ import annotations

import logging
from typing import Any

from airbyte_cdk.entrypoint import AirbyteEntrypoint
from airbyte_cdk.models import (
    AirbyteStream,
    ConfiguredAirbyteCatalog,
    ConfiguredAirbyteStream,
    DestinationSyncMode,
    SyncMode,
    Type,
)
from airbyte_cdk.sources.declarative.concurrent_declarative_source import ConcurrentDeclarativeSource
from meter import PAGE, REPORT, TOKEN, Meter, arguments, into_file, jsonl

NAMED = {"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": True,
    "properties": {"id": {"type": "integer"}, "status": {"type": "string"}, "venue": NAMED},
}


def manifest(url: str) -> dict[str, Any]:
    return {
        "version": "6.0.0",
        "type": "DeclarativeSource",
        "check": {"type": "CheckStream", "stream_names": ["attendances"]},
        "streams": [
            {
                "type": "DeclarativeStream",
                "name": "attendances",
                "primary_key": ["id"],
                "schema_loader": {"type": "InlineSchemaLoader", "schema": SCHEMA},
                "retriever": {
                    "type": "SimpleRetriever",
                    "record_selector": {
                        "type": "RecordSelector",
                        "extractor": {"type": "DpathExtractor", "field_path": ["rows"]},
                    },
                    "requester": {
                        "type": "HttpRequester",
                        "url_base": url,
                        "path": REPORT,
                        "http_method": "GET",
                        "request_parameters": {"format": "json", "sort": "id"},
                        "request_headers": {"Authorization": f"Token {TOKEN}"},
                    },
                    "paginator": {
                        "type": "DefaultPaginator",
                        "pagination_strategy": {"type": "OffsetIncrement", "page_size": PAGE},
                        "page_size_option": {
                            "type": "RequestOption",
                            "inject_into": "request_parameter",
                            "field_name": "limit",
                        },
                        "page_token_option": {
                            "type": "RequestOption",
                            "inject_into": "request_parameter",
                            "field_name": "offset",
                        },
                    },
                },
            }
        ],
    }


def id_of(message: Any) -> int:
    return message.record.data["id"]


def printed(message: Any) -> int:
    """Print a message as the entrypoint of a connector does; the id of its record."""
    print(AirbyteEntrypoint.airbyte_message_to_string(message))
    return id_of(message)


def main() -> None:
    given, meter = arguments(jsonl), Meter()
    url = given.url
    logging.disable(logging.WARNING)
    catalog = ConfiguredAirbyteCatalog(
        streams=[
            ConfiguredAirbyteStream(
                stream=AirbyteStream(
                    name="attendances", json_schema=SCHEMA, supported_sync_modes=[SyncMode.full_refresh]
                ),
                sync_mode=SyncMode.full_refresh,
                destination_sync_mode=DestinationSyncMode.append,
            )
        ]
    )
    with meter.walk():
        source = ConcurrentDeclarativeSource(
            catalog=catalog, config={}, state=[], source_config=manifest(url)
        )
        messages = source.read(logging.getLogger("airbyte"), {}, catalog, [])
        seen = printed if given.jsonl else id_of
        with into_file(jsonl=given.jsonl):
            ids = [seen(message) for message in messages if message.type == Type.RECORD]
    meter.finish(ids)


if __name__ == "__main__":
    main()
