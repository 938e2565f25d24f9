"""Modules: the pieces that networks are composed of, under PyTorch's names.

Read ``module.py`` first, then ``container.py`` and ``linear.py``.
"""

from tinygrad_edu.nn import functional, init, utils
from tinygrad_edu.nn.activation import (
    Hardsigmoid,
    LogSigmoid,
    ReLU,
    Sigmoid,
    Softsign,
    Tanh,
    Tanhshrink,
)
from tinygrad_edu.nn.attention import MultiheadAttention
from tinygrad_edu.nn.cells import GRUCell, LSTMCell, RNNCell
from tinygrad_edu.nn.classification_loss import (
    BCELoss,
    BCEWithLogitsLoss,
    CrossEntropyLoss,
    KLDivLoss,
    NLLLoss,
)
from tinygrad_edu.nn.container import Sequential
from tinygrad_edu.nn.conv import Conv1d, Conv2d, Conv3d
from tinygrad_edu.nn.conv_transpose import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from tinygrad_edu.nn.dicts import ModuleDict, ParameterDict
from tinygrad_edu.nn.distance_loss import (
    CosineEmbeddingLoss,
    CosineSimilarity,
    HingeEmbeddingLoss,
    MarginRankingLoss,
    PairwiseDistance,
    TripletMarginLoss,
)
from tinygrad_edu.nn.dropout import AlphaDropout, Dropout, Dropout1d, Dropout2d, Dropout3d
from tinygrad_edu.nn.embedding import Embedding
from tinygrad_edu.nn.embedding_bag import EmbeddingBag
from tinygrad_edu.nn.flatten import Flatten, Unflatten
from tinygrad_edu.nn.gate import GELU, GLU, Hardswish, Mish, SiLU
from tinygrad_edu.nn.layer_norm import GroupNorm, LayerNorm, RMSNorm
from tinygrad_edu.nn.linear import Bilinear, Identity, Linear
from tinygrad_edu.nn.lists import ModuleList, ParameterList
from tinygrad_edu.nn.loss import (
    GaussianNLLLoss,
    HuberLoss,
    L1Loss,
    MSELoss,
    PoissonNLLLoss,
    SmoothL1Loss,
)
from tinygrad_edu.nn.margin_loss import MultiLabelSoftMarginLoss, MultiMarginLoss, SoftMarginLoss
from tinygrad_edu.nn.module import Module
from tinygrad_edu.nn.norm import (
    BatchNorm1d,
    BatchNorm2d,
    BatchNorm3d,
    InstanceNorm1d,
    InstanceNorm2d,
    InstanceNorm3d,
)
from tinygrad_edu.nn.padding import (
    CircularPad1d,
    CircularPad2d,
    CircularPad3d,
    ConstantPad1d,
    ConstantPad2d,
    ConstantPad3d,
    ReflectionPad1d,
    ReflectionPad2d,
    ReflectionPad3d,
    ReplicationPad1d,
    ReplicationPad2d,
    ReplicationPad3d,
    ZeroPad1d,
    ZeroPad2d,
    ZeroPad3d,
)
from tinygrad_edu.nn.parameter import Parameter
from tinygrad_edu.nn.pooling import (
    AdaptiveAvgPool1d,
    AdaptiveAvgPool2d,
    AdaptiveMaxPool1d,
    AdaptiveMaxPool2d,
    AvgPool1d,
    AvgPool2d,
    MaxPool1d,
    MaxPool2d,
)
from tinygrad_edu.nn.pooling3d import AdaptiveAvgPool3d, AdaptiveMaxPool3d, AvgPool3d, MaxPool3d
from tinygrad_edu.nn.rectifier import CELU, ELU, SELU, LeakyReLU, PReLU, ReLU6, RReLU
from tinygrad_edu.nn.recurrent import GRU, LSTM, RNN
from tinygrad_edu.nn.softmax import LogSoftmax, Softmax, Softmax2d, Softmin
from tinygrad_edu.nn.threshold import Hardshrink, Hardtanh, Softplus, Softshrink, Threshold
from tinygrad_edu.nn.transformer import TransformerEncoder, TransformerEncoderLayer
from tinygrad_edu.nn.transformer_decoder import (
    Transformer,
    TransformerDecoder,
    TransformerDecoderLayer,
)
from tinygrad_edu.nn.vision import (
    Fold,
    PixelShuffle,
    PixelUnshuffle,
    Unfold,
    Upsample,
    UpsamplingBilinear2d,
    UpsamplingNearest2d,
)

__all__ = [
    "CELU",
    "ELU",
    "GELU",
    "GLU",
    "GRU",
    "LSTM",
    "RNN",
    "SELU",
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveAvgPool3d",
    "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d",
    "AdaptiveMaxPool3d",
    "AlphaDropout",
    "AvgPool1d",
    "AvgPool2d",
    "AvgPool3d",
    "BCELoss",
    "BCEWithLogitsLoss",
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNorm3d",
    "Bilinear",
    "CircularPad1d",
    "CircularPad2d",
    "CircularPad3d",
    "ConstantPad1d",
    "ConstantPad2d",
    "ConstantPad3d",
    "Conv1d",
    "Conv2d",
    "Conv3d",
    "ConvTranspose1d",
    "ConvTranspose2d",
    "ConvTranspose3d",
    "CosineEmbeddingLoss",
    "CosineSimilarity",
    "CrossEntropyLoss",
    "Dropout",
    "Dropout1d",
    "Dropout2d",
    "Dropout3d",
    "Embedding",
    "EmbeddingBag",
    "Flatten",
    "Fold",
    "GRUCell",
    "GaussianNLLLoss",
    "GroupNorm",
    "Hardshrink",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "HingeEmbeddingLoss",
    "HuberLoss",
    "Identity",
    "InstanceNorm1d",
    "InstanceNorm2d",
    "InstanceNorm3d",
    "KLDivLoss",
    "L1Loss",
    "LSTMCell",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "LogSigmoid",
    "LogSoftmax",
    "MSELoss",
    "MarginRankingLoss",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
    "Mish",
    "Module",
    "ModuleDict",
    "ModuleList",
    "MultiLabelSoftMarginLoss",
    "MultiMarginLoss",
    "MultiheadAttention",
    "NLLLoss",
    "PReLU",
    "PairwiseDistance",
    "Parameter",
    "ParameterDict",
    "ParameterList",
    "PixelShuffle",
    "PixelUnshuffle",
    "PoissonNLLLoss",
    "RMSNorm",
    "RNNCell",
    "RReLU",
    "ReLU",
    "ReLU6",
    "ReflectionPad1d",
    "ReflectionPad2d",
    "ReflectionPad3d",
    "ReplicationPad1d",
    "ReplicationPad2d",
    "ReplicationPad3d",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "SmoothL1Loss",
    "SoftMarginLoss",
    "Softmax",
    "Softmax2d",
    "Softmin",
    "Softplus",
    "Softshrink",
    "Softsign",
    "Tanh",
    "Tanhshrink",
    "Threshold",
    "Transformer",
    "TransformerDecoder",
    "TransformerDecoderLayer",
    "TransformerEncoder",
    "TransformerEncoderLayer",
    "TripletMarginLoss",
    "Unflatten",
    "Unfold",
    "Upsample",
    "UpsamplingBilinear2d",
    "UpsamplingNearest2d",
    "ZeroPad1d",
    "ZeroPad2d",
    "ZeroPad3d",
    "functional",
    "init",
    "utils",
]
