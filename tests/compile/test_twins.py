"""What is laid out twice in the same way is laid out once, and nothing else is shared."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.program.compiling import compile, numpy_backend


def images(*shape: int) -> tg.Tensor:
    return tg.Tensor(np.random.default_rng(0).normal(size=shape))


def test_the_windows_of_an_image_are_laid_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    layer, x = nn.Conv2d(2, 3, 3, padding=1), images(4, 2, 6, 6)

    def gradient(x: Any) -> Any:
        layer.zero_grad()
        (layer(x) ** 2).sum().backward()
        return layer.weight.grad

    shared = compile(gradient)
    found = shared(x)
    monkeypatch.setattr(numpy_backend, "without_twins", lambda calls, checks, _: (calls, checks))
    apart = compile(gradient)
    np.testing.assert_array_equal(found.numpy(), apart(x).numpy())
    assert shared.source.count("copyto(") == apart.source.count("copyto(") - 2
    assert shared.latest is not None
    assert apart.latest is not None
    assert shared.latest.program.size < 1.5 * apart.latest.program.size


def test_two_draws_are_two() -> None:
    both = compile(lambda x: (nn.functional.dropout(x), nn.functional.dropout(x)))
    first, second = both(images(20, 20))
    assert not np.array_equal(first.numpy(), second.numpy())


def test_what_is_filled_again_is_not_what_it_was() -> None:
    """An embedding's gradient is added up in memory that begins as zeros, as others do."""
    table = nn.Embedding(5, 2)

    def gradients(rows: Any, others: Any) -> Any:
        table.zero_grad()
        table(rows).sum().backward()
        first = table.weight.grad.clone()
        table.zero_grad()
        table(others).sum().backward()
        return first, table.weight.grad

    rows, others = tg.Tensor([0, 1, 1]), tg.Tensor([3, 3, 4])
    for ours, theirs in zip(compile(gradients)(rows, others), gradients(rows, others)):
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy())
