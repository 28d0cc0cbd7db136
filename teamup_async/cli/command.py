"""What every command is made of."""

from __future__ import annotations

from cyclopts import App, ArgumentCollection, Parameter

__all__ = ["Command"]


class Command(App):
    """A command whose options say all of their help where they are declared.

    So nobody need look for it in docstrings: to read the source of their classes takes a tenth of ``--help``.
    """

    def assemble_argument_collection(
        self,
        *,
        default_parameter: Parameter | None = None,
        parse_docstring: bool = False,  # noqa: ARG002 - cyclopts asks for it
    ) -> ArgumentCollection:
        """The options."""
        return super().assemble_argument_collection(default_parameter=default_parameter)
