"""Linear, as a module and as an op."""

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.nn.functional import linear

SHAPES = [(3,), (2, 3), (1, 3), (2, 5, 3), (2, 1, 4, 3), (0, 3), (2, 0, 3)]


def composed(x, weight, bias=None):
    y = x @ weight.mT
    return y if bias is None else y + bias


def leaves(shape, bias, seed=0):
    draw = np.random.default_rng(seed).normal
    shapes = [shape, (4, 3), (4,)] if bias else [shape, (4, 3)]
    return [tg.Tensor(np.asarray(draw(size=s)), requires_grad=True) for s in shapes]


def gradients(function, shape, bias):
    """Return value, gradients, and the gradients of the sum of the gradients' cubes."""
    inputs = leaves(shape, bias)
    y = function(*inputs)
    (y * y * y).sum().backward(create_graph=True)
    first = [x.grad for x in inputs]
    for x in inputs:
        x.grad = None
    sum((dx * dx * dx).sum() for dx in first).backward()
    return [y, *first, *(x.grad for x in inputs)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("bias", [True, False])
def test_the_op_equals_its_composed_form_up_to_second_derivatives(shape, bias):
    for ours, theirs in zip(gradients(linear, shape, bias), gradients(composed, shape, bias)):
        assert ours.shape == theirs.shape
        np.testing.assert_allclose(ours.detach().numpy(), theirs.detach().numpy(), rtol=1e-11)


@pytest.mark.parametrize("bias", [np.float32, np.float64])
@pytest.mark.parametrize("x", [np.float32, np.float64, np.int64])
def test_the_op_has_the_dtype_that_numpy_gives_the_composed_form(x, bias):
    arrays = np.ones((2, 3), x), np.ones((4, 3), np.float32), np.ones(4, bias)
    assert linear(*arrays).dtype == composed(*arrays).dtype


def test_the_op_changes_none_of_its_inputs():
    arrays = [np.ones((1, 3)), np.ones((1, 3)), np.ones(1)]
    before = [array.copy() for array in arrays]
    linear(*arrays)
    assert all(map(np.array_equal, arrays, before))


def test_none_as_bias_means_no_bias():
    x, weight = leaves((2, 3), bias=False)
    y = linear(x, weight, None)
    assert np.array_equal(y.numpy(), linear(x, weight).numpy())
    y.sum().backward(create_graph=True)
    assert weight.grad.shape == weight.shape


@pytest.mark.parametrize(
    "shapes",
    [[(2, 3), (4, 2), (4,)], [(2, 3), (4, 3), (1,)], [(4, 3), (4, 3), (4, 1)], [(2, 3), (3,)]],
)
def test_shapes_that_do_not_fit_are_named(shapes):
    inputs = [tg.Tensor(np.ones(shape)) for shape in shapes]
    with pytest.raises(ValueError, match="linear") as raised:
        linear(*inputs)
    assert all(str(shape) in str(raised.value) for shape in shapes)


def test_the_module_computes_with_its_own_weight_and_bias():
    layer, x = nn.Linear(3, 4), np.arange(6.0).reshape(2, 3)
    expected = x @ layer.weight.numpy().T + layer.bias.numpy()
    np.testing.assert_allclose(layer(x).numpy(), expected, rtol=1e-15)
    np.testing.assert_allclose(layer(x.tolist()).numpy(), expected, rtol=1e-15)


def test_weight_is_out_by_in_and_both_are_parameters():
    layer = nn.Linear(3, 4)
    assert {name: p.shape for name, p in layer.named_parameters()} == {
        "weight": (4, 3), "bias": (4,),
    }  # fmt: skip


def test_without_bias_there_is_none_in_the_state():
    layer = nn.Linear(3, 4, bias=False)
    assert layer.bias is None
    assert list(layer.state_dict()) == ["weight"]
    assert repr(layer) == "Linear(in_features=3, out_features=4, bias=False)"
    assert layer(np.ones((2, 3))).shape == (2, 4)


def test_initial_values_are_uniform_between_plus_and_minus_one_over_the_root_of_the_inputs():
    layer = nn.Linear(100, 500, generator=np.random.default_rng(0))
    for parameter in (layer.weight, layer.bias):
        values = parameter.numpy() * 10  # now uniform in [-1, 1): mean 0, variance 1/3
        assert np.abs(values).max() <= 1
        assert abs(values.mean()) < 4 * np.sqrt(1 / 3 / values.size)
        assert abs((values**2).mean() - 1 / 3) < 4 * np.sqrt((1 / 5 - 1 / 9) / values.size)


def test_the_parameters_take_the_default_dtype_or_the_one_given():
    assert nn.Linear(2, 2, dtype="float32").bias.dtype == np.float32
    try:
        tg.set_default_dtype("float32")
        layer = nn.Linear(2, 2)
        assert layer.weight.dtype == layer.bias.dtype == np.float32
        assert layer(tg.Tensor([1.0, 2.0])).dtype == np.float32
    finally:
        tg.set_default_dtype("float64")


def test_a_generator_of_ones_own_decides_the_initial_values():
    first, second = (nn.Linear(3, 4, generator=np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(first.weight.numpy(), second.weight.numpy())
    with pytest.raises(TypeError, match=r"numpy\.random\.Generator"):
        nn.Linear(3, 4, generator=5)


@pytest.mark.parametrize("sizes", [(0, 4), (3, 0), (-1, 4)])
def test_sizes_must_be_positive(sizes):
    with pytest.raises(ValueError, match="features must be at least 1"):
        nn.Linear(*sizes)


@pytest.mark.parametrize("sizes", [(3.0, 4), (3, "4"), (None, 4)])
def test_sizes_must_be_integers(sizes):
    with pytest.raises(TypeError, match="features must be an integer"):
        nn.Linear(*sizes)


@pytest.mark.parametrize("shape", [(4, 2), (2,), (), (3, 1), (3, 0)])
def test_an_input_of_the_wrong_size_is_refused_naming_module_and_shapes(shape):
    with pytest.raises(ValueError, match=r"Linear\(in_features=3") as raised:
        nn.Linear(3, 4)(np.ones(shape))
    assert str(shape) in str(raised.value)
    assert "(4, 3)" in str(raised.value)
    assert "in_features=3 long" in str(raised.value)
