"""Word lists for plausible data."""

from __future__ import annotations

from random import Random
from typing import Final

FIRST: Final = """
    Ada Aisha Amir Anna Arjun Ben Bianca Bruno Carla Chloe Daniel Dara Diego Ebba Elena Emeka Eva Farah
    Felix Freya Gita Grace Hana Hugo Ines Isaac Ivy Jack Jana Jonas Kai Karim Kofi Lara Leo Lina Luca
    Maja Marco Maya Mila Nadia Nia Noah Nora Olga Omar Oscar Petra Priya Quinn Rafael Rosa Ruth Sami
    Sara Sofia Theo Tomas Uma Vera Viktor Wren Yara Yusuf Zoë
""".split()
LAST: Final = """
    Abbott Ahmed Almeida Andersen Baker Banerjee Becker Bennett Blanc Brennan Castro Chen Costa Dahl
    Diaz Doyle Dubois Ellis Evans Fischer Flores Foster García Gomes Gupta Hahn Hale Hansen Haruna
    Hughes Ito Jansen Jensen Kaur Keller Khan Kim Kovač Lang Larsen Lee Lopez Marsh Mbeki Meyer Moreau
    Müller Nagy Ncube Nowak O'Brien Okafor Olsen Ortiz Osei Patel Pereira Petrov Quist Ramos Reyes Rossi
    Sato Schmidt Silva Singh Sousa Tanaka Turner Usman Vance Varga Walsh Weber Wood Yilmaz Young Zhang
    Zimmer
""".split()
STREETS: Final = ["Mill Lane", "High Street", "Station Road", "Harbour Street", "Park Avenue", "Elm Street"]
COLORS: Final = ["#1F77B4", "#FF7F0E", "#2CA02C", "#D62728", "#9467BD", "#8C564B"]
CATEGORIES: Final = ["Strength", "Mind and body", "Cardio", "Personal"]
OFFERINGS: Final = [
    ("Strength Circuit", "class"),
    ("Vinyasa Yoga", "class"),
    ("Spin", "class"),
    ("Personal Training", "appointment"),
    ("Pilates Mat", "class"),
    ("Boxing Basics", "class"),
    ("HIIT Express", "class"),
    ("Massage", "appointment"),
    ("Beginners Course", "course"),
    ("Prenatal Course", "course"),
    ("Kettlebell Course", "course"),
]
MEMBERSHIPS: Final = [
    ("Unlimited Monthly", "recurring_plan", 8900),
    ("8 Classes a Month", "recurring_plan", 6500),
    ("10 Class Pack", "pack", 9500),
    ("Off-peak Monthly", "recurring_plan", 4500),
    ("3 Month Prepaid", "prepaid_plan", 22500),
    ("Trial Fortnight", "prepaid_plan", 2000),
    ("Gym Floor Visit", "pack", 900),
    ("Summer Special", "recurring_plan", 3900),
]
NOT_HELD: Final = ("Gym Floor Visit", "Summer Special")
"""Memberships that nobody has (yet)."""
PAY_RATES: Final = [
    ("Standard hour", "per_hour", 2800),
    ("Senior hour", "per_hour", 3650),
    ("Per head", "per_customer", 325),
    ("Per head, tiered", "per_customer_tiered", 1000),
]
PAY_TIERS: Final = [(0, 5, 200), (5, 12, 275), (12, None, 350)]
"""Lower bound, upper bound and the amount for each customer in the tier, in pence."""
BOOKING_SOURCES: Final = ["Website", "iOS app", "Android app", "Front desk", "Partner network"]
CITIES: Final = {
    "Bristol": (51.454, -2.588),
    "London": (51.507, -0.128),
    "Berlin": (52.52, 13.405),
    "Denver": (39.739, -104.99),
    "New York": (40.713, -74.006),
    "Phoenix": (33.448, -112.074),
}
"""Where they lie, in degrees."""
STUDIOS: Final = [
    (
        "Harbour Strength & Yoga",
        "gbp",
        [
            ("Harbour Studio", "Bristol", "GB", "Europe/London"),
            ("Railway Arches", "London", "GB", "Europe/London"),
            ("Spree Loft", "Berlin", "DE", "Europe/Berlin"),
            ("Online Studio", "Bristol", "GB", "Europe/London"),
        ],
    ),
    (
        "Mesa Movement",
        "usd",
        [
            ("Mesa Main Hall", "Denver", "US", "America/Denver"),
            ("Hudson Annex", "New York", "US", "America/New_York"),
            ("Desert Deck", "Phoenix", "US", "America/Phoenix"),
        ],
    ),
]


def full_name(rng: Random) -> str:
    """A random first and last name."""
    return f"{rng.choice(FIRST)} {rng.choice(LAST)}"
