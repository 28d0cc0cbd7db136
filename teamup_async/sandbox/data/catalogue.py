"""The rest of a studio's catalogue: what is small, and changes seldom."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final, cast

Object = dict[str, Any]

_TENTH: Final[Object] = {
    "discount_type": "percent",
    "discount_amount": 10,
    "allowed_uses": None,
    "allowed_uses_per_customer": None,
    "usable_start_date": None,
    "usable_end_date": None,
    "usable_by_new_customers_only": False,
    "usable_by_default_for_purchase_types": True,
    "applicable_billing_cycles": None,
}
"""What a discount code takes off, and for whom."""
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
            {"name": "Welcome", "code": "WELCOME10", "status": "active", "group": 71, **_TENTH},
            {"name": "Spring", "code": "SPRING", "status": "inactive", "group": 71, **_TENTH},
            {"name": "Partners", "code": "PARTNER", "status": "active", "group": 72, **_TENTH},
        ],
    ),
    "waivers": (
        81,
        [
            {"name": "House rules", "status": "Active", "when_required": ["signup", "all_memberships"]},
            {"name": "Health questionnaire", "status": "Active", "when_required": ["all_offering_types"]},
            {"name": "Photo consent", "status": "Archived", "when_required": []},
        ],
    ),
    "policy_versions": (85, [{"text": "We keep your data safe."}, {"text": "Be kind."}]),
    "policies": (89, [{"name": "Privacy", "status": "active"}, {"name": "Terms", "status": "active"}]),
    "closures": (161, [{}, {}, {}]),
    "providers": (0, [{}]),
    "collections": (
        101,
        [
            {"name": "Yoga at home", "order": 1, "memberships": [500, 539]},
            {"name": "Strength", "order": 2, "memberships": [500, 513, 526]},
        ],
    ),
    "content": (
        111,
        [
            {
                "name": f"{kind} {number}",
                "description": f"{kind} {number}, to follow at home.",
                "collection": 101 + number % 2,
                "tags": [181 + number % 2, 183 + (kind == "Drill")] if number < 3 else [185],
            }
            for kind in ("Flow", "Drill")
            for number in (1, 2, 3)
        ],
    ),
    "content_filters": (131, [{"name": "Level", "order": 1}, {"name": "Length", "order": 2}]),
    "content_tags": (
        181,
        [
            {"name": "Beginners", "order": 1, "filter": 131},
            {"name": "Advanced", "order": 2, "filter": 131},
            {"name": "Half an hour", "order": 1, "filter": 132},
            {"name": "An hour", "order": 2, "filter": 132},
            {"name": "Everybody", "order": 3, "filter": 131},
        ],
    ),
    "fields": (
        141,
        [
            {
                "label": "How did you hear of us?",
                "type": "short_text",
                "scenarios": ["customer_registration"],
            },
            {
                "label": "Injuries",
                "type": "long_text",
                "scenarios": ["customer_registration", "child_signup"],
            },
            {
                "label": "Preferred time",
                "type": "choice",
                "choices": ["Mornings", "Lunch", "Evenings"],
                "scenarios": ["provider_new_customer_form", "participating_parent"],
            },
            {
                "label": "Date of birth",
                "type": "date",
                "system_use": "date_of_birth",
                "scenarios": ["child_signup", "customer_registration", "provider_new_customer_form"],
            },
            {
                "label": "News by email",
                "type": "short_text",
                "system_use": "marketing_preference",
                "scenarios": ["participating_parent", "non_participating_parent"],
            },
            {"label": "Age in years", "type": "integer", "is_virtual": True, "scenarios": ["learn_to_skate"]},
        ],
    ),
    "forms": (
        151,
        [
            {"name": "Welcome form", "fields": [141, 143, 144], "memberships_applies_to": "none"},
            {"name": "Health form", "fields": [142], "offering_types_applies_to": "all", "no_signup": True},
            {
                "name": "Trial form",
                "fields": [141],
                "memberships_applies_to": "only",
                "memberships": [565],
                "offering_types_applies_to": "only",
                "offering_types": [300, 311],
            },
            {
                "name": "Course form",
                "fields": [142, 145],
                "memberships_applies_to": "all_except",
                "memberships": [565],
                "offering_types_applies_to": "all_except",
                "offering_types": [333, 377],
                "no_signup": True,
            },
        ],
    ),
    "broadcast_messages": (191, [{"subject": "Happy new year"}, {"subject": "New showers", "venue": 1}]),
    "registration_timelines": (
        171,
        [
            {"name": "Members first", "audience_type": "membership_holders"},
            {"name": "Private link", "audience_type": "private_url"},
        ],
    ),
    "issue_statuses": (
        0,
        [
            {"importance": "Flag on Profiles"},
            {"importance": "Normal"},
            {"importance": "Consider case closed"},
        ],
    ),
}


_KEYS: Final = ("group", "collection", "filter", "venue", "memberships", "offering_types", "tags")
"""What holds ids of other parts, which differ from account to account."""


def _moved(name: str, value: Any, base: int) -> Any:
    if name not in _KEYS and not (name == "fields" and isinstance(value, list)):
        return value
    return [key + base for key in cast("list[int]", value)] if isinstance(value, list) else value + base


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
                **{name: _moved(name, value, base) for name, value in made.items()},
                "id": shift + first + number,
                "created_at": f"{since}T09:00:00.000Z",
            }
            for number, made in enumerate(objects)
        }
    for number, made in enumerate(more["lead_sources"].values()):
        made.setdefault("archived", number > 2)
    for number, made in enumerate(more["content"].values()):
        made["instructor"] = instructors[number % len(instructors)]
    for number, made in enumerate(more["fields"].values()):
        _complete_field(made, number)
    for number, made in enumerate(more["forms"].values(), 1):
        _complete_form(made, number)
    for made in more["waivers"].values():
        made |= {"text": f"{made['name']}: please read and sign.", "signature_image_required": True}
    for made in more["policies"].values():
        made["current_or_impending_version"] = made["id"] - 4
    for number, made in enumerate(more["closures"].values()):
        made["closure_date"] = (today + timedelta(days=40 * number - 50)).isoformat()
    for made in more["policy_versions"].values():
        made |= {
            "url": f"https://goteamup.com/policies/{made['id']}",
            "effective_at": f"{since}T00:00:00.000Z",
        }


def _complete_field(made: Object, number: int) -> None:
    """What every question to customers has."""
    made |= {
        "full_text": made["label"],
        "key": f"field_{made['id']}",
        "explanation_required_condition": "never",
        "choices": [
            {"value": label, "label": label, "order": order, "created_at": made["created_at"]}
            for order, label in enumerate(made.get("choices", ()), 1)
        ],
        "is_visible_to_all_staff": number != 1,
        "show_on_customer_profile": True,
        "show_on_new_customer_form": "provider_new_customer_form" in made["scenarios"],
    }
    made.setdefault("is_virtual", False)
    made.setdefault("system_use", None)


def _complete_form(made: Object, order: int) -> None:
    """What every form has."""
    made |= {"order": order, "force_stale_updates": False, "submissions_expire_after": None}
    for what in ("memberships", "offering_types"):
        made.setdefault(f"{what}_applies_to", "all" if what == "memberships" else "none")
        made.setdefault(what, [])
    made.setdefault("no_signup", False)
