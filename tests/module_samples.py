"""Every module of ``nn``: how it is built, and arrays to call it with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu import nn

Samples = tuple[Callable[[], Any], tuple[Any, ...]]


def x(*shape: int, seed: int = 0, low: float = -2.0) -> Any:
    return np.random.default_rng(seed).uniform(low, 2.0, shape)


def classes(*shape: int, count: int = 3) -> Any:
    return np.random.default_rng(4).integers(0, count, shape)


def signs(*shape: int) -> Any:
    return np.random.default_rng(4).choice([-1.0, 1.0], shape)


def shares(*shape: int) -> Any:
    return x(*shape, low=0.1) / 2.1


ELEMENTWISE = [
    "CELU",
    "ELU",
    "GELU",
    "Hardshrink",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "Identity",
    "LeakyReLU",
    "LogSigmoid",
    "Mish",
    "PReLU",
    "RReLU",
    "ReLU",
    "ReLU6",
    "SELU",
    "SiLU",
    "Sigmoid",
    "Softplus",
    "Softshrink",
    "Softsign",
    "Tanh",
    "Tanhshrink",
    "Flatten",
    "Dropout",
]
PAIRS = [
    "HuberLoss",
    "KLDivLoss",
    "L1Loss",
    "MSELoss",
    "PoissonNLLLoss",
    "SmoothL1Loss",
    "BCEWithLogitsLoss",
]
VALUE = {"Constant": (0.5,)}
MODULES: dict[str, Samples] = {
    **{name: (getattr(nn, name), (x(3, 4),)) for name in ELEMENTWISE},
    **{name: (getattr(nn, name), (x(3, 4), shares(3, 4))) for name in PAIRS},
    **{
        f"{kind}Pad{n}d": (
            lambda kind=kind, n=n: getattr(nn, f"{kind}Pad{n}d")(1, *VALUE.get(kind, ())),
            (x(1, 2, *(3,) * n),),
        )
        for kind in ("Circular", "Constant", "Reflection", "Replication", "Zero")
        for n in (1, 2, 3)
    },
    "GLU": (nn.GLU, (x(3, 4),)),
    "Threshold": (lambda: nn.Threshold(0.1, 0.5), (x(3, 4),)),
    "Softmax": (lambda: nn.Softmax(1), (x(3, 4),)),
    "LogSoftmax": (lambda: nn.LogSoftmax(1), (x(3, 4),)),
    "Softmin": (lambda: nn.Softmin(1), (x(3, 4),)),
    "Softmax2d": (nn.Softmax2d, (x(2, 3, 2, 2),)),
    "Linear": (lambda: nn.Linear(4, 2), (x(3, 4),)),
    "Bilinear": (lambda: nn.Bilinear(4, 3, 2), (x(5, 4), x(5, 3))),
    "BCELoss": (nn.BCELoss, (shares(3, 4), shares(3, 4))),
    "CrossEntropyLoss": (nn.CrossEntropyLoss, (x(5, 3), classes(5))),
    "NLLLoss": (nn.NLLLoss, (x(5, 3), classes(5))),
    "CosineEmbeddingLoss": (nn.CosineEmbeddingLoss, (x(5, 3), x(5, 3, seed=1), signs(5))),
    "CosineSimilarity": (nn.CosineSimilarity, (x(5, 3), x(5, 3, seed=1))),
    "PairwiseDistance": (nn.PairwiseDistance, (x(5, 3), x(5, 3, seed=1))),
    "GaussianNLLLoss": (nn.GaussianNLLLoss, (x(5, 3), x(5, 3, seed=1), shares(5, 3))),
    "HingeEmbeddingLoss": (nn.HingeEmbeddingLoss, (x(5, 3), signs(5, 3))),
    "MarginRankingLoss": (nn.MarginRankingLoss, (x(5), x(5, seed=1), signs(5))),
    "TripletMarginLoss": (nn.TripletMarginLoss, (x(5, 3), x(5, 3, seed=1), x(5, 3, seed=2))),
    "BatchNorm1d": (lambda: nn.BatchNorm1d(3), (x(5, 3),)),
    "BatchNorm2d": (lambda: nn.BatchNorm2d(3), (x(2, 3, 2, 2),)),
    "BatchNorm3d": (lambda: nn.BatchNorm3d(3), (x(2, 3, 2, 2, 2),)),
    "InstanceNorm1d": (lambda: nn.InstanceNorm1d(3), (x(2, 3, 4),)),
    "InstanceNorm2d": (
        lambda: nn.InstanceNorm2d(3, affine=True, track_running_stats=True), (x(2, 3, 2, 2),),
    ),
    "LayerNorm": (lambda: nn.LayerNorm(4), (x(3, 4),)),
    "RMSNorm": (lambda: nn.RMSNorm(4), (x(3, 4),)),
    "GroupNorm": (lambda: nn.GroupNorm(2, 4), (x(2, 4, 3),)),
    "Conv1d": (lambda: nn.Conv1d(2, 3, 3, padding=1), (x(2, 2, 5),)),
    "Conv2d": (lambda: nn.Conv2d(2, 3, 3), (x(2, 2, 5, 5),)),
    "Conv3d": (lambda: nn.Conv3d(1, 2, 2), (x(1, 1, 3, 3, 3),)),
    "ConvTranspose1d": (lambda: nn.ConvTranspose1d(2, 3, 3), (x(2, 2, 5),)),
    "ConvTranspose2d": (lambda: nn.ConvTranspose2d(2, 3, 3), (x(1, 2, 3, 3),)),
    "ConvTranspose3d": (lambda: nn.ConvTranspose3d(1, 2, 2), (x(1, 1, 2, 2, 2),)),
    "AvgPool1d": (lambda: nn.AvgPool1d(2), (x(1, 2, 4),)),
    "AvgPool2d": (lambda: nn.AvgPool2d(2), (x(1, 2, 4, 4),)),
    "MaxPool1d": (lambda: nn.MaxPool1d(2), (x(1, 2, 4),)),
    "MaxPool2d": (lambda: nn.MaxPool2d(2), (x(1, 2, 4, 4),)),
    "AdaptiveAvgPool1d": (lambda: nn.AdaptiveAvgPool1d(2), (x(1, 2, 5),)),
    "AdaptiveAvgPool2d": (lambda: nn.AdaptiveAvgPool2d(2), (x(1, 2, 5, 5),)),
    "AdaptiveMaxPool1d": (lambda: nn.AdaptiveMaxPool1d(2), (x(1, 2, 5),)),
    "AdaptiveMaxPool2d": (lambda: nn.AdaptiveMaxPool2d(2), (x(1, 2, 5, 5),)),
    "AvgPool3d": (lambda: nn.AvgPool3d(2), (x(1, 2, 4, 4, 4),)),
    "MaxPool3d": (lambda: nn.MaxPool3d(2), (x(1, 2, 4, 4, 4),)),
    "AdaptiveAvgPool3d": (lambda: nn.AdaptiveAvgPool3d(2), (x(1, 2, 4, 4, 4),)),
    "AdaptiveMaxPool3d": (lambda: nn.AdaptiveMaxPool3d(2), (x(1, 2, 4, 4, 4),)),
    "AlphaDropout": (nn.AlphaDropout, (x(3, 4),)),
    "InstanceNorm3d": (lambda: nn.InstanceNorm3d(3), (x(2, 3, 2, 2, 2),)),
    "SoftMarginLoss": (nn.SoftMarginLoss, (x(5, 3), signs(5, 3))),
    "MultiLabelSoftMarginLoss": (
        nn.MultiLabelSoftMarginLoss, (x(5, 3), classes(5, 3, count=2).astype(float)),
    ),
    "MultiMarginLoss": (nn.MultiMarginLoss, (x(5, 3), classes(5))),
    "UpsamplingBilinear2d": (lambda: nn.UpsamplingBilinear2d(scale_factor=2), (x(1, 1, 2, 2),)),
    "UpsamplingNearest2d": (lambda: nn.UpsamplingNearest2d(scale_factor=2), (x(1, 1, 2, 2),)),
    "EmbeddingBag": (lambda: nn.EmbeddingBag(7, 3), (classes(2, 4, count=7),)),
    "TransformerDecoderLayer": (
        lambda: nn.TransformerDecoderLayer(4, 2, 8), (x(3, 2, 4), x(3, 2, 4, seed=1)),
    ),
    "TransformerDecoder": (
        lambda: nn.TransformerDecoder(nn.TransformerDecoderLayer(4, 2, 8), 2),
        (x(3, 2, 4), x(3, 2, 4, seed=1)),
    ),
    "Transformer": (
        lambda: nn.Transformer(4, 2, 1, 1, 8), (x(3, 2, 4), x(3, 2, 4, seed=1)),
    ),
    "Dropout1d": (nn.Dropout1d, (x(2, 3, 4),)),
    "Dropout2d": (nn.Dropout2d, (x(2, 3, 4, 4),)),
    "Dropout3d": (nn.Dropout3d, (x(2, 3, 4, 4, 2),)),
    "Embedding": (lambda: nn.Embedding(7, 3), (classes(2, 4, count=7),)),
    "Fold": (lambda: nn.Fold((3, 3), 2), (x(1, 4, 4),)),
    "Unfold": (lambda: nn.Unfold(2), (x(1, 1, 3, 3),)),
    "Unflatten": (lambda: nn.Unflatten(1, (2, 2)), (x(3, 4),)),
    "PixelShuffle": (lambda: nn.PixelShuffle(2), (x(1, 4, 2, 2),)),
    "PixelUnshuffle": (lambda: nn.PixelUnshuffle(2), (x(1, 1, 4, 4),)),
    "Upsample": (lambda: nn.Upsample(scale_factor=2), (x(1, 1, 2, 2),)),
    "RNN": (lambda: nn.RNN(3, 4, num_layers=2, dropout=0.3), (x(5, 2, 3),)),
    "GRU": (lambda: nn.GRU(3, 4), (x(5, 2, 3),)),
    "LSTM": (lambda: nn.LSTM(3, 4, bidirectional=True), (x(5, 2, 3),)),
    "RNNCell": (lambda: nn.RNNCell(3, 4), (x(2, 3),)),
    "GRUCell": (lambda: nn.GRUCell(3, 4), (x(2, 3),)),
    "LSTMCell": (lambda: nn.LSTMCell(3, 4), (x(2, 3),)),
    "MultiheadAttention": (
        lambda: nn.MultiheadAttention(4, 2, dropout=0.2), (x(3, 2, 4), x(3, 2, 4), x(3, 2, 4)),
    ),
    "TransformerEncoderLayer": (lambda: nn.TransformerEncoderLayer(4, 2, 8), (x(3, 2, 4),)),
    "TransformerEncoder": (
        lambda: nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 8), 2), (x(3, 2, 4),),
    ),
    "Sequential": (lambda: nn.Sequential(nn.Linear(4, 3), nn.Tanh()), (x(3, 4),)),
}  # fmt: skip
NOT_CALLED = frozenset({
    "Module", "ModuleDict", "ModuleList", "Parameter", "ParameterDict", "ParameterList",
})  # fmt: skip
"""The classes of ``nn`` that are not called themselves."""
