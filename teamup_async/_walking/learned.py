"""What the walks of one client have found out about its server, for the walks that follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from ..dialect import Dialect

if TYPE_CHECKING:
    from ..endpoint import Endpoint

__all__ = ["Learned", "Told"]


@attrs.frozen(kw_only=True)
class Told:
    """What is known of lists of values in the form in which they were sent.

    `read`: the server looks at them. `several`: all values count, not only the last. `doubtful`: the answer does not
    look like that.
    """

    read: bool = False
    several: bool = False
    doubtful: bool = False

    def lacks(self, other: Told) -> Told:
        """What of this `other` does not tell."""
        return Told(read=self.read and not other.read, several=self.several and not other.several)

    def __or__(self, other: Told) -> Told:
        return Told(read=self.read or other.read, several=self.several or other.several)


@attrs.define
class Learned:
    """What is known of the server of one client.

    `told` is the dialect that the client was given. `sorted_by_id`: endpoints whose rows were seen to come sorted, as
    asked. `largest`: how many rows the largest page had. `sure`: the caller told the dialect, so nothing is asked to
    find it out. `understood`: what is known of lists of values, by the field that says their form. `totals`: the
    totals of each endpoint that were seen to be right.
    """

    told: Dialect = Dialect()
    sorted_by_id: set[str] = attrs.field(factory=set[str])
    largest: int = 0
    sure: bool = False
    understood: dict[str, Told] = attrs.field(factory=dict[str, Told])
    totals: dict[str, set[int]] = attrs.field(factory=dict[str, set[int]])
    _lists: dict[str, str] = attrs.field(factory=dict[str, str])
    _spoken: dict[str, Dialect] = attrs.field(factory=dict[str, Dialect])
    _sizes: dict[str, int] = attrs.field(factory=dict[str, int])
    _said: set[tuple[str, str]] = attrs.field(factory=set[tuple[str, str]])

    def dialect_of(self, endpoint: Endpoint[..., Any]) -> Dialect:
        """The dialect in which the endpoint answers, as far as it is known."""
        return attrs.evolve(self._spoken.get(endpoint.full_name, self.told), **self._lists)  # type: ignore[arg-type]

    def size_of(self, endpoint: Endpoint[..., Any]) -> int:
        """The largest page that can be asked for."""
        return self._sizes.get(endpoint.full_name, endpoint.max_page_size)

    def note(self, endpoint: Endpoint[..., Any], dialect: Dialect) -> None:
        """Let the walks that follow know the dialect."""
        self._spoken[endpoint.full_name] = dialect

    def doubting_totals(self, endpoint: Endpoint[..., Any]) -> Learned:
        """The same for one walk of the endpoint that believes no total."""
        doubting = attrs.evolve(self.dialect_of(endpoint), total="approximate")
        return attrs.evolve(self, spoken={**self._spoken, endpoint.full_name: doubting})

    def note_form(self, field: str, form: str) -> None:
        """Let the walks that follow send lists of values in this form."""
        self._lists[field] = form

    def note_size(self, endpoint: Endpoint[..., Any], size: int) -> None:
        """Let the walks that follow ask for no more than `size` rows a page."""
        self._sizes[endpoint.full_name] = size

    def trusts_totals(self, envelope: str) -> bool:
        """Whether totals are known to count the rows of a query: two of one endpoint were right, not both round."""
        return any(
            len(totals) > 1 and any(total % 10 for total in totals)
            for name, totals in self.totals.items()
            if name.startswith(f"{envelope}s.")
        )

    def is_new(self, field: str, value: str) -> bool:
        """Whether nobody has asked this before: what is said once is said the first time only."""
        if (field, value) in self._said:
            return False
        self._said.add((field, value))
        return True
