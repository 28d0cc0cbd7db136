"""Decoding one page of 100 attendances, several ways in turn; prints CPU seconds a page for each way."""

from __future__ import annotations

import argparse
import functools
import gc
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import attrs
import cattrs.preconf.msgspec
import cattrs.preconf.orjson
import msgspec
import orjson

from teamup_async._decoding.fast import decode
from teamup_async.endpoints import endpoint_named

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.rows import Report

SUBSET = ("id", "customer.name", "status")


def _is_open_enum(kind: Any) -> bool:
    members = get_args(kind) if get_origin(kind) in (Union, UnionType) else ()
    return str in members and any(get_origin(member) is Literal for member in members)


def _is_plain(kind: Any) -> bool:
    members = get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)
    return all(member in (int, str, bool, NoneType) for member in members)


def _as_it_is(value: Any, _kind: Any) -> Any:
    return value


def _cattrs(converter: Any, page_class: type, *, trusting: bool = False) -> Callable[[bytes], Any]:
    # Open enums are unions that cattrs refuses; taking the value as it is costs it nothing.
    converter.register_structure_hook_func(_is_open_enum, _as_it_is)
    if trusting:
        converter.register_structure_hook_func(_is_plain, _as_it_is)
    return lambda body: converter.loads(body, page_class)


def contenders() -> dict[str, Callable[[bytes], Any]]:
    endpoint = endpoint_named("attendances")
    row_class = endpoint.row
    bare = msgspec.defstruct("Page", [("total", int), ("rows", list[row_class])])  # type: ignore[valid-type]
    page = attrs.make_class(
        "Page", {"total": attrs.field(type=int), "rows": attrs.field(type=list[row_class])}
    )
    preconf = {"detailed_validation": False}
    return {
        "ours": functools.partial(decode, endpoint),
        "msgspec": msgspec.json.Decoder(bare).decode,
        "orjson": orjson.loads,
        "cattrs+orjson": _cattrs(cattrs.preconf.orjson.make_converter(**preconf), page),
        "cattrs+orjson, trusting": _cattrs(
            cattrs.preconf.orjson.make_converter(**preconf), page, trusting=True
        ),
        "cattrs+msgspec": _cattrs(cattrs.preconf.msgspec.make_converter(**preconf), page),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--pages", type=int, default=60, help="pages decoded in one turn")
    options = parser.parse_args()
    results: dict[str, dict[str, list[float]]] = {}
    for name, columns in (("full", ()), ("subset", SUBSET)):
        report = Report(columns)
        bodies = [report.body(start, start + 100, 100_000) for start in range(0, 100 * 20, 100)]
        ways = contenders()
        seconds: dict[str, list[float]] = {way: [] for way in ways}
        for turn in range(options.rounds + 1):
            for way, reader in ways.items():
                gc.collect()
                started = time.process_time()
                for number in range(options.pages):
                    reader(bodies[number % 20])
                if turn:
                    seconds[way].append((time.process_time() - started) / options.pages)
        results[name] = seconds
    print(json.dumps(results))


if __name__ == "__main__":
    main()
