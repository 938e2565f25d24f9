"""The article that this library rebuilds: its network by hand, and on a recorded graph."""

from tinygrad_edu.article.by_hand import HandDerivedNetwork, X, Y
from tinygrad_edu.article.compare import Comparison, Contender, Difference, DivergenceError, compare
from tinygrad_edu.article.on_tensors import ArticleNetwork, RawNetwork, composed, set_weights

__all__ = [
    "ArticleNetwork",
    "Comparison",
    "Contender",
    "Difference",
    "DivergenceError",
    "HandDerivedNetwork",
    "RawNetwork",
    "X",
    "Y",
    "compare",
    "composed",
    "set_weights",
]
