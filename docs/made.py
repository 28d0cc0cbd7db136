"""Parts of the site's pages that are made while it is built: ``<!-- made: NAME -->`` in a page is replaced by one.

What has a page on its own in docs/reference is made by docs/reference.py instead, and kept beside the documents.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from teamup_async import bulk, errors, sinks
from teamup_async.cli.app import COMMANDS, build_app

__all__ = ["PARTS", "commands", "error_classes", "filled", "tree", "what_to_do"]

_MADE: Final = re.compile(r"^<!-- made: ([\w ]+) -->$", re.MULTILINE)
_TO_DO: Final = "What to do: "


# --- commands ---------------------------------------------------------------------------------------------


def commands() -> str:
    """Every command with its arguments, options, defaults and variables."""
    return "\n\n".join(map(_command, COMMANDS))


def _command(name: str) -> str:
    made = build_app([name])[name].generate_docs()
    made = made.partition("\n")[2]
    made = re.sub(r" *\*\[default: (False|\(\)|None)\]\*", "", made).replace("\\[", "[")
    made = made.replace(f"```console\n{name} ", f"```text\nteamup {name} ")
    made = re.sub(r"(?m)^(\* `[^`]+`): ", r"\1\n  : ", made)
    made = re.sub(r"(?m)^\* (`.*`)\n  : (.*)$", r"\1\n: \2\n", made)
    made = re.sub(r"(?m)^\* (`.*`)$", r"\1\n", made)
    return f"## teamup {name}\n{made}".strip()


# --- errors -----------------------------------------------------------------------------------------------


def error_classes() -> Iterator[type[BaseException]]:
    """All public errors and warnings, each after its base."""
    named = {
        value
        for module in (errors, bulk, sinks)
        for name in module.__all__
        if inspect.isclass(value := getattr(module, name)) and issubclass(value, BaseException)
    }

    def below(cls: type[BaseException]) -> Iterator[type[BaseException]]:
        yield cls
        for found in sorted(named, key=lambda one: one.__name__):
            if found.__bases__[0] is cls:
                yield from below(found)

    yield from below(errors.TeamUpError)
    yield from sorted((one for one in named if issubclass(one, Warning)), key=lambda one: one.__name__)


def what_to_do(error: type[BaseException]) -> str:
    """What the docstring of an error advises; empty where it says nothing."""
    paragraphs = (inspect.getdoc(error) or "").split("\n\n")
    found = next((one for one in paragraphs if one.startswith(_TO_DO)), "")
    said = _markdown(found.removeprefix(_TO_DO))
    return said[:1].upper() + said[1:]


def tree() -> str:
    """A table of the errors: when each is raised, and what to do then."""
    lines = ["| error | when | what to do |", "|---|---|---|"]
    for error in error_classes():
        depth = len([one for one in error.__mro__ if issubclass(one, errors.TeamUpError)]) - 1
        when = _markdown((inspect.getdoc(error) or "").split("\n\n")[0])
        inset = "&emsp;" * max(depth, 0)
        lines.append(f"| {inset}{{py:obj}}`~{_public(error)}` | {when} | {what_to_do(error)} |")
    return "\n".join(lines)


def _public(error: type[BaseException]) -> str:
    """The name under which the reference describes an error."""
    home = next(module.__name__ for module in (bulk, sinks, errors) if error.__name__ in module.__all__)
    return f"{home.removesuffix('.errors')}.{error.__name__}"


def _markdown(text: str) -> str:
    """The text of a docstring as a cell of a table."""
    return re.sub(r"``(.+?)``", r"`\1`", " ".join(text.split())).replace("|", "\\|")


# --- pages ------------------------------------------------------------------------------------------------

PARTS: Final[Mapping[str, Callable[[], str]]] = MappingProxyType({"commands": commands, "errors": tree})


def filled(text: str) -> str:
    """A page with the parts that it asks for."""
    return _MADE.sub(lambda part: PARTS[part[1]](), text)
