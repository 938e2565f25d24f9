"""Layers draw their parameters in ``reset_parameters``, which a subclass may write anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn

LAYERS: dict[str, Callable[..., Any]] = {
    "Linear": lambda **s: nn.Linear(3, 2, **s),
    "Bilinear": lambda **s: nn.Bilinear(3, 2, 2, **s),
    "Conv1d": lambda **s: nn.Conv1d(2, 4, 3, groups=2, **s),
    "Conv2d": lambda **s: nn.Conv2d(2, 4, 3, bias=False, **s),
    "ConvTranspose2d": lambda **s: nn.ConvTranspose2d(2, 4, 3, **s),
    "Embedding": lambda **s: nn.Embedding(5, 2, padding_idx=1, **s),
    "RNN": lambda **s: nn.RNN(3, 2, num_layers=2, **s),
    "LSTM": lambda **s: nn.LSTM(3, 2, bidirectional=True, **s),
    "GRU": lambda **s: nn.GRU(3, 2, bias=False, **s),
    "LSTMCell": lambda **s: nn.LSTMCell(3, 2, **s),
    "MultiheadAttention": lambda **s: nn.MultiheadAttention(4, 2, add_bias_kv=True, **s),
    "BatchNorm1d": lambda **s: nn.BatchNorm1d(3, **s),
    "InstanceNorm2d": lambda **s: nn.InstanceNorm2d(3, affine=True, **s),
    "LayerNorm": lambda **s: nn.LayerNorm(3, **s),
    "RMSNorm": lambda **s: nn.RMSNorm(3, **s),
    "GroupNorm": lambda **s: nn.GroupNorm(1, 3, **s),
    "PReLU": lambda **s: nn.PReLU(2, init=0.5, **s),
    "TransformerEncoderLayer": lambda **s: nn.TransformerEncoderLayer(4, 2, 8, **s),
}
RESET = [name for name in LAYERS if name not in ("MultiheadAttention", "TransformerEncoderLayer")]


def spoil(module: Any) -> None:
    for tensor in (*module.parameters(), *module.buffers()):
        with tg.no_grad():
            tensor[...] = 7


@pytest.mark.parametrize("name", RESET)
def test_a_layer_that_is_reset_is_as_one_that_is_made(name: str) -> None:
    tg.manual_seed(3)
    expected = LAYERS[name]().state_dict()
    layer = LAYERS[name]()
    spoil(layer)
    tg.manual_seed(3)
    assert layer.reset_parameters() is None
    for key, array in layer.state_dict().items():
        np.testing.assert_array_equal(array, expected[key], err_msg=key)


def test_attention_is_reset_but_for_the_weight_of_its_last_layer() -> None:
    layer = LAYERS["MultiheadAttention"]()
    spoil(layer)
    layer._reset_parameters()
    left = [key for key, array in layer.state_dict().items() if (array == 7).any()]
    assert left == ["out_proj.weight"]


@pytest.mark.parametrize(
    ("base", "sizes"),
    [(nn.Linear, (3, 2)), (nn.Conv1d, (3, 2, 1)), (nn.GRU, (3, 2)), (nn.LSTMCell, (3, 2))],
)
def test_a_subclass_that_resets_in_another_way_is_made_in_that_way(base: Any, sizes: Any) -> None:
    class Mine(base):  # type: ignore[misc]  # which class it is, is the test's matter
        def reset_parameters(self) -> None:
            for parameter in self.parameters():
                nn.init.constant_(parameter, 0.25)

    assert all((parameter.numpy() == 0.25).all() for parameter in Mine(*sizes).parameters())


def test_a_reset_layer_leaves_the_parameters_that_a_subclass_added() -> None:
    class Scaled(nn.Linear):
        def __init__(self) -> None:
            super().__init__(2, 2)
            self.scale = nn.Parameter(np.ones(2))

    layer = Scaled()
    layer.reset_parameters()
    assert layer.scale.tolist() == [1, 1]


def test_a_layer_with_a_generator_of_its_own_is_reset_from_that() -> None:
    layer = nn.Linear(3, 2, generator=np.random.default_rng(5))
    other = np.random.default_rng(5)
    other.uniform(size=8)  # what it was made of
    layer.reset_parameters()
    bound = 3**-0.5
    np.testing.assert_array_equal(layer.weight.numpy(), other.uniform(-bound, bound, (2, 3)))


def test_pretrained_vectors_are_drawn_anew_from_the_packages_generator() -> None:
    layer = nn.Embedding.from_pretrained(np.ones((2, 2)))
    tg.manual_seed(0)
    layer.reset_parameters()
    tg.manual_seed(0)
    np.testing.assert_array_equal(layer.weight.numpy(), nn.Embedding(2, 2).weight.numpy())


# ------------------------------------------------------------------------------------- devices
@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_is_made_on_the_cpu_and_nowhere_else(name: str) -> None:
    assert next(LAYERS[name](device="cpu", dtype="float32").parameters()).dtype == np.float32
    with pytest.raises(ValueError, match="no device 'cuda:0'"):
        LAYERS[name](device="cuda:0")


def test_there_is_no_way_to_a_gpu() -> None:
    layer = nn.Linear(2, 1)
    assert layer.to("cpu", non_blocking=True) is layer
    assert layer.to("cpu", np.float32, True).weight.dtype == np.float32
    for call in (layer.cuda, lambda: layer.cuda(0), lambda: layer.to("cuda")):
        with pytest.raises(ValueError, match="no device 'cuda': this library computes with NumPy"):
            call()


# ------------------------------------------------------------------------- values from outside
@pytest.mark.parametrize(
    "fill",
    [
        lambda w: nn.init.normal_(w, 0.0, 0.02),
        nn.init.xavier_uniform_,
        nn.init.kaiming_normal_,
        nn.init.orthogonal_,
        nn.init.eye_,
        nn.init.trunc_normal_,
        lambda w: nn.init.sparse_(w, 0.5),
        lambda w: nn.init.constant_(w, 3),
    ],
)
def test_the_array_of_a_parameter_is_filled_as_the_parameter_is(fill: Callable[..., Any]) -> None:
    layer, other = nn.Linear(3, 3), nn.Linear(3, 3)
    tg.manual_seed(1)
    array = layer.weight.data
    assert fill(array) is array
    tg.manual_seed(1)
    fill(other.weight)
    np.testing.assert_array_equal(layer.weight.numpy(), other.weight.numpy())


# ------------------------------------------------------------------------------- saved states
def test_a_state_without_a_count_of_batches_is_complete() -> None:
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    model(np.random.default_rng(0).normal(size=(4, 2)))
    state = {k: v for k, v in model.state_dict().items() if "num_batches" not in k}
    assert repr(model.load_state_dict(state)) == "<All keys matched successfully>"
    assert int(model[1].num_batches_tracked) == 1
    del state["1.running_mean"]
    with pytest.raises(RuntimeError, match=r"missing: 1\.running_mean$"):
        model.load_state_dict(state)
    assert "missing_keys=['1.running_mean']" in repr(model.load_state_dict(state, strict=False))


# ----------------------------------------------------------------------------- recurrent layers
def test_all_weights_are_listed_by_layer_and_direction() -> None:
    layer = nn.LSTM(3, 2, num_layers=2, bidirectional=True)
    layer.flatten_parameters()
    assert [len(weights) for weights in layer.all_weights] == [4] * 4
    assert layer.all_weights[1][0] is layer.weight_ih_l0_reverse
    assert [len(weights) for weights in nn.GRU(3, 2, bias=False).all_weights] == [2]
