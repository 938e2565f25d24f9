"""Embedding: picking rows by number."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.nn.embedding import Embedding
from tinygrad_edu.nn.functional.embedding import embedding, one_hot


@pytest.mark.parametrize(
    "index",
    [[[0, 2], [1, 1]], np.array([[0, 2], [1, 1]]), tg.Tensor([[0, 2], [1, 1]]), ((0, 2), (1, 1))],
)
def test_rows_are_picked_by_lists_arrays_and_tensors(index: Any) -> None:
    layer = Embedding(3, 2)
    expected = layer.weight.numpy()[[[0, 2], [1, 1]]]
    assert np.array_equal(layer(index).numpy(), expected)


def test_the_gradients_of_a_row_that_is_picked_again_add_up() -> None:
    layer = Embedding(4, 2)
    layer([2, 0, 2, 2]).sum().backward()
    assert layer.weight.grad.tolist() == [[1, 1], [0, 0], [3, 3], [0, 0]]


@pytest.mark.parametrize("padding_idx", [1, -2])
def test_the_padding_row_is_0_in_the_beginning_and_gets_no_gradient(padding_idx: int) -> None:
    layer = Embedding(3, 2, padding_idx=padding_idx)
    assert layer.padding_idx == 1
    assert layer.weight.numpy()[1].tolist() == [0.0, 0.0]
    assert layer.weight.numpy()[[0, 2]].all()
    y = layer([0, 1, 1, 2])
    assert np.array_equal(y.numpy(), layer.weight.numpy()[[0, 1, 1, 2]])
    (y * 2.0).sum().backward()
    assert layer.weight.grad.tolist() == [[2, 2], [0, 0], [2, 2]]


def test_a_gradient_can_be_divided_by_how_often_the_row_was_picked() -> None:
    layer = Embedding(3, 1, padding_idx=0, scale_grad_by_freq=True)
    layer([0, 1, 1, 2, 1]).sum().backward()
    np.testing.assert_allclose(layer.weight.grad.numpy(), [[0], [1], [1]], rtol=1e-15)


def test_rows_that_are_picked_and_too_long_are_shortened_in_place() -> None:
    layer = Embedding.from_pretrained([[3.0, 4.0], [6.0, 8.0], [0.3, 0.4]], max_norm=1.0)
    layer([0, 0, 2])
    np.testing.assert_allclose(
        layer.weight.numpy(), [[0.6, 0.8], [6.0, 8.0], [0.3, 0.4]], rtol=1e-6
    )


@pytest.mark.parametrize("wrong", [-1, 3, 10**9])
def test_a_number_that_is_no_row_is_named_before_anything_changes(wrong: int) -> None:
    layer = Embedding(3, 2, max_norm=0.1)
    before = layer.weight.numpy().copy()
    with pytest.raises(IndexError, match=rf"index {wrong} at position \(1, 0\)"):
        layer([[0, 1], [wrong, 2]])
    assert np.array_equal(layer.weight.numpy(), before)
    assert layer.weight.grad is None


@pytest.mark.parametrize("index", [[0.0, 1.0], tg.Tensor([1.0]), [True]])
def test_what_is_no_integer_is_refused(index: Any) -> None:
    with pytest.raises(TypeError, match="indices are integers"):
        Embedding(3, 2)(index)


def test_no_numbers_give_no_rows() -> None:
    layer = Embedding(3, 2)
    y = layer([])
    assert y.shape == (0, 2)
    y.sum().backward()
    assert not layer.weight.grad.numpy().any()


def test_pretrained_vectors_are_copied_and_frozen_unless_said_otherwise() -> None:
    table = np.arange(6.0).reshape(3, 2)
    layer = Embedding.from_pretrained(table)
    table[:] = 0
    assert layer([2]).tolist() == [[4.0, 5.0]]
    assert not layer.weight.requires_grad
    assert Embedding.from_pretrained(table, freeze=False).weight.requires_grad
    with pytest.raises(ValueError, match="2 axes"):
        Embedding.from_pretrained(np.ones(3))


def test_sizes_and_padding_are_checked() -> None:
    with pytest.raises(ValueError, match="num_embeddings must be at least 1"):
        Embedding(0, 2)
    with pytest.raises(ValueError, match="padding_idx=3"):
        Embedding(3, 2, padding_idx=3)
    with pytest.raises(IndexError, match="padding_idx=3"):
        embedding([0], np.ones((3, 2)), padding_idx=3)


def test_the_printed_form_shows_what_is_unusual() -> None:
    assert repr(Embedding(3, 2)) == "Embedding(3, 2)"
    assert repr(Embedding(3, 2, padding_idx=0)) == "Embedding(3, 2, padding_idx=0)"


def test_the_values_are_drawn_from_the_standard_normal_distribution() -> None:
    values = Embedding(500, 40, generator=np.random.default_rng(0)).weight.numpy()
    assert abs(values.mean()) < 4 / np.sqrt(values.size)
    assert abs(values.var() - 1) < 4 * np.sqrt(2 / values.size)


def test_second_derivatives_are_right() -> None:
    assert tg.check_grad(lambda w: embedding([0, 2, 2], w) ** 3, np.ones((3, 2)))


def test_one_hot_writes_classes_as_vectors_of_integers() -> None:
    y = one_hot(np.array([[0], [2]]), 4)
    assert y.tolist() == [[[1, 0, 0, 0]], [[0, 0, 1, 0]]]
    assert y.dtype == np.int64
    assert one_hot(tg.Tensor([1, 0])).tolist() == [[0, 1], [1, 0]]


def test_one_hot_refuses_what_is_no_class() -> None:
    with pytest.raises(IndexError, match="index 3"):
        one_hot([0, 3], 3)
    with pytest.raises(IndexError, match="index -1"):
        one_hot([0, -1])
    with pytest.raises(TypeError, match="integers"):
        one_hot([0.5])
    with pytest.raises(ValueError, match="num_classes"):
        one_hot([])
