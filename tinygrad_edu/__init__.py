"""An autograd mini-framework to read.

Read it in this order: ``op.py``, ``tensor.py``, ``backprop.py``, ``ops/``, ``nn/``.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tinygrad_edu import autograd, nn, ops, optim, special
from tinygrad_edu.anomaly import detect_anomaly
from tinygrad_edu.check import GradientError, check_grad
from tinygrad_edu.compare import check_backprop
from tinygrad_edu.dispatch import implements
from tinygrad_edu.dtypes import get_default_dtype, set_default_dtype
from tinygrad_edu.op import case, differentiable
from tinygrad_edu.ops.activation import relu, sigmoid
from tinygrad_edu.ops.elementwise import tanh
from tinygrad_edu.products import hvp, jvp, vjp
from tinygrad_edu.random import get_rng_state, manual_seed, set_rng_state
from tinygrad_edu.recording import enable_grad, is_grad_enabled, no_grad, set_grad_enabled
from tinygrad_edu.tensor import Tensor
from tinygrad_edu.transforms import elementwise_grad, grad, hessian, jacobian, value_and_grad

if TYPE_CHECKING:
    from tinygrad_edu import article
    from tinygrad_edu.draw import draw

__version__ = "0.1.0"

__all__ = [
    "GradientError",
    "Tensor",
    "article",
    "autograd",
    "case",
    "check_backprop",
    "check_grad",
    "detect_anomaly",
    "differentiable",
    "draw",
    "elementwise_grad",
    "enable_grad",
    "get_default_dtype",
    "get_rng_state",
    "grad",
    "hessian",
    "hvp",
    "implements",
    "is_grad_enabled",
    "jacobian",
    "jvp",
    "manual_seed",
    "nn",
    "no_grad",
    "ops",
    "optim",
    "relu",
    "set_default_dtype",
    "set_grad_enabled",
    "set_rng_state",
    "sigmoid",
    "special",
    "tanh",
    "value_and_grad",
    "vjp",
]


def __getattr__(name: str) -> Any:
    """Import ``tg.draw`` and ``tg.article`` at their first use; most programs need neither."""
    if name in ("article", "draw"):
        return import_module(f"tinygrad_edu.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
