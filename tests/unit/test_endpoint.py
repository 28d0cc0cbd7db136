"""Endpoints: what is derived from a declaration, and what only the row class can check."""

import subprocess
import sys
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from teamup_async import lists, reports
from teamup_async._lazy import loader
from teamup_async.endpoint import Endpoint
from teamup_async.endpoints import ENDPOINTS, endpoint_for, endpoint_named
from teamup_async.errors import QueryError
from teamup_async.lists.course_sessions import COURSE_SESSIONS, CourseSessionsQuery
from teamup_async.reports.attendance_strikes import ATTENDANCE_STRIKES_GROUPED
from teamup_async.reports.attendances import ATTENDANCES, AttendancesQuery
from teamup_async.reports.course_session_attendances import COURSE_SESSION_ATTENDANCES_GROUPED
from teamup_async.reports.instructed_sessions import INSTRUCTED_SESSIONS

by_endpoint = pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)


@pytest.mark.parametrize(
    ("endpoint", "python", "command", "pagings"),
    [
        (ATTENDANCES, "attendances", "attendances", ("offset", "page", "id")),
        (
            ATTENDANCE_STRIKES_GROUPED,
            "attendance_strikes_grouped",
            "attendance-strikes.grouped",
            ("offset", "page"),
        ),
        (
            COURSE_SESSION_ATTENDANCES_GROUPED,
            "course_session_attendances_grouped",
            "course-session-attendances.grouped",
            ("offset", "page"),
        ),
        (INSTRUCTED_SESSIONS, "instructed_sessions", "instructed-sessions", ("offset", "page", "id")),
        (COURSE_SESSIONS, "course_sessions", "course-sessions", ("page",)),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_derived(endpoint, python, command, pagings):
    """Names and ways to walk follow from the declaration; by id only where rows have one and `id_gt` is taken."""
    assert (endpoint.python_name, endpoint.command_name) == (python, command)
    assert endpoint.pagings == pagings
    assert endpoint.default_by == pagings[0]
    assert endpoint.has_id == (not endpoint.grouped)
    assert endpoint.query_class is endpoint.query
    assert endpoint.measures == (("count",) if endpoint.grouped else ())
    assert python.isidentifier()


@by_endpoint
def test_parameters(endpoint):
    """All parameters are the filters and those of the envelope, by name, and no name is there twice."""
    names = [parameter.name for parameter in endpoint.parameters]
    envelope = endpoint.envelope

    assert names == sorted(set(names))
    assert {p.name for p in endpoint.filters}.isdisjoint(p.name for p in envelope.paging)
    assert len(names) == len(endpoint.filters) + len(envelope.paging)


@by_endpoint
def test_described(endpoint):
    """Every parameter says what it means, for the command line's help and the reference."""
    assert [p.name for p in endpoint.parameters if not p.description.endswith(".")] == []


def test_columns():
    """A list has no `columns`; a report has, and with an alias or a leading dash a column stays itself."""
    assert COURSE_SESSIONS.columns == ()
    assert ATTENDANCES.columns[:3] == ("id", "updated_at", "customer_id")
    assert ATTENDANCES.canonical("customer_id") == "customer.id"
    assert ATTENDANCES.canonical("-customer_id") == "-customer.id"
    assert ATTENDANCES.canonical("-customer.id") == "-customer.id"
    assert ATTENDANCES.canonical("customer") == "customer"


def test_leaves():
    """Columns select leaves: aliases resolved, groups spelled out, in the order asked, none twice."""
    assert ATTENDANCES.leaves(["status", "venue", "venue_id", "id", "status"]) == (
        "status",
        "venue.id",
        "venue.name",
        "id",
    )
    assert INSTRUCTED_SESSIONS.leaves(["instructor_pay", "instructor"]) == (
        "instructor_pay",
        "instructor.id",
        "instructor.name",
        "instructor.thumbnail_url",
    )
    assert ATTENDANCES.leaves([]) == ()


@given(endpoint=st.sampled_from([e for e in ENDPOINTS if e.columns]), data=st.data())
def test_leaves_of_any(endpoint, data):
    """Whatever columns are asked for, leaves are paths of the row, each once, and all columns select all of them."""
    columns = data.draw(st.lists(st.sampled_from(endpoint.columns)))
    leaves = endpoint.leaves(columns)

    assert len(set(leaves)) == len(leaves)
    assert set(leaves) <= set(endpoint.paths)
    assert set(leaves) == {leaf for column in columns for leaf in endpoint.leaves([column])}
    assert set(endpoint.leaves(endpoint.columns)) == set(endpoint.paths)


def test_list_columns():
    """The columns of a list are its fields, those asked for, and the parts of what is expanded, each once."""

    def columns(**values):
        return COURSE_SESSIONS.list_columns(CourseSessionsQuery(**values))

    assert columns() == COURSE_SESSIONS.paths
    assert columns(fields=["name", "id"]) == ("name", "id")
    assert columns(fields=["id", "id", "venue", "venue.id"], expand=["venue"])[:2] == ("id", "venue.id")
    assert len(set(columns(fields=["venue", "venue.id"], expand=["venue"]))) == 16
    assert "venue.name" in columns(expand=["venue"])
    assert "venue" not in columns(expand=["venue"])


# --- what only the row class can check --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"expand": ["venu"]}, "expand does not know 'venu'; did you mean 'venue'? Allowed: course, "),
        ({"expand": ["name"]}, "expand does not know 'name'. Allowed: "),
        ({"expand": ["course.course_sessions.course.course_sessions.course"]}, "expand does not know "),
        ({"fields": ["nmae"]}, "fields does not know 'nmae'; did you mean 'name'?"),
        ({"fields": ["venue.nome"]}, "fields does not know 'venue.nome'; did you mean 'venue.name'?"),
        ({"fields": [""]}, "fields does not know ''."),
    ],
)
def test_paths_refused(values, message):
    """An unknown path in `expand` or `fields` is refused, with its nearest neighbour."""
    with pytest.raises(QueryError) as caught:
        COURSE_SESSIONS.check(CourseSessionsQuery(**values))

    assert str(caught.value).startswith(message)
    assert caught.value.parameter == next(iter(values))
    assert caught.value.allowed


def test_paths_accepted():
    """What the documents name passes, at every depth."""
    COURSE_SESSIONS.check(
        CourseSessionsQuery(
            expand=["venue.venue_rooms", "instructors", "course.offering_type.category"],
            fields=["id", "venue.name", "course.offering_type.image.url"],
            sort=["-start"],
        )
    )


@pytest.mark.parametrize("sort", [["-id", "customer.name", "customer_name"], [], None])
def test_sort_accepted(sort):
    """A report is sorted by its columns, upwards or downwards."""
    ATTENDANCES.check(AttendancesQuery(sort=sort))


@pytest.mark.parametrize(
    ("name", "near"), [("-idd", "id"), ("--id", "id"), ("statuss", "status"), ("x\ny", None)]
)
def test_sort_refused(name, near):
    """A report can't be sorted by what is no column of it."""
    with pytest.raises(QueryError, match="sort does not know ") as caught:
        ATTENDANCES.check(AttendancesQuery(sort=["id", name]))

    assert caught.value.suggestion == near
    assert "\n" not in str(caught.value)


# --- by name ----------------------------------------------------------------------------------------------


@given(endpoint=st.sampled_from(ENDPOINTS), data=st.data())
def test_any_spelling(endpoint, data):
    """Dots, dashes and underscores are alike in a name, and so are capitals."""
    name = "".join(
        data.draw(st.sampled_from("._-" if letter in "._-" else (letter, letter.upper())))
        for letter in endpoint.key
    )

    assert endpoint_named(f" {name} ") is endpoint


def test_unknown_endpoint():
    """An unknown name names its nearest neighbour, and where there are few, all of them."""
    with pytest.raises(QueryError) as caught:
        endpoint_named("atendances")

    assert caught.value.allowed
    assert str(caught.value).startswith(
        "There is no report or list called 'atendances'; did you mean 'attendances'?"
    )
    assert caught.value.suggestion == "attendances"
    with pytest.raises(QueryError, match=r"called 'attendances'\. Known: course-sessions$"):
        endpoint_named("attendances", [COURSE_SESSIONS])


def test_lazy_packages():
    """A row, a query or an endpoint comes from its package, a file as its module; other names are errors."""
    assert reports.Attendance is ATTENDANCES.row
    assert reports.AttendancesQuery is AttendancesQuery
    assert reports.attendances.ATTENDANCES is ATTENDANCES
    assert lists.COURSE_SESSIONS is COURSE_SESSIONS
    assert loader("teamup_async.reports", reports.FILES)("attendances") is reports.attendances
    for name in ("Attendence", "attendence", "__wrapped__"):
        with pytest.raises(AttributeError, match=f"module 'teamup_async.reports' has no attribute '{name}'"):
            getattr(reports, name)


@pytest.mark.parametrize("package", [reports, lists], ids=lambda package: package.__name__)
def test_tables_of_files(package):
    """The table of a package names every file in it and every endpoint in them, and no name comes twice."""
    files = {path.stem for path in Path(package.__path__[0]).glob("*.py")} - {"__init__"}
    names = []
    for name, constants in package.FILES.items():
        module = getattr(package, name)
        names += module.__all__
        declared = [name for name in module.__all__ if isinstance(getattr(module, name), Endpoint)]
        assert sorted(constants) == sorted(declared)
        assert [getattr(module, constant).name.replace(".", "_") for constant in constants] == [
            constant.lower() for constant in constants
        ]

    assert set(package.FILES) == files - {"query"}  # what queries of lists have in common
    assert len(set(names)) == len(names)
    assert [getattr(package, name) for name in names]


def test_nothing_is_loaded_before_it_is_used():
    """The client and the names of all endpoints load no declaration; one name loads one file."""
    program = """
import sys
from teamup_async import TeamUp, ENDPOINTS, endpoint_named
loaded = lambda: [name for name in sys.modules if name.startswith(("teamup_async.reports.", "teamup_async.lists."))]
assert "attendances" in ENDPOINTS.names
assert TeamUp(token="t").reports is not None
before = loaded()
endpoint_named("instructed-sessions")
print(before, loaded())
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[] ['teamup_async.reports.instructed_sessions']"


# --- reports and lists of one name ------------------------------------------------------------------------

SHARED = attrs.evolve(COURSE_SESSIONS, name="attendances", path="/attendances", shared_name=True)
"""A list that has the name of a report."""


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("attendances", ATTENDANCES),
        ("reports.attendances", ATTENDANCES),
        ("lists.attendances", SHARED),
        ("lists-attendances", SHARED),
        ("lists_attendances", SHARED),
        ("course_sessions", COURSE_SESSIONS),
        ("lists.course-sessions", COURSE_SESSIONS),
    ],
)
def test_shared_names(name, found):
    """With its kind before it, a name is always right; a bare one means the only one of that name, or the report."""
    assert endpoint_named(name, [SHARED, *ENDPOINTS]) is found


def test_names_of_shared():
    """The tables, files and commands of a list that shares its name are told apart from those of the report."""
    assert (SHARED.key, SHARED.python_name, SHARED.command_name) == (
        "lists.attendances",
        "lists_attendances",
        "lists.attendances",
    )
    assert COURSE_SESSIONS.full_name == "lists.course_sessions"
    assert COURSE_SESSIONS.key == "course_sessions"


@by_endpoint
def test_registry(endpoint):
    """The registry knows each endpoint by its full name, its key and its identifier, and which names are shared."""
    for name in (endpoint.full_name, endpoint.key, endpoint.python_name):
        assert endpoint_named(name) is endpoint
    twins = [other for other in ENDPOINTS if other.name == endpoint.name and other is not endpoint]
    assert endpoint.shared_name == (endpoint.envelope.name == "list" and bool(twins))
    assert endpoint.python_name in ENDPOINTS.names
    assert endpoint_for(endpoint.query_class.__new__(endpoint.query_class)) is endpoint


def test_registry_is_a_sequence():
    """The registry has a length, an order, slices and a short text; a kind that has no such name finds nothing."""
    assert len(ENDPOINTS) == len(ENDPOINTS.names) == len(list(ENDPOINTS))
    assert ENDPOINTS[0] is ATTENDANCES
    assert list(ENDPOINTS[-2:]) == list(ENDPOINTS)[-2:]
    assert repr(ENDPOINTS).startswith(f"<{len(ENDPOINTS)} endpoints, from attendances to ")
    with pytest.raises(QueryError):
        endpoint_named("lists.instructed_sessions")
    assert endpoint_for(CourseSessionsQuery(), [ATTENDANCES]) is None
