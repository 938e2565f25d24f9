"""EmbeddingBag: one vector for each bag of words, without making those of the single words."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np

from tinygrad_edu.nn.convert import factory_dtype
from tinygrad_edu.nn.embedding import row_number
from tinygrad_edu.nn.functional.checks import positive_integer
from tinygrad_edu.nn.functional.embedding_bag import MODES, embedding_bag
from tinygrad_edu.nn.init import normal_
from tinygrad_edu.nn.module import Module
from tinygrad_edu.nn.parameter import Parameter
from tinygrad_edu.ops.shape import as_array
from tinygrad_edu.recording import no_grad

Self = TypeVar("Self", bound="EmbeddingBag")


class EmbeddingBag(Module):
    """Sum, mean or maximum of learnt vectors, picked by number; see `functional.embedding_bag`.

    Shapes: ``input`` (B, n), or (n,) with ``offsets`` (B,); ``weight`` (num_embeddings,
    embedding_dim), drawn from the standard normal distribution; the result (B, embedding_dim).

    Parameters
    ----------
    num_embeddings, embedding_dim : how many vectors, and of how many numbers each.
    mode : ``"sum"``, ``"mean"`` or ``"max"``.
    include_last_offset : whether the last offset is the end of the last bag.
    padding_idx : this vector is 0 in the beginning, is left out of its bag, and does not learn.
    max_norm, norm_type, scale_grad_by_freq, sparse, device, dtype, generator : as for `Embedding`.

    Raises
    ------
    TypeError, ValueError, IndexError
        If a size is no positive integer or the mode is not known; when called, as
        `functional.embedding_bag`.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.nn.embedding_bag import EmbeddingBag
    >>> layer = EmbeddingBag(10, 3, mode="sum")
    >>> layer(np.array([1, 2, 4, 5, 4, 3]), offsets=np.array([0, 4])).shape
    (2, 3)
    """

    weight: Parameter

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        max_norm: float | None = None,
        norm_type: float = 2.0,
        scale_grad_by_freq: bool = False,
        mode: str = "mean",
        sparse: bool = False,
        include_last_offset: bool = False,
        padding_idx: int | None = None,
        device: Any = None,
        dtype: Any = None,
        *,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        if mode not in MODES:
            raise ValueError(f"EmbeddingBag: mode is one of {', '.join(MODES)}, not {mode!r}")
        self.num_embeddings = positive_integer("EmbeddingBag", "num_embeddings", num_embeddings)
        self.embedding_dim = positive_integer("EmbeddingBag", "embedding_dim", embedding_dim)
        self.max_norm = max_norm
        self.norm_type = norm_type
        self.scale_grad_by_freq = scale_grad_by_freq
        self.mode = mode
        self.sparse = sparse
        self.include_last_offset = include_last_offset
        self.padding_idx = row_number("EmbeddingBag", padding_idx, self.num_embeddings)
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
        cls: type[Self], embeddings: Any, freeze: bool = True, **settings: Any
    ) -> Self:
        """Make an EmbeddingBag of vectors that are there already; see `Embedding`.

        Examples
        --------
        >>> import tinygrad_edu as tg
        >>> from tinygrad_edu.nn.embedding_bag import EmbeddingBag
        >>> EmbeddingBag.from_pretrained(tg.Tensor([[1.0, 2.0], [3.0, 4.0]]))([[0, 1]]).tolist()
        [[2.0, 3.0]]
        """
        weight = Parameter(as_array(embeddings), requires_grad=not freeze)
        if weight.ndim != 2:
            raise ValueError(f"EmbeddingBag: a table has 2 axes, and this has shape {weight.shape}")
        unused = np.random.default_rng(0)  # for values that are replaced at once
        rows, size = weight.shape
        module = cls(rows, size, **settings, generator=unused)
        module.weight, module.generator = weight, None
        return module

    def forward(self, input: Any, offsets: Any = None, per_sample_weights: Any = None) -> Any:
        """Apply `functional.embedding_bag`."""
        return embedding_bag(
            input,
            self.weight,
            offsets,
            *(self.max_norm, self.norm_type, self.scale_grad_by_freq, self.mode, self.sparse),
            per_sample_weights,
            self.include_last_offset,
            self.padding_idx,
        )

    def extra_repr(self) -> str:
        """Name the sizes, and the settings that are not the usual ones."""
        parts = [f"{self.num_embeddings}, {self.embedding_dim}"]
        usual = {"max_norm": None, "norm_type": 2.0, "scale_grad_by_freq": False}
        for name, value in usual.items():
            if getattr(self, name) != value:
                parts.append(f"{name}={getattr(self, name)}")
        parts.append(f"mode={self.mode!r}")
        return ", ".join(parts + ([] if self.padding_idx is None else
                                  [f"padding_idx={self.padding_idx}"]))  # fmt: skip
