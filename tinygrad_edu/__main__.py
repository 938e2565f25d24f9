"""The command line: ``tinygrad-edu``, or ``python -m tinygrad_edu``.

Without the name of a command, it does the main job: see ``commands/article.py``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module

COMMANDS = ("derive", "explore", "figures", "mnist")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    name = given.pop(0) if given and given[0] in COMMANDS else "article"
    try:
        code: int = import_module(f"tinygrad_edu.commands.{name}").main(given)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever was reading has seen enough, as `head` has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main())
