"""The one place in the package where text is run as a program: text that the package printed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def compiled(text: str, name: str) -> Callable[..., Any]:
    """Run the source of a module that a printer here has written; return its function.

    Everything in it comes from the registry of ops and from literals: names are identifiers that
    ``names.py`` has made, and no text of a user's gets in.
    """
    namespace: dict[str, Any] = {"__name__": f"<program {name}>"}
    exec(compile(text, f"<program {name}>", "exec"), namespace)  # noqa: S102  # see above
    function: Callable[..., Any] = namespace[name]
    return function
