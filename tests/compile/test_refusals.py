"""What tracing cannot follow is refused, never frozen; what changes between calls is noticed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import count
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn, optim
from tinygrad_edu.program import TraceError
from tinygrad_edu.program.compiling import compile

weight = tg.Tensor([1.0, 2.0, 3.0], requires_grad=True)
numbers = count()
generator = np.random.default_rng(0)


def branching(x: Any) -> Any:
    return x if x.sum() > 0 else -x


def branching_on_a_parameter(x: Any) -> Any:
    return x * 2 if weight.item() > 0 else x


def converting(x: Any) -> Any:
    return x * float(x.sum())


def reading_a_parameter(x: Any) -> Any:
    return x * np.asarray(weight.data)


def masking(x: Any) -> Any:
    return x[x > 0]


def formatting(x: Any) -> Any:
    return f"{x.sum():.2f}"


def printing(x: Any) -> Any:
    print(weight)
    return x


@pytest.mark.parametrize(
    "function",
    [
        branching,
        branching_on_a_parameter,
        converting,
        reading_a_parameter,
        masking,
        printing,
        formatting,
    ],
)
def test_looking_at_numbers_is_refused_with_the_line(function: Callable[..., Any]) -> None:
    with pytest.raises(TraceError, match=f"line .*test_refusals.py, in {function.__name__}"):
        compile(function)(tg.Tensor([3.0, 1.0, 2.0]))


def counting(x: Any) -> Any:
    return x * next(numbers)


def drawing(x: Any) -> Any:
    return x * generator.random(3)


def drawing_from_nowhere(x: Any) -> Any:
    return x * np.random.default_rng().random(3)


def copying(x: Any) -> Any:
    return tg.Tensor(x.detach()) * 2


def behind_the_back(x: Any) -> Any:
    return x * tg.Tensor(x._array * 2)


@pytest.mark.parametrize("function", [counting, drawing_from_nowhere, copying, behind_the_back])
def test_numbers_from_elsewhere_are_refused_or_followed(function: Callable[..., Any]) -> None:
    compiled = compile(function)
    try:
        compiled(tg.Tensor([3.0, 1.0, 2.0]))
    except TraceError:
        return
    x = tg.Tensor([5.0, 7.0, 9.0])
    np.testing.assert_array_equal(compiled(x).numpy(), function(x).numpy())


def test_draws_go_on_in_the_stream_of_a_captured_generator() -> None:
    compiled, x = compile(drawing), tg.Tensor([1.0, 2.0, 3.0])
    start = generator.bit_generator.state
    ours = [compiled(x).numpy() for _ in range(3)]
    generator.bit_generator.state = start
    np.testing.assert_array_equal(ours, [drawing(x).numpy() for _ in range(3)])
    assert type(generator) is np.random.Generator
    with pytest.raises(TraceError, match="calls shuffle"):
        compile(lambda x: generator.shuffle([1, 2]) or x)(x)


steps, losses, seen = 0, [], {"loss": None}


def counting_steps(x: Any) -> Any:
    global steps
    steps += 1
    return x * 2


def collecting(x: Any) -> Any:
    losses.append(x.sum().detach())
    return x * 2


def remembering(x: Any) -> Any:
    seen["loss"] = x
    return x * 2


class Remembers(nn.Module):
    hidden: Any = None

    def forward(self, x: Any) -> Any:
        self.hidden = x * 2
        return self.hidden


def enclosed() -> Callable[..., Any]:
    total = 0.0

    def adding(x: Any) -> Any:
        nonlocal total
        total = total + x
        return total

    return adding


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (counting_steps, "steps"), (collecting, "losses"), (remembering, "loss"),
        (Remembers(), "hidden"), (enclosed(), "total"),
    ],
)  # fmt: skip
def test_effects_in_python_are_refused_by_name_and_undone(function: Any, name: str) -> None:
    with pytest.raises(TraceError, match=f"changes {name}"):
        compile(function)(tg.Tensor([1.0]))
    assert (steps, losses, seen) == (0, [], {"loss": None})
    assert float(function(tg.Tensor([1.0])).sum()) > 0  # it works on without being compiled
    for each in (losses, seen):
        each.clear()
    seen["loss"], globals()["steps"] = None, 0


def test_a_refused_function_changes_nothing() -> None:
    w = tg.Tensor([1.0, 2.0], requires_grad=True)
    optimizer = optim.SGD([w], lr=0.5)

    def step() -> None:
        loss = (w * w).sum()
        loss.backward()
        optimizer.step()
        loss.item()

    state = tg.get_rng_state()
    with pytest.raises(TraceError):
        compile(step)()
    np.testing.assert_array_equal(w.numpy(), [1.0, 2.0])
    assert type(w) is tg.Tensor
    assert w.grad is None
    assert not optimizer.has_stepped
    assert "step" not in vars(optimizer)
    assert tg.get_rng_state() == state


def test_changing_an_argument_is_refused() -> None:
    def on_itself(x: Any) -> Any:
        x += 1
        return x

    with pytest.raises(TraceError, match="changed in place"):
        compile(on_itself)(tg.Tensor([1.0]))
    with pytest.raises(TraceError, match=r"gets a \.grad"):
        compile(lambda x: (x * x).sum().backward())(tg.Tensor([1.0], requires_grad=True))


def test_a_schedule_that_is_not_the_last_to_take_a_step_is_refused() -> None:
    w = tg.Tensor([1.0], requires_grad=True)
    optimizer = optim.SGD([w], lr=0.5)
    scheduler = optim.lr_scheduler.StepLR(optimizer, 1)
    plateau = optim.lr_scheduler.ReduceLROnPlateau(optimizer)

    def too_early() -> None:
        optimizer.zero_grad()
        (w * w).sum().backward()
        optimizer.step()
        scheduler.step()
        optimizer.step()

    def by_value() -> None:
        optimizer.step()
        plateau.step((w * w).sum())

    def by_hand() -> None:
        optimizer.param_groups[0]["lr"] *= 0.5

    for function, advice in ((too_early, "last"), (by_value, "outside"), (by_hand, "lr")):
        with pytest.raises(TraceError, match=advice):
            compile(function)()
    assert optimizer.param_groups[0]["lr"] == 0.5
    assert scheduler.last_epoch == 0
    assert "step" not in {**vars(scheduler), **vars(plateau)}


# ----------------------------------------------------------------- what is noticed instead
def test_a_changed_shape_or_dtype_is_traced_anew() -> None:
    compiled = compile(lambda x: (x * 2).sum(axis=0) / len(x))
    for shape, dtype in [((2, 3), "f8"), ((4, 3), "f8"), ((2, 3), "f4"), ((2, 3), "f8")]:
        x = np.ones(shape, dtype)
        y = compiled(tg.Tensor(x))
        assert y.dtype == dtype
        np.testing.assert_array_equal(y.numpy(), [2.0, 2.0, 2.0])
    assert "3 programs" in repr(compiled)


def test_settings_training_and_parameters_are_honoured_when_they_change() -> None:
    model = nn.Sequential(nn.Linear(3, 3), nn.Dropout(0.5))
    compiled = compile(model)
    x = tg.Tensor(np.ones((50, 3)))
    for change in (
        model.eval,
        model.train,
        lambda: setattr(model[1], "p", 0.9),
        lambda: setattr(model[0], "weight", nn.Parameter(np.ones((3, 3)))),
        lambda: setattr(model[0].bias, "data", np.zeros(3)),
        model.eval,
    ):
        change()
        tg.manual_seed(3)
        expected = model(x).numpy()
        tg.manual_seed(3)
        np.testing.assert_allclose(compiled(x).numpy(), expected, rtol=1e-12)


def test_a_number_in_the_closure_is_honoured_when_it_changes() -> None:
    factor = 2.0

    def scaled(x: Any) -> Any:
        return x * factor

    compiled = compile(scaled)
    for factor in (2.0, 3.0, 2.0):
        assert compiled(tg.Tensor([1.0])).item() == factor


def test_whatever_else_python_keeps_is_honoured_when_it_changes() -> None:
    class Settings:
        __slots__ = ("power",)

    settings, layers, options, activation = Settings(), [tg.tanh], {"shift": 1.0}, tg.sigmoid
    settings.power = 2.0

    def function(x: Any) -> Any:
        for layer in layers:
            x = layer(x)
        return activation(x + options["shift"]) ** settings.power

    def other_activation() -> None:
        nonlocal activation
        activation = tg.relu

    compiled, x = compile(function), tg.Tensor([0.5, 2.0])
    for change in (
        lambda: None, lambda: layers.append(np.exp), lambda: options.update(shift=2.0),
        lambda: setattr(settings, "power", 3.0), other_activation, lambda: layers.pop(0),
    ):  # fmt: skip
        change()
        np.testing.assert_allclose(compiled(x).numpy(), function(x).numpy(), rtol=1e-12)


def test_what_has_nothing_to_do_with_the_function_does_not_make_it_traced_anew() -> None:
    class Trainer:
        def __init__(self) -> None:
            self.epoch, self.weight = 0, tg.Tensor([2.0])

        def forward(self, x: Any) -> Any:
            return x * self.weight

    trainer = Trainer()
    compiled = compile(trainer.forward)
    for trainer.epoch in range(3):
        compiled(tg.Tensor([1.0]))
    assert "1 programs" in repr(compiled)


def test_other_arguments_are_part_of_the_program() -> None:
    compiled = compile(lambda x, n, scale=1.0: x**n * scale)
    x = tg.Tensor([3.0])
    assert [float(compiled(x, n)) for n in (1, 2, 3, 2)] == [3.0, 9.0, 27.0, 9.0]
    assert float(compiled(x, 2, scale=10.0)) == 90.0


def test_arrays_that_the_function_reaches_are_read_where_they_are() -> None:
    table = np.array([1.0, 2.0])
    compiled = compile(lambda x: x + table)
    compiled(tg.Tensor([0.0, 0.0]))
    table[:] = 7.0
    np.testing.assert_array_equal(compiled(tg.Tensor([0.0, 0.0])).numpy(), [7.0, 7.0])


table, mask = np.array([1.0, -2.0, 3.0]), np.array([True, False, True])
pair = (np.array([1.0, 2.0, 3.0]), 2.0)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x * (table > 0) + table[::-1],
        lambda x: x if table[0] > 0 else -x,
        lambda x: x[mask] * int(mask.sum()),
        lambda x: x * np.linalg.norm(table) ** np.argmax(table),
        lambda x: x + tg.Tensor(pair[0][::-1]) * pair[1],
    ],
)
def test_what_is_made_of_an_array_from_elsewhere_is_made_anew(function: Any) -> None:
    compiled, x = compile(function), tg.Tensor([3.0, 1.0, 2.0])
    kept = [each.copy() for each in (table, mask, pair[0])]
    try:
        for _ in range(2):
            np.testing.assert_array_equal(compiled(x).numpy(), function(x).numpy())
            table[:], mask[:], pair[0][:] = -table, ~mask, pair[0] * 3
    finally:
        table[:], mask[:], pair[0][:] = kept


def test_arrays_that_the_function_writes_into_are_written_into() -> None:
    history, total = np.zeros(4), np.zeros(())

    def note(x: Any) -> None:
        history[1] = x.sum().detach()
        np.add(total, x.detach().numpy().max(), out=total)
        history[2:] += 1

    fast = compile(note)
    for i in range(3):
        fast(tg.Tensor([1.0, i]))
    np.testing.assert_array_equal(history, [0.0, 3.0, 3.0, 3.0])
    assert total == 4.0


def test_a_wrong_label_is_told_as_eager_tells_it() -> None:
    compiled = compile(nn.CrossEntropyLoss())
    x = tg.Tensor(np.ones((2, 3)))
    compiled(x, tg.Tensor([0, 2]))
    with pytest.raises(IndexError, match="the label at"):
        compiled(x, tg.Tensor([0, 3]))


def test_results_are_not_overwritten_by_the_next_call() -> None:
    compiled = compile(lambda x: (x * 2, x, x.T))
    first = compiled(tg.Tensor([[1.0, 2.0]]))
    before = [each.numpy().copy() for each in first]
    compiled(tg.Tensor([[5.0, 6.0]]))
    for now, then in zip(first, before):
        np.testing.assert_array_equal(now.numpy(), then)


def test_the_result_of_a_tracked_call_refuses_to_be_differentiated() -> None:
    """It has no history, and that must not look like a gradient of zero."""
    compiled = compile(lambda x: x * weight)
    y = compiled(tg.Tensor([1.0, 1.0, 1.0]))
    assert y.requires_grad
    with pytest.raises(RuntimeError, match="compiled"):
        (y.sum() + weight.sum()).backward()
    with tg.no_grad():
        assert not compiled(tg.Tensor([1.0, 1.0, 1.0])).requires_grad


def test_an_argument_may_be_what_is_written_into() -> None:
    w = tg.Tensor([1.0, 2.0])

    def step(x: Any) -> Any:
        nonlocal_w = w
        nonlocal_w += 1.0
        return x * 10.0

    compiled = compile(step)
    np.testing.assert_array_equal(compiled(w).numpy(), [10.0, 20.0])
    np.testing.assert_array_equal(compiled(w).numpy(), [20.0, 30.0])


def test_memory_that_two_tensors_share_is_not_written_into() -> None:
    array = np.zeros(3)
    one, two = tg.Tensor(array, copy=False), tg.Tensor(array, copy=False)

    def step() -> Any:
        one[...] = two + 1
        return two * 1

    with pytest.raises(TraceError, match="shares its memory"):
        compile(step)()


def test_a_compiled_function_may_call_another() -> None:
    inner = compile(lambda x: x * 3)
    outer = compile(lambda x: inner(x) + inner(x * 2))
    for start in (1.0, 2.0):
        assert outer(tg.Tensor([start])).item() == 9 * start


def test_walking_back_twice_is_refused_as_in_eager() -> None:
    w = tg.Tensor(np.ones(3), requires_grad=True)

    def twice(x: Any) -> Any:
        loss = (w * x).sum()
        loss.backward()
        loss.backward()
        return w.grad

    for function in (twice, compile(twice)):
        w.grad = None
        with pytest.raises(RuntimeError, match="already been called on this result of sum"):
            function(tg.Tensor([1.0, 2.0, 3.0]))


@pytest.mark.parametrize("gradient", [2.0, np.ones(1), np.ones((1, 3)), np.ones(2), ["a"] * 3])
def test_a_gradient_of_another_shape_is_refused_as_in_eager(gradient: Any) -> None:
    w = tg.Tensor(np.ones(3), requires_grad=True)

    def walk(x: Any) -> None:
        (w * x).backward(gradient)

    for function in (walk, compile(walk)):
        with pytest.raises((TypeError, ValueError), match=r"gradient|numbers"):
            function(tg.Tensor([1.0, 2.0, 3.0]))


def test_a_gradient_of_another_dtype_is_converted() -> None:
    w = tg.Tensor(np.ones(3), requires_grad=True)

    def walk(x: Any, dy: Any) -> Any:
        w.grad = None
        (w * x).backward(dy)
        return w.grad

    x, fast = tg.Tensor([1.0, 2.0, 3.0]), compile(walk)
    for dy in (tg.Tensor([1, 2, 3]), tg.Tensor(np.float32([1, 2, 3])), tg.Tensor([3, 2, 1])):
        np.testing.assert_array_equal(fast(x, dy).numpy(), walk(x, dy).numpy())


def test_targets_of_another_kind_are_refused_as_in_eager() -> None:
    loss = nn.SoftMarginLoss()
    fast = compile(lambda x, target: loss(x, target))
    x, good, bad = tg.Tensor([1.0, 2.0]), tg.Tensor([1.0, -1.0]), tg.Tensor([0.25, 1.0])
    for target in (bad, good, bad):
        if target is good:
            assert fast(x, target).item() == loss(x, target).item()
            continue
        with pytest.raises(ValueError, match=r"the targets are 1 and -1, and one is 0\.25"):
            fast(x, target)


@pytest.mark.parametrize("function", [lambda x: x * 2 + 1, lambda x: np.cumsum(x) + 1])
def test_the_backend_numba_says_that_it_needs_numba(
    function: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "numba", None)
    with pytest.raises(ImportError, match=r"needs numba .*pip install 'tinygrad_edu\[fast\]'"):
        compile(function, backend="numba")(tg.Tensor([1.0, 2.0]))
