"""The documentation site: ``nox -s docs`` builds it from the Markdown of this folder, offline."""

from __future__ import annotations

import inspect
import os
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import attrs
from sphinx.util import logging

from teamup_async import __version__

if TYPE_CHECKING:
    from sphinx.application import Sphinx

sys.path.insert(0, str(Path(__file__).parent))

from made import filled

logger = logging.getLogger(__name__)

project = "teamup_async"
author = "teamup_async contributors"
project_copyright = author
release = version = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "searching",
]
exclude_patterns = ["_build"]
suppress_warnings = ["ref.python"]  # accounts of bulk pulls, and those of the sandbox: both are `Account`
nitpick_ignore_regex = [
    ("py:.*", r"(?!teamup_async\b).*"),  # words in single quotes that are no names; names of other packages
    ("py:.*", r"teamup_async\.(.*\.)?_.*"),
    ("py:.*", r"teamup_async\.(.*\.)?(Row|P|T)"),  # variables of types
    ("py:.*", r"teamup_async\.(sandbox|sinks)\.[a-z]\w*(\..*)?"),  # what public classes are made of
    ("py:.*", r"teamup_async\.methods\..*"),  # how methods are typed; what they do stands at the client
    ("py:.*", r"teamup_async\.integrations\.spark(_stream)?\.TeamUp(Reader|Stream)"),  # for Spark's own calls
]

# --- Markdown ---------------------------------------------------------------------------------------------

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 4

# --- docstrings -------------------------------------------------------------------------------------------

default_role = "py:obj"
add_module_names = False
autodoc_class_signature = "mixed"
autodoc_member_order = "bysource"
autodoc_mock_imports = ["pyspark"]
autodoc_preserve_defaults = True
autodoc_typehints_format = "short"
maximum_signature_line_length = 80
napoleon_numpy_docstring = False
python_use_unqualified_type_names = True

# --- how it looks -----------------------------------------------------------------------------------------

html_theme = "furo"
html_title = "teamup_async"
html_favicon = "_static/icon.svg"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_additional_pages = {"404": "404.html"}
html_context = {"site_base": os.environ.get("SITE_BASE", "/")}  # where the site begins, for 404.html
templates_path = ["_templates"]
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {"navigation_with_keys": True}


def _code_of_docstrings(*given: Any) -> None:
    """Show what is indented in a docstring, below an empty line, as code."""
    lines: list[str] = given[-1]
    text = "\n".join(lines)
    lines[:] = re.sub(
        r"(?m)(?<=\n\n)((?: {4}.*\n|\n)* {4} *\S.*)(?=\n\n|\n?\Z)", r".. code-block:: python\n\n\1\n", text
    ).splitlines()


def _fill(_: Sphinx, __: str, source: list[str]) -> None:
    source[0] = filled(source[0])


def _values_of_defaults(
    _app: Sphinx,
    _what: str,
    _name: str,
    value: Any,
    _options: Any,
    signature: str | None,
    returned: str | None,
) -> tuple[str | None, str | None]:
    """Show the number that a default is, where the code gives it a name: ``rate: int = 250``; any object is ``...``."""
    names = getattr(value.__init__ if inspect.isclass(value) else value, "__globals__", {})

    def shown(default: re.Match[str]) -> str:
        found = names.get(default[1])
        if isinstance(found, int | float | str):
            return f"= {found!r}"
        return default[0] if default[1] == "UTC" else "= ..."

    def of_field(default: re.Match[str]) -> str:
        found = getattr(attrs.fields_dict(value)[default[1]].default, "factory", None)
        return f"{found.__name__}()" if found else repr(attrs.fields_dict(value)[default[1]].default)

    if signature and attrs.has(value):
        signature = re.sub(r"attr_dict\['(\w+)'\]\.default", of_field, signature)
    return signature and re.sub(r"= (_?[A-Z][A-Z_]+)\b", shown, signature), returned


def _find_by_public_name(app: Sphinx, env: Any, node: Any, content: Any) -> Any:
    """Resolve an annotation that names a public class by the file it lives in: ``teamup_async.endpoint.Endpoint``."""
    target = str(node.get("reftarget", ""))
    if node.get("refdomain") != "py" or not target.startswith("teamup_async."):
        return None
    domain = env.get_domain("py")
    name = target.rpartition(".")[2]
    found = sorted(
        (known for known in domain.objects if known.rpartition(".")[2] == name and _is_home(known, target)),
        key=len,
    )
    if not found:
        return None
    return domain.resolve_xref(env, node["refdoc"], app.builder, "obj", found[0], node, content)


def _is_home(public: str, target: str) -> bool:
    """Whether a public name may stand for one in a file: that of a package does for the files inside of it."""
    return target.startswith(f"{public.rpartition('.')[0]}.")


PUBLIC = ("bulk", "sandbox", "sinks", "doctor", "blocking", "")
"""Where users import from, beside modules whose names are their own."""


def _public_names() -> Iterator[tuple[ModuleType, str]]:
    for module in PUBLIC:
        home = import_module(f"teamup_async.{module}".rstrip("."))
        yield from ((home, name) for name in home.__all__ if not name.startswith("__"))


def _name_as_users_do() -> None:
    """Let the reference know public names by where users import them from, not by the files they live in."""
    for home, name in _public_names():
        value = getattr(home, name)
        setattr(home, name, value)  # a name that is loaded when it is used is no part of dir() before
        if inspect.isclass(value) or inspect.isfunction(value):
            value.__module__ = home.__name__


def _miss_no_name(_app: Sphinx, env: Any) -> None:
    """Warn of every public name that no page describes."""
    described = env.get_domain("py").objects
    for home, name in _public_names():
        if f"{home.__name__}.{name}" not in described:
            logger.warning("no page describes %s.%s", home.__name__, name)


def setup(app: Sphinx) -> None:
    """Connect what is done while the site is built."""
    _name_as_users_do()
    app.connect("source-read", _fill)
    app.connect("autodoc-process-docstring", _code_of_docstrings)
    app.connect("autodoc-process-signature", _values_of_defaults)
    app.connect("env-check-consistency", _miss_no_name)
    app.connect("missing-reference", _find_by_public_name)
