"""Data: sets of samples, and loaders that hand them out in batches, under PyTorch's names.

Where a program for PyTorch says ``from torch.utils.data import ...``, it says ``from
tinygrad_edu.data import ...`` here. Read in this order: ``dataset.py``, ``collate.py``,
``sampler.py``, ``loader.py``; then the sets themselves: ``toy.py``, ``digits.py``, ``mnist.py``.
Nothing is fetched from anywhere unless ``download=True`` says so.
"""

from tinygrad_edu.data.collate import default_collate
from tinygrad_edu.data.dataset import ConcatDataset, Dataset, Subset, TensorDataset, random_split
from tinygrad_edu.data.digits import Digits, digits
from tinygrad_edu.data.idx import read_idx
from tinygrad_edu.data.loader import DataLoader
from tinygrad_edu.data.mnist import MNIST, FashionMNIST
from tinygrad_edu.data.sampler import (
    RandomSampler,
    Sampler,
    SequentialSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
)
from tinygrad_edu.data.toy import blobs, circles, moons, spirals, xor

__all__ = [
    "MNIST",
    "ConcatDataset",
    "DataLoader",
    "Dataset",
    "Digits",
    "FashionMNIST",
    "RandomSampler",
    "Sampler",
    "SequentialSampler",
    "Subset",
    "SubsetRandomSampler",
    "TensorDataset",
    "WeightedRandomSampler",
    "blobs",
    "circles",
    "default_collate",
    "digits",
    "moons",
    "random_split",
    "read_idx",
    "spirals",
    "xor",
]
