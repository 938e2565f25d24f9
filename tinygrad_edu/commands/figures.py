"""``tinygrad-edu figures``: draw all of the article's figures, from a real training run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tinygrad_edu.article.compare import DivergenceError
from tinygrad_edu.article.gallery import draw_gallery
from tinygrad_edu.article.job import Options, check_options
from tinygrad_edu.commands.parser import Parser
from tinygrad_edu.staging import publish, staging


def parser() -> Parser:
    """Describe the command line."""
    result = Parser(
        prog="tinygrad-edu figures",
        description="Train the article's network, and draw the article's figures from it: the "
        "architecture, the graph of forward and backward pass, gradient descent, the chain rule, "
        "the loss, and the predictions.",
    )
    standard = Options()
    add = result.add_argument
    add("--iterations", type=int, default=standard.iterations, metavar="N")
    add("--seed", type=int, default=standard.seed, help="of the first weights", metavar="N")
    add("--out", type=Path, default=Path("article-figures"), help="the folder", metavar="DIR")
    return result


def main(arguments: Sequence[str]) -> int:
    """Run the command; return the exit code."""
    command = parser()
    options = Options(**vars(command.parse_args(arguments)))
    try:
        check_options(options)
        with staging(options.out) as folder:
            notes = draw_gallery(folder, options.iterations, options.seed)[1]
            files = publish(folder, options.out)
    except ValueError as error:
        command.error(str(error))
    except OSError as error:
        command.error(f"cannot write to {options.out}: {error.strerror or error}")
    except DivergenceError as error:
        command.exit(1, f"{command.prog}: {error}\n")
    except KeyboardInterrupt:
        command.exit(130, f"{command.prog}: stopped; nothing was written\n")
    print("\n".join([*(f"wrote {file}" for file in files), *notes]))
    return 0
