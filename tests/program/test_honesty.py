"""What a printed program needs and has not recorded is an input, and never frozen in silence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.program import derive
from tinygrad_edu.program.execute import compiled
from tinygrad_edu.program.literals import UnprintableError


def draw(*shape: int) -> Any:
    return np.random.default_rng(sum(shape) + len(shape)).normal(size=shape)


def parameter(name: str, *shape: int) -> tg.Tensor:
    return tg.Tensor(draw(*shape), requires_grad=True, name=name)


def function(text: str) -> str:
    """Return the last function of a printed module."""
    return text[text.rindex("def ") :]


def test_labels_are_an_input() -> None:
    logits = parameter("logits", 2, 3)
    derivation = derive(nn.CrossEntropyLoss()(logits, tg.Tensor(np.array([2, 0]))))
    backprop = compiled(derivation.numpy(), "backprop")
    nn.CrossEntropyLoss()(logits, tg.Tensor(np.array([1, 1]))).backward()
    assert logits.grad is not None
    _, ours = backprop(logits.numpy(), labels=np.array([1, 1]))
    np.testing.assert_array_equal(ours, logits.grad.numpy())


def test_what_was_not_recorded_is_an_input_that_a_comment_tells_of() -> None:
    x = parameter("x", 4)
    mask = x > 0  # a comparison has no gradient, and so no history
    derivation = derive((x[mask] ** 2).sum() + (np.where(x.detach() > 0.5, x, 0) ** 3).sum())
    head, comment, *_ = function(derivation.numpy()).split("\n")
    assert head == "def backprop(x, condition, mask):"
    assert comment == "    # as in the recorded run, see .inputs: condition, mask"
    np.testing.assert_array_equal(derivation.inputs["mask"], mask.numpy())


def test_what_a_hook_computes_is_followed_through_arrays() -> None:
    w = parameter("w", 3)
    handle = w.register_hook(lambda gradient: tg.Tensor(gradient.numpy() * 10))
    derivation = derive((w * w).sum())
    assert "d_w = 20 * w" in derivation.numpy()
    handle.remove()


def test_the_inputs_stay_as_they_were() -> None:
    w = parameter("w", 3)
    derivation = derive((w * w).sum())
    before = w.numpy().copy()
    with tg.no_grad():
        w -= 1.0
    np.testing.assert_array_equal(derivation.inputs["w"], before)


def test_results_of_one_call_have_a_name_each() -> None:
    q, r = np.linalg.qr(parameter("a", 2, 2))
    assert "    t1, t2 = np.linalg.qr(a, " in derive((q + r).sum()).numpy()
    lstm = nn.LSTM(2, 3)
    assert "states, cells, gates = lstm(" in derive(lstm(parameter("x", 4, 1, 2))[0].sum()).numpy()


def test_long_calls_are_broken_into_lines() -> None:
    y = nn.Conv2d(1, 2, 3, padding=1)(parameter("x", 1, 1, 4, 4))
    lines = function(derive((y * y).sum()).numpy()).split("\n")
    assert lines[1] == "    output = conv("
    assert lines[2].startswith("        x, weight, bias, stride=(1, 1), padding=((1, 1), (1, 1)), ")
    assert lines[3] == "    )  # (1, 2, 4, 4)"


def test_checks_of_shapes_are_left_out_of_a_function_s_source() -> None:
    text = derive(nn.Conv1d(1, 1, 2)(parameter("x", 1, 1, 4)).sum()).numpy()
    assert "def check_shapes" not in text
    assert "def conv(x, weight, bias=None, *, stride, padding, dilation, groups):" in text


def test_sources_that_cannot_be_printed_are_refused_with_advice() -> None:
    table = np.arange(40.0) ** 2

    @tg.differentiable(x=lambda dy, y, x: dy * 2.0)
    def looked_up(x: Any) -> Any:
        return x + table[: x.size]

    with pytest.raises(UnprintableError, match=r"table, which a function .* as an argument"):
        derive(looked_up(parameter("x", 3)).sum())
    scope: dict[str, Any] = {}
    exec("def nowhere(x):\n    return x * 2", scope)  # noqa: S102  # as one does at a prompt
    nowhere = tg.differentiable(x=lambda dy, y, x: dy * 2)(scope["nowhere"])
    with pytest.raises(UnprintableError, match="define it in a file"):
        derive(nowhere(parameter("x", 3)).sum())


def test_functions_of_functions_are_told_apart() -> None:
    def times(factor: float) -> Any:
        @tg.differentiable(x=lambda dy, y, x: dy * factor)
        def scaled(x: Any) -> Any:
            return x * factor

        return scaled

    derivation = derive((times(3.0)(parameter("a", 3)) * times(4.0)(parameter("b", 3))).sum())
    assert derivation.check().exact
    assert "def scaled_2(x):" in derivation.numpy()


def test_an_op_that_is_never_the_same_fails_the_check() -> None:
    @tg.differentiable(x=lambda dy, y, x: dy)
    def noisy(x: Any) -> Any:
        return x + np.random.default_rng().normal(size=x.shape)

    with pytest.raises(ArithmeticError, match="random numbers"):
        derive((noisy(parameter("x", 3)) ** 2).sum()).check()
