"""What the commands' parsers share."""

from __future__ import annotations

import argparse
from typing import NoReturn

from tinygrad_edu.article.own_activation import BY_NAME


class Parser(argparse.ArgumentParser):
    """A parser that complains in one line."""

    def error(self, message: str) -> NoReturn:
        """Print what is wrong, and leave with exit code 2."""
        self.exit(2, f"{self.prog}: error: {message}\n")


def counts(text: str) -> tuple[int, ...]:
    """Read numbers of units, such as ``4,4``."""
    return tuple(int(part) for part in text.split(","))


def names(text: str) -> tuple[str, ...]:
    """Read the names of activations, such as ``tanh``, ``tanh,relu`` or ``mymodule:swish``."""
    given = tuple(text.split(","))
    for name in given:
        if name not in BY_NAME and ":" not in name:
            raise argparse.ArgumentTypeError(
                f"unknown: {name!r}; there are {', '.join(BY_NAME)}, and one's own, module:function"
            )
    return given
