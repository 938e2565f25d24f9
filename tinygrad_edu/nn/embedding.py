"""Embedding: a table of learnt vectors, one for each word, user or other thing with a number."""

from __future__ import annotations

from operator import index
from typing import Any, TypeVar

import numpy as np

from tinygrad_edu.nn.convert import factory_dtype
from tinygrad_edu.nn.functional.checks import positive_integer
from tinygrad_edu.nn.functional.embedding import embedding
from tinygrad_edu.nn.init import normal_
from tinygrad_edu.nn.module import Module
from tinygrad_edu.nn.parameter import Parameter
from tinygrad_edu.ops.shape import as_array
from tinygrad_edu.recording import no_grad

Self = TypeVar("Self", bound="Embedding")


class Embedding(Module):
    """Learnt vectors, picked by number: ``y = weight[x]``.

    Shapes: ``x`` (...), integers; ``weight`` (num_embeddings, embedding_dim), drawn from the
    standard normal distribution; ``y`` (..., embedding_dim).

    Source: see `functional.embedding`.

    Parameters
    ----------
    num_embeddings, embedding_dim : how many vectors, and of how many numbers each.
    padding_idx : this vector is 0 in the beginning and does not learn.
    max_norm, norm_type : vectors that are picked and longer than this are shortened to it.
    scale_grad_by_freq : divide a vector's gradient by how often it was picked.
    sparse : accepted, and without effect: gradients are whole arrays.
    device : ``None`` or ``"cpu"``, of which there is no other.
    dtype : of the weight; else the default dtype.
    generator : numpy.random.Generator, optional
        Where it is drawn from; else the package's own, see `manual_seed`.

    Raises
    ------
    TypeError, ValueError
        If a size is no positive integer, or ``padding_idx`` no row; when called, if ``x`` is not
        made of integers.
    IndexError
        When called, if a number is negative or not below ``num_embeddings``.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.embedding import Embedding
    >>> layer = Embedding(10, 3, padding_idx=0)
    >>> layer(np.array([[1, 2, 4, 5], [4, 3, 2, 0]])).shape
    (2, 4, 3)
    >>> layer([0]).tolist()
    [[0.0, 0.0, 0.0]]
    """

    weight: Parameter

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
        device: Any = None,
        dtype: Any = None,
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        self.num_embeddings = positive_integer("Embedding", "num_embeddings", num_embeddings)
        self.embedding_dim = positive_integer("Embedding", "embedding_dim", embedding_dim)
        self.padding_idx = row_number("Embedding", padding_idx, self.num_embeddings)
        self.max_norm = max_norm
        self.norm_type = norm_type
        self.scale_grad_by_freq = scale_grad_by_freq
        self.sparse = sparse
        self.generator = generator
        shape = self.num_embeddings, self.embedding_dim
        self.weight = Parameter(np.empty(shape, factory_dtype(device, dtype)))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the vectors anew; called when the layer is made, too."""
        normal_(self.weight, generator=self.generator)
        if self.padding_idx is not None:
            with no_grad():
                self.weight[self.padding_idx] = 0

    @classmethod
    def from_pretrained(
        cls: type[Self],
        embeddings: Any,
        freeze: bool = True,
        padding_idx: int | None = None,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        sparse: bool = False,
    ) -> Self:
        """Make an Embedding of vectors that are there already.

        Parameters
        ----------
        embeddings : an array or Tensor (num_embeddings, embedding_dim); it is copied.
        freeze : whether they stay as they are, or learn.

        Examples
        --------
        >>> import tinygrad_edu as tg
        >>> from tinygrad_edu.nn.embedding import Embedding
        >>> Embedding.from_pretrained(tg.Tensor([[1.0, 2.0], [3.0, 4.0]]))([1]).tolist()
        [[3.0, 4.0]]
        """
        weight = Parameter(as_array(embeddings), requires_grad=not freeze)
        if weight.ndim != 2:
            raise ValueError(f"Embedding: a table has 2 axes, and this has shape {weight.shape}")
        rows, size = weight.shape
        unused = np.random.default_rng(0)  # for values that are replaced at once
        module = cls(
            rows,
            size,
            padding_idx,
            max_norm,
            norm_type,
            scale_grad_by_freq,
            sparse,
            generator=unused,
        )
        module.weight, module.generator = weight, None
        return module

    def forward(self, input: Any) -> Any:
        """Apply `functional.embedding`."""
        return embedding(
            input,
            self.weight,
            self.padding_idx,
            self.max_norm,
            self.norm_type,
            self.scale_grad_by_freq,
        )

    def extra_repr(self) -> str:
        """Name the sizes, and the settings that are not the usual ones."""
        usual = {"padding_idx": None, "max_norm": None, "norm_type": 2.0}
        parts = [f"{self.num_embeddings}, {self.embedding_dim}"]
        for name, value in {**usual, "scale_grad_by_freq": False}.items():
            if getattr(self, name) != value:
                parts.append(f"{name}={getattr(self, name)}")
        return ", ".join(parts)


def row_number(where: str, padding_idx: int | None, rows: int) -> int | None:
    """Count the row from the start, and refuse what is none."""
    if padding_idx is None:
        return None
    if not -rows <= index(padding_idx) < rows:
        raise ValueError(f"{where}: padding_idx={padding_idx} is no row of {rows}")
    return index(padding_idx) % rows
