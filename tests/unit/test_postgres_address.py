"""URLs of PostgreSQL databases: what libpq gets, what people see, and that no password is shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from teamup_async.errors import ConfigurationError
from teamup_async.sinks.postgres_address import address_of, fitting, quoted

LIVELY = "keepalives_idle=60&keepalives_interval=15&keepalives_count=4"
HOSTS = "db.example.com:5433"


def test_a_url() -> None:
    """The schema is ours, everything else is libpq's; people see no parameters but the schema."""
    made = address_of(f"postgresql://ann@{HOSTS}/gym?sslmode=require&schema=studio%20one&options=-c%20a%3Db")

    assert made.uri == f"postgresql://ann@{HOSTS}/gym?sslmode=require&options=-c%20a%3Db&{LIVELY}"
    assert made.shown == f"postgresql://ann@{HOSTS}/gym?schema=studio%20one"
    assert made.database == f"postgresql://ann@{HOSTS}/gym"
    assert (made.schema, made.workshop) == ("studio one", "_teamup_studio one")


@pytest.mark.parametrize(
    ("text", "uri"),
    [
        ("postgres://h/d", "postgresql://h/d"),
        ("POSTGRESQL://h", "postgresql://h"),
        ("postgresql://", "postgresql://"),
        ("postgresql:///d?service=gym", "postgresql:///d?service=gym"),
        ("postgresql://u@[::1]:5432,other:1/d", "postgresql://u@[::1]:5432,other:1/d"),
        ("postgresql://u@%2Frun%2Fpg/d?", "postgresql://u@%2Frun%2Fpg/d"),
    ],
)
def test_what_libpq_knows(text: str, uri: str) -> None:
    """Several hosts, sockets, services, no host at all: libpq gets what was written."""
    made = address_of(text)
    assert made.uri == f"{uri}{'&' if '?' in uri else '?'}{LIVELY}"
    assert made.schema == "public"
    assert made.shown == made.database


@pytest.mark.parametrize(
    "text",
    [
        "postgresql:gym",
        "mysql://u:geheim@h/d",
        "postgresql://u:geh@eim@h/d",
        "postgresql://u:geh/eim@h/d",
        "postgresql://u:geh#eim@h/d",
        "postgresql://u:geh/eim",
        "postgresql://u@h:geheim/d",
        "postgresql://h/d?schema=",
        "postgresql://h/d?schema=pg_gym",
        "postgresql://h/d?schema=%00",
        f"postgresql://h/d?schema={'ü' * 32}",
    ],
)
def test_refused(text: str) -> None:
    """What can't be meant is refused, with what to write instead, and without the text, which may hold a password."""
    with pytest.raises(ConfigurationError) as caught:
        address_of(text)

    assert "geh" not in str(caught.value)
    assert "eim" not in str(caught.value)


@given(st.text(st.characters(codec="utf-8", exclude_characters="@/#?:,"), min_size=12))
def test_passwords(password: str) -> None:
    """A password is in no text about the address, and is taken out of what the server says, however it is written."""
    made = address_of(f"postgresql://ann:{password}@{HOSTS}/gym?sslpassword={'x' * 20}")

    assert password not in repr(made) + str(made) + made.shown + made.database
    assert made.without_secrets(f"bad {password} or {'x' * 20}!") == "bad *** or ***!"
    assert made.without_secrets("nothing") == "nothing"


def test_a_silent_server() -> None:
    """A server that is gone is noticed after two minutes, or as the URL says."""
    assert address_of("postgresql://h/d?keepalives_idle=5").uri == (
        "postgresql://h/d?keepalives_idle=5&keepalives_interval=15&keepalives_count=4"
    )


def test_an_encoded_password() -> None:
    """A password with signs is written encoded in a URL, and hidden in both forms."""
    made = address_of("postgresql://ann:p%40ss%2Fword@h/gym?password=other%20one")

    assert made.without_secrets("p@ss/word p%40ss%2Fword other one other%20one") == "*** *** *** ***"
    assert made.shown == "postgresql://ann@h/gym"


def test_names_fit() -> None:
    """Names of up to 63 bytes stay; longer ones are cut between letters, and stay apart from each other."""
    assert fitting("a" * 63) == "a" * 63
    long = [fitting("ä" * 40 + end) for end in "xyz"]
    assert len(set(long)) == 3
    assert all(len(name.encode()) <= 63 and name.startswith("ä" * 27) for name in long)


def test_quoted() -> None:
    """Names are taken as they are, with their quotes."""
    assert quoted("my schema", 'a"b') == '"my schema"."a""b"'
    assert quoted("x" * 70) == f'"{fitting("x" * 70)}"'
