"""How the sandbox answers in another dialect than the default: who is let in, what is understood, what is said.

Each field of `Dialect` has one function here that makes its deviation. Everything below knows the default only.
"""

from __future__ import annotations
