"""Whatever is public explains itself: formula, shapes, errors, source, and an example that runs.

What computes must give all five. What does not (contexts, files, records of a run) has no formula,
shape or source to give, and is named in ``TOOLS``. A docstring may send its reader on to another
one (``see `functional.conv2d```, ``as for `conv2d```), and then need not repeat what stands there.
`tests/test_doctests.py` runs the examples.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import textwrap
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

import tinygrad_edu.ops.everything  # noqa: F401  # every public name is there
from tinygrad_edu.op import Op

PACKAGES = (
    "nn.functional", "nn.init", "nn.utils", "nn", "optim.lr_scheduler", "optim", "special",
    "autograd", "data", "draw", "program", "training", "checkpoint", "article", "images", "fast",
    "utils", "",
)  # fmt: skip

TOOLS = set(
    """
    no_grad enable_grad set_grad_enabled is_grad_enabled detect_anomaly record_lines
    manual_seed get_rng_state set_rng_state set_default_dtype get_default_dtype implements case

    check_grad check_backprop derive trace compile graph draw draw_network record_training fit
    summary differentiable Tensor GradientError TraceError Derivation Program Drawing Graph
    TrainingRecord RenderError save load CheckpointError

    Module ModuleList ModuleDict Sequential ParameterList ParameterDict Parameter Optimizer
    LRScheduler ChainedScheduler SequentialLR RangeTest lr_range_test

    Dataset IterableDataset TensorDataset ConcatDataset ChainDataset StackDataset Subset Sampler
    SequentialSampler RandomSampler SubsetRandomSampler WeightedRandomSampler BatchSampler
    DataLoader default_collate default_convert random_split MNIST FashionMNIST Digits digits
    read_idx Callback Checkpoint EarlyStopping History Run NonFiniteLossError evaluate

    Comparison Contender Difference DivergenceError compare composed set_weights Options run
    network enable disable
    """.split()  # noqa: SIM905  # a hundred names are read more easily without their quotes
)
"""Public names that compute nothing of their own: they owe an example and their errors."""


class Name(NamedTuple):
    """One public name, and the package through which a reader finds it."""

    package: str
    name: str
    value: Any

    def __str__(self) -> str:
        return ".".join(part for part in ("tg", self.package, self.name) if part)


def public() -> Iterator[Name]:
    """Find every public function and class, under every package that has it."""
    for package in PACKAGES:
        module = importlib.import_module(f"tinygrad_edu.{package}".rstrip("."))
        for name in module.__all__:
            value = getattr(module, name)
            if callable(value) and not inspect.ismodule(value):
                yield Name(package, name, value)


PATHS = {str(name): name.value for name in public()}
NAMES = list({id(name.value): name for name in public()}.values())
every = pytest.mark.parametrize("name", NAMES, ids=str)


# --------------------------------------------------------------- what a docstring has to say
def referred(text: str, seen: frozenset[str] = frozenset()) -> str:
    """Return a docstring together with those that it sends its reader to."""
    texts = [text]
    for path in re.findall(r"(?:[Ss]ee|[Aa]s for|[Aa]s in|[Aa]s with)\s+`([\w.]+)`", text):
        found = {value for name, value in PATHS.items() if f".{name}".endswith(f".{path}")}
        assert found, f"it refers to `{path}`, which is no public name"
        docs = {inspect.getdoc(value) or "" for value in found} - seen - {text}
        texts += [referred(each, seen | {text}) for each in docs]
    return "\n".join(texts)


def told(name: Name) -> str:
    """Return what the docstring of a name says, with what it refers to."""
    return referred(inspect.getdoc(name.value) or "")


def computes(name: Name) -> bool:
    return name.name not in TOOLS


# ----------------------------------------------------------------------- who raises says so
NEVER = {"get_rng_state"}
"""Those that call what raises, but never with what it refuses."""


def raises(value: Any, depth: int = 2) -> bool:
    """Tell whether a function, or one of the package that it calls, has a ``raise``.

    Of a class, making it and calling it; other methods have docstrings of their own.
    """
    if inspect.isclass(value):
        own = (vars(value).get(name) for name in ("__init__", "__new__", "__call__", "forward"))
        return any(raises(method, depth) for method in own if inspect.isfunction(method))
    try:
        (tree,) = ast.parse(textwrap.dedent(inspect.getsource(value))).body
    except (OSError, TypeError):
        return False
    tree.decorator_list = []  # type: ignore[attr-defined]  # what a decorator raises, it says
    if any(isinstance(node, ast.Raise) for node in ast.walk(tree)):
        return True
    if not depth:
        return False
    scope = vars(importlib.import_module(value.__module__))
    called = {node.func.id for node in ast.walk(tree)
              if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}  # fmt: skip
    helpers = [scope.get(each) for each in called]
    return any(
        inspect.isfunction(helper)
        and not isinstance(getattr(helper, "op", None), Op)
        and helper.__module__.startswith("tinygrad_edu.")
        and raises(helper, depth - 1)
        for helper in helpers
    )


# ------------------------------------------------------------------------------------ laws
@every
def test_a_public_name_says_in_one_line_what_it_is(name: Name) -> None:
    first, _, rest = (inspect.getdoc(name.value) or "").partition("\n")
    assert first.rstrip().endswith((".", "::", ":")), first
    assert not rest or rest.startswith("\n"), "the first line is followed by an empty one"


@every
def test_a_public_name_has_an_example(name: Name) -> None:
    assert ">>> " in (inspect.getdoc(name.value) or "")


@every
def test_who_raises_says_so(name: Name) -> None:
    if name.name not in NEVER and raises(name.value):
        assert re.search(r"^Raises$|\b[Rr]aises\b", told(name), re.M)


@pytest.mark.parametrize("name", [name for name in NAMES if computes(name)], ids=str)
def test_what_computes_gives_its_formula_its_shapes_and_its_source(name: Name) -> None:
    text = told(name)
    missing = []
    if not re.search(r"``[^`]*[-+*/=@(\[<>][^`]*``|::\n", text):
        missing.append("formula: inline as ``y = ...``, or a block after ::")
    if name.package != "optim.lr_scheduler" and not re.search(
        r"\b[Ss]hapes?\b|\b[Ee]lementwise\b|\bscalar\b", text
    ):
        missing.append("shapes: 'Shapes: ...', or 'elementwise'")
    if not re.search(r"^References$|\bSource: ", text, re.M):
        missing.append("source: a References section, or a line 'Source: ...'")
    assert not missing


def test_every_tool_is_still_a_public_name() -> None:
    assert {name.name for name in NAMES} >= TOOLS
