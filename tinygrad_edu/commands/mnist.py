"""``tinygrad-edu mnist``: train a small network on images, and draw what it has learnt."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tinygrad_edu.commands.parser import Parser
from tinygrad_edu.images import Options, run


def parser() -> Parser:
    """Describe the command line."""
    result = Parser(
        prog="tinygrad-edu mnist",
        description="Train a small convolutional network on images, print how many of those "
        "held out it tells right, and draw what it has learnt.",
    )
    standard = Options()
    add = result.add_argument
    add("--root", type=Path, help="folder with MNIST's files; without, smaller digits are taken",
        metavar="DIR")  # fmt: skip
    add("--fashion", action="store_true", help="the files are those of Fashion-MNIST")
    add("--download", action="store_true", help="fetch files that are not there")
    add("--epochs", type=int, default=standard.epochs, metavar="N")
    add("--batch-size", type=int, default=standard.batch_size, metavar="N")
    add("--learning-rate", type=float, default=standard.learning_rate, metavar="X",
        help="the highest, to which it rises at first")  # fmt: skip
    add("--seed", type=int, default=standard.seed, metavar="N")
    add("--out", type=Path, default=standard.out, help="folder for the pictures", metavar="DIR")
    return result


def main(arguments: Sequence[str]) -> int:
    """Run the command; return the exit code."""
    command = parser()
    options = Options(**vars(command.parse_args(arguments)))
    try:
        run(options)
    except FloatingPointError as error:
        command.exit(1, f"tinygrad-edu mnist: {error}\n")
    except (ValueError, OSError) as error:
        command.error(str(error))
    except KeyboardInterrupt:
        command.exit(130, "tinygrad-edu mnist: stopped; nothing was written\n")
    return 0
