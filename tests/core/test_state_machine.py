"""Whatever is done to Tensors in whatever order: they show what a naive model shows.

Values and gradients are the model's, and exactly what is documented is refused, with everything
left as it was. The model is ``naive_model.py``. To search for longer than the tests do:
``python tests/core/test_state_machine.py 500``, a number of runs of 40 steps.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # as pytest's pythonpath does

import pytest
from naive_model import Model, Shadow, reached

import tinygrad_edu as tg

SIZE = 3
PICK = st.integers(0, 7)
NUMBERS = st.sampled_from([-1.5, -0.75, 0.25, 1.25])
VALUES = st.lists(NUMBERS, min_size=SIZE, max_size=SIZE)
SLICES = st.sampled_from([slice(0, 2), slice(1, 2), slice(1, 3), slice(None), slice(None, None, 2)])
UNARY: dict[str, Any] = {
    "sin": np.sin, "tanh": np.tanh, "negative": lambda t: -t, "clone": lambda t: t.clone(),
    "reversed": lambda t: t[::-1],
}  # fmt: skip
BINARY: dict[str, Any] = {
    "add": lambda a, b: a + b, "subtract": lambda a, b: a - b, "multiply": lambda a, b: a * b,
}  # fmt: skip


CALLS = st.lists(st.tuples(st.sampled_from([*UNARY, *BINARY]), PICK, PICK), min_size=1, max_size=4)


def add_to(t: Any, value: Any) -> None:
    t += value


def subtract_from(t: Any, value: Any) -> None:
    t -= value


def multiply_by(t: Any, value: Any) -> None:
    t *= value


IN_PLACE: dict[str, Any] = {"add": add_to, "subtract": subtract_from, "multiply": multiply_by}


class Tensors(RuleBasedStateMachine):
    """A heap of Tensors and their shadows, and losses computed from them."""

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.pairs: list[tuple[Any, Shadow]] = []
        self.losses: list[tuple[Any, Shadow, Any, list[bool]]] = []  # with weights; [spent]
        self.leaf_tensors: list[Any] = []

    # ------------------------------------------------------------------------------- making
    @initialize(values=st.tuples(VALUES, VALUES, VALUES), calls=CALLS)
    def start(self, values: Any, calls: list[tuple[str, int, int]]) -> None:
        self.make_leaf(values[0])
        self.make_leaf(values[1])
        self.make_constant(values[2])
        self.compute(calls)
        self.make_a_loss(0, values[0])

    @precondition(lambda self: len(self.model.leaves) < 3)
    @rule(values=VALUES)
    def make_leaf(self, values: list[float]) -> None:
        x, shadow = tg.Tensor(values, requires_grad=True), Shadow(np.array(values), True)
        self.pairs.append((x, shadow))
        self.model.leaves.append(shadow)
        self.leaf_tensors.append(x)

    @rule(values=VALUES)
    def make_constant(self, values: list[float]) -> None:
        self.keep(tg.Tensor(values), Shadow(np.array(values)))

    @rule(calls=CALLS)
    def compute(self, calls: list[tuple[str, int, int]]) -> None:
        for name, i, j in calls:
            (x, a), (z, b) = self.pick(i), self.pick(j)
            if name in UNARY:
                self.keep(UNARY[name](x), self.model.call(name, a))
            else:
                self.keep(BINARY[name](x, z), self.model.call(name, a, b))

    @rule(calls=CALLS)
    def compute_without_recording(self, calls: list[tuple[str, int, int]]) -> None:
        name, i, _ = calls[0]
        name = name if name in UNARY else "clone"
        x, shadow = self.pick(i)
        with tg.no_grad():
            self.keep(UNARY[name](x), self.model.call(name, shadow, recording=False))

    @rule(i=PICK)
    def detach(self, i: int) -> None:
        x, shadow = self.pick(i)
        self.keep(x.detach(), Shadow(shadow.value.copy()))

    @rule(i=PICK)
    def give_another_name(self, i: int) -> None:
        self.keep(*self.pick(i))

    @precondition(lambda self: len(self.pairs) > 1)
    @rule(i=PICK)
    def forget(self, i: int) -> None:
        del self.pairs[-1 - i % len(self.pairs)]

    # -------------------------------------------------------------------------- changing in place
    @rule(name=st.sampled_from(sorted(IN_PLACE)), i=PICK, number=NUMBERS, recording=st.booleans())
    def change_by_a_number(self, name: str, i: int, number: float, recording: bool) -> None:
        x, shadow = self.pick(i)
        self.change(
            x, shadow, recording, False, lambda: IN_PLACE[name](x, number),
            lambda: self.model.call(name, shadow, number, recording=recording),
        )  # fmt: skip

    @rule(name=st.sampled_from(sorted(IN_PLACE)), i=PICK, j=PICK, recording=st.booleans())
    def change_by_another(self, name: str, i: int, j: int, recording: bool) -> None:
        (x, shadow), (z, other) = self.pick(i), self.pick(j)
        self.change(
            x, shadow, recording, other.is_tracked, lambda: IN_PLACE[name](x, z),
            lambda: self.model.call(name, shadow, other, recording=recording),
        )  # fmt: skip

    @rule(i=PICK, j=PICK, where=SLICES, recording=st.booleans())
    def write_a_part_of_another(self, i: int, j: int, where: slice, recording: bool) -> None:
        (x, shadow), (z, other) = self.pick(i), self.pick(j)
        with tg.set_grad_enabled(recording):
            piece = z[where]
        part = self.model.call("getitem", other, settings=(where,), recording=recording)
        self.change(
            x, shadow, recording, part.is_tracked, lambda: x.__setitem__(where, piece),
            lambda: self.model.call(
                "setitem", shadow, part, settings=(where,), recording=recording
            ),
        )  # fmt: skip

    def change(
        self, x: Any, shadow: Shadow, recording: bool, tracked: bool, act: Any, compute: Any
    ) -> None:
        """Change a Tensor and its shadow, or see the change refused."""
        is_result = shadow.formula is not None
        if (is_result and not recording) or (shadow.wants_gradient and recording and not is_result):
            with tg.set_grad_enabled(recording), pytest.raises(RuntimeError, match="in place"):
                act()
            return
        after = compute()
        if np.abs(after.value).max() > 100:
            return
        with tg.set_grad_enabled(recording):
            act()
        if is_result or (tracked and recording):
            shadow.become(after)
        else:
            self.model.write(shadow, after.value)

    @rule(k=PICK, values=VALUES)
    def give_a_leaf_new_data(self, k: int, values: list[float]) -> None:
        x, shadow = self.pick_leaf(k)
        x.data = np.array(values)
        shadow.value, shadow.memory = np.array(values), type(shadow.memory)()

    @rule(k=PICK, number=NUMBERS)
    def update_the_data_of_a_leaf(self, k: int, number: float) -> None:
        x, shadow = self.pick_leaf(k)
        if np.abs(shadow.value).max() < 50:
            x.data -= number
            self.model.write(shadow, shadow.value - number)

    # -------------------------------------------------------------------------- gradients
    @rule(i=PICK, weights=VALUES)
    def make_a_loss(self, i: int, weights: list[float]) -> None:
        x, shadow = self.pick(i)
        formula = self.model.call("multiply", shadow, Shadow(np.array(weights)))
        self.losses = [*self.losses[-3:], ((x * np.array(weights)).sum(), formula, 1.0, [False])]

    @precondition(lambda self: bool(self.losses))
    @rule(k=PICK, retain=st.sampled_from([True, True, False]))
    def walk_back(self, k: int, retain: bool) -> None:
        loss, shadow, weights, spent = self.losses[k % len(self.losses)]
        words = self.refusal(shadow, spent)
        if words:
            with pytest.raises(RuntimeError, match=words):
                loss.backward(retain_graph=retain)
            return
        loss.backward(retain_graph=retain)
        spent[0] = not retain
        self.accumulate(shadow, self.model.gradient(shadow.formula, weights))

    def refusal(self, shadow: Shadow, spent: list[bool]) -> str:
        """Return a word of the error that is due, or nothing."""
        if shadow.formula is None:
            return "without a history"
        if spent[0]:
            return "retain_graph"
        return "changed in place" if self.model.is_stale(shadow.formula) else ""

    def accumulate(self, shadow: Shadow, row: Any) -> None:
        hit = reached(self.model, shadow.formula)
        for leaf, part, reads in zip(self.model.leaves, self.model.split(row), hit):
            if reads:
                leaf.gradient = part if leaf.gradient is None else leaf.gradient + part

    @rule(k=PICK)
    def forget_the_gradient(self, k: int) -> None:
        x, shadow = self.pick_leaf(k)
        x.grad = shadow.gradient = None

    @precondition(lambda self: bool(self.losses))
    @rule(k=PICK, numbers=VALUES, change_between=st.booleans())
    def walk_back_through_the_gradients(
        self, k: int, numbers: list[float], change_between: bool
    ) -> None:
        loss, shadow, weights, spent = self.losses[k % len(self.losses)]
        formula = shadow.formula
        if formula is None or self.refusal(shadow, spent):
            return
        slopes = tg.autograd.grad(loss, self.leaf_tensors, create_graph=True, allow_unused=True)
        row = self.model.gradient(formula, weights)
        for slope, part in zip(slopes, self.model.split(row)):
            close(0 if slope is None else slope.numpy(), part)
        direction = np.tile(numbers, len(self.model.leaves))
        pieces = [(g * np.array(numbers)).sum() for g in slopes if g is not None]
        total = sum(pieces)
        expected = self.model.second(formula, weights, direction)
        if change_between:
            self.update_the_data_of_a_leaf(k, 0.25)
        found: Any = [None] * len(self.leaf_tensors)
        if pieces and total.requires_grad:
            try:
                found = tg.autograd.grad(total, self.leaf_tensors, allow_unused=True)
            except RuntimeError as error:
                assert "changed in place" in str(error)  # noqa: PT017  # or it is right
                assert change_between
                return
        for second, part in zip(found, self.model.split(expected)):
            close(0 if second is None else second.numpy(), part)

    # ---------------------------------------------------------------------------- what holds
    @invariant()
    def all_is_as_the_model_says(self) -> None:
        for x, shadow in (*self.pairs, *zip(self.leaf_tensors, self.model.leaves)):
            close(x.numpy(), shadow.value)
            assert x.requires_grad == shadow.is_tracked
            assert x.is_leaf == (shadow.formula is None)
        for x, shadow in zip(self.leaf_tensors, self.model.leaves):
            assert (x.grad is None) == (shadow.gradient is None)
            if x.grad is not None:
                close(x.grad.numpy(), shadow.gradient)

    def keep(self, x: Any, shadow: Shadow) -> None:
        if np.abs(shadow.value).max() < 100:
            self.pairs = [*self.pairs[-7:], (x, shadow)]

    def pick(self, i: int) -> tuple[Any, Shadow]:
        """Choose a Tensor, counted from the latest one."""
        return self.pairs[-1 - i % len(self.pairs)]

    def pick_leaf(self, k: int) -> tuple[Any, Shadow]:
        k %= len(self.leaf_tensors)
        return self.leaf_tensors[k], self.model.leaves[k]


def close(found: Any, expected: Any) -> None:
    scale = max(1.0, float(np.abs(expected).max()))
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-11 * scale)


def search(examples: int, steps: int, **options: Any) -> None:
    checks = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
    profile = settings(
        max_examples=examples, stateful_step_count=steps, deadline=None,
        suppress_health_check=checks, database=None, **options,
    )  # fmt: skip
    run_state_machine_as_test(Tensors, settings=profile)


def test_tensors_do_as_the_model_says_whatever_is_done_to_them() -> None:
    search(200, 30, derandomize=True)


if __name__ == "__main__":
    search(int(sys.argv[1]), 40)
