"""Attendance rows as JSON bytes: any number of them, any slice, any columns, from a small fixed stock.

Only the id differs from row to row beyond the stock, so a million rows cost no more memory than a thousand.
"""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

FIRST_ID = 40_000_001
ID_STEP = 3
STOCK = 499
"""Number of different rows; a prime, so that pages do not repeat one another."""

COLUMNS = (
    "id",
    "updated_at",
    "customer.id",
    "customer.name",
    "customer.email",
    "customer.thumbnail_url",
    "event.id",
    "event.starts_at",
    "event.ends_at",
    "event.name",
    "offering_type.id",
    "offering_type.name",
    "venue.id",
    "venue.name",
    "instructors",
    "booking_method",
    "customer_membership.id",
    "customer_membership.membership.id",
    "customer_membership.membership.name",
    "booking_source",
    "status",
    "checkin.ocurred_at",
    "is_first_attendance",
)

_FIRST_NAMES = (
    "Amelia Ben Chloé Dmitri Esra Fatima Giulia Håkon Imani Jun Kofi Leila Mateo Nadia Oisín".split()
)
_LAST_NAMES = "Adeyemi Brown Castillo Dubois Eriksen Fischer Garcia Hughes Ivanova Jensen Khan López".split()
_CLASSES = [
    "Vinyasa Flow",
    "Reformer Pilates",
    "Strength & Conditioning",
    "Spin 45",
    "Open Gym",
    "Kids Gymnastics",
]
_VENUES = ["Riverside Studio", "High Street Gym", "The Old Mill"]
_PLANS = ["Unlimited Monthly", "10 Class Pack", "Off-Peak Annual", "Student Monthly"]
_STATUSES = ["attended", "registered", "no_show", "late_cancelled"]


def id_of(index: int) -> int:
    """The id of the row at this position of the report sorted by id."""
    return FIRST_ID + ID_STEP * index


def index_after(last_id: int) -> int:
    """The position of the first row whose id is greater than ``last_id``."""
    return max(0, (last_id - FIRST_ID) // ID_STEP + 1)


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


@lru_cache(maxsize=1)
def stock() -> list[dict[str, Any]]:
    """The different rows, without their ids; seeded, so every run and every client sees the same ones."""
    rng = random.Random(20240729)
    start = datetime(2024, 7, 29, 6, 0, tzinfo=UTC)
    return [_row(rng, start + timedelta(minutes=37 * number), number) for number in range(STOCK)]


def _row(rng: random.Random, starts_at: datetime, number: int) -> dict[str, Any]:
    first, last = rng.choice(_FIRST_NAMES), rng.choice(_LAST_NAMES)
    customer = 1_200_000 + number
    status = rng.choices(_STATUSES, weights=[70, 12, 10, 8])[0]
    member = rng.random() < 0.85
    venue = rng.randrange(len(_VENUES))
    plan = rng.randrange(len(_PLANS))
    kind = rng.randrange(len(_CLASSES))
    return {
        "updated_at": _stamp(starts_at + timedelta(hours=2, milliseconds=rng.randrange(3_600_000))),
        "customer": {
            "id": customer,
            "name": f"{first} {last}",
            "email": f"member{customer}@example.com",
            "thumbnail_url": f"https://img.example.com/{customer}.jpg",
        },
        "event": {
            "id": 7_700_000 + number // 9,
            "starts_at": _stamp(starts_at),
            "ends_at": _stamp(starts_at + timedelta(minutes=60)),
            "name": _CLASSES[kind],
        },
        "offering_type": {"id": 300 + kind, "name": _CLASSES[kind]},
        "venue": {"id": 90 + venue, "name": _VENUES[venue]},
        "instructors": [
            {
                "id": 5000 + number % 11 + extra,
                "name": f"{_FIRST_NAMES[(number + extra) % 15]} {_LAST_NAMES[number % 12]}",
            }
            for extra in range(1 + (number % 5 == 0))
        ],
        "booking_method": "membership" if member else rng.choice(["dropin", "free"]),
        "customer_membership": (
            {"id": 880_000 + number, "membership": {"id": 60 + plan, "name": _PLANS[plan]}}
            if member
            else None
        ),
        "booking_source": rng.choice(["web", "ios_app", "android_app", "business_app"]),
        "status": status,
        "checkin": {"ocurred_at": _stamp(starts_at - timedelta(minutes=4))} if status == "attended" else None,
        "is_first_attendance": rng.random() < 0.04,
    }


def _pick(row: dict[str, Any], columns: tuple[str, ...]) -> dict[str, Any]:
    picked: dict[str, Any] = {}
    for column in columns:
        source, target = row, picked
        *parents, leaf = column.split(".")
        for parent in parents:
            if source[parent] is None:
                target.setdefault(parent, None)
                break
            source, target = source[parent], target.setdefault(parent, {})
        else:
            target[leaf] = source[leaf]
    return picked


def expand(columns: tuple[str, ...]) -> tuple[str, ...]:
    """Column paths in the report's order; flat names and groups become the paths they stand for."""
    if not columns:
        return COLUMNS
    flat = {path.replace(".", "_"): path for path in COLUMNS}
    flat |= {f"membership_{leaf}": f"customer_membership.membership.{leaf}" for leaf in ("id", "name")}
    wanted = {flat.get(column, column) for column in columns}
    paths = tuple(
        path for path in COLUMNS if any(path == name or path.startswith(name + ".") for name in wanted)
    )
    unknown = {name for name in wanted if not any(p == name or p.startswith(name + ".") for p in COLUMNS)}
    if unknown:
        raise ValueError(f"unknown columns: {', '.join(sorted(unknown))}")
    return paths


def _dump(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


class Report:
    """The attendances report with some of its columns: renders any slice to one JSON body."""

    def __init__(self, columns: tuple[str, ...] = ()) -> None:
        paths = expand(columns)
        rest = tuple(path for path in paths if path != "id")
        self._has_id = "id" in paths
        self._tails = [_dump(_pick(row, rest))[1:] for row in stock()]
        self._headers = _dump(
            [
                {
                    "label": path.replace(".", " ").replace("_", " ").title(),
                    "key": path,
                    "sortable": path != "instructors",
                    "holds_customer_id": path == "customer.id",
                    **({"sorted": {"order": "asc", "priority": 0}} if path == "id" else {}),
                    "required": path == "id",
                }
                for path in paths
            ]
        )

    def row(self, index: int) -> bytes:
        """One row as JSON bytes."""
        tail = self._tails[index % STOCK]
        if not self._has_id:
            return b"{" + tail
        return b'{"id":%d%b%b' % (id_of(index), b"" if tail == b"}" else b",", tail)

    def body(self, start: int, stop: int, total: int) -> bytes:
        """The response body with the rows from ``start`` up to ``stop``."""
        rows = b",".join([self.row(index) for index in range(start, min(stop, total))])
        return b'{"total":%d,"column_headers":%b,"rows":[%b]}' % (total, self._headers, rows)
