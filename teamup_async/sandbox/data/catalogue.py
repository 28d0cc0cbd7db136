"""The rest of a studio's catalogue: what is small, and changes seldom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

Object = dict[str, Any]

_PARTS: Final[dict[str, tuple[int, Sequence[Object]]]] = {
    "processors": (
        21,
        [{"name": "Stripe", "type": 1}, {"name": "GoCardless", "type": 2}, {"name": "Offline", "type": 3}],
    ),
    "lead_sources": (
        41,
        [{"name": "Website"}, {"name": "Friends"}, {"name": "Walk-in"}, {"name": "Flyer", "archived": True}],
    ),
    "membership_categories": (900, [{"name": "Everything", "order": 1}, {"name": "Trials", "order": 2}]),
    "discount_code_groups": (71, [{"name": "Spring"}, {"name": "Partners"}]),
    "discount_codes": (
        72,
        [
            {"name": "Welcome", "code": "WELCOME10", "status": "active", "group": 71},
            {"name": "Spring", "code": "SPRING", "status": "inactive", "group": 71},
            {"name": "Partners", "code": "PARTNER", "status": "active", "group": 72},
        ],
    ),
    "waivers": (
        81,
        [
            {"name": "House rules", "status": "Active"},
            {"name": "Health questionnaire", "status": "Active"},
            {"name": "Photo consent", "status": "Archived"},
        ],
    ),
    "policy_versions": (85, [{"text": "We keep your data safe."}, {"text": "Be kind."}]),
    "policies": (89, [{"name": "Privacy", "status": "active"}, {"name": "Terms", "status": "active"}]),
    "closures": (161, [{}, {}, {}]),
    "providers": (0, [{}]),
    "collections": (101, [{"name": "Yoga at home", "order": 1}, {"name": "Strength", "order": 2}]),
    "content": (
        111,
        [
            {"name": f"{kind} {number}", "collection": 101 + number % 2}
            for kind in ("Flow", "Drill")
            for number in (1, 2, 3)
        ],
    ),
    "content_filters": (131, [{"name": "Level", "order": 1}, {"name": "Length", "order": 2}]),
    "fields": (
        141,
        [
            {"label": "How did you hear of us?", "type": "short_text"},
            {"label": "Injuries", "type": "long_text"},
            {"label": "Preferred time", "type": "choice"},
        ],
    ),
    "forms": (151, [{"name": "Welcome form", "order": 1}, {"name": "Health form", "order": 2}]),
    "issue_statuses": (
        0,
        [
            {"importance": "Flag on Profiles"},
            {"importance": "Normal"},
            {"importance": "Consider case closed"},
        ],
    ),
}


def add_catalogue(
    more: dict[str, dict[int, Object]], index: int, instructors: Sequence[int], today: date
) -> None:
    """Fill `more` with the objects of each part, by id."""
    base = 0 if index < 0 else (index + 1) * 1000
    since = (today - timedelta(days=700)).isoformat()
    for part, (first, objects) in _PARTS.items():
        shift = base if first else 1
        more[part] = {
            shift + first + number: {
                **{
                    name: value + base if name in ("group", "collection") else value
                    for name, value in made.items()
                },
                "id": shift + first + number,
                "created_at": f"{since}T09:00:00.000Z",
            }
            for number, made in enumerate(objects)
        }
    for number, made in enumerate(more["lead_sources"].values()):
        made.setdefault("archived", number > 2)
    for number, made in enumerate(more["content"].values()):
        made["instructor"] = instructors[number % len(instructors)]
    for made in more["fields"].values():
        made["full_text"] = made["label"]
    for made in more["policies"].values():
        made["current_or_impending_version"] = made["id"] - 4
    for number, made in enumerate(more["closures"].values()):
        made["closure_date"] = (today + timedelta(days=40 * number - 50)).isoformat()
    for made in more["policy_versions"].values():
        made |= {
            "url": f"https://goteamup.com/policies/{made['id']}",
            "effective_at": f"{since}T00:00:00.000Z",
        }
