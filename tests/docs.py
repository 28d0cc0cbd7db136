"""The generator of the reference, which lives beside the documents and is no part of the package."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

__all__ = ["ROOT", "generator"]

ROOT = Path(__file__).parents[1]


def generator() -> ModuleType:
    """``docs/reference.py`` as a module."""
    if "docs_reference" not in sys.modules:
        spec = importlib.util.spec_from_file_location("docs_reference", ROOT / "docs" / "reference.py")
        assert spec
        assert spec.loader
        module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules["docs_reference"]
