"""The page of a run: what it says first, that it is safe, and that everyone can read it."""

import re
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest

from teamup_async import Integrity
from teamup_async._report.markup import Markup, join, tag
from teamup_async._report.style import STYLE
from teamup_async._report.words import duration
from teamup_async.bulk import report_page
from teamup_async.errors import AuthenticationError, TeamUpError
from tests.unit.reporting import OUTCOMES, counts, earlier, failed, part, result

HOSTILE = "</style><script>alert(1)</script><img src=x onerror=alert(2)>\"'&amp; \x00\x1b[31m\u202egnp.exe"


class Page(HTMLParser):
    """A page taken apart: elements with their attributes, and the text by element."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, name: str, attributes: Any) -> None:
        self.elements.append((name, dict(attributes)))
        if name not in ("meta", "link"):
            self.open.append(name)

    def handle_endtag(self, name: str) -> None:
        assert self.open.pop() == name

    def handle_data(self, data: str) -> None:
        if self.open:
            self.texts.setdefault(self.open[-1], []).append(data)

    def named(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for found, attributes in self.elements if found == name]

    @property
    def text(self) -> str:
        return " ".join(" ".join(texts) for name, texts in self.texts.items() if name != "style")


def page_of(made: Any) -> Page:
    return Page(made.to_html())


@pytest.mark.parametrize(("made", "first", "last"), OUTCOMES.values(), ids=OUTCOMES)
def test_first_sentence(made: Any, first: str, last: str) -> None:
    """The page begins with whether all is well, says the last line of the command, and only then what needs a hand."""
    page = page_of(made)
    assert page.texts["h1"] == [first]
    assert last in page.texts["dd"]
    assert first in page.texts["title"][0]
    assert ("This needs a hand" in page.texts["h2"]) is bool(made.to_json()["attention"])


def test_from_a_stored_document() -> None:
    """A document that was kept makes the same page as the result."""
    made = result(part(counts=counts(new=3)), earlier=earlier(4))
    assert report_page(made.to_json()) == made.to_html()


def test_one_file() -> None:
    """The page is one file: it runs nothing and loads nothing, and says so to the browser."""
    page = page_of(result(part(counts=counts()), failed(TeamUpError("no"), "customers"), earlier=earlier(9)))
    links = [
        value
        for _, each in page.elements
        for name, value in each.items()
        if name in ("src", "href", "action")
    ]

    assert page.named("script") == []
    assert len(links) == 1
    assert links[0].startswith("data:image/svg+xml,")
    assert "url(" not in STYLE
    assert "@import" not in STYLE
    assert any("default-src 'none'" in (each.get("content") or "") for each in page.named("meta"))


def test_hostile_text() -> None:
    """Whatever TeamUp, an error or a name says: it stays text."""
    bad = failed(TeamUpError(HOSTILE), HOSTILE, account=HOSTILE, notes=(HOSTILE,))
    run = {"call": HOSTILE, "target": HOSTILE, "notes": (HOSTILE,), "earlier": earlier(3, began=HOSTILE)}
    made = result(bad, part(place=HOSTILE), **run)
    text = made.to_html()
    page = Page(text)

    assert page.named("script") == page.named("img") == []
    assert "<script>alert(1)</script>" in page.text
    assert not set(text) & {"\x00", "\x1b", "\u202e"}
    assert all(not name.startswith("on") for _, each in page.elements for name in each)


def test_pieces_escape_themselves() -> None:
    """Text and attributes are escaped, what is markup already is not, and nothing is lost between both."""
    made = tag("p", "a < b & c", tag("b", '"x"'), None, title='"<', aria_label=None, class_="n")
    assert made == '<p title="&quot;&lt;" class="n">a &lt; b &amp; c<b>&quot;x&quot;</b></p>'
    assert isinstance(made, Markup)
    assert tag("meta", charset="utf-8", http_equiv="x") == '<meta charset="utf-8" http-equiv="x">'
    assert join(["1\n2\t3", None, Markup("<br>")]) == "1\n2\t3<br>"


def test_everyone_can_read_it() -> None:
    """The language is named, headings go down one by one, cells have headers, and pictures say what they show."""
    page = page_of(
        result(
            part(account="north", counts=counts()),
            part(account="south", counts=counts()),
            earlier=earlier(20),
        )
    )
    levels = [int(name[1]) for name, _ in page.elements if re.fullmatch(r"h\d", name)]

    assert page.named("html") == [{"lang": "en"}]
    assert any("width=device-width" in (each.get("content") or "") for each in page.named("meta"))
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert levels.count(1) == 1
    assert {each.get("scope") for each in page.named("th")} == {"col", "row"}
    for picture in page.named("svg"):
        assert picture.get("aria-hidden") == "true" or (picture["role"] == "img" and picture["aria-label"])
    labels = [each.get("aria-labelledby") for each in page.named("section")]
    assert set(labels) <= {each.get("id") for each in page.named("h2")}
    # On a phone a cell stands by itself: it brings its heading along, and keeps its role.
    cells = [each for each in page.named("td") if "role" in each]
    assert all(each["data-label"] and each["role"] == "cell" for each in cells)


def luminance(colour: str) -> float:
    """How bright a colour is, as WCAG counts it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


MODES = [
    {name: f"#{''.join(c * 2 for c in value)}" if len(value) == 3 else f"#{value}" for name, value in found}
    for found in (
        re.findall(r"--([\w-]+): #(\w+)", block) for block in re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    )
]
PAIRS = [("ink", "paper"), ("ink", "card"), ("soft", "paper"), ("soft", "card")]
PAIRS += [(mood, back) for mood in ("good", "look", "bad") for back in ("card", "paper", f"{mood}-back")]


@pytest.mark.parametrize("mode", range(3), ids=["light", "dark", "print"])
def test_contrast(mode: int) -> None:
    """Text stands out from what is behind it by 4.5 to 1 or more, bars by 1.4, in light, in dark and on paper."""
    colours = MODES[mode]

    def ratio(one: str, other: str) -> float:
        bright, dark = sorted((luminance(colours[one]), luminance(colours[other])), reverse=True)
        return (bright + 0.05) / (dark + 0.05)

    assert len(MODES) == 3
    assert {pair: ratio(*pair) for pair in PAIRS if ratio(*pair) < 4.5} == {}
    assert ratio("now", "card") > 4.5
    assert ratio("bar", "card") > 1.4


def test_table() -> None:
    """Each table has one line with its outcome and numbers; an account has a line with its sums above them."""
    spent = part(account="north").stats
    made = result(
        part(account="north", counts=counts(new=1234, table=2000, total=2000)),
        part("customers", account="north", counts=counts(total=3)),
        part("customers", account="north", counts=None),
        part("events", account="south", complete=False, state="running", place=None),
        part("forms", account="south", complete=False, state="waiting", place=None, integrity=None, rows=0),
        failed(TeamUpError("no"), "venues", account="south"),
        accounts={"north": spent, "south": spent},
    )
    page = page_of(made)
    rows = re.findall(r'<tr(?: class="group")? role="row"><th scope="row".*?</tr>', made.to_html())
    lines = [re.sub(r"<[^>]+>", " ", row).split() for row in rows]

    assert [line[0] for line in lines] == [
        "north",
        "attendances",
        "customers",
        "south",
        "events",
        "forms",
        "venues",
    ]
    assert lines[1][1:7] == ["✓", "complete", "1,234", "0", "0", "2,000"]
    assert " ".join(lines[1][-5:]) == "total agrees, each row once"
    assert lines[2][1:3] == ["!", "differs"]
    assert " ".join(lines[2][-6:]) == "2 too many, each row once"
    assert [lines[4][2], lines[5][2:4], lines[6][2]] == ["stopped", ["not", "begun"], "incomplete"]
    assert [lines[0][2], lines[3][2]] == ["differs", "incomplete"]
    assert "summary" not in page.texts


def test_what_is_checked() -> None:
    """Where nothing is known of a total or of a walk, nothing is claimed; what was not proved is told once."""
    moved = Integrity(finished=True, ordered=False, unproved=("Rows moved.",))
    ties = Integrity(finished=True, unproved=("Ties.",))
    parts = [
        part("a", integrity=moved),
        part("b", integrity=ties),
        part("c", integrity=ties),
        part("d", integrity=None),
        part("e", counts=counts(total=9)),
        part("f", counts=counts(total=None)),
    ]
    page = page_of(result(*parts))
    cells = page.texts["td"]

    assert cells.count("rows not proved") == 1
    assert cells.count("each unmoved row once") == 2
    assert "4 missing, each row once" in cells
    assert cells.count("each row once") == 1
    assert page.texts["summary"] == ["What could not be proved"]
    assert page.texts["li"][-2:] == ["a: Rows moved.", "b, c: Ties."]


def test_same_hand() -> None:
    """What needs the same hand is one card: it names some parts, and keeps the other reasons at hand."""
    refused = [AuthenticationError(f"401 at {n}", status=401) for n in range(9)]
    page = page_of(result(*(failed(error, f"report{n}") for n, error in enumerate(refused))))
    one = page_of(result(failed(TeamUpError("odd"))))

    assert page.texts["h3"] == ["report0, report1, report2, report3, report4, report5 and 3 more"]
    assert "8 more reasons of this kind" in page.texts["summary"]
    assert one.texts["h3"] == ["attendances"]
    assert "summary" not in one.texts


def test_no_advice() -> None:
    """Where nothing can be advised, nothing is."""
    [(made, _, _)] = [OUTCOMES["refused again"]]
    assert "What to do: " not in page_of(made).text


def test_notes() -> None:
    """Notes are shown, with options as code; one that only repeats what needs a hand is left out."""
    differs = part(
        counts=counts(total=3), notes=("the table has 5 rows, and TeamUp says 3: 2 too many. Do --full.",)
    )
    page = page_of(result(differs, part("customers", notes=("Give --extra keep, or `teamup doctor`.",))))
    silent = page_of(result(differs))

    assert page.texts["code"][-2:] == ["--extra", "teamup doctor"]
    assert "customers: Give " in page.texts["li"]
    assert "Notes" in page.texts["h2"]
    assert "Notes" not in silent.texts["h2"]


def test_trend() -> None:
    """Earlier runs are bars with the same numbers as text; one that was not complete is hollow, the last is this."""
    failing = ({**earlier(1)[0], "outcome": "incomplete"}, *earlier(8))
    made = result(part(counts=counts(new=4)), earlier=failing)
    text, page = made.to_html(), page_of(made)
    bars = [each["class"] for each in page.named("rect")]

    assert bars.count("bar") == 3 * 8
    assert bars.count("bar bad") == bars.count("bar now") == 3
    assert "The latest 10 runs: 9 complete, 1 not." in text
    assert "4 rows now; usually 4 rows, at most 8 rows." in text
    assert len(page.named("figure")) == 3
    assert text.count('<tr><th scope="row">') == 10
    assert "Earlier runs" not in page_of(result(part())).text


def test_trend_of_pulls() -> None:
    """Of a pull the rows read are drawn; a run that dwarfs the others is cut, and that is said."""
    first = {**earlier(1)[0], "rows": 100_000}
    pulled = ({**each, "series": "pull attendances", "new": None} for each in (first, *earlier(40)))
    text = result(part(), kind="pull", earlier=tuple(pulled)).to_html()
    short = ({**each, "series": "pull attendances", "new": None} for each in (first, *earlier(3), first))
    cut = result(part(), kind="pull", earlier=tuple(short)).to_html()

    assert "Rows read of the latest 30 runs" in text
    assert "The latest 30 runs were complete." in text
    assert 'class="cut"' not in text
    assert cut.count('class="cut"') == 2
    assert "A bar with a gap is taller than the picture." in cut


def test_nothing_ever_changes() -> None:
    """Runs in which nothing was new have bars all the same: as low as they get."""
    still = page_of(result(part(counts=counts()), earlier=earlier(3, new=0, changed=0)))
    assert {each["height"] for each in still.named("rect")} > {"1.50"}


def test_failed_run() -> None:
    """A run that failed before it began has a page, without tables and numbers that would be empty."""
    text = report_page(
        {
            **result(target=None, call="", began=None, ended=None).to_json(),
            "outcome": "failed",
            "attention": [{"about": "the sync", "account": None, "reason": "no token", "advice": None}],
            "last_line": "no token",
        }
    )
    page = Page(text)
    assert page.texts["h1"] == ["The run failed before it could read anything."]
    assert page.texts["h2"] == ["This needs a hand"]
    assert page.named("table") == []
    assert page.texts["dt"] == ["Summary"]


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.2, "0 s"), (59.6, "1 min 00 s"), (3600, "1 h 00 min"), (7325, "2 h 02 min")]
)
def test_durations(seconds: float, said: str) -> None:
    """Seconds are told as people say them."""
    assert duration(seconds) == said


def test_zones() -> None:
    """The day and both times are told, with their zone."""
    assert (
        "Saturday 7 March 2026, 02:00:03 to 02:04:10 +01:00 (4 min 07 s)"
        in page_of(result(part())).texts["dd"]
    )
