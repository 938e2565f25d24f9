"""MNIST and Fashion-MNIST: 70 000 small grey images, of digits and of clothes.

They are read from files that are there; only ``download=True`` fetches any.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tinygrad_edu.data.collate import stack_samples
from tinygrad_edu.data.dataset import Dataset, rows
from tinygrad_edu.data.download import download as fetch
from tinygrad_edu.data.idx import read_idx
from tinygrad_edu.dtypes import get_default_dtype
from tinygrad_edu.tensor import Tensor


class MNIST(Dataset):
    """Handwritten digits, 60 000 to train and 10 000 to test, each of 28 x 28 pixels.

    A sample is the image, a Tensor of shape (1, 28, 28) with values from 0 to 1, and its label, a
    whole number. Images are of the default dtype.

    Parameters
    ----------
    root : a folder with files named as they are published (``train-images-idx3-ubyte`` and so on),
        plain or with ``.gz``; or one where they are in ``MNIST/raw`` (where ``download`` and
        torchvision put them) or in ``raw``.
    train : whether to read the images to train with, or those to test with.
    transform : a function of the image.
    target_transform : a function of the label.
    download : whether to fetch the files, if they are not there.

    Raises
    ------
    FileNotFoundError
        If the files are not there.
    ValueError
        If a file is damaged, or is not what its name says.
    OSError
        If they cannot be downloaded.

    Attributes
    ----------
    data : the images as they are in the file: whole numbers from 0 to 255, of shape (n, 28, 28).
    targets : the labels, of shape (n,).
    classes : what the labels stand for.

    References
    ----------
    Y. LeCun, L. Bottou, Y. Bengio, P. Haffner: Gradient-based learning applied to document
    recognition. Proceedings of the IEEE 86 (1998).

    Examples
    --------
    >>> from tinygrad_edu import data
    >>> data.MNIST("no-such-folder")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    FileNotFoundError: ...download=True...
    """

    mirrors: Sequence[str] = (
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    )
    files: Sequence[tuple[str, str]] = (  # and the SHA-256 of each, compressed
        (
            "train-images-idx3-ubyte",
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        ),
        (
            "train-labels-idx1-ubyte",
            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        ),
        (
            "t10k-images-idx3-ubyte",
            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        ),
        (
            "t10k-labels-idx1-ubyte",
            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        ),
    )
    classes: Sequence[str] = tuple("0123456789")

    def __init__(
        self,
        root: str | os.PathLike[str],
        train: bool = True,
        transform: Callable[[Any], Any] | None = None,
        target_transform: Callable[[Any], Any] | None = None,
        download: bool = False,
    ) -> None:
        self.root, self.train = Path(os.fsdecode(root)), train
        self.transform, self.target_transform = transform, target_transform
        images, labels = (
            self._find(*file, download) for file in (self.files[:2] if train else self.files[2:])
        )
        self.data = read_idx(images)
        self.targets = read_idx(labels).astype(np.int64)
        what = f"{images} holds {self.data.shape} {self.data.dtype}, and {labels}"
        if self.data.ndim != 3 or self.data.dtype != np.uint8:
            raise ValueError(f"{what} is beside it: images are (n, height, width) of bytes")
        if self.targets.shape != self.data.shape[:1]:
            raise ValueError(f"{what} {self.targets.shape}: there must be one label for each image")
        if ((self.targets < 0) | (self.targets >= len(self.classes))).any():
            raise ValueError(f"{labels} holds labels beyond 0 to {len(self.classes) - 1}")

    def _find(self, name: str, sha256: str, download: bool) -> Path:
        """Return where a file is, after fetching it if need be."""
        home = self.root / type(self).__name__ / "raw"
        folders = (self.root, home, self.root / "raw")
        places = [folder / (name + end) for folder in folders for end in ("", ".gz")]
        for path in places:
            if path.is_file():
                return path
        if not download:
            raise FileNotFoundError(
                f"there is no {name} and no {name}.gz in any of {', '.join(map(str, folders))}; "
                f"put it there, or let it be fetched: {type(self).__name__}(root, download=True)"
            )
        home.mkdir(parents=True, exist_ok=True)
        path = home / f"{name}.gz"
        fetch([f"{mirror}{name}.gz" for mirror in self.mirrors], path, sha256)
        return path

    def __len__(self) -> int:
        return len(self.targets)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        image: Any = self._images(self.data[index, None])
        label: Any = int(self.targets[index])
        if self.transform is not None:
            image = self.transform(image)
        if self.target_transform is not None:
            label = self.target_transform(label)
        return image, label

    def _stacked(self, indices: Sequence[int]) -> Any:
        if self.transform is not None or self.target_transform is not None:
            return stack_samples(self, indices)
        wanted = rows(indices)
        return self._images(self.data[wanted, None]), Tensor(self.targets[wanted], copy=False)

    @staticmethod
    def _images(pixels: Any) -> Tensor:
        return Tensor(np.divide(pixels, 255, dtype=get_default_dtype()), copy=False)

    def __repr__(self) -> str:
        part = "to train with" if self.train else "to test with"
        return f"{type(self).__name__}({len(self)} images {part}, from {self.root})"


class FashionMNIST(MNIST):
    """Images of clothes, in the format and numbers of MNIST, and harder to tell apart.

    Parameters, samples and errors are those of `MNIST`; the folder is ``FashionMNIST/raw``.

    References
    ----------
    H. Xiao, K. Rasul, R. Vollgraf: Fashion-MNIST: a novel image dataset for benchmarking machine
    learning algorithms. arXiv:1708.07747 (2017).

    Examples
    --------
    >>> from tinygrad_edu import data
    >>> data.FashionMNIST.classes[:3]
    ('T-shirt/top', 'Trouser', 'Pullover')
    """

    mirrors = (
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    )
    files = (
        (
            "train-images-idx3-ubyte",
            "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        ),
        (
            "train-labels-idx1-ubyte",
            "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        ),
        (
            "t10k-images-idx3-ubyte",
            "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        ),
        (
            "t10k-labels-idx1-ubyte",
            "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        ),
    )
    classes = (
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    )
