"""An error at any point, even Ctrl-C, leaves gradients, graph and mode as they were.

Next: ``test_custom_ops.py``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg


class Unbuildable(Exception):  # noqa: N818  # a user's class, as users write them
    """An error that cannot be made from a message."""

    def __init__(self, code: int, place: str) -> None:
        super().__init__(code, place)


class Picky(Exception):  # noqa: N818
    """An error whose one argument is not a message."""

    def __init__(self, code: int) -> None:
        super().__init__(int(code))


ERRORS = [
    ValueError("no"),
    KeyError("no"),
    ZeroDivisionError("no"),
    StopIteration("no"),
    MemoryError("no"),
    OSError(5, "no"),
    UnicodeDecodeError("utf-8", b"no", 0, 1, "no"),
    Unbuildable(1, "no"),
    Picky(3),
    KeyboardInterrupt("no"),
    SystemExit("no"),
    GeneratorExit("no"),
]
every_error = pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)


def failing(error: BaseException, in_rule: bool = True) -> Any:
    """Make an op that fails as long as ``switch`` is not empty."""
    switch = [True]

    def rule(dy: Any, y: Any, x: Any) -> Any:
        if switch and in_rule:
            raise error
        return dy * 2

    @tg.differentiable(x=rule)
    def doubled(x: Any) -> Any:
        if switch and not in_rule:
            raise error
        return x * 2

    return doubled, switch


@every_error
def test_an_error_in_a_rule_leaves_every_gradient_as_it_was(error: BaseException) -> None:
    doubled, switch = failing(error)
    x, w = (tg.Tensor([1.0, 2.0], requires_grad=True) for _ in range(2))
    w.grad = np.array([10.0, 20.0])
    before = w.grad
    loss = (doubled(x) * w + w).sum()
    with pytest.raises((Exception, KeyboardInterrupt, SystemExit, GeneratorExit)) as caught:
        loss.backward()
    if isinstance(error, Exception):
        assert "doubled" in str(caught.value)
    else:
        assert caught.value is error
    assert x.grad is None
    assert w.grad is before
    assert w.grad.tolist() == [10.0, 20.0]
    assert tg.is_grad_enabled()
    switch.clear()
    loss.backward()
    assert x.grad.tolist() == [2.0, 4.0]
    assert w.grad.tolist() == [13.0, 25.0]
    x.data -= x.grad
    assert x.tolist() == [-1.0, -2.0]


@every_error
def test_an_error_in_a_rule_restores_the_mode(error: BaseException) -> None:
    doubled, _ = failing(error)
    x = tg.Tensor([1.0], requires_grad=True)
    loss = doubled(x).sum()
    with (
        tg.no_grad(),
        pytest.raises((Exception, KeyboardInterrupt, SystemExit, GeneratorExit)),
    ):
        loss.backward(create_graph=True)
    with tg.no_grad():
        assert not tg.is_grad_enabled()
    assert tg.is_grad_enabled()


@every_error
def test_an_error_in_the_function_names_the_op_and_leaves_nothing_behind(
    error: BaseException,
) -> None:
    doubled, switch = failing(error, in_rule=False)
    x = tg.Tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises((Exception, KeyboardInterrupt, SystemExit, GeneratorExit)) as caught:
        doubled(x)
    if isinstance(error, Exception):
        assert "doubled" in str(caught.value)
        assert "(2,) float64" in str(caught.value)
        assert caught.value.__cause__ is error
    switch.clear()
    doubled(x).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [2.0, 2.0]


@every_error
def test_what_would_have_caught_the_error_still_catches_it(error: BaseException) -> None:
    doubled, _ = failing(error, in_rule=False)
    kinds = (IndexError, ValueError, TypeError, KeyError, ZeroDivisionError, MemoryError, OSError)
    kind = next((kind for kind in kinds if isinstance(error, kind)), BaseException)
    with pytest.raises(kind):
        doubled(tg.Tensor([1.0], requires_grad=True))


def test_a_failed_second_pass_leaves_every_gradient_as_it_was() -> None:
    doubled, switch = failing(ValueError("no"))
    switch.clear()
    x = tg.Tensor([3.0], requires_grad=True)
    (doubled(x) * doubled(x)).sum().backward(create_graph=True)
    first = x.grad
    assert first is not None
    switch.append(True)
    with pytest.raises(ValueError, match="doubled"):
        first.sum().backward()
    assert x.grad is first
    assert first.tolist() == [24.0]


def test_a_failed_op_leaves_an_in_place_target_as_it_was() -> None:
    x = tg.Tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    with pytest.raises(ValueError, match=r"\(2,\).*\(3,\)"):
        y += np.ones(3)
    with pytest.raises(ValueError, match=r"\(2,\)"):
        y += np.ones((4, 2))
    with pytest.raises(IndexError, match="setitem"):
        y[7] = 1.0
    assert y.tolist() == [2.0, 4.0]
    y.sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [2.0, 2.0]


def test_a_gradient_that_arrives_nowhere_raises_before_any_is_stored() -> None:
    x, w = (tg.Tensor([1.0, 2.0], requires_grad=True) for _ in range(2))
    loss = (x * w).sum()
    w.data = np.ones(3)
    with pytest.raises(RuntimeError, match=r"\(3,\)"):
        loss.backward()
    assert x.grad is None
    assert w.grad is None


def test_asking_for_gradients_fails_without_traces_too() -> None:
    doubled, _ = failing(ValueError("no"))
    x = tg.Tensor([1.0], requires_grad=True)
    with pytest.raises(ValueError, match="doubled"):
        tg.autograd.grad(doubled(x).sum(), [x])
    assert x.grad is None
