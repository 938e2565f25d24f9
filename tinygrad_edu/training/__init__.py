"""Training: the loop that every program writes again, with what one wants to see while it runs.

Read ``loop.py`` first; ``callbacks.py`` is what can be hung into it.
"""

from tinygrad_edu.training.callbacks import Callback, Checkpoint, EarlyStopping
from tinygrad_edu.training.history import History
from tinygrad_edu.training.loop import NonFiniteLossError, Run, fit
from tinygrad_edu.training.measure import evaluate
from tinygrad_edu.training.metrics import accuracy, confusion_matrix

__all__ = [
    "Callback",
    "Checkpoint",
    "EarlyStopping",
    "History",
    "NonFiniteLossError",
    "Run",
    "accuracy",
    "confusion_matrix",
    "evaluate",
    "fit",
]
