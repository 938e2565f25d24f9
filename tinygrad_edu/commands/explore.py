"""``tinygrad-edu explore``: write the article's network as a page that one can walk through."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from tinygrad_edu.article.compare import DivergenceError
from tinygrad_edu.article.job import Options, check_options
from tinygrad_edu.article.own_activation import prepare
from tinygrad_edu.article.recorded import train_recorded
from tinygrad_edu.commands.parser import Parser, counts, names


def parser() -> Parser:
    """Describe the command line."""
    result = Parser(
        prog="tinygrad-edu explore",
        description="Train the article's network, and write one HTML file, complete in itself, on "
        "which one steps through the forward and the backward pass, at several moments of the "
        "training.",
    )
    standard = Options()
    add = result.add_argument
    add("--iterations", type=int, default=standard.iterations, metavar="N")
    add("--seed", type=int, default=standard.seed, help="of the first weights", metavar="N")
    add("--hidden", type=counts, default=standard.hidden, help="units, such as 4 or 4,4",
        metavar="N")  # fmt: skip
    add("--activation", type=names, default=standard.activation, metavar="NAME",
        help="of the hidden layers, one or one for each")  # fmt: skip
    add("--learning-rate", type=float, default=standard.learning_rate, metavar="X")
    add("--bias", action=argparse.BooleanOptionalAction, default=standard.bias, help="add biases")
    add("--out", type=Path, default=Path("explorer.html"), help="the file", metavar="FILE")
    return result


def main(arguments: Sequence[str]) -> int:
    """Run the command; return the exit code."""
    command = parser()
    options = Options(**vars(command.parse_args(arguments)))
    try:
        check_options(options)
        prepare(options.activation, len(options.hidden))
        record = train_recorded(options)
        options.out.absolute().parent.mkdir(parents=True, exist_ok=True)
        path = record.explore(options.out, title="The article's network, step by step")
    except ValueError as error:
        command.error(str(error))
    except OSError as error:
        command.error(f"cannot write to {options.out}: {error.strerror or error}")
    except DivergenceError as error:
        command.exit(1, f"{command.prog}: {error}; try a smaller --learning-rate\n")
    except KeyboardInterrupt:
        command.exit(130, f"{command.prog}: stopped; nothing was written\n")
    print(f"wrote {path}; open it in a browser, and press the right arrow")
    return 0
