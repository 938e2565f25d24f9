"""The gradients of every module of ``nn`` can be printed, and run where there is only NumPy."""

from __future__ import annotations

import re
import textwrap
from typing import Any

import numpy as np
import pytest
from module_samples import MODULES, NOT_CALLED
from numpy_alone import run_with_numpy_alone

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.ops.linear import linear
from tinygrad_edu.ops.unstack import unstack
from tinygrad_edu.program import derive
from tinygrad_edu.program.derivation import Derivation
from tinygrad_edu.program.execute import compiled

REORDERED = {
    "AdaptiveAvgPool2d", "UpsamplingBilinear2d", "MultiheadAttention", "Transformer",
    "TransformerDecoder", "TransformerDecoderLayer", "TransformerEncoder",
    "TransformerEncoderLayer",
}  # fmt: skip
"""Modules in which the transpose of a product is printed as the product of transposes."""


def small_cnn() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Dropout(0.5), nn.Linear(8, 3),
    )  # fmt: skip


def images(count: int) -> Any:
    return np.random.default_rng(3).normal(size=(count, 1, 6, 6))


NETWORKS: dict[str, Any] = {**MODULES, "a small CNN": (small_cnn, (images(4),))}
NAMES = ("x", "y", "z")


def is_signs(array: Any) -> bool:
    """Tell whether an array holds classes or signs, which are no numbers to be changed a little."""
    return array.dtype.kind != "f" or set(np.unique(array)) <= {-1, 1}


def inputs_of(name: str, shift: float = 0.0) -> list[tg.Tensor]:
    arrays = NETWORKS[name][1]
    moved = [a if is_signs(a) else a * (1 - shift) for a in arrays]
    return [
        tg.Tensor(array, requires_grad=array.dtype.kind == "f", name=letter)
        for array, letter in zip(moved, NAMES)
    ]


def run(name: str, shift: float = 0.0) -> tuple[tg.Tensor, list[tg.Tensor]]:
    """Call a module and make a number of its result; return that, and the leaves."""
    tg.manual_seed(1)
    module, inputs = NETWORKS[name][0](), inputs_of(name, shift)
    y = module(*inputs)
    while isinstance(y, tuple):
        y = y[0]
    weights = np.random.default_rng(7).normal(size=y.shape)
    loss: tg.Tensor = (y * tg.Tensor(weights, name="weights")).sum()
    return loss, [*(x for x in inputs if x.requires_grad), *module.parameters()]


@pytest.fixture(scope="module")
def derivations() -> dict[str, Derivation]:
    return {name: derive(run(name)[0]) for name in NETWORKS}


@pytest.fixture(scope="module")
def executed(
    derivations: dict[str, Derivation], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[Any]]:
    """Run all that is printed in a process that cannot import this package."""
    folder = tmp_path_factory.mktemp("printed")
    return dict(zip(derivations, run_with_numpy_alone(list(derivations.values()), folder)))


def test_every_module_has_a_sample() -> None:
    names = {name for name in nn.__all__ if isinstance(getattr(nn, name), type)}
    assert names - NOT_CALLED == MODULES.keys()


@pytest.mark.parametrize("name", NETWORKS)
def test_what_is_printed_runs_with_numpy_alone(
    name: str, derivations: dict[str, Derivation], executed: dict[str, list[Any]]
) -> None:
    """The gradients are those of backward: bit for bit, where no sum was put in another order."""
    derivation = derivations[name]
    assert derivation.program.exact == (name not in REORDERED)
    loss, leaves = run(name)
    loss.backward()
    expected = {id(leaf): leaf.grad for leaf in leaves if leaf.grad is not None}
    assert executed[name][0] == loss.numpy()
    assert len(executed[name]) - 1 == len(derivation.outputs) - 1 == len(expected)
    ours = dict(zip(derivation.outputs[1:], executed[name][1:]))
    theirs = walked_by_name(derivation, loss, leaves)
    assert ours.keys() == theirs.keys()
    for output, gradient in theirs.items():
        assert ours[output].dtype == gradient.dtype
        assert ours[output].shape == gradient.shape
        limit = 0 if derivation.program.exact else 1e-15 * np.abs(gradient).max(initial=0)
        np.testing.assert_allclose(ours[output], gradient, rtol=0, atol=limit)


def walked_by_name(
    derivation: Derivation, loss: tg.Tensor, leaves: list[tg.Tensor]
) -> dict[str, Any]:
    """Return what backward has left, by the names of another derivation of the same network."""
    again = derive(loss)
    assert again.numpy() == derivation.numpy()
    return {label: key.grad.numpy() for label, key in zip(again.outputs[1:], again.wrt)}


@pytest.mark.parametrize("name", NETWORKS)
def test_the_check_passes(name: str, derivations: dict[str, Derivation]) -> None:
    report = derivations[name].check()
    assert report.exact or name in REORDERED


@pytest.mark.parametrize("name", NETWORKS)
def test_only_numpy_is_imported(name: str, derivations: dict[str, Derivation]) -> None:
    lines = derivations[name].numpy().splitlines()
    assert [line for line in lines if line.startswith(("import", "from"))] == ["import numpy as np"]


@pytest.mark.parametrize("name", NETWORKS)
def test_what_depends_on_the_data_is_computed_or_handed_in(
    name: str, derivations: dict[str, Derivation]
) -> None:
    """The program is right for other data as well, given what it says that it took from the run."""
    derivation = derivations[name]
    loss, _ = run(name, shift=0.25)
    others = derive(loss)
    loss.backward()
    assert list(others.inputs) == list(derivation.inputs)
    backprop = compiled(derivation.numpy(), "backprop")
    try:
        found = dict(zip(derivation.outputs, backprop(*others.inputs.values())))
    except AssertionError:  # it says itself that other formulas hold for these
        assert derivation.program.guards
        return
    for label, key in zip(others.outputs[1:], others.wrt):
        np.testing.assert_allclose(found[label], key.grad.numpy(), rtol=1e-12, atol=1e-14)


def test_random_masks_and_computed_indices_are_inputs(derivations: dict[str, Derivation]) -> None:
    assert "dropout5_factor" in derivations["a small CNN"].inputs
    assert "    # as in the recorded run, see .inputs: factor\n" in derivations["Dropout"].numpy()
    assert {"index", "index_2"} <= set(derivations["AdaptiveMaxPool1d"].inputs)
    assert "labels" in derivations["CrossEntropyLoss"].inputs


def statements(steps: str) -> list[str]:
    """Take the formulas out of the text that explains: forwards, and then step by step."""
    forward, *blocks = re.split(r"^\d+\. ", steps, flags=re.MULTILINE)
    code = [textwrap.dedent(forward.partition("on the way:\n")[2])]
    for block in blocks[1:]:
        head, _, rest = block.partition("\n")
        before_why = rest.partition("\n   why:")[0]
        code.append(textwrap.dedent(f"   {head}\n{before_why}"))
    return [re.sub(r"^(\w+) \+= ", r"\1 = \1 + ", each, flags=re.MULTILINE) for each in code]


@pytest.mark.parametrize("name", [name for name in NETWORKS if "Transformer" not in name])
def test_the_steps_done_one_by_one_give_the_gradient(
    name: str, derivations: dict[str, Derivation]
) -> None:
    derivation = derivations[name]
    gradients = dict(zip(derivation.outputs, derivation.program.run()))
    functions: dict[str, Any] = {"linear": linear, "unstack": unstack}
    exec(derivation.numpy(), functions)  # noqa: S102  # what was printed
    for line, value in derivation.program.values().items():
        functions[derivation.printed.names.get(line, "")] = value
    for output in derivation.outputs[1:]:
        values = {**functions, **derivation.inputs, "d_loss": np.array(1.0)}
        for text in statements(str(derivation.steps(output))):
            exec(text, values)  # noqa: S102  # what was printed
        np.testing.assert_allclose(values[output], gradients[output], rtol=1e-12, atol=1e-14)
