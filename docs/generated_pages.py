"""The pages of the documentation that the package writes about itself, as Markdown.

What becomes of a gradient in each function of NumPy; all ops with their rules; what is promised
where there is no derivative; what to write instead of a method that Tensors have not got. Nothing
in them is written by hand, so nothing can be out of date: the rules are the code's text. The site
takes them in while it is built, see ``_ext/reference.py``.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, partial
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

import tinygrad_edu.ops.everything  # noqa: F401  # fills the registry
from tinygrad_edu.cases import Kink
from tinygrad_edu.draw.as_json import SCHEMA
from tinygrad_edu.op import REGISTRY, Op, RuleOfEach
from tinygrad_edu.ops.numpy_names import PACKAGES, Name, names
from tinygrad_edu.ops.scipy_ufuncs import TABLE
from tinygrad_edu.spellings import SPELLINGS

# ------------------------------------------------------------------------------ NumPy's names
INTRODUCTION = f"""# NumPy's functions and gradients

Every public function of `np`, `np.linalg`, `np.fft` and `np.emath`, and every method and attribute
of arrays, as of NumPy {np.__version__}. Types of numbers and of errors are left out.

- **Differentiable**: given a Tensor that requires grad, the call is recorded.
- **Constant**: the result does not change while the argument changes a little, so there is no
  gradient that could be lost; or the function takes no array at all. The result has no history.
- **Refused**: given a Tensor that requires grad, the call raises an error that says what to use.
  For the values alone, pass `t.detach()`.

A gradient is never lost in silence, but for one hole: `float(t)` and `t.item()` read a number out
of a Tensor, and where NumPy wants a single number it calls `float(t)` itself. It does so in
`array[i] = t` and `array.fill(t)` for plain arrays, and for the arguments of a function given plain
arrays otherwise, such as `np.sum(array, initial=t)`. Write `np.stack` or `np.where` instead.
"""


def numpy_page() -> str:
    """Write the table of NumPy's names by class."""
    found = sorted(names(), key=lambda name: name.kind != "differentiable")
    parts = [INTRODUCTION, outline(found)]
    for kind in ("differentiable", "constant", "refused"):
        parts.append(f"## {kind.capitalize()}\n")
        members = [name for name in found if name.kind == kind]
        for prefix, group in groupby(members, key=lambda name: name.path.rpartition(".")[0]):
            rows = [(f"`{name.path}`", name.why) for name in group]
            parts.append(f"### `{prefix}`: {kind}\n\n" + table(("name", "what"), rows))
    rows = [(f"`{package}`", why) for package, why in PACKAGES.items()]
    parts.append("## Packages that nothing is promised of\n\n" + table(("package", "what"), rows))
    return "\n".join(parts)


def outline(found: list[Name]) -> str:
    """Write down how many names are in each class."""
    kinds = ("differentiable", "constant", "refused")
    counts = [(kind, str(sum(name.kind == kind for name in found))) for kind in kinds]
    return table(("class", "names"), [*counts, ("all", str(len(found)))])


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Lay out a table in Markdown."""
    heads = list(heads)
    lines = [heads, ["---"] * len(heads), *rows]
    escaped = [[cell.replace("|", "\\|") for cell in line] for line in lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in escaped) + "\n"


# ------------------------------------------------------------------------------- ops and rules
def ops_page() -> str:
    """Write down every op: what it computes, its rules as they stand in the code, its kinks."""
    ops = {name: op for name, op in REGISTRY.items() if is_own(op)}
    title = (
        f"# All ops and their rules\n\nThere are {len(ops)} ops. A rule is handed `dy`, the "
        f"gradient of some final number with respect to the op's result, that result `y`, and what "
        f"the op was called with; it returns the gradient for the argument it stands at. "
        f"Broadcasting is undone elsewhere.\n"
    )
    with_scipy = "## The ufuncs of SciPy\n\nThey are ops once `scipy.special` has been imported.\n"
    return "\n".join(
        [
            title,
            *(entry(op) for _, op in sorted(ops.items())),
            with_scipy,
            *(scipy_entry(name, description) for name, description in sorted(TABLE.items())),
        ]
    )


def is_own(op: Op) -> bool:
    """Tell the package's ops from a user's, and from those of SciPy, which are in a table."""
    if isinstance(op.forward, np.ufunc):
        return not op.name.startswith("scipy.")
    return (inspect.unwrap(op.forward).__module__ or "").split(".")[0] in ("tinygrad_edu", "numpy")


def entry(op: Op) -> str:
    """Write down one op."""
    parts = [f"## `{op.name}`\n", f"`{signature(op)}`\n", f"{summary(op.forward)}\n"]
    parts.append(rules_of(rules_with_arguments(op)))
    parts += [f"{promise(op, kink)}\n" for kink in op.kinks]
    return "\n".join(parts)


def scipy_entry(name: str, description: dict[str, Any]) -> str:
    """Write down a ufunc of SciPy."""
    rules = [(argument, rule) for argument, rule in description.items() if argument != "cases"]
    arguments = ", ".join(argument for argument, _ in rules)
    return f"### `scipy.special.{name}`\n\n`{name}({arguments})`\n\n{rules_of(rules)}"


def rules_of(rules: Iterable[tuple[str, Callable[..., Any] | None]]) -> str:
    """Write down the rule for each argument, as a block of code."""
    return f"```python\n{rules_text(rules)}\n```\n"


def rules_text(rules: Iterable[tuple[str, Callable[..., Any] | None]]) -> str:
    """Write down the rule for each argument, as Python."""
    return "\n".join(
        f"# for {argument}\n{source(rule)}" if rule else f"# for {argument}: there is no derivative"
        for argument, rule in rules
    )


def rules_with_arguments(op: Op) -> Iterable[tuple[str, Callable[..., Any] | None]]:
    """Pair the arguments of an op with their rules; all of ``*arrays`` have one rule."""
    rules = [op.rules.rule] if isinstance(op.rules, RuleOfEach) else op.rules
    return zip(op.arguments, rules)


def promise(op: Op, kink: Kink) -> str:
    """Say which subgradient is promised at a kink."""
    point, promised = at_kink(op, kink)
    return f"There is a kink at {point}. The gradient there is promised to be {promised}."


def at_kink(op: Op, kink: Kink) -> tuple[str, str]:
    """Write down where a kink is, and the gradients that are promised there."""
    point = ", ".join(f"{argument} = {at}" for argument, at in zip(op.arguments, kink.at))
    return point, ", ".join(map(str, kink.gradients))


def kinks_table() -> str:
    """Write down all kinks, by op."""
    rows = [
        (f"[`{name}`](rules.md#{anchor(name)})", *at_kink(op, kink))
        for name, op in sorted(REGISTRY.items())
        if is_own(op)
        for kink in op.kinks
    ]
    return table(("op", "where", "the gradient that is promised"), rows)


def anchor(name: str) -> str:
    """Return what a heading that is one op's name is reached by."""
    return name.lower().replace(".", "")


def spellings_table() -> str:
    """Write down what to write for each method that Tensors of other libraries have."""
    rows = [(f"`t.{name}`", as_code(instead)) for name, instead in sorted(SPELLINGS.items())]
    return table(("other libraries", "here"), rows)


def as_code(spelling: str) -> str:
    """Write the part of a spelling that is code as code."""
    if spelling.startswith(("the ", "nothing")):
        return spelling
    code, *words = re.split(r"(?=, under|; | itself)", spelling, maxsplit=1)
    return f"`{code}`{''.join(words)}"


def signature(op: Op) -> str:
    """Write down how an op is called, without types."""
    if isinstance(op.forward, np.ufunc):
        return f"{op.name}({', '.join(op.arguments)})"
    parameters = inspect.signature(op.forward).parameters.values()
    plain = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in parameters]
    return f"{op.name}{inspect.Signature(plain)}"


def summary(forward: Callable[..., Any]) -> str:
    """Return the first sentence of a docstring; of NumPy's own, behind the signature."""
    blocks = [block.strip() for block in inspect.cleandoc(forward.__doc__ or "").split("\n\n")]
    name = getattr(forward, "__name__", "")
    said = [block for block in blocks if block and not block.startswith(f"{name}(")]
    return " ".join(said[0].split()) if said else ""


# ------------------------------------------------------------------- the text of one function
def source(rule: Callable[..., Any]) -> str:
    """Return a rule's own text: that of a lambda, or of a function without its docstring."""
    rule = rule.func if isinstance(rule, partial) else inspect.unwrap(rule)
    if rule.__name__ == "<lambda>":
        return lambda_source(rule)
    text = textwrap.dedent(inspect.getsource(rule))
    tree = ast.parse(text).body[0]
    assert isinstance(tree, ast.FunctionDef)  # noqa: S101  # all that has a name and is no class
    tree.decorator_list = []
    if ast.get_docstring(tree):
        tree.body = tree.body[1:]
    return ast.unparse(ast.fix_missing_locations(without_types(tree)))


def without_types(tree: ast.FunctionDef) -> ast.FunctionDef:
    """Leave out the annotations, which would be all that one saw."""
    tree.returns = None
    for argument in ast.walk(tree.args):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    return tree


def lambda_source(rule: Callable[..., Any]) -> str:
    """Find the text of a lambda: of those on its line, the one that compiles to the same code."""
    code = rule.__code__
    for line, text, compiled in lambdas_in(code.co_filename):
        if line == code.co_firstlineno and same(compiled, code):
            return " ".join(text.split())
    raise LookupError(f"the source of a rule in {code.co_filename} has changed since it was read")


@lru_cache
def lambdas_in(path: str) -> list[tuple[int, str, Any]]:
    """List the lambdas in a file: the line, the text, and the compiled code of each."""
    text = Path(path).read_text(encoding="utf-8")
    tree = ast.parse(text)
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Lambda)]
    found = [(node.lineno, ast.get_source_segment(text, node) or "") for node in nodes]
    for number, node in enumerate(nodes):  # a line of its own for each, to know its code by
        node.lineno = node.end_lineno = FAR + number
        node.end_col_offset = node.col_offset + 1
    compiled = {code.co_firstlineno: code for code in codes_in(compile(tree, path, "exec"))}
    return [(*where, compiled[FAR + number]) for number, where in enumerate(found)]


FAR = 1_000_000
"""A line that no file has."""


def codes_in(code: Any) -> Iterator[Any]:
    """Go through all functions that a piece of code defines, and those within them."""
    for part in code.co_consts:
        if hasattr(part, "co_code"):
            yield part
            yield from codes_in(part)


def same(compiled: Any, code: Any) -> bool:
    """Tell whether two functions do the same, wherever they are written."""
    parts = ("co_code", "co_names", "co_varnames", "co_freevars")
    return all(getattr(compiled, part) == getattr(code, part) for part in parts) and [
        number for number in compiled.co_consts if not hasattr(number, "co_code")
    ] == [number for number in code.co_consts if not hasattr(number, "co_code")]


# ------------------------------------------------------------------------------ JSON of a graph
def graph_schema() -> str:
    """Return what is in a graph that was written as JSON."""
    return SCHEMA.replace("# tinygrad_edu.graph/1", "## The schema `tinygrad_edu.graph/1`", 1)
