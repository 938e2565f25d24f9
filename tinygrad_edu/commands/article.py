"""``tinygrad-edu``: train the article's network and hold its gradients against its formulas."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from tinygrad_edu import __version__
from tinygrad_edu.article.compare import DivergenceError
from tinygrad_edu.article.job import Options, check_options, run
from tinygrad_edu.article.own_activation import BY_NAME
from tinygrad_edu.commands.parser import Parser, counts, names


def parser() -> Parser:
    """Describe the command line."""
    result = Parser(
        prog="tinygrad-edu",
        description="Train the article's 2-layer network on a recorded graph, check its gradients "
        "against the hand-derived backpropagation at every iteration, and draw the result. Other "
        "commands: mnist, derive, explore, figures; see their --help.",
    )
    standard = Options()
    add = result.add_argument
    add("--iterations", type=int, default=standard.iterations, metavar="N")
    add("--seed", type=int, default=standard.seed, help="of the first weights", metavar="N")
    add(
        "--hidden",
        type=counts,
        default=standard.hidden,
        help="units, such as 4 or 4,4",
        metavar="N",
    )
    add("--activation", type=names, default=standard.activation, metavar="NAME",
        help="of the hidden layers, one or one for each: one's own, as module:function, or "
        + ", ".join(BY_NAME))  # fmt: skip
    add("--learning-rate", type=float, default=standard.learning_rate, metavar="X")
    add("--bias", action=argparse.BooleanOptionalAction, default=standard.bias,
        help="add biases, which the article leaves at 0")  # fmt: skip
    add("--out", type=Path, default=standard.out, help="folder for the pictures", metavar="DIR")
    add("--json", action="store_true", help="print one JSON object and nothing else")
    add("--version", action="version", version=f"tinygrad_edu {__version__}")
    return result


def main(arguments: Sequence[str]) -> int:
    """Run the command line; return the exit code."""
    command = parser()
    options = Options(**vars(command.parse_args(arguments)))
    try:
        check_options(options)
        run(options)
    except ValueError as error:
        command.error(str(error))
    except OSError as error:
        command.error(f"cannot write to {options.out}: {error.strerror or error}")
    except DivergenceError as error:
        command.exit(1, f"tinygrad-edu: {error}; try a smaller --learning-rate\n")
    except KeyboardInterrupt:
        command.exit(130, "tinygrad-edu: stopped; nothing was written\n")
    return 0
