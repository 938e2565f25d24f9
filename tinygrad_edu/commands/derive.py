"""``tinygrad-edu derive``: print the article's derivation, or that of another such network.

The network is the one that the main job trains, and its options are the same.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from tinygrad_edu.article.job import Options, check_options
from tinygrad_edu.article.on_tensors import RawNetwork
from tinygrad_edu.commands.parser import Parser, counts, names
from tinygrad_edu.program.derivation import derive


def parser() -> Parser:
    """Describe the command line."""
    result = Parser(
        prog="tinygrad-edu derive",
        description="Print the backpropagation of the article's network: the recorded graph, "
        "written down as a NumPy program, as formulas, or step by step.",
    )
    standard = Options()
    form = result.add_mutually_exclusive_group()
    form.add_argument("--latex", action="store_true", help="print formulas instead of a program")
    form.add_argument("--steps", metavar="NAME",
        help="explain the gradient for one weight step by step, such as weights1")  # fmt: skip
    add = result.add_argument
    add("--hidden", type=counts, default=standard.hidden, help="units, such as 4 or 4,4",
        metavar="N")  # fmt: skip
    add("--activation", type=names, default=standard.activation, metavar="NAME",
        help="of the hidden layers, one or one for each")  # fmt: skip
    add("--seed", type=int, default=standard.seed, help="of the weights", metavar="N")
    add("--bias", action=argparse.BooleanOptionalAction, default=standard.bias, help="add biases")
    return result


def text(options: Options, latex: bool = False, steps: str | None = None) -> str:
    r"""Return what the command prints, once it has been run and found to be right.

    Raises
    ------
    ValueError
        If an option makes no sense.

    Examples
    --------
    >>> from tinygrad_edu.article.job import Options
    >>> from tinygrad_edu.commands.derive import text
    >>> print(text(Options(), latex=True).splitlines()[1])
    \mathrm{layer}_{1} &= \sigma\left(x\,\mathrm{weights}_{1}\right) \\
    """
    check_options(options)
    derivation = derive(RawNetwork(options.network()).loss())
    derivation.check()
    if latex:
        return derivation.latex()
    if steps is None:
        return derivation.numpy()
    try:
        return str(derivation.steps(steps))
    except KeyError as error:
        raise ValueError(f"--steps: {error.args[0]}") from error


def main(arguments: Sequence[str]) -> int:
    """Run the command; return the exit code."""
    command = parser()
    given = vars(command.parse_args(arguments))
    latex, steps = given.pop("latex"), given.pop("steps")
    try:
        print(text(Options(**given), latex, steps))
    except ValueError as error:
        command.error(str(error))
    return 0
