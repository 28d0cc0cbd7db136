"""Every endpoint, asked in one dialect by a client that expects another: right rows, or an error with the field."""

from __future__ import annotations

import asyncio
import json
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from random import Random
from time import monotonic, time
from typing import Any

import attrs

from teamup_async import Dialect, TeamUp, TeamUpDialectWarning, TeamUpError
from teamup_async.dialect import UNKNOWNS
from teamup_async.endpoint import Endpoint
from teamup_async.query import Parameter
from teamup_async.rows import flattener
from teamup_async.sandbox import Sandbox

SERVED_ELSEWHERE = frozenset({"quota_of", "retry_after", "refresh_tokens", "job_id", "csv_header"})
"""Fields that no walk meets: they have tests of their own."""
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?", re.ASCII)


def deviations() -> Iterator[Dialect]:
    """Each value of each field that is not its default, alone."""
    for unknown in UNKNOWNS:
        for value in unknown.values:
            if value != unknown.default and unknown.name not in SERVED_ELSEWHERE:
                yield Dialect.from_settings({unknown.name: value})


def combinations(count: int, seed: int = 1) -> Iterator[Dialect]:
    """Dialects that deviate in two to eight fields at once."""
    draw = Random(seed)
    met = [unknown for unknown in UNKNOWNS if unknown.name not in SERVED_ELSEWHERE]
    for _ in range(count):
        chosen = draw.sample(met, draw.randint(2, 8))
        yield Dialect.from_settings(
            {
                unknown.name: draw.choice([v for v in unknown.values if v != unknown.default])
                for unknown in chosen
            }
        )


# --- what is asked ----------------------------------------------------------------------------------------


@attrs.frozen
class Question:
    """Something that is asked of an endpoint, and its answer in the default dialect, made comparable."""

    kind: str
    endpoint: Endpoint[..., Any]
    filters: Mapping[str, Any]

    @property
    def name(self) -> str:
        """For messages."""
        said = ", ".join(f"{name}={value!r}" for name, value in self.filters.items() if name != "columns")
        return f"{self.kind} {self.endpoint.key}({said})"

    async def ask(self, teamup: TeamUp) -> Any:
        """The answer."""
        stream = teamup.stream(self.endpoint, **self.filters)
        if self.kind == "count":
            return await stream.count()
        rows = await stream.collect()
        answer = sorted(map(comparable, rows))
        if self.kind != "sorted":
            return answer
        path = self.filters["sort"][0].lstrip("-")
        return answer, [comparable(value) for value in map(flattener(self.endpoint.row, (path,)), rows)]


def required(endpoint: Endpoint[..., Any]) -> dict[str, Any]:
    """What an endpoint must be asked with: all columns."""
    if not any(parameter.required for parameter in endpoint.filters):
        return {}
    return {"columns": [path for path in endpoint.paths if path in endpoint.columns]}


async def questions(teamup: TeamUp, endpoints: Sequence[Endpoint[..., Any]]) -> list[Question]:
    """All rows, their number, and a filter of several values where an endpoint has one that chooses some rows."""
    found: list[Question] = []
    for endpoint in endpoints:
        needs = required(endpoint)
        found += [Question("walk", endpoint, needs), Question("count", endpoint, needs)]
        rows = await teamup.stream(endpoint, **needs).collect()
        for filters in await _choosing(teamup, endpoint, needs, rows):
            found += [Question("filter", endpoint, filters), Question("count", endpoint, filters)]
        found += [Question("sorted", endpoint, needs | {"sort": sort}) for sort in _sorts(endpoint)]
    return found


async def _choosing(
    teamup: TeamUp, endpoint: Endpoint[..., Any], needs: Mapping[str, Any], rows: Sequence[Any]
) -> list[dict[str, Any]]:
    """Values of a filter of several values: each alone brings other rows than both, and both bring not all."""
    for parameter in endpoint.filters:
        if (
            not parameter.array
            or parameter.comma
            or parameter.name in ("columns", "fields", "expand", "sort")
        ):
            continue
        counts: dict[Any, int] = {}
        for value in _values(endpoint, parameter, rows):
            counted = await teamup.stream(endpoint, **needs, **{parameter.name: [value]}).count()
            if 0 < counted < len(rows):
                counts[value] = counted
            if len(counts) == 2:
                both = {**needs, parameter.name: [*counts]}
                if await teamup.stream(endpoint, **both).count() > max(counts.values()):
                    return [both, {**needs, parameter.name: [*counts][:1]}]
                counts.popitem()
    return []


def _values(endpoint: Endpoint[..., Any], parameter: Parameter, rows: Sequence[Any]) -> list[Any]:
    if parameter.enum:
        return [int(value) if parameter.kind == "integer" else value for value in parameter.enum]
    if parameter.kind != "integer":
        return []
    stem = parameter.name.removesuffix("s")
    for path in (f"{stem}.id", stem):
        if path in endpoint.paths:
            get = flattener(endpoint.row, (path,))
            return [value for value in dict.fromkeys(get(row)[0] for row in rows) if isinstance(value, int)][
                :6
            ]
    return []


def _sorts(endpoint: Endpoint[..., Any]) -> list[list[str]]:
    """Two columns to sort by, of a report that has them."""
    plain = [path for path in ("status", "type", "name") if path in endpoint.columns]
    return [[f"-{plain[0]}"]] if plain and endpoint.envelope.headed and endpoint.has_id else []


# --- what comes -------------------------------------------------------------------------------------------


def comparable(row: Any) -> str:
    """A row as text: with amounts by their number alone, moments as moments, counts by what was counted."""
    return repr(_plain(row))


def _plain(value: Any) -> Any:  # noqa: PLR0911 - one for each kind of value
    if attrs.has(type(value)):
        if "decimal" in attrs.fields_dict(type(value)):
            return None if value.decimal is None else Decimal(value.decimal).normalize()
        return {field.name: _plain(getattr(value, field.name)) for field in attrs.fields(type(value))}
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {
            key.removeprefix("counts.").removeprefix("count."): _plain(item) for key, item in value.items()
        }
    return value


def written(file: Path) -> list[str]:
    """The rows of a file of JSON lines, in no order, made comparable as rows are."""
    return sorted(comparable(_amounts(json.loads(line))) for line in file.read_text().splitlines())


def _amounts(value: Any) -> Any:
    if isinstance(value, dict):
        if "decimal" in value:
            return None if value["decimal"] is None else Decimal(str(value["decimal"])).normalize()
        return {name: _amounts(part) for name, part in value.items()}
    return [_amounts(part) for part in value] if isinstance(value, list) else value


@attrs.frozen
class Outcome:
    """What became of a question in a dialect: ``right``, ``error``, or what was ``wrong``."""

    dialect: Dialect
    question: str
    verdict: str
    text: str = ""


async def outcome_of(teamup: TeamUp, dialect: Dialect, question: Question, expected: Any) -> Outcome:
    """Ask, and compare."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", TeamUpDialectWarning)
            found = await question.ask(teamup)
    except TeamUpError as error:
        named = any(field in str(error) for field in dialect.deviations())
        return Outcome(
            dialect, question.name, "error" if named else "wrong", f"{type(error).__name__}: {error}"
        )
    if found == expected:
        return Outcome(dialect, question.name, "right")
    if isinstance(found, int):
        return Outcome(dialect, question.name, "wrong", f"{found} instead of {expected}")
    return Outcome(
        dialect, question.name, "wrong", f"{len(found)} rows, not the {len(expected)} that there are"
    )


class Hurried:
    """A clock whose waits take no time."""

    def now(self) -> float:
        return monotonic()

    def epoch(self) -> float:
        return time()

    async def sleep(self, seconds: float) -> None:
        del seconds
        await asyncio.sleep(0)

    def call_later(self, seconds: float, call: Callable[[], object]) -> None:
        asyncio.get_running_loop().call_later(seconds, call)


def client(sandbox: Sandbox, **options: Any) -> TeamUp:
    """A client that knows nothing of the dialect."""
    given: dict[str, Any] = {"token": sandbox.token, "rate": None, "clock": Hurried(), **options}
    return TeamUp(base_url=sandbox.url, **given)


async def ask_all(
    sandbox: Sandbox, spoken: Dialect, asked: Sequence[tuple[Question, Any]], **options: Any
) -> list[Outcome]:
    """Ask everything of a sandbox that speaks a dialect, with a client of its own."""
    sandbox.dialect = spoken
    async with client(sandbox, **options) as teamup:
        return [await outcome_of(teamup, spoken, question, expected) for question, expected in asked]


def wrong(outcomes: Sequence[Outcome]) -> str:
    """What went wrong, for a failing test."""
    found = [one for one in outcomes if one.verdict == "wrong"]
    return "\n".join(f"{one.dialect}: {one.question}: {one.text}" for one in found[:20])
