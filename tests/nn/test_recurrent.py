"""Recurrent layers and cells: what holds for all of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.nn.cells import GRUCell, LSTMCell, RNNCell
from tinygrad_edu.nn.recurrent import GRU, LSTM, RNN

PAIRS = [(RNN, RNNCell), (LSTM, LSTMCell), (GRU, GRUCell)]
LAYERS = [RNN, LSTM, GRU]
X = np.random.default_rng(0).normal(size=(5, 2, 3))


def last(state: Any) -> list[Any]:
    return [part.numpy() for part in (state if isinstance(state, tuple) else (state,))]


@pytest.mark.parametrize(("layer", "cell"), PAIRS)
def test_a_layer_is_its_cell_again_and_again(layer: Any, cell: Any) -> None:
    whole, single = layer(3, 4), cell(3, 4)
    single.load_state_dict({k.removesuffix("_l0"): v for k, v in whole.state_dict().items()})
    output, final = whole(X)
    state = None
    for t, x in enumerate(X):
        state = single(x, state)
        np.testing.assert_allclose(last(state)[0], output.numpy()[t], rtol=1e-13)
    for a, b in zip(last(state), last(final)):
        np.testing.assert_allclose(a, b[0], rtol=1e-13)


@pytest.mark.parametrize("layer", LAYERS)
def test_reading_on_from_a_state_is_reading_in_one_go(layer: Any) -> None:
    net = layer(3, 4, num_layers=2)
    output, final = net(X)
    first, state = net(X[:2])
    second, end = net(X[2:], state)
    joined = np.concatenate([first.numpy(), second.numpy()])
    np.testing.assert_allclose(joined, output.numpy(), rtol=1e-13)
    for a, b in zip(last(end), last(final)):
        np.testing.assert_allclose(a, b, rtol=1e-13)


@pytest.mark.parametrize("layer", LAYERS)
def test_batch_first_changes_the_order_of_axes_and_nothing_else(layer: Any) -> None:
    net, other = layer(3, 4, bidirectional=True), layer(3, 4, bidirectional=True, batch_first=True)
    other.load_state_dict(net.state_dict())
    output, final = net(X)
    turned, same = other(X.swapaxes(0, 1))
    assert np.array_equal(turned.numpy().swapaxes(0, 1), output.numpy())
    assert all(map(np.array_equal, last(final), last(same)))


@pytest.mark.parametrize("layer", LAYERS)
def test_the_way_back_is_the_way_forth_through_the_sequence_turned_around(layer: Any) -> None:
    both, forth = layer(3, 4, bidirectional=True), layer(3, 4)
    state = both.state_dict()
    forth.load_state_dict({k: state[k + "_reverse"] for k in forth.state_dict()})
    np.testing.assert_array_equal(both(X)[0].numpy()[::-1, :, 4:], forth(X[::-1])[0].numpy())


@pytest.mark.parametrize("layer", LAYERS)
def test_the_first_state_gets_a_gradient(layer: Any) -> None:
    net = layer(3, 2)
    count = net.STATES

    def function(x: Any, *states: Any) -> Any:
        return net(x, states[0] if count == 1 else states)[0]

    assert tg.check_grad(function, X[:2], *np.ones((count, 1, 2, 2)))


@pytest.mark.parametrize("layer", LAYERS)
def test_dropout_is_between_layers_and_in_training_only(layer: Any) -> None:
    net = layer(3, 4, 2, dropout=0.5, generator=np.random.default_rng(0))
    first, second = net(X)[0].numpy(), net(X)[0].numpy()
    assert not np.array_equal(first, second)
    net.eval()
    assert np.array_equal(net(X)[0].numpy(), net(X)[0].numpy())
    with_one = layer(3, 4, 1, dropout=0.5)
    assert np.array_equal(with_one(X)[0].numpy(), with_one(X)[0].numpy())


@pytest.mark.parametrize("layer", LAYERS)
def test_single_precision_stays_single(layer: Any) -> None:
    net, x = layer(3, 4, dtype="float32"), tg.Tensor(X.astype("float32"), requires_grad=True)
    output, final = net(x)
    output.sum().backward()
    dtypes = {output.dtype, x.grad.dtype, *(p.grad.dtype for p in net.parameters())}
    assert {*dtypes, *(part.dtype for part in last(final))} == {np.dtype("float32")}


def test_a_long_sequence_takes_time_in_proportion_to_its_length() -> None:
    """Each step's gradient is a part of one array; none of them is as large as the whole."""
    net, x = RNN(1, 1), tg.Tensor(np.ones((2000, 1, 1)), requires_grad=True)
    net(x)[0].sum().backward()
    assert np.isfinite(x.grad.numpy()).all()
    seen, stack = set(), [net(x)[0].node]
    while stack:
        node = stack.pop()
        if id(node) not in seen:
            seen.add(id(node))
            assert node.op.name not in ("getitem", "put")
            stack += [parent for parent in node.parents if hasattr(parent, "parents")]


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("shape", [(3,), (5, 2, 4), (5, 2, 2, 3), (5, 4)])
def test_an_input_of_the_wrong_shape_is_refused_by_name(layer: Any, shape: Any) -> None:
    with pytest.raises(ValueError, match="input_size=3") as raised:
        layer(3, 4)(np.ones(shape))
    assert str(shape) in str(raised.value)
    assert layer.__name__ in str(raised.value)


@pytest.mark.parametrize("layer", LAYERS)
def test_a_state_of_the_wrong_shape_is_refused_by_name(layer: Any) -> None:
    net = layer(3, 4)
    wrong = np.ones((2, 2, 4))
    with pytest.raises(ValueError, match=r"\(2, 2, 4\).* of shape \(1, 2, 4\)"):
        net(X, wrong if net.STATES == 1 else (wrong, wrong))
    with pytest.raises(ValueError, match="without a step"):
        net(X[:0])


@pytest.mark.parametrize("cell", [RNNCell, LSTMCell, GRUCell])
def test_cells_refuse_wrong_shapes_by_name(cell: Any) -> None:
    with pytest.raises(ValueError, match=rf"{cell.__name__}.*\(2, 4\).*input_size=3"):
        cell(3, 4)(np.ones((2, 4)))
    wrong = np.ones((1, 4))
    with pytest.raises(ValueError, match=r"state of shapes.*\(2, 4\)"):
        cell(3, 4)(np.ones((2, 3)), wrong if cell.STATES == 1 else (wrong, wrong))


def test_settings_are_checked() -> None:
    with pytest.raises(ValueError, match="nonlinearity is 'tanh' or 'relu'"):
        RNN(3, 4, nonlinearity="sigmoid")
    with pytest.raises(ValueError, match="nonlinearity is 'tanh' or 'relu'"):
        RNNCell(3, 4, nonlinearity="sigmoid")
    with pytest.raises(ValueError, match="num_layers must be at least 1"):
        LSTM(3, 4, num_layers=0)
    with pytest.raises(ValueError, match="probability"):
        GRU(3, 4, dropout=2)
