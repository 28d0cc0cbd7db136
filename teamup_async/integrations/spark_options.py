"""The options of the Spark data source: text, checked, without secrets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, Final, Self

import attrs

from .._bulk.plan import make_plan
from .._bulk.queries import query_from_json, query_to_json
from ..bulk.shards import Shard
from ..bulk.sources import accounts_from, check_quota, check_source
from ..endpoint import Endpoint
from ..endpoints import endpoint_named
from ..errors import ConfigurationError, nearest
from ..query import Parameter
from .options import EngineOptions

__all__ = ["ReadOptions"]

_OWN: Final = (
    "report", "path", "accounts", "partitions", "account", "quota", "rate", "rate_window", "exact", "lag"
)  # fmt: skip
_SECRET: Final = ("token", "password", "secret", "authorization", "api_key")
_WORDS: Final = {"true": True, "false": False}


@attrs.frozen(kw_only=True)
class ReadOptions:
    """What the options of a data source say; it travels to the workers.

    `report` is the endpoint's key, `values` the filters as JSON has them. `names` are the only accounts wanted.
    """

    report: str
    accounts: str
    values: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    names: list[str] | None = None
    partitions: int = 16
    exact: bool = True
    lag: float = 900.0
    engine: EngineOptions = attrs.field(factory=EngineOptions)

    @classmethod
    def of(cls, options: Mapping[str, str]) -> Self:
        """Read them. Raises `ConfigurationError` and `QueryError`."""
        given = {name.lower(): value for name, value in options.items()}
        for name in given:
            if any(secret in name for secret in _SECRET):
                raise ConfigurationError(
                    f"option {name} is refused: options are shown in plans and in the Spark UI. Give accounts, and "
                    "keep tokens where the workers are."
                )
        report = given.get("report") or given.get("path")
        if not report:
            raise ConfigurationError(
                "option report is missing: the name of a report or list, such as attendances"
            )
        if "accounts" not in given:
            raise ConfigurationError(
                "option accounts is missing: a file on the workers, module:function, or environment"
            )
        endpoint = endpoint_named(report)
        filters = {name: value for name, value in given.items() if name not in _OWN}
        engine = EngineOptions(quota=check_quota(given.get("quota")))
        if "rate" in given:
            engine["rate"] = None if given["rate"].lower() == "none" else int(_number("rate", given["rate"]))
        if "rate_window" in given:
            engine["rate_window"] = _number("rate_window", given["rate_window"])
        return cls(
            report=endpoint.key,
            accounts=check_source(given["accounts"]),
            values=_values(endpoint, filters),
            names=_items(given["account"]) if "account" in given else None,
            partitions=int(_number("partitions", given.get("partitions", "16"))),
            exact=_word("exact", given.get("exact", "true")),
            lag=_number("lag", given.get("lag", "900")),
            engine=engine,
        )

    @property
    def endpoint(self) -> Endpoint[..., Any]:
        """The report or list."""
        return endpoint_named(self.report)

    @property
    def name(self) -> str:
        """What its parts are called."""
        return self.endpoint.python_name

    @property
    def query(self) -> Mapping[str, Any]:
        """The values of the query's parameters that were given."""
        made = query_from_json(self.endpoint, self.values)
        return {name: getattr(made, name) for name in query_to_json(made, self.endpoint)}

    @property
    def behind(self) -> timedelta:
        """The lag of a stream."""
        return timedelta(seconds=self.lag)

    def shard(self) -> Shard:
        """A shard of no account in particular, which has the columns that all have."""
        plan = make_plan({self.name: self.endpoint.make_query(self.query)}, accounts=("any",))
        return Shard(index=0, plan=plan)

    def known(self, names: Iterable[str]) -> list[str]:
        """Those of `names` that are accounts."""
        from ..bulk.accounts import account_names

        there = account_names(self.accounts)
        if there is None:
            there = tuple(account.name for account in accounts_from(self.accounts))
        wanted = set(names)
        return [name for name in there if name in wanted]


def _values(endpoint: Endpoint[..., Any], given: Mapping[str, str]) -> dict[str, Any]:
    known = {parameter.name: parameter for parameter in endpoint.filters}
    values: dict[str, Any] = {}
    for name, text in given.items():
        if name not in known:
            near = nearest(name, (*known, *_OWN))
            raise ConfigurationError(
                f"{endpoint.name} has no option {name!r}" + (f"; did you mean {near!r}?" if near else "")
            )
        parameter = known[name]
        values[name] = (
            [_value(parameter, item) for item in _items(text)] if parameter.array else _value(parameter, text)
        )
    endpoint.check(query_from_json(endpoint, values))
    return values


def _items(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]


def _value(parameter: Parameter, text: str) -> Any:
    """A value as JSON has it; times stay text. Raises `ConfigurationError`."""
    if parameter.kind == "integer":
        return int(_number(parameter.name, text))
    return _word(parameter.name, text) if parameter.kind == "boolean" else text


def _number(name: str, text: str) -> float:
    try:
        return int(text) if text.strip().lstrip("-").isdigit() else float(text)
    except ValueError:
        raise ConfigurationError(f"option {name} must be a number, not {text!r}") from None


def _word(name: str, text: str) -> bool:
    if text.lower() not in _WORDS:
        raise ConfigurationError(f"option {name} must be true or false, not {text!r}")
    return _WORDS[text.lower()]
