"""What a generated studio consists of: venues, instructors, offering types, memberships, with their
documented objects.

Field names and values follow the API documents of the expanded objects (venue, venue room, instructor,
offering type, category, membership); everything is drawn from one seeded generator.
"""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any, Final

import attrs

from . import words
from .catalogue import add_catalogue

Object = dict[str, Any]
COLLECTION: Final = "https://goteamup.com/api/v2{url}"


@attrs.define
class Studio:
    """One provider account's catalogue; every object in its unexpanded form, by id."""

    name: str
    currency: str
    venues: dict[int, Object] = attrs.field(factory=dict[int, Object])
    rooms: dict[int, Object] = attrs.field(factory=dict[int, Object])
    instructors: dict[int, Object] = attrs.field(factory=dict[int, Object])
    categories: dict[int, Object] = attrs.field(factory=dict[int, Object])
    offering_types: dict[int, Object] = attrs.field(factory=dict[int, Object])
    memberships: dict[int, Object] = attrs.field(factory=dict[int, Object])
    pay_rates: dict[int, Object] = attrs.field(factory=dict[int, Object])
    booking_sources: dict[int, Object] = attrs.field(factory=dict[int, Object])
    more: dict[str, dict[int, Object]] = attrs.field(factory=dict[str, dict[int, Object]])
    courses: dict[int, Object] = attrs.field(factory=dict[int, Object])

    @property
    def held_memberships(self) -> list[int]:
        """The memberships that customers have."""
        return [key for key, made in self.memberships.items() if made["name"] not in words.NOT_HELD]


def money(pence: int, currency: str) -> Object:
    """The API documents' price object."""
    symbol = {"gbp": "£", "usd": "$"}[currency]
    text = f"{pence // 100}" if pence % 100 == 0 else f"{pence / 100:.2f}"
    return {
        "decimal": pence / 100,
        "string": f"{symbol}{text}",
        "iso_currency_code": currency,
        "currency_symbol": symbol,
        "currency_symbol_position": "before",
    }


def make_studio(index: int, rng: Random, today: date) -> Studio:
    """The catalogue of account `index` (0, 1, ...)."""
    name, currency, places = words.STUDIOS[index % len(words.STUDIOS)]
    studio = Studio(name=name, currency=currency)
    base = (index + 1) * 1000
    _venues(studio, base, places, rng)
    _instructors(studio, base, rng)
    _offerings(studio, base, rng)
    _memberships(studio, base, today)
    for number, (label, kind, pence) in enumerate(words.PAY_RATES):
        tiers = words.PAY_TIERS if kind == "per_customer_tiered" else []
        studio.pay_rates[base + 60 + 2 * number] = {
            "id": base + 60 + 2 * number,
            "name": label,
            "type": kind,
            "base": f"{pence / 100:.2f}",
            "pence": pence,
            "tiers": [
                {
                    "upper_bound": upper,
                    "lower_bound": lower,
                    "per_customer_amount": {"amount": amount / 100, "currency": currency},
                }
                for lower, upper, amount in tiers
            ],
        }
    for number, label in enumerate(words.BOOKING_SOURCES):
        studio.booking_sources[base + 80 + number] = {"id": base + 80 + number, "name": label}
    add_catalogue(studio.more, index, list(studio.instructors), today)
    for made in studio.more["providers"].values():
        made |= {
            "name": name,
            "object": "provider",
            "description": f"{name}, in {places[0][1]}.",
            "logo": None,
            "country": places[0][2],
            "currency": {
                "iso_currency_code": currency,
                "symbol": money(0, currency)["currency_symbol"],
                "position": "before",
            },
            "is_marketing_preference_on_customer_forms": True,
        }
    return studio


def _image(number: int, what: str) -> Object:
    return {
        "id": 13000 + number,
        "url": f"https://images.example.com/{what}/{number}.jpg",
        "original_width": 640,
        "original_height": 480,
    }


def _venues(studio: Studio, base: int, places: list[tuple[str, str, str, str]], rng: Random) -> None:
    for number, (name, city, country, zone) in enumerate(places):
        key = base + 1 + 3 * number
        online = name.startswith("Online")
        lat, lng = (round(degrees + rng.uniform(-0.02, 0.02), 6) for degrees in words.CITIES[city])
        street = f"{rng.randint(1, 180)} {rng.choice(words.STREETS)}"
        postal = f"{rng.randint(10000, 99999)}"
        studio.venues[key] = {
            "id": key,
            "object": "venue",
            "name": name,
            "description": None if number % 2 else f"{name}, our home in {city}.",
            "address": f"{street}, {city} {postal}, {country}",
            "physical_address": None
            if online
            else {
                "street": street,
                "street_secondary": None,
                "city": city,
                "region": city,
                "postal_code": postal,
                "country": country,
                "lat": lat,
                "lng": lng,
            },
            "timezone": zone,
            "video_url": "https://video.example.com/live" if online else None,
            "zoom_user": 0,
            "venue_type": "online" if online else "physical",
            "venue_rooms": COLLECTION.format(url=f"/venue_rooms?venue={key}"),
            "lat": lat,
            "lng": lng,
            "archived": False,
            "is_online": online,
            "video_url_type": "static",
        }
        for room in range(0 if online else 2):
            room_key = base + 20 + 4 * number + 2 * room
            studio.rooms[room_key] = {
                "id": room_key,
                "object": "venue_room",
                "status": "active",
                "name": f"Room {room + 1}",
                "venue": key,
                "thumbnail": {
                    "id": 14000 + room_key,
                    "object": "image",
                    "url": f"https://images.example.com/rooms/{room_key}.jpg",
                    "profile": None,
                    "original_width": 320,
                    "original_height": 240,
                    "user": None,
                    "created_at": "2023-11-05T10:00:00.000Z",
                },
            }


_PERMISSIONS: Final = """
    email_notifications revenue attendances super_admin customers discount_codes manage_events store developer
    customer_payments instructor_attendances instructor_manage_events pos
""".split()
_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _instructors(studio: Studio, base: int, rng: Random) -> None:
    names: set[str] = set()
    venues = list(studio.venues)
    for number in range(9):
        name = words.full_name(rng)
        while name in names:
            name = words.full_name(rng)
        names.add(name)
        key = base + 100 + 7 * number
        free = {
            f"default_{day}": [] if rng.random() < 0.4 else [{"start": "07:00:00", "end": "13:30:00"}]
            for day in _DAYS
        }
        studio.instructors[key] = {
            "id": key,
            "object": "instructor",
            "name": name,
            "picture_url": f"https://images.example.com/instructors/{key}.jpg",
            "description": f"{name.split()[0]} teaches {rng.choice(words.OFFERINGS)[0]}.",
            "permissions": {right: rng.random() < 0.5 for right in _PERMISSIONS},
            "staff": key + 50_000,
            "availability_schedules": [
                {
                    "id": key + 60_000,
                    "object": None,
                    "name": "Usual hours",
                    "venue": rng.choice([None, *venues]),
                    **free,
                    "schedule_type": rng.choice(["IU", "RRTL", "GC"]),
                    "instructor": key,
                    "is_default": "true",
                    "has_availability": "true",
                }
            ],
            "icalendar_links": {
                "link": f"https://calendars.example.com/{key}.ics",
                "webcal_url": f"webcal://calendars.example.com/{key}.ics",
                "integrations": [],
            },
        }


def _offerings(studio: Studio, base: int, rng: Random) -> None:
    for number, label in enumerate(words.CATEGORIES):
        key = base + 200 + number
        studio.categories[key] = {
            "id": key,
            "object": "offering_type_category",
            "name": label,
            "image": None if number % 2 else _image(key, "categories"),
            "color": rng.choice(words.COLORS),
        }
    categories = list(studio.categories)
    for number, (label, schedule_type) in enumerate(words.OFFERINGS):
        key = base + 300 + 11 * number
        studio.offering_types[key] = {
            "allows_dropins": True,
            "appointment_settings": {
                "duration": 60,
                "buffer_before": 0,
                "buffer_after": 15,
                "start_time_increments": rng.choice([None, 15, 30, 60]),
                "default_venue": min(studio.venues),
                "default_venue_rooms": sorted(studio.rooms)[:2],
            },
            "background_color": rng.choice(words.COLORS),
            "cancellation_notice_interval": 720,
            "category": None if number == 5 else categories[number % len(categories)],
            "customer_visibility": "public",
            "description": None if number % 3 == 2 else f"{label} for every level.",
            "dropin_price": f"{rng.randint(8, 25)}.00",
            "has_active_schedules": True,
            "has_pricing": True,
            "id": key,
            "image": None if number % 2 else _image(key, "offering_types"),
            "instructors": COLLECTION.format(url=f"/instructors?offering_type={key}"),
            "is_draft": False,
            "max_allowed_age": None,
            "min_allowed_age": 16 if number % 2 else None,
            "name": label,
            "object": "offering_type",
            "order": number,
            "registrations_close_interval": 0,
            "registrations_open_interval": 20160,
            "room_rental_settings": {
                "duration": 60,
                "buffer_before": 0,
                "buffer_after": 0,
                "start_time_increments": 30,
                "room_uniformity": True,
            },
            "schedule_type": schedule_type,
            "status": "active",
            "waitlist_max": None if number % 4 == 3 else 10,
            "availability_schedule_offering_types": [
                {
                    "offering_type": key,
                    "availability_schedule": min(studio.instructors) + 60_000,
                    "venue_rooms": sorted(studio.rooms)[:1],
                }
            ],
            "registration_timelines": [
                {
                    "id": key + 70_000,
                    "object": "registration_timeline",
                    "name": None,
                    "audience_type": "everyone",
                    "thumbnail": None,
                }
            ],
        }


def _permitted(studio: Studio, label: str) -> list[int]:
    """The offering types that can be registered for with a membership."""
    if label not in words.NOT_HELD:
        return list(studio.offering_types)
    kind = "appointment" if label == "Gym Floor Visit" else "class"
    return [key for key, made in studio.offering_types.items() if made["schedule_type"] == kind]


def _memberships(studio: Studio, base: int, today: date) -> None:
    for number, (label, kind, pence) in enumerate(words.MEMBERSHIPS):
        key = base + 500 + 13 * number
        price = money(pence, studio.currency)
        studio.memberships[key] = {
            "id": key,
            "object": "membership",
            "type": kind,
            "pence": pence,
            "name": label,
            "description": f"{label}, for all regular classes.",
            "begin_on_first_registration": kind == "pack",
            "start_date": None,
            "expiration_date": None if kind != "prepaid_plan" else today.isoformat(),
            "duration": 1,
            "duration_unit": "months",
            "one_time_fee": money(0, studio.currency),
            "price": price,
            "display_price": price,
            "use_prorate": kind == "recurring_plan",
            "category": base + 900 + ("Trial" in label),
            "is_dropin": label == "Gym Floor Visit",
            "for_sale": label != "Summer Special",
            "permits": _permitted(studio, label),
            "allow_repeat_purchases": "Trial" not in label,
            "visible_to_customers": label != "Summer Special",
            "purchasable_only_by_provider": False,
            "new_customers_only": "Trial" in label,
            "penalty_system": None if number % 2 else base + 950,
            "allotment": COLLECTION.format(url=f"/allotments/{key}"),
            "plans": COLLECTION.format(url=f"/plans?membership={key}"),
            "terms": COLLECTION.format(url=f"/terms?membership={key}"),
            "is_draft": False,
            "incomplete_reasons": [],
            "shareable": False,
        }
