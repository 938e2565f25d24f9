"""Normalization layers: what they promise, and what they refuse."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.nn import layer_norm, norm
from tinygrad_edu.nn.functional import norm as functions
from tinygrad_edu.ops.normalize import standardize

X = np.random.default_rng(0).normal(size=(4, 3, 5)) * 2 + 1


def composed(x: Any, axis: tuple[int, ...], eps: float) -> Any:
    center = x - x.mean(axis=axis, keepdims=True)
    return center / np.sqrt((center * center).mean(axis=axis, keepdims=True) + eps)


@pytest.mark.parametrize("axis", [(0,), (-1,), (2,), (0, 2), (1, 2), (0, 1, 2)])
def test_the_op_equals_its_composed_form_up_to_second_derivatives(axis: tuple[int, ...]) -> None:
    def derivatives(function: Any) -> list[Any]:
        x = tg.Tensor(X, requires_grad=True)
        y = function(x)
        (y**3 * X[::-1]).sum().backward(create_graph=True)
        first, x.grad = x.grad, None
        (first**2).sum().backward()
        return [y.detach(), first.detach(), x.grad]

    ours = derivatives(lambda x: standardize(x, axis=axis, eps=0.1)[0])
    theirs = derivatives(lambda x: composed(x, axis, 0.1))
    for a, b in zip(ours, theirs):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-9, atol=1e-11)


def test_gradients_also_flow_through_the_mean_and_the_variance() -> None:
    x = tg.Tensor(X, requires_grad=True)
    _, mean, variance = standardize(x, axis=(0, 2), eps=0.1)
    (mean * 3.0 + variance).sum().backward()
    center = X - X.mean(axis=(0, 2), keepdims=True)
    np.testing.assert_allclose(x.grad.numpy(), (3 + 2 * center) / 20, rtol=1e-12)


@pytest.mark.parametrize("output", [0, 1, 2])
def test_each_output_of_the_op_may_be_the_only_one_that_is_used(output: int) -> None:
    assert tg.check_grad(lambda x: standardize(x, axis=(0, 2), eps=0.1)[output], X[:2])


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (norm.BatchNorm1d(3), (1, 3)),
        (norm.BatchNorm1d(3), (1, 3, 1)),
        (norm.BatchNorm2d(3), (1, 3, 1, 1)),
        (norm.InstanceNorm1d(3), (4, 3, 1)),
        (norm.InstanceNorm2d(3), (3, 1, 1)),
    ],
)
def test_one_number_for_each_channel_is_refused_in_training_and_nothing_changes(
    layer: Any, shape: tuple[int, ...]
) -> None:
    before = layer.state_dict()
    with pytest.raises(ValueError, match="at least 2") as raised:
        layer(np.ones(shape))
    assert "has 1 number for each channel" in str(raised.value)
    assert all(np.array_equal(value, before[name]) for name, value in layer.state_dict().items())


def test_after_eval_no_sample_depends_on_the_others() -> None:
    layer = norm.BatchNorm1d(3)
    layer(X)
    layer.eval()
    whole = layer(X).numpy()
    alone = np.concatenate([layer(sample[None]).numpy() for sample in X])
    assert np.array_equal(whole, alone)
    assert layer(X[:1, :, 0]).shape == (1, 3)


def test_eval_changes_no_buffer() -> None:
    layer = norm.BatchNorm1d(3).eval()
    before = layer.state_dict()
    layer(X)
    assert all(np.array_equal(value, before[name]) for name, value in layer.state_dict().items())


def test_running_averages_have_the_golden_values() -> None:
    layer = norm.BatchNorm1d(1, momentum=0.25)
    layer(np.array([[1.0], [3.0], [8.0]]))  # mean 4, variance 13 (divided by n - 1)
    assert layer.running_mean.tolist() == [1.0]
    assert layer.running_var.tolist() == [0.75 + 0.25 * 13]
    assert layer.num_batches_tracked.item() == 1
    layer(np.array([[0.0], [2.0]]))  # mean 1, variance 2
    assert layer.running_mean.tolist() == [1.0]
    assert layer.running_var.tolist() == [0.75 * 4.0 + 0.25 * 2]


def test_without_a_momentum_the_averages_are_plain_ones() -> None:
    layer = norm.BatchNorm1d(1, momentum=None)
    for batch in ([[1.0], [3.0]], [[5.0], [5.0]], [[0.0], [8.0]]):
        layer(np.array(batch))
    np.testing.assert_allclose(layer.running_mean.numpy(), [(2 + 5 + 4) / 3], rtol=1e-14)
    np.testing.assert_allclose(layer.running_var.numpy(), [(2 + 0 + 32) / 3], rtol=1e-14)


def test_averages_move_in_place_and_are_not_recorded() -> None:
    layer = norm.BatchNorm1d(3)
    buffers = list(layer.buffers())
    y = layer(tg.Tensor(X, requires_grad=True))
    assert next(iter(layer.buffers())) is buffers[0]
    assert all(not buffer.requires_grad and buffer.is_leaf for buffer in layer.buffers())
    layer(X + 1)  # a second call does not disturb the first one's backward pass
    y.sum().backward()


def test_a_backward_pass_through_eval_survives_later_training() -> None:
    layer = norm.BatchNorm1d(3)
    y = layer.eval()(X)
    layer.train()(X)
    y.sum().backward()
    assert layer.weight.grad is not None


def test_averages_can_be_forgotten() -> None:
    layer = norm.BatchNorm1d(3)
    fresh = layer.state_dict()
    layer(X)
    layer.reset_running_stats()
    assert all(np.array_equal(value, fresh[name]) for name, value in layer.state_dict().items())


def test_batch_norm_without_averages_uses_the_batch_after_eval_too() -> None:
    layer = norm.BatchNorm1d(3, track_running_stats=False)
    assert list(layer.state_dict()) == ["weight", "bias"]
    assert np.array_equal(layer(X).numpy(), layer.eval()(X).numpy())


def test_a_deep_copy_has_averages_of_its_own() -> None:
    layer = norm.BatchNorm1d(3)
    twin = copy.deepcopy(layer)
    layer(X)
    assert twin.running_mean.tolist() == [0.0, 0.0, 0.0]
    twin(X)
    assert np.array_equal(twin.running_mean.numpy(), layer.running_mean.numpy())


@pytest.mark.parametrize(
    ("layer", "shape", "words"),
    [
        (norm.BatchNorm1d(3), (4, 3, 2, 2), "2 or 3 axes"),
        (norm.BatchNorm1d(3), (4, 2), "num_features=3"),
        (norm.BatchNorm2d(3), (4, 3), "4 axes"),
        (norm.InstanceNorm1d(3), (5, 2), "num_features=3"),
        (norm.InstanceNorm2d(3), (4, 3), "3 or 4 axes"),
        (layer_norm.LayerNorm((3, 4)), (2, 4, 3), "(3, 4)"),
        (layer_norm.LayerNorm(4), (), "(4,)"),
        (layer_norm.RMSNorm(4), (4, 3), "(4,)"),
        (layer_norm.GroupNorm(2, 4), (4, 3), "num_channels=4"),
        (layer_norm.GroupNorm(2, 4), (4,), "num_channels=4"),
    ],
)
def test_an_input_of_the_wrong_shape_is_refused_by_name(layer: Any, shape: Any, words: str) -> None:
    with pytest.raises(ValueError, match="shape") as raised:
        layer(np.ones(shape))
    assert str(shape) in str(raised.value)
    assert words in str(raised.value)


def test_sizes_are_checked() -> None:
    with pytest.raises(ValueError, match="num_features must be at least 1"):
        norm.BatchNorm1d(0)
    with pytest.raises(TypeError, match="normalized_shape must be an integer"):
        layer_norm.LayerNorm(2.5)
    with pytest.raises(ValueError, match="5 channels cannot be divided into 2 groups"):
        layer_norm.GroupNorm(2, 5)
    with pytest.raises(ValueError, match="cannot be divided into 2 groups"):
        functions.group_norm(np.ones((2, 5)), 2)
    with pytest.raises(ValueError, match="3 channels"):
        functions.batch_norm(np.ones((2, 3)), None, None, weight=np.ones(2), training=True)
    with pytest.raises(ValueError, match="running mean"):
        functions.batch_norm(np.ones((2, 3)), None, None)


@pytest.mark.parametrize(
    "layer",
    [
        norm.BatchNorm1d(3, dtype="float32"),
        norm.BatchNorm1d(3, dtype="float32").eval(),
        norm.InstanceNorm1d(3, affine=True, dtype="float32"),
        layer_norm.LayerNorm(5, dtype="float32"),
        layer_norm.RMSNorm(5, dtype="float32"),
        layer_norm.GroupNorm(3, 3, dtype="float32"),
    ],
    ids=str,
)
def test_single_precision_stays_single(layer: Any) -> None:
    x = tg.Tensor(X.astype("float32"), requires_grad=True)
    y = layer(x)
    y.sum().backward()
    assert y.dtype == x.grad.dtype == np.float32
    assert all(p.grad.dtype == np.float32 for p in layer.parameters())
    assert {b.dtype for b in layer.buffers()} <= {np.dtype("float32"), np.dtype(int)}


@pytest.mark.parametrize(
    "layer", [layer_norm.LayerNorm(4, elementwise_affine=False), layer_norm.RMSNorm(4)], ids=str
)
@pytest.mark.parametrize("values", [0.0, 1e-300, 1e4])
def test_constant_inputs_give_finite_gradients(layer: Any, values: float) -> None:
    x = tg.Tensor(np.full((2, 4), values), requires_grad=True)
    y = layer(x)
    y.sum().backward()
    assert np.isfinite(y.numpy()).all()
    assert np.isfinite(x.grad.numpy()).all()


def test_normalize_divides_by_the_length() -> None:
    x = tg.Tensor([[3.0, 4.0], [0.0, 0.0]], requires_grad=True)
    y = functions.normalize(x)
    assert y.tolist() == [[0.6, 0.8], [0.0, 0.0]]
    y.sum().backward()
    assert np.isfinite(x.grad.numpy()).all()
    assert tg.check_grad(lambda x: functions.normalize(x, p=1.0, dim=0), X[:, :, 0])


def test_lists_may_stand_for_arrays() -> None:
    assert layer_norm.LayerNorm(2)([[1.0, 2.0]]).shape == (1, 2)


@pytest.mark.parametrize("layer", [layer_norm.LayerNorm(5), norm.BatchNorm1d(3)], ids=str)
def test_whole_numbers_are_taken_as_floats(layer: Any) -> None:
    x = np.arange(60).reshape(4, 3, 5) ** 2 % 17
    np.testing.assert_allclose(layer(x).numpy(), layer(x.astype(float)).numpy(), rtol=1e-13)


def test_half_precision_is_summed_up_in_more() -> None:
    x = np.random.default_rng(0).normal(size=(1, 5000))
    y = functions.layer_norm(x.astype("float16"), (5000,))
    assert y.dtype == np.float16
    np.testing.assert_allclose(y, functions.layer_norm(x, (5000,)), atol=5e-3)
