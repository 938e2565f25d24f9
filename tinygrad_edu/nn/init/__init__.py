"""Initial values: functions that fill a Tensor or array in place and return it, as in PyTorch.

Where the weights of a layer start decides whether signals keep their size on the way through a deep
network, and gradients on the way back. The scales are stated for weights (out, in, ...): ``fan_in``
is how many numbers go into an output, ``fan_out`` how many outputs an input goes into.

Read ``constant.py``, ``drawn.py`` and ``scaled.py``; ``filling.py`` is what they share.
"""

from __future__ import annotations

from tinygrad_edu.nn.init.constant import constant_, dirac_, eye_, ones_, zeros_
from tinygrad_edu.nn.init.drawn import normal_, orthogonal_, sparse_, trunc_normal_, uniform_
from tinygrad_edu.nn.init.scaled import (
    calculate_gain,
    kaiming_normal_,
    kaiming_uniform_,
    xavier_normal_,
    xavier_uniform_,
)

__all__ = [
    "calculate_gain", "constant_", "dirac_", "eye_", "kaiming_normal_", "kaiming_uniform_",
    "normal_", "ones_", "orthogonal_", "sparse_", "trunc_normal_", "uniform_", "xavier_normal_",
    "xavier_uniform_", "zeros_",
]  # fmt: skip
