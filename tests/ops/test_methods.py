"""A Tensor has an array's methods, with the array's signatures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg

METHODS: dict[str, Callable[[Any], Any]] = {
    "sum": lambda x: x.sum(0, None, None, True),
    "sum(where=)": lambda x: x.sum(axis=1, where=[True, False, True], initial=2.0),
    "mean": lambda x: x.mean(1, keepdims=True),
    "max": lambda x: x.max(0, None, True),
    "min": lambda x: x.min(axis=(0, 1)),
    "prod": lambda x: x.prod(1),
    "var": lambda x: x.var(0, ddof=1),
    "std": lambda x: x.std(axis=1, keepdims=True),
    "cumsum": lambda x: x.cumsum(0),
    "cumprod": lambda x: x.cumprod(),
    "reshape": lambda x: x.reshape(3, 2, order="F"),
    "ravel": lambda x: x.ravel(),
    "flatten": lambda x: x.flatten("F"),
    "copy": lambda x: x.copy(),
    "squeeze": lambda x: x[:1].squeeze(0),
    "swapaxes": lambda x: x.swapaxes(0, 1),
    "transpose": lambda x: x.transpose(1, 0),
    "diagonal": lambda x: x.diagonal(1),
    "trace": lambda x: x.trace(offset=-1),
    "take": lambda x: x.take([0, 0, 2], axis=1),
    "repeat": lambda x: x.repeat([1, 2], 0),
    "compress": lambda x: x.compress([True, False, True], 1),
    "dot": lambda x: x.dot(x.T),
    "clip": lambda x: x.clip(-0.5, 0.5),
    "conj": lambda x: x.conj(),
    "real": lambda x: x.real * 1.0,
}


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS.keys())
def test_methods_are_an_arrays_with_derivatives(
    agrees_with_numpy: Callable[..., None], method: Callable[[Any], Any]
) -> None:
    agrees_with_numpy(method, (2, 3))


CONSTANT: dict[str, Callable[[Any], Any]] = {
    "argsort": lambda x: x.argsort(axis=0),
    "argmax": lambda x: x.argmax(1),
    "searchsorted": lambda x: x.searchsorted(1.5),
    "round": lambda x: x.round(),
    "any": lambda x: x.any(),
    "choose": lambda x: (x > 1).astype(int).choose([5, 6]),
}


@pytest.mark.parametrize("name", CONSTANT)
def test_methods_without_a_gradient_give_what_an_array_gives(name: str) -> None:
    method = CONSTANT[name]
    values = np.array([0.4, 1.2, 2.9]) if name == "searchsorted" else np.array([[3.2, 0.4, 1.9]])
    values = np.array([[3.2], [0.4]]) if name == "argsort" else values
    got = method(tg.Tensor(values))
    assert isinstance(got, tg.Tensor)
    assert not got.requires_grad
    np.testing.assert_array_equal(got.numpy(), method(values))


def test_the_places_that_are_not_zero_and_single_elements_and_bytes() -> None:
    x = tg.Tensor([[0.0, 2.0], [3.0, 0.0]], requires_grad=True)
    assert [np.asarray(places).tolist() for places in x.nonzero()] == [[0, 1], [1, 0]]
    assert (x.item(0, 1), x.item(2)) == (2.0, 3.0)
    assert x.tobytes() == x.numpy().tobytes()
    with pytest.raises(ValueError, match=r"\(2, 2\)"):
        x.item()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda t: t.sort(), [1.0, 2.0, 3.0]),
        (lambda t: t.partition(0), None),
        (lambda t: t.fill(7.0), [7.0, 7.0, 7.0]),
    ],
)
def test_methods_that_change_a_tensor_in_place_follow_its_rules_for_that(
    change: Callable[[Any], None], expected: list[float] | None
) -> None:
    leaf = tg.Tensor([3.0, 1.0, 2.0], requires_grad=True)
    result = leaf * 1
    change(result)
    assert expected is None or result.tolist() == expected
    assert result.tolist()[0] in (1.0, 7.0)
    result.sum().backward()
    assert leaf.grad is not None
    assert leaf.grad.tolist() == ([0.0] * 3 if expected == [7.0] * 3 else [1.0] * 3)
    with pytest.raises(RuntimeError, match="in place"):
        change(leaf)
    with tg.no_grad():
        change(leaf)
    assert leaf.tolist() == result.tolist()


@pytest.mark.parametrize("method", ["view", "put"])
def test_what_only_memory_can_do_is_refused(method: str) -> None:
    x = tg.Tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(TypeError, match=r"value"):
        getattr(x, method)(*{"view": (np.int64,), "put": ([0], [1.0])}[method])
