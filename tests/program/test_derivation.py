"""What `derive` prints is the derivative that `backward` computes, in a form for people."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from derivation_runs import (
    RUNS,
    draw,
    largest,
    mlp,
    parameter,
    product_of_hessian_and_vector,
    relu_network,
    rnn,
    second_derivative,
)
from numpy_alone import run_with_numpy_alone

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.article import HandDerivedNetwork, RawNetwork, X, Y
from tinygrad_edu.program import derive
from tinygrad_edu.program.execute import compiled

ARTICLE = """\
def backprop(x, weights1, weights2, y):
    layer1 = sigmoid(x @ weights1)                                    # (4, 4)
    output = sigmoid(layer1 @ weights2)                               # (4, 1)
    t1 = y - output                                                   # (4, 1)
    loss = np.sum(t1**2)                                              # ()
    t2 = -(2 * t1) * (output * (1 - output))                          # (4, 1)
    d_weights2 = layer1.T @ t2                                        # (4, 1)
    d_weights1 = x.T @ ((t2 @ weights2.T) * (layer1 * (1 - layer1)))  # (3, 4)
    return loss, d_weights1, d_weights2"""


def article(seed: int = 1, **options: Any) -> tg.Tensor:
    return RawNetwork(HandDerivedNetwork(seed=seed, **options)).loss()


def function(text: str) -> str:
    """Return the last function of a printed module."""
    return text[text.rindex("def ") :]


# --------------------------------------------------------------------------- the article
def test_the_article_s_derivation_reads_as_the_article_s() -> None:
    """Up to the sign and the names, it is what by_hand.py has in its docstring."""
    assert function(derive(article()).numpy()) == ARTICLE


@pytest.mark.parametrize("seed", range(5))
def test_the_printed_gradients_are_the_hand_derived_ones_bit_for_bit(seed: int) -> None:
    derivation = derive(article(seed))
    by_hand = HandDerivedNetwork(seed=seed)
    loss, *gradients = compiled(derivation.numpy(), "backprop")(*derivation.inputs.values())
    assert loss == by_hand.loss()
    for ours, theirs in zip(gradients, by_hand.backprop()[0]):
        np.testing.assert_array_equal(-ours, theirs, strict=True)
    assert derivation.check().exact


def test_the_printed_program_needs_nothing_but_numpy(tmp_path: Path) -> None:
    """It runs in a process in which this package cannot be imported."""
    ((_, *found),) = run_with_numpy_alone([derive(article())], tmp_path)
    network = RawNetwork(HandDerivedNetwork(seed=1))
    network.loss().backward()
    for ours, weights in zip(found, network.weights, strict=True):
        assert weights.grad is not None
        np.testing.assert_array_equal(ours, weights.grad.numpy())


@pytest.mark.parametrize(
    "options",
    [
        {"hidden": (4, 4)},
        {"hidden": (3, 5, 2), "bias": True},
        {"hidden": (6, 4), "activation": ("relu", "tanh"), "bias": True},
    ],
    ids=str,
)
def test_other_networks_of_the_kind_are_derived_bit_for_bit(options: dict[str, Any]) -> None:
    assert derive(article(**options)).check().exact


def test_the_text_is_the_same_in_every_process() -> None:
    script = (
        "from tinygrad_edu.article import HandDerivedNetwork, RawNetwork\n"
        "from tinygrad_edu.program import derive\n"
        "d = derive(RawNetwork(HandDerivedNetwork(hidden=(3, 2), bias=True)).loss())\n"
        "print(d, d.latex(), d.steps('weights1'))"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(tg.__file__).parents[1])},
            check=True,
            capture_output=True,
            timeout=60,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(texts) == 1


# ----------------------------------------------------------------------------- other runs
@pytest.mark.parametrize("run", RUNS)
def test_a_printed_run_computes_what_backward_does(run: Any) -> None:
    derivation = derive(run())
    report = derivation.check()
    assert report.exact
    assert "bit for bit" in str(report)


@pytest.mark.parametrize("run", RUNS)
def test_the_comments_tell_the_true_shapes(run: Any) -> None:
    derivation = derive(run())
    text = derivation.numpy()
    text = text.replace("    return ", "    return locals(), ")
    before, _, body = text.rpartition("def backprop(")
    values, *_ = compiled(before.replace("return locals(), ", "return ") + "def backprop(" + body,
                          "backprop")(*derivation.inputs.values())  # fmt: skip
    rows = [row for row in body.split("\n") if "  # " in row and " = " in row]
    assert rows
    for row in rows:
        names, comment = row.split(" = ")[0].strip(), row.rsplit("  # ", 1)[1]
        assert comment.startswith(", ".join(str(np.shape(values[x])) for x in names.split(", ")))


def test_a_multilayer_perceptron_reads_as_one_would_write_it() -> None:
    text = function(derive(mlp()).numpy())
    lines = [line.partition("  #")[0].strip() for line in text.split("\n")]
    assert lines == [
        "def backprop(x, weight0, bias0, weight2, bias2, y):",
        "linear0 = x @ weight0.T + bias0",
        "tanh1 = np.tanh(linear0)",
        "output = tanh1 @ weight2.T + bias2",
        "t1 = output - y",
        "loss = np.mean(t1**2)",
        "d_output = 0.4 * t1",
        "d_weight2 = d_output.T @ tanh1",
        "d_bias2 = np.sum(d_output, axis=0)",
        "d_linear0 = (d_output @ weight2) * (1 - tanh1 * tanh1)",
        "d_weight0 = d_linear0.T @ x",
        "d_bias0 = np.sum(d_linear0, axis=0)",
        "return loss, d_weight0, d_bias0, d_weight2, d_bias2",
    ]


def test_a_second_derivative_is_simplified() -> None:
    assert function(derive(second_derivative()).numpy()) == (
        "def backprop(x):\n"
        "    loss = np.sum(3 * x**2)  # ()\n"
        "    d_x = 6 * x              # (3,)\n"
        "    return loss, d_x"
    )


def test_a_weight_used_in_every_step_has_one_gradient_of_as_many_terms() -> None:
    text = derive(rnn()).numpy()
    (line,) = [line for line in text.split("\n") if line.startswith("    d_U =")]
    assert line.count("@") == 3


def test_comparisons_are_computed_anew_for_other_inputs() -> None:
    """What a rule compares is a part of the program, and no constant of the recorded run."""
    derivation = derive(relu_network())
    backprop = compiled(derivation.numpy(), "backprop")
    x, w, v = (-array for array in derivation.inputs.values())
    w_again, v_again = tg.Tensor(w, requires_grad=True), tg.Tensor(v, requires_grad=True)
    (tg.relu(tg.Tensor(x) @ w_again) @ v_again).mean().backward()
    for ours, leaf in zip(backprop(x, w, v)[1:], (w_again, v_again)):
        assert leaf.grad is not None
        np.testing.assert_array_equal(ours, leaf.grad.numpy())


def test_what_a_rule_decided_by_looking_is_asserted() -> None:
    """The gradient of a maximum has another form where one is NaN."""
    derivation = derive(largest())
    backprop = compiled(derivation.numpy(), "backprop")
    with pytest.raises(AssertionError), np.errstate(invalid="ignore"):
        backprop(np.full((4, 3), np.nan))


def test_large_constants_are_handed_in() -> None:
    index = np.random.default_rng(0).integers(0, 50, 100)
    derivation = derive((parameter("x", 50)[index] * draw(100)).sum())
    assert {"x", "index"} <= set(derivation.inputs)
    assert derivation.check().exact


def test_constants_are_written_to_the_last_bit() -> None:
    third, other = (
        derive((parameter("x", 3) * (1 / 3)).sum()),
        derive((parameter("x", 3) * 0.1234567890123).sum()),
    )
    assert "d_x = np.full(3, 1 / 3)" in third.numpy()
    assert "np.full(3, 0.1234567890123)" in other.numpy()
    assert third.check().exact
    assert other.check().exact


# -------------------------------------------------------------------------- being read only
def test_deriving_changes_nothing() -> None:
    loss = article()
    leaves = [p for node in derive(loss).reader.nodes for p in node.parents if hasattr(p, "grad")]
    assert leaves
    assert all(leaf.grad is None for leaf in leaves)
    loss.backward()
    gradients = [leaf.grad for leaf in leaves]
    before = derive(loss).numpy()
    assert [leaf.grad for leaf in leaves] == gradients
    with pytest.raises(RuntimeError, match="retain_graph"):
        loss.backward()
    assert derive(loss).numpy() == before


def test_a_change_in_place_since_is_refused() -> None:
    w = parameter("w", 3)
    loss = (w * w).sum()
    with tg.no_grad():
        w -= 1.0
    with pytest.raises(RuntimeError, match="changed in place"):
        derive(loss)


def test_hooks_are_part_of_the_derivation() -> None:
    w = parameter("w", 3)
    handle = w.register_hook(lambda gradient: gradient * 10)
    derivation = derive((w * w).sum())
    assert "d_w = 20 * w" in derivation.numpy() or "* 10" in derivation.numpy()
    handle.remove()


def test_gradients_of_chosen_tensors_only() -> None:
    a, b = parameter("a", 3), parameter("b", 3)
    hidden = a * b
    hidden.name = "hidden"
    loss = (hidden**2).sum()
    assert derive(loss, b).outputs == ("loss", "d_b")
    assert derive(loss, [hidden, a]).outputs == ("loss", "d_hidden", "d_a")
    assert derive(loss, [hidden, a]).check().exact
    with pytest.raises(RuntimeError, match="does not depend on c"):
        derive(loss, parameter("c", 2))


def test_a_product_of_hessian_and_vector_reads_as_one_would_write_it() -> None:
    """The data is no constant, though nothing was recorded of how it was turned."""
    lines = function(derive(product_of_hessian_and_vector()).numpy()).split("\n")
    assert lines[0] == "def backprop(x, w, y, v):"
    assert any("x.T @ " in line for line in lines)
    differences = derive(product_of_hessian_and_vector()).check().differences
    assert max(each.relative for each in differences) <= 1e-15  # x.T lay otherwise in memory


@pytest.mark.parametrize(
    ("wrt", "error", "message"),
    [
        ([], ValueError, "wrt= is empty"),
        (np.ones(3), TypeError, "wrt= holds Tensors, not a float64"),
        ([None], TypeError, "wrt= holds Tensors, not a NoneType"),
    ],
)
def test_what_is_no_tensor_is_refused(wrt: Any, error: type[Exception], message: str) -> None:
    w = parameter("w", 3)
    with pytest.raises(error, match=message):
        derive((w * w).sum(), wrt)
    with pytest.raises(TypeError, match=r"not its \.item\(\)"):
        derive(3.0)  # type: ignore[arg-type]


def test_parameters_may_be_handed_in_as_they_are_listed() -> None:
    layer = nn.Linear(2, 1)
    loss = layer(tg.Tensor(draw(3, 2), name="x")).sum()
    assert derive(loss, layer.parameters()).outputs == ("loss", "d_weight", "d_bias")
    assert derive(loss, [layer.bias, layer.bias]).outputs == ("loss", "d_bias")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: parameter("w", 3) * 2, r"single number.*\(3,\)"),
        (lambda: tg.Tensor(1.0) * 2, "requires_grad=True"),
        (lambda: tg.Tensor(1.0, requires_grad=True), "was not computed"),
    ],
)
def test_what_cannot_be_derived_is_refused(make: Any, message: str) -> None:
    with pytest.raises(RuntimeError, match=message):
        derive(make())


def test_sums_in_another_order_are_told() -> None:
    """A vector times a matrix may be added up in another order than a matrix of one row."""
    layer = nn.Linear(3, 4)
    derivation = derive((layer(tg.Tensor(draw(3), name="x")) ** 2).sum())
    assert not derivation.program.exact
    assert max(each.relative for each in derivation.check().differences) <= 1e-15


def test_the_report_raises_when_the_print_is_wrong() -> None:
    derivation = derive(article())
    wrong = derivation.printed.text.replace("-(2 * t1)", "-(2.0000001 * t1)")
    derivation.printed = derivation.printed._replace(text=wrong)
    with pytest.raises(ArithmeticError, match="off in d_weights1"):
        derivation.check()


def test_the_data_of_the_article_is_what_the_program_takes() -> None:
    inputs = derive(article()).inputs
    np.testing.assert_array_equal(inputs["x"], X)
    np.testing.assert_array_equal(inputs["y"], Y)


@pytest.mark.parametrize("depth", [1000, 10_000])
def test_long_runs_are_derived(depth: int) -> None:
    x = tg.Tensor([0.5, 0.25], requires_grad=True, name="x")
    y = x
    for step in range(depth):
        y = y * x if step % 2 else y + x
    derivation = derive(y.sum())
    assert len(derivation.program.assignments) > depth / 10
    assert derivation.check().exact


@pytest.mark.parametrize("seed", range(6))
def test_a_gradient_that_is_rounding_only_is_compared_as_such(seed: int) -> None:
    """The biases' shifts are taken away by the normalization, so their gradients are 0 on paper."""
    tg.manual_seed(seed)
    model = nn.Sequential(
        nn.Conv2d(1, 2, 3, stride=2, padding=1, bias=False), nn.InstanceNorm2d(2),
        nn.ConvTranspose2d(2, 2, 1), nn.AdaptiveAvgPool2d(2), nn.InstanceNorm2d(2),
    )  # fmt: skip
    x = tg.Tensor(np.random.default_rng(seed).normal(size=(2, 1, 5, 6)))
    tg.derive(nn.functional.gelu(model(x)).sum()).check()
