"""Data: sets of samples, and loaders that hand them out in batches, under PyTorch's names.

Where a program for PyTorch says ``from torch.utils.data import ...``, it says ``from
tinygrad_edu.data import ...`` here, or, with less to change, ``tinygrad_edu.utils.data``. Read in
this order: ``dataset.py``, ``stream.py``, ``collate.py``, ``sampler.py``, ``loader.py``; then the
sets themselves: ``toy.py``, ``digits.py``, ``mnist.py``. Nothing is fetched from anywhere unless
``download=True`` says so.
"""

from tinygrad_edu.data.collate import default_collate, default_convert
from tinygrad_edu.data.dataset import (
    ConcatDataset,
    Dataset,
    StackDataset,
    Subset,
    TensorDataset,
    random_split,
)
from tinygrad_edu.data.digits import Digits, digits
from tinygrad_edu.data.idx import read_idx
from tinygrad_edu.data.loader import DataLoader
from tinygrad_edu.data.mnist import MNIST, FashionMNIST
from tinygrad_edu.data.sampler import (
    BatchSampler,
    RandomSampler,
    Sampler,
    SequentialSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
)
from tinygrad_edu.data.stream import ChainDataset, IterableDataset
from tinygrad_edu.data.toy import blobs, circles, moons, spirals, xor

__all__ = [
    "MNIST",
    "BatchSampler",
    "ChainDataset",
    "ConcatDataset",
    "DataLoader",
    "Dataset",
    "Digits",
    "FashionMNIST",
    "IterableDataset",
    "RandomSampler",
    "Sampler",
    "SequentialSampler",
    "StackDataset",
    "Subset",
    "SubsetRandomSampler",
    "TensorDataset",
    "WeightedRandomSampler",
    "blobs",
    "circles",
    "default_collate",
    "default_convert",
    "digits",
    "moons",
    "random_split",
    "read_idx",
    "spirals",
    "xor",
]
