"""How much data there is, and the ids it gets."""

from __future__ import annotations

import math
from typing import Final

import attrs

FOUNDERS: Final = 40
"""Customers there from the start; after them every 25th attendance is a new customer's first one."""
FIRST_OF_EVENT: Final = (0, 4, 12, 24)
"""Events come in groups of four with 4, 8, 12 and 16 seats taken."""
BLOCK: Final = 40


@attrs.frozen
class Sizes:
    """How many rows each large table gets.

    `attendances` are those of past events: what the report counts unless future ones are included.
    """

    attendances: int
    course_sessions: int
    course_session_attendances: int

    @classmethod
    def for_rows(cls, rows: int, course_sessions: int | None = None) -> Sizes:
        """Everything in proportion to the number of attendances."""
        if course_sessions is None:
            course_sessions = math.ceil(rows / 50)
        return cls(rows, course_sessions, math.ceil(rows / 4) if course_sessions else 0)

    @property
    def future(self) -> int:
        """Attendances booked for events that are still to come."""
        return self.attendances // 25

    @property
    def past_events(self) -> int:
        """Events the past attendances fill."""
        return _event_number(self.attendances - 1) + 1 if self.attendances else 0

    @property
    def first_future(self) -> int:
        """Number of the first future attendance: the start of a fresh group of events."""
        return -(-self.attendances // BLOCK) * BLOCK

    @property
    def events(self) -> tuple[int, int]:
        """Event numbers: first future one, and their end."""
        start = self.first_future // BLOCK * len(FIRST_OF_EVENT)
        end = _event_number(self.first_future + self.future - 1) + 1 if self.future else start
        return start, end

    @property
    def customers(self) -> int:
        """Customers there are in the end."""
        numbered = self.first_future + self.future if self.future else self.attendances
        if numbered <= FOUNDERS:
            return max(numbered, FOUNDERS if self.course_session_attendances else numbered)
        return FOUNDERS + -(-(numbered - FOUNDERS) // 25)


def _event_number(attendance: int) -> int:
    group, seat = divmod(attendance, BLOCK)
    return group * len(FIRST_OF_EVENT) + sum(seat >= first for first in FIRST_OF_EVENT[1:])


@attrs.frozen
class Ids:
    """Ids that ascend with gaps, by arithmetic that Python and SQL share."""

    base: int
    step: int

    def __call__(self, number: int) -> int:
        return self.base + number * self.step + number * number % self.step

    def sql(self, number: str) -> str:
        return f"({self.base} + ({number}) * {self.step} + ({number}) * ({number}) % {self.step})"


@attrs.frozen
class AccountIds:
    """The id sequences of one account; accounts overlap, as ids say nothing about the account."""

    customers: Ids
    events: Ids
    attendances: Ids
    strikes: Ids
    course_sessions: Ids
    course_session_attendances: Ids
    instructed_sessions: Ids
    courses: Ids

    @classmethod
    def of(cls, index: int) -> AccountIds:
        shift = 17 * index
        return cls(
            customers=Ids(40_011 + shift, 5),
            events=Ids(900_007 + shift, 3),
            attendances=Ids(2_000_003 + shift, 7),
            strikes=Ids(70_001 + shift, 3),
            course_sessions=Ids(310_019 + shift, 5),
            course_session_attendances=Ids(1_200_001 + shift, 3),
            instructed_sessions=Ids(5_000_011 + shift, 7),
            courses=Ids(8_003 + shift, 3),
        )
