"""Made-up values for real ones: the same shapes, the same equalities, and for numbers and times the same order. Pure.

All values are looked at before the first is replaced, since order holds among all of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from string import ascii_lowercase
from typing import Any, Final, cast

import attrs

from .._json import is_array, is_object
from ..endpoints import ENDPOINTS
from ..hints import classes_in, hints_of, item_of, read

__all__ = ["FORMATS", "Disguise", "is_key", "kind_of", "vocabulary"]

FORMATS: Final = ("https://", ".example", "true", "false", "True", "False")
"""What a made-up value may have in common with a real one, besides marks between digits."""
_KEY: Final = re.compile(r"[a-z0-9_.\-]{1,80}", re.ASCII)
_WHOLE: Final = re.compile(r"-?(?:0|[1-9]\d{0,17})", re.ASCII)
_NUMBER: Final = re.compile(r"-?\d{1,15}\.\d{1,12}", re.ASCII)
_MOMENT: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:([T ])(\d\d:\d\d)((?::\d\d)?)((?:\.\d+)?)(Z|[+-]\d\d:?\d\d)?)?", re.ASCII
)
_TIME: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(:[0-5]\d)?(?:\.\d+)?", re.ASCII)
_PHONE: Final = re.compile(r"[+(]?\d[\d\s()/.\-]{5,}", re.ASCII)
_PLAUSIBLE: Final = (date(1850, 1, 1), date(2250, 1, 1))
_NEVER: Final = ("0001-01-01", "9999-12-31")
"""Days that stand for none, and stay."""
_WORD: Final = 7
"""Letters of a made-up word."""


@attrs.frozen
class Disguise:
    """Replaces the values of answers; made by `of`, for all answers together.

    `words` are the values of declared enums by the name of their field, which stay as they are; the rest says what
    each value becomes.
    """

    words: Mapping[str, frozenset[str]]
    whole: Mapping[int, int]
    broken: Mapping[Decimal, Decimal]
    times: Mapping[str, str]
    shift: timedelta
    texts: Mapping[str, str]

    @classmethod
    def of(cls, rows: Iterable[Any], *, words: Mapping[str, frozenset[str]], chance: Random) -> Disguise:
        """The disguise for these rows, and for no others."""
        seen = _Seen(words)
        for row in rows:
            seen.look(row, "")
        return cls(
            words=words,
            whole=_risen(seen.whole, chance),
            broken=_broken(seen.broken, chance),
            times=_times(seen.times),
            shift=_shift(seen.days, chance),
            texts=_Words(seen.texts, chance).made(),
        )

    def worn(self, value: Any, name: str = "") -> Any:
        """The value in disguise; `name` is the key it stands under."""
        if is_object(value):
            return {self.key(key): self.worn(part, key) for key, part in value.items()}
        if is_array(value):
            return [self.worn(part, name) for part in value]
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int):
            return self.whole[value]
        if isinstance(value, float):
            return float(self.broken[Decimal(repr(value))])
        return self._text(str(value), name)

    def key(self, key: str) -> str:
        """A key: as it is, unless it looks like a value."""
        return key if is_key(key) else self.texts.get(key, "key")

    def _text(self, text: str, name: str) -> str:
        match kind_of(text, name, self.words):
            case "kept":
                return text
            case "whole":
                return str(self.whole[int(text)])
            case "broken":
                return str(self.broken[Decimal(text)])
            case "moment":
                return _moved(text, self.shift)
            case "time":
                return self.times[text]
            case _:
                return self.texts[text]


def is_key(key: str) -> bool:
    """Whether a key looks like the name of a field, or of a pivoted column."""
    return _KEY.fullmatch(key) is not None


def vocabulary() -> dict[str, frozenset[str]]:
    """The documented values of every field of every row, by the field's name."""
    found: dict[str, set[str]] = {}
    known: set[type] = set()
    rest: list[type[Any]] = [endpoint.row for endpoint in ENDPOINTS]
    while rest:
        cls = rest.pop()
        if cls in known:
            continue
        known.add(cls)
        for name, hint in hints_of(cls).items():
            for form in (hint, *(item for item in _items(hint))):
                found.setdefault(name, set()).update(str(value) for value in read(form).values)
            rest.extend(classes_in(hint))
    return {name: frozenset(values) for name, values in found.items() if values}


def _items(hint: Any) -> Iterator[Any]:
    for form in read(hint).forms:
        item = item_of(form)
        if item is not None:
            yield item


# --- what there is ----------------------------------------------------------------------------------------


def kind_of(text: str, name: str, words: Mapping[str, frozenset[str]]) -> str:
    """What a text is, as far as its disguise is concerned."""
    # A flat name ends in the name of the field: `customer_membership_status`.
    steps = re.split("[._]", name)
    named = ("_".join(steps[start:]) for start in range(len(steps)))
    if not text or text in FORMATS or any(text in words.get(field, ()) for field in named):
        return "kept"
    if text[:10] in _NEVER and _MOMENT.fullmatch(text):
        return "kept"
    for kind, pattern in (("whole", _WHOLE), ("broken", _NUMBER), ("time", _TIME)):
        if pattern.fullmatch(text):
            return kind
    return "moment" if _day_of(text) else "text"


def _day_of(text: str) -> date | None:
    found = _MOMENT.fullmatch(text)
    if found is None:
        return None
    try:
        day = date.fromisoformat(found[1])
        if found[3]:
            datetime.fromisoformat(f"{found[1]}T{found[3]}{found[4]}")
    except ValueError:
        return None
    return day if _PLAUSIBLE[0] <= day < _PLAUSIBLE[1] else None


@attrs.define
class _Seen:
    """All values, by what they are."""

    words: Mapping[str, frozenset[str]]
    whole: set[int] = attrs.field(factory=set[int])
    broken: set[Decimal] = attrs.field(factory=set[Decimal])
    times: set[str] = attrs.field(factory=set[str])
    days: set[date] = attrs.field(factory=set[date])
    texts: dict[str, None] = attrs.field(factory=dict[str, None])

    def look(self, value: Any, name: str) -> None:
        if is_object(value):
            for key, part in value.items():
                if not is_key(key):
                    self.texts[key] = None
                self.look(part, key)
        elif is_array(value):
            for part in value:
                self.look(part, name)
        elif isinstance(value, bool) or value is None:
            return
        elif isinstance(value, int):
            self.whole.add(value)
        elif isinstance(value, float):
            self.broken.add(Decimal(repr(value)))
        else:
            self._text(str(value), name)

    def _text(self, text: str, name: str) -> None:
        match kind_of(text, name, self.words):
            case "whole":
                self.whole.add(int(text))
            case "broken":
                self.broken.add(Decimal(text))
            case "moment":
                self.days.add(cast("date", _day_of(text)))
            case "time":
                self.times.add(text)
            case "text":
                self.texts[text] = None
            case _:
                pass


# --- what is made of it -----------------------------------------------------------------------------------


def _risen(values: Iterable[int], chance: Random) -> dict[int, int]:
    """Other whole numbers in the same order, on the same side of 0, which stays; none is one of the old ones."""
    old = set(values)
    made = {0: 0}
    for sign in (1, -1):
        last = chance.randrange(1_000, 9_000)
        for value in sorted((v for v in old if v * sign > 0), key=abs):
            last += chance.randrange(1, 10)
            while last in old or -last in old:
                last += 1
            made[value] = sign * last
    return made


def _broken(values: Iterable[Decimal], chance: Random) -> dict[Decimal, Decimal]:
    """Other numbers with as many decimals, in the same order."""
    made: dict[Decimal, Decimal] = {}
    old = set(values)
    for sign in (1, -1):
        last = chance.randrange(100, 900)
        for value in sorted((v for v in old if (v > 0) == (sign > 0) and v), key=abs):
            places = max(0, -int(value.as_tuple().exponent))
            last += chance.randrange(1, 10)
            part = Decimal(chance.randrange(10**places)).scaleb(-places)
            while sign * (last + part) in old:
                last += 1
            made[value] = sign * (last + part)
    return {**{value: value for value in old if not value}, **made}


def _times(values: Iterable[str]) -> dict[str, str]:
    """Other times of day, in the same order, written alike."""
    ordered = sorted(values)
    made: dict[str, str] = {}
    step = 86_400 // (len(ordered) + 1)
    for number, text in enumerate(ordered, 1):
        minutes, seconds = divmod(number * step, 60)
        hours, minutes = divmod(minutes, 60)
        clock = f"{hours:02}:{minutes:02}"
        found = cast("re.Match[str]", _TIME.fullmatch(text))
        made[text] = (
            clock
            + (f":{seconds:02}" if found[3] else "")
            + ("." + text.partition(".")[2] if "." in text else "")
        )
    return made


def _shift(days: Iterable[date], chance: Random) -> timedelta:
    """How far all moments are moved: behind the last of them, so that none is one of the old ones."""
    known = sorted(days)
    if not known:
        return timedelta()
    span = (known[-1] - known[0]).days
    return timedelta(days=span + chance.randrange(30, 300))


def _moved(text: str, shift: timedelta) -> str:
    day, rest = text[:10], text[10:]
    return f"{(date.fromisoformat(day) + shift).isoformat()}{rest}"


@attrs.define
class _Words:
    """Makes texts: each as long as it takes, none of which has an old one in it."""

    old: Iterable[str]
    chance: Random

    def made(self) -> dict[str, str]:
        texts = list(self.old)
        by_length: dict[int, set[str]] = {}
        for text in texts:
            if len(text) > 2:
                by_length.setdefault(len(text), set()).add(text)
        new: dict[str, str] = {}
        used: set[str] = set()
        for text in texts:
            make = self._maker(text)
            while True:
                candidate = make()
                if candidate not in used and not _holds(candidate, by_length):
                    break
            used.add(candidate)
            new[text] = candidate
        return new

    def _maker(self, text: str) -> Callable[[], str]:
        if "://" in text or text.startswith("www."):
            return lambda: f"https://{self._word()}.example/{self._word()}"
        if "@" in text and " " not in text.strip():
            return lambda: f"{self._word()}@{self._word()}.example"
        if _PHONE.fullmatch(text):
            return lambda: (
                "".join(str(self.chance.randrange(10)) if c.isdigit() else c for c in text) + self._digits()
            )
        words = min(12, max(1, len(text.split())))
        return lambda: " ".join(self._word().capitalize() for _ in range(words))

    def _word(self) -> str:
        return "".join(self.chance.choice(ascii_lowercase) for _ in range(_WORD))

    def _digits(self) -> str:
        return str(self.chance.randrange(1_000, 10_000))


def _holds(candidate: str, by_length: Mapping[int, set[str]]) -> bool:
    """Whether one of the old texts is part of it."""
    bare = candidate
    for known in FORMATS:
        bare = bare.replace(known, "\0")
    return any(
        bare[start : start + length] in texts
        for length, texts in by_length.items()
        for start in range(len(bare) - length + 1)
    )
