"""An object store, reached through fsspec: objects appear whole, and there is neither renaming nor appending."""

# pyright: reportMissingTypeStubs=false, reportUnknownArgumentType=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false
# (fsspec has no type information)

from __future__ import annotations

import os
import re
from collections.abc import Generator, Iterable, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Final
from urllib.parse import urlsplit

from ..errors import ConfigurationError
from .base import SinkError
from .locations import STORES, shown

__all__ = ["ObjectStore", "Secrets", "in_words"]

_SECRET: Final = re.compile(r"secret|token|passw|key|sas|credential|connection_string|sig", re.IGNORECASE)
_CLOUDS: Final = ("AWS_", "AZURE_", "GOOGLE_", "GCS_", "FSSPEC_")
_ADVICE: Final = tuple(
    (re.compile(pattern), advice)
    for pattern, advice in (
        (
            "credential",
            (
                "no credentials, or not valid ones: set those of the store (for S3 AWS_ACCESS_KEY_ID and "
                "AWS_SECRET_ACCESS_KEY, or AWS_PROFILE), see docs/lakehouse.md"
            ),
        ),
        (
            "(bucket|container).*(not exist|not found)|nosuchbucket",
            "there is no such bucket: create it, or correct the name",
        ),
        (
            r"could not connect|connection|connect error|timeout|timed out|unreachable|\bdns\b|name or service",
            "the store can't be reached: check the network and the endpoint, then start again; nothing is lost",
        ),
        (
            r"permissionerror|access ?denied|forbidden|\b40[13]\b|signaturedoesnotmatch|invalidaccesskey",
            "the store refuses it: the credentials need the right to list, read, write and delete objects there",
        ),
    )
)
"""What to do where the text of an error has such words; the first that fits counts."""
_UNKNOWN: Final = re.compile(r"not ?implemented|unsupported|not supported|\b501\b")
"""What a store or its package says that knows no conditions for writes."""
_OWN: Final = re.compile(r"(\.teamup|[^/]+\.part)/.*", re.DOTALL)
_IN_URLS: Final = re.compile(r"(?i)\b(sig|signature|x-amz-[a-z-]+|token|credential)=[^&\s'\"]+")


class Secrets:
    """Takes secrets out of what others say: those of `options`, and of the environment."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._options = options

    def without(self, text: str) -> str:
        """`text`, on one line, without them."""
        found = [str(value) for name, value in self._options.items() if _SECRET.search(name)]
        found += [
            value for name, value in os.environ.items() if name.startswith(_CLOUDS) and _SECRET.search(name)
        ]
        for value in sorted(found, key=len, reverse=True):
            if len(value) > 3:
                text = text.replace(value, "***")
        return " ".join(_IN_URLS.sub(r"\1=***", text).split())[:400]


def in_words(error: BaseException, secrets: Secrets, write: str) -> SinkError:
    """What went wrong with an object store, and what to do about it; `write` is what was attempted, in words."""
    said = secrets.without(str(error) or type(error).__name__)
    text = f"{' '.join(kind.__name__ for kind in type(error).__mro__)} {said}".lower()
    advice = next((advice for pattern, advice in _ADVICE if pattern.search(text)), "")
    return SinkError(f"cannot {write}: {advice} ({said})" if advice else f"cannot {write}: {said}")


class ObjectStore:
    """The objects below an address.

    Nothing is asked of the store before the first call. All failures are `SinkError`, without credentials in them,
    but for `FileExistsError` of `put`.
    """

    def __init__(self, url: str, options: Mapping[str, Any] | None = None) -> None:
        self.name = shown(url)
        self.scheme = urlsplit(url).scheme.lower()
        self.secrets = Secrets(options or {})
        package = STORES.get(self.scheme)
        if package is None or "::" in url:
            raise ConfigurationError(
                f"{self.name} is in no object store that can be written to: use one of "
                f"{', '.join(f'{name}://' for name in STORES)}"
            )
        place = url.partition("://")[2].partition("/")[0]
        if not place:
            raise ConfigurationError(f"{self.name} names no bucket: write {self.scheme}://BUCKET/FOLDER/")
        if ":" in place.rpartition("@")[0]:
            raise ConfigurationError(
                f"{self.name} has credentials in it: give them to the environment, or as storage_options"
            )
        try:
            import fsspec

            self._fs, self._root = fsspec.core.url_to_fs(
                url, **{"skip_instance_cache": True, "use_listings_cache": False, **(options or {})}
            )
        except ImportError:
            raise SinkError(
                f"{self.scheme}:// needs the package {package}: pip install 'teamup-async[cloud]' {package}"
            ) from None
        except Exception as error:  # noqa: BLE001 - each store's package has errors of its own
            raise in_words(error, self.secrets, f"use {self.name}") from None
        self._root = str(self._root).rstrip("/")
        self._creates = True

    def put(self, key: str, data: bytes, *, create: bool = False) -> None:
        """Make an object. With `create` raises `FileExistsError` where there is one, if the store can tell."""
        with self._trying("write", key):
            if create and self._creates:
                try:
                    self._fs.pipe_file(self._path(key), data, mode="create")
                except Exception as error:
                    if not _UNKNOWN.search(f"{type(error).__name__} {error}".lower()):
                        raise
                    self._fs.pipe_file(self._path(key), data)
                    self._creates = False
            else:
                self._fs.pipe_file(self._path(key), data)

    def put_file(self, file: Path, key: str) -> None:
        """Make an object of a file, at once, however large it is."""
        with self._trying("write", key):
            self._fs.put_file(str(file), self._path(key))

    def get(self, key: str) -> bytes:
        """An object."""
        with self._trying("read", key):
            data: bytes = self._fs.cat_file(self._path(key))
        return data

    def get_file(self, key: str, file: Path) -> bool:
        """Copy an object into a file; False where there is none."""
        with self._trying("read", key):
            if not self._fs.exists(self._path(key)):
                return False
            self._fs.get_file(self._path(key), str(file))
        return True

    def opened(self, key: str) -> AbstractContextManager[BinaryIO] | None:
        """An object, to read parts of it; None where there is none."""
        with self._trying("read", key):
            if not self._fs.exists(self._path(key)):
                return None
            file: AbstractContextManager[BinaryIO] = self._fs.open(self._path(key), "rb")
        return file

    def listed(self, prefix: str) -> dict[str, datetime]:
        """The keys below a prefix that ends in a slash, without it, and when each was written, by the store's clock."""
        with self._trying("read", prefix):
            try:
                found: dict[str, dict[str, Any]] = self._fs.find(self._path(prefix), detail=True)
            except FileNotFoundError:
                return {}
            begin = len(self._path(prefix)) + 1
            return {path[begin:]: _moment(entry) for path, entry in found.items()}

    def has(self, key: str) -> bool:
        """Whether there is an object, or anything below a prefix."""
        with self._trying("read", key):
            return bool(self._fs.exists(self._path(key)))

    def delete(self, keys: Iterable[str]) -> None:
        """Remove objects; those that are gone already do not matter."""
        paths = [self._path(key) for key in keys]
        if not paths:
            return
        with self._trying("write", ""):
            try:
                self._fs.rm(paths)
            except FileNotFoundError:
                for path in paths:
                    if self._fs.exists(path):
                        self._fs.rm_file(path)

    def _path(self, key: str) -> str:
        return f"{self._root}/{key}".rstrip("/")

    @contextmanager
    def _trying(self, verb: str, key: str) -> Generator[None]:
        try:
            yield
        except (SinkError, FileExistsError):
            raise
        except Exception as error:  # noqa: BLE001 - each store's package has errors of its own
            shown = _OWN.sub("", key)  # nobody knows the objects of unfinished runs by their names
            place = f"{self.name.rstrip('/')}/{shown}" if shown else self.name
            raise in_words(error, self.secrets, f"{verb} {place}") from None


def _moment(entry: Mapping[str, Any]) -> datetime:
    """When an object was written: each package has a name of its own for that."""
    for name in ("LastModified", "last_modified", "mtime", "updated", "created"):
        value = entry.get(name)
        if isinstance(value, str):
            return datetime.fromisoformat(value)
        if isinstance(value, datetime):
            return value
    raise SinkError(f"the store does not tell when {entry.get('name')} was written")
