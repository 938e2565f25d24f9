"""How an array lies in memory changes neither its value nor its gradient.

Every sample call of every op is repeated with its inputs reversed, strided, transposed, stretched,
byte-swapped and read-only: as leaves, as results of other ops, and as plain arrays. Next:
``test_purity.py``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from samples import real_calls

import tinygrad_edu as tg
from tinygrad_edu.cases import Case
from tinygrad_edu.op import Array, Op

CALLS = real_calls()


def backwards(a: Array) -> Array:
    """Lay every axis out from its end to its beginning."""
    every = (slice(None, None, -1),) * a.ndim
    return np.ascontiguousarray(a[every]).reshape(a.shape)[every]


def strided(a: Array) -> Array:
    """Leave a gap after every element, and go through the last axis backwards."""
    if a.ndim == 0:
        return a
    wide = np.zeros((*a.shape[:-1], 2 * a.shape[-1]), a.dtype)
    view = wide[..., ::2][..., ::-1]
    view[...] = a
    return view


def read_only(a: Array) -> Array:
    """Forbid writing."""
    copy = a.copy()
    copy.flags.writeable = False
    return copy


LAYOUTS: dict[str, Any] = {
    "backwards": backwards,
    "strided": strided,
    "fortran": lambda a: np.array(a, order="F"),
    "read only": read_only,
    "byte swapped": lambda a: a.astype(a.dtype.newbyteorder(">")),
}


def gradients(op: Op, inputs: list[Any], case: Case) -> tuple[Any, list[Any]]:
    """Call an op on leaves and others; return its value and the gradients of the leaves."""
    y = tg.Tensor.__record__(op, tuple(inputs), dict(case.settings))
    weights = np.random.default_rng(7).normal(size=y.shape)
    y.backward(gradient=weights)
    return y.numpy(), [x.grad.numpy() for x in inputs if isinstance(x, tg.Tensor) and x.is_leaf]


def leaf(a: Any) -> Any:
    """Make a leaf that keeps the layout of a floating-point array."""
    return tg.Tensor(a, requires_grad=True, copy=False) if a.dtype.kind == "f" else a


def same(found: tuple[Any, list[Any]], expected: tuple[Any, list[Any]]) -> None:
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-12, atol=1e-14)
    for one, other in zip(found[1], expected[1]):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-14)
        assert one.dtype.isnative


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_a_layout_changes_no_value(layout: Any) -> None:
    for shape in ((), (3,), (2, 3), (0, 3), (2, 3, 4)):
        a = np.arange(np.prod(shape, dtype=int)).reshape(shape)
        np.testing.assert_array_equal(layout(a), a)


@pytest.mark.parametrize(("op", "case"), CALLS)
def test_every_op_on_leaves_of_any_layout(
    op: Op, case: Case, generator: np.random.Generator
) -> None:
    arrays = case.draw(generator)
    expected = gradients(op, [leaf(a) for a in arrays], case)
    for layout in LAYOUTS.values():
        same(gradients(op, [leaf(layout(a)) for a in arrays], case), expected)


@pytest.mark.parametrize(("op", "case"), CALLS)
def test_every_op_with_plain_arrays_of_any_layout_beside_a_leaf(
    op: Op, case: Case, generator: np.random.Generator
) -> None:
    arrays = case.draw(generator)
    floats = [i for i, a in enumerate(arrays) if a.dtype.kind == "f"]
    for position in floats:
        plain = [leaf(a) if i == position else a for i, a in enumerate(arrays)]
        expected = gradients(op, plain, case)
        for layout in LAYOUTS.values():
            laid_out = [leaf(a) if i == position else layout(a) for i, a in enumerate(arrays)]
            same(gradients(op, laid_out, case), expected)


@pytest.mark.parametrize(("op", "case"), CALLS)
def test_every_op_on_recorded_views(op: Op, case: Case, generator: np.random.Generator) -> None:
    arrays = case.draw(generator)
    expected = gradients(op, [leaf(a) for a in arrays], case)
    leaves = [
        leaf(np.ascontiguousarray(a.T[(slice(None, None, -1),) * a.ndim]).reshape(a.T.shape))
        if a.dtype.kind == "f"
        else a
        for a in arrays
    ]
    inputs = [
        x[(slice(None, None, -1),) * x.ndim].T if isinstance(x, tg.Tensor) else x for x in leaves
    ]
    y = tg.Tensor.__record__(op, tuple(inputs), dict(case.settings))
    y.backward(gradient=np.random.default_rng(7).normal(size=y.shape))
    found = [
        x.grad.numpy().T[(slice(None, None, -1),) * x.ndim]
        for x in leaves
        if isinstance(x, tg.Tensor)
    ]
    same((y.numpy(), found), expected)


INVERTS = {"cholesky", "inv", "solve"}  # a matrix of one repeated number is singular


@pytest.mark.parametrize(
    ("op", "case"), [call for call in CALLS if call.values[0].name not in INVERTS]
)
def test_every_op_on_a_stretched_input(op: Op, case: Case, generator: np.random.Generator) -> None:
    """One number, repeated without memory of its own, equals an array full of it."""
    arrays = [
        np.full(a.shape, generator.uniform(case.low, case.high)) if a.dtype.kind == "f" else a
        for a in case.draw(generator)
    ]
    stretched = [
        np.broadcast_to(a.reshape(-1)[:1].reshape(()), a.shape)
        if a.dtype.kind == "f" and a.size
        else a
        for a in arrays
    ]
    expected = gradients(op, [leaf(a) for a in arrays], case)
    same(gradients(op, [leaf(a) for a in stretched], case), expected)
    recorded = [
        np.broadcast_to(leaf(a.reshape(-1)[:1].reshape(())), a.shape)
        if a.dtype.kind == "f" and a.size
        else a
        for a in arrays
    ]
    y = tg.Tensor.__record__(op, tuple(recorded), dict(case.settings))
    np.testing.assert_allclose(y.numpy(), expected[0], rtol=1e-12, atol=1e-14)


def test_a_tensor_of_swapped_bytes_is_stored_in_the_machines_order() -> None:
    swapped = np.array([1.0, 2.0]).astype(">f8")
    for x in (tg.Tensor(swapped), tg.Tensor(swapped, copy=False), tg.Tensor([1.0], dtype=">f8")):
        assert x.dtype.isnative
    x = tg.Tensor(swapped, requires_grad=True)
    (x * swapped).sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [1.0, 2.0]
    assert x.grad.dtype.isnative


def test_a_tensor_of_a_read_only_array_can_be_updated() -> None:
    p = tg.Tensor(read_only(np.array([1.0, 2.0])), requires_grad=True)
    p.data -= 1
    stretched = tg.Tensor(np.broadcast_to(1.0, (2,)), requires_grad=True)
    with tg.no_grad():
        stretched[0] = 5.0
    assert p.tolist() == [0.0, 1.0]
    assert stretched.tolist() == [5.0, 1.0]
