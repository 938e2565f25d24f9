"""summary: a table of what a model is made of, which leaves the model as it was."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn.summary import summary

X = np.ones((2, 3))


def rows(table: Any) -> list[tuple[Any, ...]]:
    return [(r.path, r.kind, r.output, r.parameters, r.multiply_adds) for r in table.rows]


def test_every_module_has_a_row_with_its_shape_parameters_and_products() -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.Sequential(nn.Tanh(), nn.Linear(4, 1, bias=False)))
    table = summary(model, X)
    assert rows(table) == [
        ("", "Sequential", (2, 1), 0, 0),
        ("0", "Linear", (2, 4), 16, 24),
        ("1", "Sequential", (2, 1), 0, 0),
        ("1.0", "Tanh", (2, 4), 0, 0),
        ("1.1", "Linear", (2, 1), 4, 8),
    ]
    assert (table.total_parameters, table.trainable_parameters, table.multiply_adds) == (20, 20, 32)


def test_it_prints_as_a_table() -> None:
    model = nn.Sequential(nn.Linear(1000, 300), np.tanh)
    model[0].bias.requires_grad_(False)
    assert str(summary(model, np.ones((1, 1000), "float32"))) == (
        "module   type        output    parameters  multiply-adds\n"
        "--------------------------------------------------------\n"
        "(model)  Sequential  (1, 300)\n"
        "  0      Linear      (1, 300)     300,300        300,000\n"
        "  1      tanh        (1, 300)\n"
        "--------------------------------------------------------\n"
        "parameters: 300,300, of which 300,000 learn and 300 are frozen; 2.40 MB\n"
        "multiply-adds: 300,000"
    )


def test_plain_functions_in_chains_have_rows_too() -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.Sequential(np.tanh, lambda x: x.sum(axis=1)))
    assert [row[:3] for row in rows(summary(model, X))][3:] == [
        ("1.0", "tanh", (2, 4)), ("1.1", "<lambda>", (2,)),
    ]  # fmt: skip


def test_a_module_that_is_called_twice_has_two_rows_and_counts_its_parameters_once() -> None:
    layer = nn.Linear(3, 3)
    table = summary(nn.Sequential(layer, np.tanh, layer), X)
    assert [row for row in rows(table) if row[1] == "Linear"] == [
        ("0", "Linear", (2, 3), 12, 18), ("0", "Linear", (2, 3), 0, 18),
    ]  # fmt: skip
    assert (table.total_parameters, table.multiply_adds) == (12, 36)


def test_a_parameter_that_two_modules_share_counts_once() -> None:
    first, second = nn.Linear(3, 3), nn.Linear(3, 3)
    second.weight = first.weight
    table = summary(nn.Sequential(first, second), X)
    assert [row[3] for row in rows(table)] == [0, 12, 3]
    assert table.total_parameters == 15


def test_products_of_ones_own_forward_are_counted() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(np.ones((3, 5)))
            self.layer = nn.Linear(5, 1)

        def forward(self, x: Any) -> Any:
            return self.layer(x @ self.weight), x

    table = summary(Net(), X)
    assert rows(table) == [
        ("", "Net", [(2, 1), (2, 3)], 15, 30),
        ("layer", "Linear", (2, 1), 6, 10),
    ]
    assert "(2, 1), (2, 3)" in str(table)


def test_convolutions_are_counted() -> None:
    from tinygrad_edu.nn.conv import Conv2d

    table = summary(nn.Sequential(Conv2d(4, 6, 3, groups=2)), np.ones((5, 4, 8, 9)))
    assert table.multiply_adds == 5 * 6 * 6 * 7 * (4 // 2 * 9)


def test_attention_and_recurrence_are_counted() -> None:
    x = np.ones((2, 5, 4))
    attention = summary(nn.MultiheadAttention(4, 2, batch_first=True), x, x, x)
    products = 2 * 5 * 4 * 4 * 3 + 2 * 2 * 5 * 5 * 2 * 2 + 2 * 5 * 4 * 4
    assert attention.multiply_adds == products
    recurrent = summary(nn.RNN(4, 3, batch_first=True), x)
    assert recurrent.multiply_adds == 2 * 5 * (4 * 3 + 3 * 3)
    assert rows(recurrent)[0][2] == [(2, 5, 3), (1, 2, 3)]


def test_the_model_and_the_random_numbers_are_as_they_were() -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(), nn.Linear(4, 1))
    model[3].eval()
    model[0].register_forward_hook(lambda m, x, y: y * 2.0)
    model(X * np.array([[1], [2]])).sum().backward()
    modes = [module.training for module in model.modules()]
    hooks = [module._hooks for module in model.modules()]
    state, random = model.state_dict(), tg.get_rng_state()
    gradients = [p.grad.numpy().copy() for p in model.parameters()]
    steps = dict(model._modules)
    assert summary(model, X[:1]).rows[1].output == (1, 4)
    assert [module.training for module in model.modules()] == modes
    assert [module._hooks for module in model.modules()] == hooks
    assert dict(model._modules) == steps
    assert tg.get_rng_state() == random
    assert all(np.array_equal(value, state[name]) for name, value in model.state_dict().items())
    assert all(map(np.array_equal, gradients, [p.grad.numpy() for p in model.parameters()]))
    assert tg.is_grad_enabled()


def test_a_module_that_keeps_count_in_a_buffer_is_put_back() -> None:
    class Counter(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("calls", tg.Tensor([0.0]))

        def forward(self, x: Any) -> Any:
            with tg.no_grad():
                self.calls += 1.0
            return x

    model = Counter()
    summary(model, X)
    assert model.calls.tolist() == [0.0]


def test_a_failing_call_leaves_the_model_as_it_was() -> None:
    model = nn.Sequential(nn.Linear(3, 4), np.tanh, nn.Linear(3, 1))
    steps = dict(model._modules)
    with pytest.raises(ValueError, match="in_features=3"):
        summary(model, X)
    assert dict(model._modules) == steps
    assert all(module._hooks is None and module.training for module in model.modules())
    assert tg.is_grad_enabled()


def test_whole_numbers_and_lists_may_be_the_input() -> None:
    table = summary(nn.Sequential(nn.Embedding(10, 4), nn.Linear(4, 2)), [[1, 2, 3]])
    assert [row[2] for row in rows(table)] == [(1, 3, 2), (1, 3, 4), (1, 3, 2)]


def test_what_is_no_module_is_refused() -> None:
    with pytest.raises(TypeError, match="ufunc"):
        summary(np.tanh, X)


def test_a_shape_is_not_taken_for_an_input() -> None:
    with pytest.raises(TypeError, match=r"summary\(model, np\.zeros\(\(2, 3\)\)\)"):
        summary(nn.Linear(3, 1), (2, 3))


@pytest.mark.parametrize(("layer", "gates"), [(nn.LSTM, 4), (nn.GRU, 3), (nn.RNN, 1)])
def test_products_along_a_sequence_are_counted(layer: Any, gates: int) -> None:
    table = summary(layer(3, 5, bidirectional=True), np.ones((7, 2, 3)))
    assert table.multiply_adds == 2 * 7 * 2 * gates * 5 * (3 + 5)
