"""What an object store refuses, in words that say what to do, and places that are none."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from teamup_async.errors import ConfigurationError
from teamup_async.sinks import SinkError, Target, sink_named
from teamup_async.sinks.object_store import Secrets, in_words
from tests.s3_server import BUCKET, S3, SECRET, store

TABLE = Target(name="visits")


@pytest.fixture
def s3() -> S3:
    """The object store, which the environment knows."""
    return store()


@pytest.fixture
def place(s3: S3, tmp_path: Path) -> str:
    """A folder there."""
    return f"csv:{s3.place(tmp_path)}/"


def test_no_such_bucket(s3: S3) -> None:
    """A bucket that is not there is named, with what to do."""
    with pytest.raises(
        SinkError, match=r"cannot write s3://no-such-gym/x/: there is no such bucket: create it"
    ):
        sink_named("csv:s3://no-such-gym/x/").open([TABLE])


def test_denied(s3: S3) -> None:
    """A bucket that may be read and not written is refused in words."""
    bucket = s3.bucket()
    s3.deny(bucket, "s3:PutObject")
    with pytest.raises(
        SinkError, match=r"the store refuses it: the credentials need the right to list, read, write"
    ):
        sink_named(f"parquet:s3://{bucket}/x/").open([TABLE])


def test_without_credentials(s3: S3, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    """Where no credentials are found, the error says which are looked for."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, os.devnull)
    with pytest.raises(SinkError, match=r"no credentials, or not valid ones: set .*AWS_ACCESS_KEY_ID"):
        sink_named(place).open([TABLE])


def test_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that can't be reached is an error that says so."""
    options = {
        "endpoint_url": "http://127.0.0.1:9",
        "key": "k",
        "secret": SECRET,
        "config_kwargs": {"retries": {"max_attempts": 0}},
    }
    sink: Any = sink_named(f"csv:s3://{BUCKET}/x/", storage_options=options)
    sink.location.store._fs.retries = 1
    with pytest.raises(SinkError, match=r"the store can't be reached: check the network and the endpoint"):
        sink.open([TABLE])


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("csv:sftp://me:word@host/x/", "is in no object store"),
        ("csv:https://host/x/?sig=word", "is in no object store"),
        ("csv:simplecache::s3://b/x/", "is in no object store"),
        ("csv:s3://me:word@gym/x/", "credentials in it: give them to the environment"),
        ("s3://me:word@gym/x.csv", "credentials in it: give them to the environment"),
        ("csv:s3://", "names no bucket"),
        ("csv:s3:///x/", "names no bucket"),
        ("csv:s3://x.csv", "names a bucket"),
        ("sqlite:s3://gym/x.db", "sqlite is a file of this machine"),
        ("duckdb:s3://gym/x.duckdb", "duckdb is a file of this machine"),
        ("s3://gym/x.duckdb", "duckdb is a file of this machine"),
    ],
)
def test_no_place_for_it(place: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Places where half a file could be seen, or that are none, are refused, without a password in the message."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match=why) as caught:
        sink_named(place).open([TABLE])
    assert "word" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ConnectionError("Could not connect: 'http://x:9/a403/782a74033c5f'"), "can't be reached"),
        (OSError("An error occurred (403) when calling the HeadObject operation"), "refuses it"),
        (PermissionError("Access Denied"), "refuses it"),
        (
            ValueError("the SAS token sig=abc is wrong"),
            r"cannot write it: the SAS token sig=\*\*\* is wrong$",
        ),
        (FileNotFoundError("The specified bucket does not exist"), "no such bucket"),
        (OSError("Generic S3 error: HTTP 403 SignatureDoesNotMatch"), "refuses it"),
    ],
)
def test_in_words(error: Exception, said: str) -> None:
    """What a store's package says becomes what to do about it, whatever the objects are called."""
    with pytest.raises(SinkError, match=said):
        raise in_words(error, Secrets({}), "write it")


def test_a_package_that_is_missing() -> None:
    """Without the package of a store, the error says which one to install."""
    code = (
        "import sys; sys.modules['gcsfs'] = None\n"
        "from teamup_async.sinks import SinkError, sink_named\n"
        "try:\n    sink_named('csv:gs://b/x/')\nexcept SinkError as error:\n    print(error)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "gs:// needs the package gcsfs: pip install 'teamup-async[cloud]' gcsfs\n"
