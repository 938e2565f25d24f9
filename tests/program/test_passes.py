"""A pass makes a program simpler and never changes what it computes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import tinygrad_edu as tg
from tinygrad_edu.dispatch import OPS
from tinygrad_edu.ops.index import put
from tinygrad_edu.ops.unstack import unstack
from tinygrad_edu.program import Program, trace
from tinygrad_edu.program.passes import EXACT, FOR_READERS, IN_WORDS, put_in_words, simplify
from tinygrad_edu.program.passes.constants import (
    drop_broadcasts,
    fold_constants,
    join_factors,
    numbers_for_arrays,
)
from tinygrad_edu.program.passes.dead import drop_dead_code
from tinygrad_edu.program.passes.duplicates import join_duplicates
from tinygrad_edu.program.passes.inline import inline
from tinygrad_edu.program.passes.parts import index_parts, join_reshapes
from tinygrad_edu.program.passes.products import fold_broadcast_sums, open_linear, push_transposes
from tinygrad_edu.program.passes.units import (
    drop_units,
    free_signs,
    untangle_signs,
    untangle_transposes,
)
from tinygrad_edu.program.program import Assignment, Input, constant

Pass = Callable[[Program], Program]
A = np.random.default_rng(1).normal(size=(3, 3))
B = np.random.default_rng(2).normal(size=(3, 3))


def program_of(function: Callable[..., Any]) -> Program:
    return trace(function)(tg.Tensor(A, name="a"), tg.Tensor(B, name="b"))


def linear(a: Any, b: Any) -> Any:
    from tinygrad_edu.ops.linear import linear

    return linear(a, b, b[0])


def ones(a: Any) -> Any:
    return np.broadcast_to(tg.Tensor(1.0), a.shape)


CASES: dict[str, tuple[Pass, Callable[..., Any], str]] = {
    "dead code": (drop_dead_code, lambda a, b: (a * 3, a + b)[1], "a + b"),
    "a product twice": (join_duplicates, lambda a, b: (a * b) - (b * a), "t1 - t1"),
    "equal settings": (join_duplicates, lambda a, b: a[[0, 1]] / a[[0, 1]], "t1 / t1"),
    "times one": (drop_units, lambda a, b: (a * 1) @ b, "a @ b"),
    "one times": (drop_units, lambda a, b: (1.0 * a) @ b, "a @ b"),
    "by one": (drop_units, lambda a, b: (a / 1) @ b, "a @ b"),
    "to the first": (drop_units, lambda a, b: (a**1) @ b, "a @ b"),
    "plus zero": (drop_units, lambda a, b: (a + 0) @ (0 + b), "a @ b"),
    "minus zero": (drop_units, lambda a, b: (a - 0) @ b, "a @ b"),
    "ones of the shape": (drop_units, lambda a, b: (a * ones(a)) @ b, "a @ b"),
    "a copy": (drop_units, lambda a, b: a.clone() @ b, "a @ b"),
    "the same dtype": (drop_units, lambda a, b: a.astype(float) @ b, "a @ b"),
    "the same shape": (drop_units, lambda a, b: a.reshape(3, 3) @ b, "a @ b"),
    "twice minus": (untangle_signs, lambda a, b: np.negative(-a) @ b, "a @ b"),
    "plus minus": (untangle_signs, lambda a, b: a + -b, "a - b"),
    "minus plus": (untangle_signs, lambda a, b: -a + b, "b - a"),
    "minus of minus": (untangle_signs, lambda a, b: a - -b, "a + b"),
    "minus times minus": (untangle_signs, lambda a, b: -a * -b, "a * b"),
    "turned twice": (untangle_transposes, lambda a, b: a.T.mT @ b, "a @ b"),
    "not turned": (untangle_transposes, lambda a, b: a.transpose(0, 1) @ b, "a @ b"),
    "constants": (fold_constants, lambda a, b: a * (tg.Tensor(2.0) * 3), "a * 6"),
    "a broadcast number": (
        drop_broadcasts, lambda a, b: a * np.broadcast_to(tg.Tensor(2.0), (3, 3)), "a * 2"),
    "a broadcast row": (drop_broadcasts, lambda a, b: a * np.broadcast_to(b[0], (3, 3)),
                        "a * b[0]"),
    "a power of two": (join_factors, lambda a, b: 0.25 * (3 * a), "0.75 * a"),
    "added to itself": (join_factors, lambda a, b: a + a, "2 * a"),
    "no power of two": (join_factors, lambda a, b: 0.3 * (0.7 * a), "0.3 * (0.7 * a)"),
    "a negated factor": (free_signs, lambda a, b: a + (-b) * a, "a - b * a"),
    "a negative factor": (free_signs, lambda a, b: a * tg.Tensor(-0.5) + b, "b - a * 0.5"),
    "minus a negative factor": (
        free_signs, lambda a, b: np.negative(a * tg.Tensor(-0.5)) @ b, "(a * 0.5) @ b"),
    "the first of several": (index_parts, lambda a, b: unstack(a, axis=0)[0] + b, "a[0] + b"),
    "a column of several": (index_parts, lambda a, b: unstack(a, axis=-1)[1] + b, "a[:, 1] + b"),
    "two shapes": (join_reshapes, lambda a, b: a.reshape(9).reshape(1, 9) + b[0, 0],
                   "a.reshape((1, 9)) + b[0, 0]"),
    "axes that a sum keeps": (
        join_reshapes, lambda a, b: np.sum(a, axis=0, keepdims=True).reshape(3) + b,
        "np.sum(a, axis=0) + b"),
    "only new axes": (
        join_reshapes, lambda a, b: put(b[0, None], index=(None, slice(None)), shape=(3,)) + a,
        "b[0, None].reshape(3) + a"),
    "a layer": (open_linear, linear, "a @ b.T + b[0]"),
    "a product turned": (push_transposes, lambda a, b: (a @ b).mT, "b.T @ a.T"),
    "a sum of equals": (fold_broadcast_sums,
                        lambda a, b: np.broadcast_to(b[0], (3, 3)).sum(axis=0), "b[0] * 3"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_pass_does_what_it_is_for(name: str) -> None:
    one, function, expected = CASES[name]
    before = program_of(function)
    after = one(before)
    lines = str(inline(drop_dead_code(after))).split("\n")
    found = [line.partition("  #")[0].partition(" = ")[2] for line in lines if " = " in line]
    assert found[-1].strip() == expected
    for ours, theirs in zip(after.run(), before.run()):
        if after.exact:
            np.testing.assert_array_equal(ours, theirs, strict=True)
        np.testing.assert_allclose(ours, theirs, rtol=1e-14)


@pytest.mark.parametrize("name", CASES)
def test_a_pass_has_nothing_to_do_a_second_time(name: str) -> None:
    one, function, _ = CASES[name]
    once = one(program_of(function))
    assert one(once) is once


@pytest.mark.parametrize(
    "function",
    [
        lambda a, b: a + -0.0 * b,
        lambda a, b: a * np.ones((2, 3, 3)),
        lambda a, b: a[0, 0] * 1.0 + b,
        lambda a, b: 1 - a,
        lambda a, b: 0 - a,
    ],
)
def test_what_only_looks_like_a_unit_stays(function: Any) -> None:
    before = program_of(function)
    (result,), (expected,) = simplify(before).run(), before.run()
    np.testing.assert_array_equal(result, expected, strict=True)
    np.testing.assert_array_equal(np.signbit(result), np.signbit(expected))


# ------------------------------------------------------------------------ random programs
UNARY = (
    np.negative, np.sin, np.square, lambda x: x.T, lambda x: x * 1, lambda x: 0.5 * x,
    lambda x: x + 0, lambda x: x.sum(axis=0), lambda x: x.sum(), lambda x: x * 3, lambda x: x[0],
    lambda x: x.reshape(x.shape), lambda x: np.broadcast_to(x, (3, *x.shape)), lambda x: x > 0,
    lambda x: x.astype(float), lambda x: x - x,
)  # fmt: skip
BINARY = (np.add, np.subtract, np.multiply, np.maximum, lambda a, b: a @ b if a.ndim > 1 else a)


def run_of(choices: list[tuple[int, int, int]]) -> Callable[..., Any]:
    """Make a function that applies ops to values, each chosen by a number."""

    def function(a: Any, b: Any) -> Any:
        values = [a, b, a.clone() * 1]
        for kind, first, second in choices:
            x, y = values[first % len(values)], values[second % len(values)]
            if x.ndim > 3 or y.ndim > 3 or x.dtype == bool or y.dtype == bool:
                continue
            try:
                if kind < len(UNARY):
                    values.append(UNARY[kind](x))
                else:
                    values.append(BINARY[(kind - len(UNARY)) % len(BINARY)](x, y))
            except (ValueError, IndexError):  # shapes that do not fit
                continue
        return values[3:] or values

    return function


def adds_up(program: Program) -> bool:
    """Tell whether there are sums, which NumPy rounds by the order in which memory lies."""
    return any(line.op.name in ("sum", "matmul") for line in program.assignments)


CHOICES = st.lists(
    st.tuples(st.integers(0, len(UNARY) + len(BINARY) - 1), st.integers(0, 30), st.integers(0, 30)),
    max_size=20,
)


@settings(max_examples=60, deadline=None)
@given(CHOICES)
def test_no_pass_changes_what_a_program_computes(choices: list[tuple[int, int, int]]) -> None:
    before = program_of(run_of(choices))
    expected = before.run()
    for one in (*EXACT, *FOR_READERS, *IN_WORDS, inline, put_in_words, simplify):
        after = one(before)
        assert one(after) is after or one in (simplify, put_in_words, inline)
        for ours, theirs in zip(after.run(), expected):
            assert ours.dtype == theirs.dtype
            if after.exact and not adds_up(before):
                np.testing.assert_array_equal(ours, theirs, strict=True)
            else:
                scale = np.max(np.abs(theirs), initial=1)
                np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-13 * scale)


@settings(max_examples=40, deadline=None)
@given(CHOICES)
def test_what_is_printed_computes_the_same(choices: list[tuple[int, int, int]]) -> None:
    from tinygrad_edu.program.execute import compiled
    from tinygrad_edu.program.numpy_text import printed

    before = program_of(run_of(choices))
    text = printed(inline(put_in_words(before)))
    found = compiled(text.text, "program")(*text.parameters.values())
    found = found if isinstance(found, tuple) else (found,)
    for ours, theirs in zip(found, before.run()):
        scale = np.max(np.abs(theirs), initial=1)
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-13 * scale)
        assert np.asarray(ours).dtype == theirs.dtype


def test_simplifying_ends_where_nothing_is_left_to_do() -> None:
    program = simplify(program_of(lambda a, b: ((a @ b).T * 1 + 0) @ (a + -b)))
    assert simplify(program) is program


def test_an_array_of_one_number_is_written_as_that() -> None:
    x = Input((2, 3), np.dtype(float), "x", array=np.ones((2, 3)))
    for shape, expected in (((2, 3), "x * 0.5"), ((4, 2, 3), "x * np.full((4, 2, 3), 0.5)")):
        half = constant(np.full(shape, 0.5))
        line = Assignment(shape, np.dtype(float), op=OPS[np.multiply], operands=(x, half))
        after = numbers_for_arrays(Program((x,), (line,), (line,)))
        assert f"    y = {expected}  #" in str(after)
        assert after.run()[0].shape == shape
