"""Error messages are part of the teaching: each names op, shapes or dtypes, and what to try.

``messages.txt`` holds them all as a reader would see them. After changing a message on purpose,
write the file anew and read the difference::

    TINYGRAD_EDU_WRITE_MESSAGES=1 python -m pytest tests/core/test_errors.py

What NumPy or Python says in its own words differs between their versions; such a part is written
as ``<...>`` in the file.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg

MESSAGES = Path(__file__).with_name("messages.txt")
OURS = ("it returned", "the inner reason")  # reasons that are not NumPy's or Python's own words
WRITE = "TINYGRAD_EDU_WRITE_MESSAGES"


def leaf(*shape: int, dtype: Any = np.float64) -> tg.Tensor:
    return tg.Tensor(np.ones(shape, dtype), requires_grad=True)


def used_twice() -> None:
    loss = leaf(2).sum()
    loss.backward()
    loss.backward()


def changed_in_place(name: str | None = None) -> None:
    x = tg.Tensor([1.0, 2.0], requires_grad=True, name=name)
    loss = np.exp(x).sum()
    with tg.no_grad():
        x += 1
    loss.backward()


def changed_constant() -> None:
    constant = tg.Tensor([1.0, 2.0])
    loss = (leaf(2) * constant).sum()
    constant += 1
    loss.backward()


def added_to_leaf() -> None:
    x = leaf(2)
    x += 1


def added_to_unrecorded_result() -> None:
    y = np.exp(leaf(2))
    with tg.no_grad():
        y += 1


def grown_in_place() -> None:
    y = leaf(2) * 1
    y += np.ones((3, 2))


def grown_leaf() -> None:
    x = tg.Tensor([1.0, 2.0])
    x += np.ones((3, 2))


def fraction_into_integers() -> None:
    counts = tg.Tensor([1, 2])
    counts += 0.5


def recorded_into_integers() -> None:
    counts = tg.Tensor([1, 2])
    counts += leaf(2)


def set_outside() -> None:
    tg.Tensor([1.0, 2.0])[5] = 1.0


def set_result_outside() -> None:
    y = leaf(2) * 1
    y[5] = 1.0


def set_misfit() -> None:
    y = leaf(4) * 1
    y[1:3] = np.ones(3)


def replaced_data_of_result() -> None:
    (leaf(2) * 2).data = np.ones(2)


def integer_data() -> None:
    leaf(2).data = np.array([1, 2])


def misfitting_grad() -> None:
    leaf(2).grad = np.ones(3)


def frozen_result() -> None:
    (leaf(2) * 2).requires_grad = False


def reshaped_leaf() -> None:
    x = leaf(3)
    loss = (x * 2).sum()
    x.data = np.ones(2)
    loss.backward()


def cube(x: float) -> float:
    return x**3


def into_array() -> None:
    array = np.ones(2)
    array += leaf(2)


def broken_rule(rule: Callable[..., Any]) -> Callable[[], None]:
    def call() -> None:
        tg.differentiable(name="doubled", x=rule)(lambda x: x * 2)(leaf(3)).sum().backward()

    return call


def fails(x: Any) -> Any:
    raise ValueError("the inner reason")


FAULTS: dict[str, tuple[Callable[[], Any], tuple[str, ...]]] = {
    "matmul of misfitting shapes": (
        lambda: leaf(2, 3) @ leaf(4, 5),
        ("matmul", "(2, 3)", "(4, 5)", ".T"),
    ),
    "matmul with a number": (lambda: leaf(2, 3) @ leaf(), ("matmul", "(2, 3)", "()")),
    "add of misfitting shapes": (
        lambda: leaf(2, 3) + np.ones(2),
        ("add", "(2, 3)", "(2,)", "reshape"),
    ),
    "multiply of misfitting shapes": (
        lambda: np.ones((4, 1)) * leaf(3, 2),
        ("multiply", "(4, 1)", "(3, 2)"),
    ),
    "power of misfitting shapes": (lambda: leaf(3) ** leaf(2), ("power", "(3,)", "(2,)")),
    "add of text": (lambda: leaf(2) + "text", ("add", "str")),
    "add of nothing": (lambda: leaf(2) + None, ("add", "None")),
    "multiply by a dict": (lambda: leaf(2) * {"a": 1}, ("multiply", "dict")),
    "where of misfitting shapes": (
        lambda: np.where(np.ones(3), leaf(2), 0.0),
        ("where", "(3,)", "(2,)", "broadcast"),
    ),
    "sum over an axis too many": (
        lambda: leaf(2, 3).sum(axis=2),
        ("sum", "(2, 3)", "axis=2", "0 to n-1"),
    ),
    "mean over an axis twice": (
        lambda: leaf(2, 3).mean(axis=(0, 0)),
        ("mean", "(2, 3)", "axis=(0, 0)"),
    ),
    "max of nothing": (lambda: leaf(0, 3).max(), ("max", "(0, 3)")),
    "sum with an unknown option": (
        lambda: tg.sigmoid(leaf(2), scale=True),
        ("sigmoid", "(2,)", "scale"),
    ),
    "reshape to another size": (
        lambda: leaf(2, 3).reshape(4, 2),
        ("reshape", "(2, 3)", "(4, 2)", "multiply"),
    ),
    "transpose of too few axes": (
        lambda: leaf(2, 3).transpose(0),
        ("transpose", "(2, 3)", "every axis"),
    ),
    "mT of a vector": (lambda: leaf(3).mT, ("matrix_transpose", "(3,)", "two axes")),
    "broadcast to a misfitting shape": (
        lambda: np.broadcast_to(leaf(2), (3,)),
        ("broadcast_to", "(2,)", "(3,)", "1"),
    ),
    "concatenate of misfitting shapes": (
        lambda: np.concatenate([leaf(2, 3), leaf(2, 2)]),
        ("concatenate", "(2, 3)", "(2, 2)", "axis"),
    ),
    "stack of different shapes": (
        lambda: np.stack([leaf(2), leaf(3)]),
        ("stack", "(2,)", "(3,)", "same shape"),
    ),
    "index out of range": (lambda: leaf(3)[5], ("getitem", "(3,)", "5", "-n to n-1")),
    "too many indices": (lambda: leaf(3)[0, 0], ("getitem", "(3,)", "(0, 0)")),
    "a mask of another shape": (
        lambda: leaf(3)[np.array([True, False])],
        ("getitem", "(3,)", "mask"),
    ),
    "a fractional index": (lambda: leaf(3)[1.5], ("getitem", "(3,)", "1.5")),
    "set out of range": (set_outside, ("setitem", "(2,)", "5")),
    "set out of range of a result": (set_result_outside, ("setitem", "(2,)", "5")),
    "set a misfitting value": (set_misfit, ("setitem", "(4,)", "(3,)")),
    "astype of nonsense": (lambda: leaf(2).astype("nonsense"), ("nonsense",)),
    "backward without a history": (
        lambda: tg.Tensor([1.0]).backward(),
        ("backward()", "requires_grad=True"),
    ),
    "backward from several numbers": (
        lambda: (leaf(2, 3) * 2).backward(),
        ("(2, 3)", "gradient=", ".sum()"),
    ),
    "backward with a misfitting gradient": (
        lambda: (leaf(2) * 2).backward(np.ones(3)),
        ("gradient=", "(3,)", "(2,)"),
    ),
    "backward twice": (used_twice, ("sum", "retain_graph=True")),
    "changed in place": (changed_in_place, ("exp", "(2,)", "clone()")),
    "a named tensor changed in place": (
        lambda: changed_in_place("weight"),
        ("exp", "'weight'", "clone()"),
    ),
    "a constant changed in place": (changed_constant, ("multiply", "(2,)", "clone()")),
    "in-place change of a leaf": (added_to_leaf, ("add", "(2,)", "no_grad")),
    "in-place change of a result unrecorded": (
        added_to_unrecorded_result,
        ("exp", "(2,)", "detach()"),
    ),
    "in-place growth of a result": (grown_in_place, ("add", "(2,)", "(3, 2)")),
    "in-place growth of a leaf": (grown_leaf, ("add", "(2,)", "(3, 2)")),
    "a fraction added to integers": (fraction_into_integers, ("add", "int64", "float")),
    "a recorded value added to integers": (recorded_into_integers, ("add", "int64", "float64")),
    "data of a result": (replaced_data_of_result, ("multiply", "detach()")),
    "integer data for a leaf": (integer_data, ("int64", "float")),
    "a misfitting grad": (misfitting_grad, ("(2,)", "(3,)")),
    "a result made constant": (frozen_result, ("multiply", "detach()")),
    "a leaf of another shape by now": (reshaped_leaf, ("(3,)", "(2,)")),
    "a gradient for integers": (lambda: tg.Tensor([1, 2], requires_grad=True), ("int64", "float")),
    "a tensor of text": (lambda: tg.Tensor("text"), ("numbers", "str")),
    "a tensor of a tracked tensor": (lambda: tg.Tensor(leaf(2)), ("history", "detach()")),
    "a tensor of tracked tensors": (lambda: tg.Tensor([leaf(), leaf()]), ("history", "np.stack")),
    "a tracked tensor as an array": (lambda: np.asarray(leaf(2)), ("history", "(2,)", "detach()")),
    "a tracked tensor added into an array": (into_array, ("add", "history", "detach()")),
    "a function without a rule": (
        lambda: np.frompyfunc(cube, 1, 1)(leaf(2)),
        ("cube", "(2,)", "implements", "detach()"),
    ),
    "a ufunc method that writes": (lambda: np.add.at(leaf(2), [0], 1.0), ("np.add.at", "t[index]")),
    "an option without a rule": (
        lambda: np.exp(leaf(2), where=np.array(True)),
        ("np.exp", "where"),
    ),
    "writing into a tensor": (
        lambda: np.copyto(leaf(2), 0.0),
        ("np.copyto", "t[...]"),
    ),
    "the truth of several": (lambda: bool(leaf(2)), ("(2,)", ".any()")),
    "several as a number": (lambda: float(leaf(2)), ("(2,)", "one element")),
    "the length of a number": (lambda: len(leaf()), ("()", "length")),
    "iterating a number": (lambda: list(leaf()), ("()", "iterated")),
    "a fraction as an index": (lambda: [1, 2][tg.Tensor(1.0)], ("integer", "index")),
    "copying a result": (lambda: copy.deepcopy(np.exp(leaf(2))), ("exp", "detach()")),
    "a rule that is missing": (
        lambda: tg.differentiable(x=None, name="product")(lambda x, w: x),
        ("product", "'x'", "'w'", "keyword-only"),
    ),
    "a rule of a wrong shape": (
        broken_rule(lambda dy, y, x: np.ones(5)),
        ("doubled", "x", "(5,)", "(3,)"),
    ),
    "a rule of a wrong dtype": (
        broken_rule(lambda dy, y, x: np.ones(3, int)),
        ("doubled", "x", "int64", "float"),
    ),
    "a rule that returns a list": (
        broken_rule(lambda dy, y, x: [1.0] * 3),
        ("doubled", "x", "list", "(3,)"),
    ),
    "a rule with another signature": (
        broken_rule(lambda dy, y: dy),
        ("doubled", "x", "(3,)", "argument"),
    ),
    "a function that fails": (
        lambda: tg.differentiable(name="fragile", x=None)(fails)(leaf(3)),
        ("fragile", "(3,)", "the inner reason"),
    ),
    "a default dtype of integers": (lambda: tg.set_default_dtype(int), ("int64", "floating-point")),
}


def message_of(call: Callable[[], Any]) -> str:
    """Return what the learner sees, less what depends on versions of NumPy and Python."""
    with pytest.raises(Exception) as caught:  # noqa: PT011  # its type is part of what is compared
        call()
    message = str(caught.value)
    cause = caught.value.__cause__
    if cause is not None and not str(cause).startswith(OURS):
        message = message.replace(str(cause), "<...>")
    return f"{type(caught.value).__name__}: {message}"


def entries() -> dict[str, str]:
    """Read the file: a line with the fault, then the message, indented, then an empty line."""
    blocks = MESSAGES.read_text(encoding="utf-8").strip().split("\n\n")
    pairs = (block.split("\n", 1) for block in blocks)
    return {fault: message.strip() for fault, message in pairs}


@pytest.mark.skipif(WRITE not in os.environ, reason=f"writes the file only if {WRITE} is set")
def test_write_the_messages() -> None:
    text = "\n\n".join(f"{fault}\n    {message_of(call)}" for fault, (call, _) in FAULTS.items())
    MESSAGES.write_text(text + "\n", encoding="utf-8")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_message_names_what_was_done_with_what_and_what_to_try(fault: str) -> None:
    call, parts = FAULTS[fault]
    with pytest.raises(Exception) as caught:  # noqa: PT011  # any kind; the text is what counts
        call()
    missing = [part for part in parts if part not in str(caught.value)]
    assert not missing, f"not in the message: {missing}\n{caught.value}"
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("fault", FAULTS)
def test_a_message_is_the_one_on_file(fault: str) -> None:
    assert message_of(FAULTS[fault][0]) == entries()[fault]


def test_the_file_holds_no_message_that_nobody_gives() -> None:
    assert list(entries()) == list(FAULTS)
    assert len(FAULTS) >= 40
