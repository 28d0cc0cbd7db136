"""A real S3 server for tests: moto's, on a free port of loopback, gone when the test session is."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from uuid import uuid4

import boto3

__all__ = ["BUCKET", "S3", "SECRET", "serving", "store"]

BUCKET = "gym"

SECRET = "canary-of-the-secret-access-key"


class S3:
    """The server: its `url`, and buckets as other programs see them."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._client = boto3.client(
            "s3",
            endpoint_url=url,
            aws_access_key_id="tests",
            aws_secret_access_key=SECRET,
            region_name="us-east-1",
        )

    @property
    def environment(self) -> dict[str, str]:
        """What a program needs to know to use it."""
        return {
            "AWS_ACCESS_KEY_ID": "tests",
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ALLOW_HTTP": "true",  # for those who read tables here; the sinks find out
        }

    def bucket(self, name: str | None = None) -> str:
        """A new bucket."""
        name = name or f"gym-{uuid4().hex}"
        self._client.create_bucket(Bucket=name)
        return name

    def objects(self, bucket: str, prefix: str = "") -> dict[str, bytes]:
        """All objects below a prefix, by key."""
        return {key: self.get(bucket, key) for key in self.keys(bucket, prefix)}

    def keys(self, bucket: str, prefix: str = "") -> list[str]:
        """The keys of all objects below a prefix."""
        found = self._client.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
        return [entry["Key"] for entry in found]

    def place(self, folder: Path) -> str:
        """What stands for a folder, in tests that give each place a path."""
        return f"s3://{BUCKET}{folder}"

    def copy(self, folder: Path) -> Path:
        """A folder like that which stands for `folder`."""
        begin, copied = f"{str(folder).lstrip('/')}/", folder / "stored"
        shutil.rmtree(copied, ignore_errors=True)
        copied.mkdir()
        for key, data in self.objects(BUCKET, begin).items():
            file = copied / key.removeprefix(begin)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        return copied

    def get(self, bucket: str, key: str) -> bytes:
        """An object."""
        return self._client.get_object(Bucket=bucket, Key=key)["Body"].read()

    def delete(self, bucket: str, key: str) -> None:
        """Remove an object."""
        self._client.delete_object(Bucket=bucket, Key=key)

    def deny(self, bucket: str, action: str) -> None:
        """Let nobody do something in a bucket."""
        rule = {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": f"arn:aws:s3:::{bucket}/*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [rule]})
        self._client.put_bucket_policy(Bucket=bucket, Policy=policy)

    def put(self, bucket: str, key: str, data: bytes) -> None:
        """Make an object."""
        self._client.put_object(Bucket=bucket, Key=key, Body=data)


PROGRAM = """
import sys
from logging import ERROR, getLogger
from moto.server import ThreadedMotoServer
getLogger("werkzeug").setLevel(ERROR)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print("http://%s:%s" % server.get_host_and_port(), flush=True)
sys.stdin.read()
server.stop()
"""
"""A process of its own: it ends with the standard input that the tests hold. (Within this one, a call that holds the
interpreter while it waits for the server would wait for ever.)
"""


@contextmanager
def serving() -> Iterator[S3]:
    """Start a server; the environment of this process knows it."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    s3 = S3(process.stdout.readline().strip())
    before = {name: os.environ.get(name) for name in s3.environment}
    os.environ.update(s3.environment)
    try:
        yield s3
    finally:
        process.communicate()
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@cache
def store() -> S3:
    """The server of this process, with a bucket; the first test that asks for it starts it."""
    started = serving()
    made = started.__enter__()
    atexit.register(started.__exit__, None, None, None)
    made.bucket(BUCKET)
    return made
