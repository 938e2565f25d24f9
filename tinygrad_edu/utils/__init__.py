"""Where PyTorch's programs look for their data: ``from tinygrad_edu.utils.data import DataLoader``.

There is nothing of its own here; see ``tinygrad_edu/data``.
"""

from tinygrad_edu.utils import data

__all__ = ["data"]
