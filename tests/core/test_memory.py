"""A graph lives exactly as long as its end: no cycles, so nothing waits for the garbage collector.

Next: ``test_second_order.py``.
"""

from __future__ import annotations

import gc
import tracemalloc
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.op import Node


@pytest.fixture(autouse=True)
def _no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def leaf(values: Any) -> tg.Tensor:
    return tg.Tensor(values, requires_grad=True)


def ours() -> int:
    """Count what the collector finds of the library's own, were it to run now."""
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        gc.collect()
        return sum(isinstance(garbage, (tg.Tensor, Node)) for garbage in gc.garbage)
    finally:
        gc.set_debug(0)
        gc.garbage.clear()


def train(steps: int) -> None:
    weights = [leaf(np.full((3, 4), 0.1)), leaf(np.full((4, 1), 0.1))]
    x, y = tg.Tensor(np.ones((5, 3))), tg.Tensor(np.ones((5, 1)))
    for _ in range(steps):
        output = tg.sigmoid(tg.sigmoid(x @ weights[0]) @ weights[1])
        loss = ((y - output) ** 2).sum()
        loss.backward()
        for p in weights:
            p.data -= 0.1 * p.grad
            p.grad = None


def infer(steps: int) -> None:
    weights = [leaf(np.full((3, 4), 0.1)), leaf(np.full((4, 1), 0.1))]
    x = tg.Tensor(np.ones((5, 3)))
    for _ in range(steps):
        tg.sigmoid(tg.sigmoid(x @ weights[0]) @ weights[1])
        with tg.no_grad():
            tg.sigmoid(x @ weights[0])


@pytest.mark.parametrize("work", [train, infer])
def test_a_thousand_steps_leave_no_objects_behind(work: Callable[[int], None]) -> None:
    work(5)
    before = len(gc.get_objects())
    work(1000)
    assert len(gc.get_objects()) - before <= 10


@pytest.mark.parametrize("work", [train, infer])
def test_more_steps_take_no_more_memory(work: Callable[[int], None]) -> None:
    tracemalloc.start()
    try:
        work(50)
        before, _ = tracemalloc.get_traced_memory()
        work(300)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 50_000


def in_place_total(x: tg.Tensor) -> tg.Tensor:
    total = tg.Tensor(0.0)
    for _ in range(3):
        total += (x * 2).sum()
    return total


def in_place_buffer(x: tg.Tensor) -> tg.Tensor:
    buffer = tg.Tensor(np.zeros(4))
    for i in range(4):
        buffer[i] = x[0] * i
    return buffer.sum()


def in_place_result(x: tg.Tensor) -> tg.Tensor:
    y = x * 2
    y += x
    y[0] = 3.0
    y *= y
    return y.sum()


def used_then_changed(x: tg.Tensor) -> tg.Tensor:
    constant = tg.Tensor([1.0, 2.0])
    y = x * constant
    constant += x
    return (y * constant).sum()


def replaced_leaf(x: tg.Tensor) -> tg.Tensor:
    y = x * x
    x.data = x.data * 1
    return (y * x).sum()


GRAPHS: dict[str, Callable[[tg.Tensor], tg.Tensor]] = {
    "ops": lambda x: (np.exp(x) * x).sum(),
    "views": lambda x: (x.T + x[::-1]).reshape(2).sum(),
    "several inputs": lambda x: np.stack([x, x * 2]).sum() + np.concatenate([x, x]).mean(),
    "reuse": lambda x: (x + x) @ (x + x),
    "in-place total": in_place_total,
    "in-place buffer": in_place_buffer,
    "in-place result": in_place_result,
    "used, then changed": used_then_changed,
    "replaced leaf": replaced_leaf,
    "a change of dtype": lambda x: x.astype(np.float32).sum(),
    "a choice": lambda x: np.where(x > 0, x, 0.0).sum(),
}


@pytest.mark.parametrize("build", GRAPHS.values(), ids=GRAPHS.keys())
@pytest.mark.parametrize("walk", ["none", "once", "retained", "twice differentiable", "refused"])
def test_a_graph_dies_with_its_end(build: Callable[[tg.Tensor], tg.Tensor], walk: str) -> None:
    x = leaf([1.0, 2.0])
    loss = build(x)
    node = loss.node
    assert node is not None
    below = [parent for parent in node.parents if isinstance(parent, Node)]
    outputs = [weakref.ref(n.y) for n in (node, *below)]
    alive = weakref.ref(loss)
    if walk == "once":
        loss.backward()
    elif walk == "retained":
        loss.backward(retain_graph=True)
        loss.backward()
    elif walk == "twice differentiable":
        loss.backward(create_graph=True)
        first = x.grad
        assert first is not None
        x.grad = None
        if first.requires_grad:
            first.sum().backward()
        del first
    elif walk == "refused":
        with pytest.raises(ValueError, match="gradient="):
            loss.backward(gradient=np.ones(7))
    x.grad = None
    del loss, node, below
    assert alive() is None
    assert all(output() is None for output in outputs)
    del x
    assert ours() == 0


def test_an_intermediate_is_kept_only_by_what_was_computed_from_it() -> None:
    x = leaf([1.0, 2.0])
    hidden = x * 2
    array = weakref.ref(hidden._array)
    loss = np.exp(hidden).sum()
    del hidden
    assert array() is not None
    del loss
    assert array() is None


def test_results_under_no_grad_keep_nothing_alive() -> None:
    x = leaf([1.0, 2.0])
    hidden = x * 2
    array = weakref.ref(hidden._array)
    with tg.no_grad():
        value = np.exp(hidden).sum()
    del hidden
    assert array() is None
    assert value.is_leaf


def test_a_detached_copy_keeps_no_graph_alive() -> None:
    x = leaf([1.0, 2.0])
    loss = (x * 2).sum()
    node_output = weakref.ref(loss._array)
    value = loss.detach()
    del loss
    assert node_output() is None
    assert float(value) == 6.0


def test_a_gradient_of_a_plain_backward_keeps_no_graph_alive() -> None:
    x = leaf([1.0, 2.0])
    loss = np.exp(x * 2).sum()
    arrays = weakref.ref(loss._array)
    loss.backward()
    del loss
    assert x.grad is not None
    assert arrays() is None


def test_an_error_in_a_rule_keeps_no_graph_alive_once_it_is_handled() -> None:
    def fails(dy: Any, y: Any, x: Any) -> Any:
        raise ValueError("no")

    @tg.differentiable(x=fails)
    def broken(x: Any) -> Any:
        return x * 2

    x = leaf([1.0, 2.0])
    loss = broken(x).sum()
    alive = weakref.ref(loss)
    with pytest.raises(ValueError, match="no"):
        loss.backward()
    del loss
    gc.collect()  # Python's own tracebacks are cycles until their exception is gone
    assert alive() is None
