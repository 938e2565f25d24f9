"""Schedules: how the learning rate changes from step to step, under PyTorch's names.

Read ``scheduler.py`` first, which says how they work, then ``decay.py``.
"""

from tinygrad_edu.optim.lr_scheduler.combine import ChainedScheduler, SequentialLR
from tinygrad_edu.optim.lr_scheduler.cosine import CosineAnnealingLR, CosineAnnealingWarmRestarts
from tinygrad_edu.optim.lr_scheduler.cyclic import CyclicLR
from tinygrad_edu.optim.lr_scheduler.decay import ExponentialLR, MultiStepLR, PolynomialLR, StepLR
from tinygrad_edu.optim.lr_scheduler.function import LambdaLR, MultiplicativeLR
from tinygrad_edu.optim.lr_scheduler.one_cycle import OneCycleLR
from tinygrad_edu.optim.lr_scheduler.plateau import ReduceLROnPlateau
from tinygrad_edu.optim.lr_scheduler.scheduler import LRScheduler
from tinygrad_edu.optim.lr_scheduler.warm_up import ConstantLR, LinearLR

__all__ = [
    "ChainedScheduler",
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "CyclicLR",
    "ExponentialLR",
    "LRScheduler",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "MultiplicativeLR",
    "OneCycleLR",
    "PolynomialLR",
    "ReduceLROnPlateau",
    "SequentialLR",
    "StepLR",
]
