"""Special functions that NumPy lacks and networks need, such as ``tg.special.softmax``.

They are ops like all others, and differentiable to any order. Where SciPy is installed, the ufuncs
of ``scipy.special`` take Tensors, too.
"""

from tinygrad_edu.ops.activation import sigmoid
from tinygrad_edu.ops.erf import erf, erfc
from tinygrad_edu.ops.gamma import digamma, gammaln, polygamma
from tinygrad_edu.ops.special import (
    expit,
    log1mexp,
    log_sigmoid,
    log_softmax,
    logit,
    logsumexp,
    softmax,
    softplus,
    xlogy,
)

__all__ = [
    "digamma",
    "erf",
    "erfc",
    "expit",
    "gammaln",
    "log1mexp",
    "log_sigmoid",
    "log_softmax",
    "logit",
    "logsumexp",
    "polygamma",
    "sigmoid",
    "softmax",
    "softplus",
    "xlogy",
]
