"""A traced function gives a program of what it does, or an error: nothing is frozen in silence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn.functional import embedding
from tinygrad_edu.program import TraceError, trace
from tinygrad_edu.program.execute import compiled
from tinygrad_edu.program.numpy_text import printed


def draw(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(size=shape)


def check_for_other_inputs(function: Any, *shapes: tuple[int, ...]) -> None:
    """Trace with some numbers, run with others."""
    program = trace(function)(*(tg.Tensor(draw(*s)) for s in shapes))
    others = [draw(*s, seed=5) for s in shapes]
    arguments = program.inputs[: len(shapes)]
    expected = function(*(tg.Tensor(x) for x in others))
    expected = expected if isinstance(expected, (tuple, list)) else [expected]
    text = printed(program)
    given = {**text.parameters, **{text.names[i]: x for i, x in zip(arguments, others)}}
    found = compiled(text.text, "program")(*given.values())
    found = found if isinstance(found, tuple) else (found,)
    for ours, run, theirs in zip(found, program.run(dict(zip(arguments, others))), expected):
        np.testing.assert_array_equal(ours, theirs.numpy())
        np.testing.assert_array_equal(run, theirs.numpy(), strict=True)


def relu_by_mask(x: Any) -> Any:
    return x * (x > 0)


def with_values(x: Any) -> Any:
    return x * np.sign(x.detach()) + np.floor(x) + np.argsort(x, axis=-1)


def in_place(x: Any) -> Any:
    y = x * 1
    y += 2
    y[0] = 7.0
    y[1:] *= x[1:]
    return y


def on_itself(x: Any) -> Any:
    x += 1
    x[0] = 0.0
    return x * x


def numpy_functions(x: Any) -> Any:
    return np.concatenate([np.clip(x, -1, 1), np.where(x > 0, x, -x), np.abs(x)], axis=0)


def several(x: Any) -> Any:
    q, r = np.linalg.qr(x)
    return q, r, q @ r


def gradient(x: Any) -> Any:
    x = x.detach().requires_grad_()
    (tg.relu(x) ** 3).sum().backward()
    return x.grad


def at_a_computed_index(x: Any) -> Any:
    return x[np.argsort(x[0])] * x[[0, 1], np.argmax(x[:2], axis=1)][:, None, None]


def embedded(x: Any) -> Any:
    x = x.detach().requires_grad_()
    (embedding(np.argsort(x[:, 0].detach()), x) ** 2).sum().backward()
    return x.grad


@pytest.mark.parametrize(
    "function",
    [
        relu_by_mask, with_values, in_place, on_itself, numpy_functions, several, gradient,
        at_a_computed_index, embedded,
    ],
)  # fmt: skip
def test_what_is_computed_depends_on_the_inputs(function: Any) -> None:
    check_for_other_inputs(function, (4, 4))


def test_plain_arrays_and_nests_of_arguments_are_inputs() -> None:
    program = trace(lambda pair, table, scale: pair[0] @ pair[1] * table["c"] * scale)(
        (tg.Tensor(draw(2, 3)), draw(3, 2)), {"c": draw(2, 2)}, 3.0
    )
    assert [each.name for each in program.inputs] == ["pair1", "pair2", "table_c"]


def test_tensors_from_elsewhere_are_inputs_too() -> None:
    weight = tg.Tensor(draw(3, 3), requires_grad=True, name="weight")
    program = trace(lambda x: weight @ x)(tg.Tensor(draw(3, 3)))
    assert len(program.inputs) == 2
    assert any(each.array is weight.data for each in program.inputs)


def test_a_comparison_of_what_is_captured_is_computed_anew() -> None:
    program = trace(lambda x: np.where(captured > 4, x, -x) + (captured.detach() < 4))(draw(3))
    (weight,) = program.inputs[1:]
    assert weight.leaf is captured
    (y,) = program.run({weight: np.array([9.0, 0.0, 9.0]), program.inputs[0]: np.ones(3)})
    np.testing.assert_array_equal(y, [1.0, 0.0, 1.0])


def test_a_single_number_from_elsewhere_is_an_input() -> None:
    scale = tg.Tensor(2.0)
    program = trace(lambda x: x * scale)(draw(3))
    (given,) = program.inputs[1:]
    assert given.name == "scale"
    np.testing.assert_array_equal(program.run({given: 0.0})[0], np.zeros(3))


table = np.array([1.0, -2.0, 3.0])


def test_what_numpy_makes_of_an_array_from_elsewhere_is_computed_anew() -> None:
    program = trace(lambda x: x * (table > 0) + table[::-1])(np.ones(3))
    assert program.inputs[1].name == "table"
    (y,) = program.run({program.inputs[1]: np.array([-1.0, 5.0, 5.0])})
    np.testing.assert_array_equal(y, [5.0, 6.0, 0.0])
    assert type(table) is np.ndarray


def test_what_is_decided_by_an_array_from_elsewhere_is_a_guard_of_the_program() -> None:
    program = trace(lambda x: x[table > 0] if table[0] > 0 else x)(np.arange(3.0))
    assert len(program.guards) == 2
    np.testing.assert_array_equal(program.run()[0], [0.0, 2.0])


@pytest.mark.parametrize("copy", [lambda x: tg.Tensor(x.detach()), lambda x: x._array.copy()])
def test_a_number_that_cannot_be_followed_is_refused_with_the_line(copy: Any) -> None:
    def copying(x: Any) -> Any:
        y = copy(x)
        return y * x

    try:
        program = trace(copying)(tg.Tensor(draw(3)))
    except TraceError as error:
        assert "test_tracing.py, in copying" in str(error)  # noqa: PT017
    else:
        others = {program.inputs[0]: np.ones(3)}
        np.testing.assert_array_equal(program.run(others)[0], np.ones(3))


def test_tracing_changes_nothing() -> None:
    norm, before = nn.BatchNorm1d(3), tg.get_rng_state()
    weights = norm.weight.numpy().copy()

    def step(x: Any) -> Any:
        loss = nn.functional.dropout(norm(x), 0.5).sum()
        loss.backward()
        table[0] = 7.0
        with tg.no_grad():
            norm.weight.data -= norm.weight.grad
        return loss

    trace(step)(tg.Tensor(draw(4, 3)))
    np.testing.assert_array_equal(norm.running_mean.numpy(), np.zeros(3))
    np.testing.assert_array_equal(norm.weight.numpy(), weights)
    assert norm.weight.grad is None
    assert table[0] == 1.0
    assert tg.get_rng_state() == before


def test_tracing_changes_no_argument() -> None:
    x, before = tg.Tensor(draw(3)), draw(3)
    trace(on_itself)(x)
    np.testing.assert_array_equal(x.numpy(), before)


def branching(x: Any) -> Any:
    if x.sum() > 0:
        return x
    return -x


def converting(x: Any) -> Any:
    return x * x.sum().item()


def masking(x: Any) -> Any:
    return x[x > 0]


captured = tg.Tensor(draw(3) + 4, requires_grad=True, name="captured")


class Slotted:
    __slots__ = ("weight",)


slotted = Slotted()
slotted.weight = tg.Tensor(draw(3))


def branching_on_what_is_captured(x: Any) -> Any:
    return x if (captured > 0).any() else -x


def converting_what_is_captured(x: Any) -> Any:
    return x * float(captured.sum())


def on_a_slot(x: Any) -> Any:
    return x if slotted.weight.tolist()[0] > 0 else -x


def looping(x: Any) -> Any:
    for _ in range(int(np.abs(x).max()) + 1):
        x = x * 2
    return x


def as_array(x: Any) -> Any:
    return tg.Tensor(np.asarray(x)) * 2


def listing(x: Any) -> Any:
    return tg.Tensor(x.tolist())


def into_an_array(x: Any) -> Any:
    array = np.zeros(3)
    array += x
    return tg.Tensor(array)


@pytest.mark.parametrize(
    "function",
    [
        branching, converting, looping, as_array, listing, into_an_array, masking,
        branching_on_what_is_captured, converting_what_is_captured, on_a_slot,
    ],
)  # fmt: skip
def test_looking_at_numbers_is_refused_with_the_line(function: Any) -> None:
    with pytest.raises(TraceError, match=f"line .*test_tracing.py, in {function.__name__}"):
        trace(function)(tg.Tensor([3.0, 1.0, 2.0]))


def test_a_traced_tensor_that_would_be_kept_is_refused() -> None:
    kept: list[Any] = []
    with pytest.raises(TraceError, match="changes kept"):
        trace(lambda x: kept.append(x) or x * 2)(tg.Tensor(draw(3)))
    assert kept == []


def test_a_result_that_is_no_tensor_is_refused() -> None:
    with pytest.raises(TypeError, match="returned a str"):
        trace(lambda x: "x")(tg.Tensor(1.0))


def test_a_module_can_be_traced() -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    program = trace(model)(tg.Tensor(draw(5, 3)))
    np.testing.assert_array_equal(program.run()[0], model(tg.Tensor(draw(5, 3))).numpy())
