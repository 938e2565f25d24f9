"""An autograd mini-framework to read.

Read it in this order: ``op.py``, ``tensor.py``, ``backprop.py``, ``ops/``, ``nn/``.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tinygrad_edu import ops
from tinygrad_edu.cases import case
from tinygrad_edu.dispatch import implements
from tinygrad_edu.dtypes import get_default_dtype, set_default_dtype
from tinygrad_edu.op import differentiable
from tinygrad_edu.ops.activation import relu, sigmoid, softsign, tanhshrink
from tinygrad_edu.ops.elementwise import tanh
from tinygrad_edu.recording import enable_grad, is_grad_enabled, no_grad, set_grad_enabled
from tinygrad_edu.tensor import Tensor

if TYPE_CHECKING:
    from tinygrad_edu import article, autograd, data, fast, nn, optim, special, training, utils
    from tinygrad_edu.anomaly import detect_anomaly
    from tinygrad_edu.check import GradientError, check_grad
    from tinygrad_edu.checkpoint import CheckpointError, load, save
    from tinygrad_edu.compare import check_backprop
    from tinygrad_edu.draw import draw, draw_network, graph, record_lines, record_training
    from tinygrad_edu.nn.summary import summary
    from tinygrad_edu.ops.gates import gelu, hardswish, mish, silu
    from tinygrad_edu.ops.rectifiers import (
        celu,
        elu,
        hardshrink,
        hardsigmoid,
        hardtanh,
        leaky_relu,
        prelu,
        relu6,
        selu,
        softshrink,
        threshold,
    )
    from tinygrad_edu.ops.special import log_sigmoid, log_softmax, softmax, softplus
    from tinygrad_edu.optim import lr_range_test
    from tinygrad_edu.products import hvp, jvp, vjp
    from tinygrad_edu.program import compile, derive, trace
    from tinygrad_edu.random import get_rng_state, manual_seed, set_rng_state
    from tinygrad_edu.training import fit
    from tinygrad_edu.transforms import elementwise_grad, grad, hessian, jacobian, value_and_grad

__version__ = "0.1.0"

__all__ = [
    "CheckpointError",
    "GradientError",
    "Tensor",
    "article",
    "autograd",
    "case",
    "celu",
    "check_backprop",
    "check_grad",
    "compile",
    "data",
    "derive",
    "detect_anomaly",
    "differentiable",
    "draw",
    "draw_network",
    "elementwise_grad",
    "elu",
    "enable_grad",
    "fast",
    "fit",
    "gelu",
    "get_default_dtype",
    "get_rng_state",
    "grad",
    "graph",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "hessian",
    "hvp",
    "implements",
    "is_grad_enabled",
    "jacobian",
    "jvp",
    "leaky_relu",
    "load",
    "log_sigmoid",
    "log_softmax",
    "lr_range_test",
    "manual_seed",
    "mish",
    "nn",
    "no_grad",
    "ops",
    "optim",
    "prelu",
    "record_lines",
    "record_training",
    "relu",
    "relu6",
    "save",
    "selu",
    "set_default_dtype",
    "set_grad_enabled",
    "set_rng_state",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "softshrink",
    "softsign",
    "special",
    "summary",
    "tanh",
    "tanhshrink",
    "threshold",
    "trace",
    "training",
    "utils",
    "value_and_grad",
    "vjp",
]

# What is imported at its first use, so that importing the package stays quick: by module, the names
# that a learner finds here. A package of the same name as what it offers is named by itself.
AT_FIRST_USE = {
    "anomaly": ("detect_anomaly",),
    "article": ("article",),
    "autograd": ("autograd",),
    "check": ("GradientError", "check_grad"),
    "checkpoint": ("CheckpointError", "load", "save"),
    "compare": ("check_backprop",),
    "data": ("data",),
    "draw": ("draw", "draw_network", "graph", "record_lines", "record_training"),
    "fast": ("fast",),
    "nn": ("nn",),
    "nn.summary": ("summary",),
    "ops.gates": (
        "gelu",
        "hardswish",
        "mish",
        "silu",
    ),
    "ops.rectifiers": (
        "celu",
        "elu",
        "hardshrink",
        "hardsigmoid",
        "hardtanh",
        "leaky_relu",
        "prelu",
        "relu6",
        "selu",
        "softshrink",
        "threshold",
    ),
    "ops.special": (
        "log_sigmoid",
        "log_softmax",
        "softmax",
        "softplus",
    ),
    "optim": ("lr_range_test", "optim"),
    "products": ("hvp", "jvp", "vjp"),
    "program": ("compile", "derive", "trace"),
    "random": ("get_rng_state", "manual_seed", "set_rng_state"),
    "special": ("special",),
    "training": ("fit", "training"),
    "utils": ("utils",),
    "transforms": ("elementwise_grad", "grad", "hessian", "jacobian", "value_and_grad"),
}
_HOME = {name: module for module, names in AT_FIRST_USE.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import what is asked for, from where it is."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(f"{__name__}.{_HOME[name]}")
    value = globals()[name] = module if name == _HOME[name] else getattr(module, name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
