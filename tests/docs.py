"""The generator of the reference, which lives beside the documents and is no part of the package."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

__all__ = ["ROOT", "generator", "script"]

ROOT = Path(__file__).parents[1]


def generator() -> ModuleType:
    """``docs/reference.py`` as a module."""
    return script("reference")


def script(name: str) -> ModuleType:
    """A script beside the documents as a module."""
    module = f"docs_{name}"
    if module not in sys.modules:
        spec = importlib.util.spec_from_file_location(module, ROOT / "docs" / f"{name}.py")
        assert spec
        assert spec.loader
        made = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(made)
    return sys.modules[module]
