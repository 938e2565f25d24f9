"""The article's network three times on Tensors: raw products, composed modules, a Module subclass.

None of them has a backward pass of its own: the recorded graph supplies it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tinygrad_edu import nn
from tinygrad_edu.article.by_hand import HandDerivedNetwork
from tinygrad_edu.ops.activation import relu, sigmoid
from tinygrad_edu.ops.elementwise import tanh
from tinygrad_edu.tensor import Tensor

FUNCTIONS: dict[str, Callable[[Any], Any]] = {"sigmoid": sigmoid, "tanh": tanh, "relu": relu}
MODULES: dict[str, type[nn.Module]] = {"sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "relu": nn.ReLU}


class RawNetwork:
    """Matrix products and activations, written out as in the article, with its shapes.

    Formula and shapes: see `HandDerivedNetwork`.

    Examples
    --------
    >>> from tinygrad_edu.article import HandDerivedNetwork, RawNetwork
    >>> RawNetwork(HandDerivedNetwork()).loss().requires_grad
    True
    """

    def __init__(self, like: HandDerivedNetwork) -> None:
        self.x = Tensor(like.x, name="x")
        self.y = Tensor(like.y, name="y")
        self.activations = [FUNCTIONS[name] for name in like.activations]
        self.weights = [
            Tensor(weights, requires_grad=True, name=f"weights{number}")
            for number, weights in enumerate(like.weights, 1)
        ]
        self.biases = [
            None if bias is None else Tensor(bias, requires_grad=True, name=f"bias{number}")
            for number, bias in enumerate(like.biases, 1)
        ]

    def output(self) -> Tensor:
        """Compute the prediction for every sample."""
        layer = self.x
        for number, weights in enumerate(self.weights):
            bias = self.biases[number]
            total = layer @ weights
            layer = self.activations[number](total if bias is None else total + bias)
            layer.name = f"layer{number + 1}"
        layer.name = "output"
        return layer

    def loss(self) -> Tensor:
        """Sum of squared errors, as the article has it."""
        loss: Tensor = ((self.y - self.output()) ** 2).sum()
        loss.name = "loss"
        return loss


class ArticleNetwork(nn.Module):
    """The article's two layers as a Module of one's own.

    Formula and shapes: see `HandDerivedNetwork`.

    Examples
    --------
    >>> from tinygrad_edu.article import X, ArticleNetwork
    >>> import tinygrad_edu as tg
    >>> ArticleNetwork()(tg.Tensor(X)).shape
    (4, 1)
    """

    def __init__(self, inputs: int = 3, hidden: int = 4, outputs: int = 1, bias: bool = False):
        super().__init__()
        self.layer1 = nn.Linear(inputs, hidden, bias=bias)
        self.layer2 = nn.Linear(hidden, outputs, bias=bias)

    def forward(self, x: Any) -> Any:
        """Compute the prediction for every sample."""
        return sigmoid(self.layer2(sigmoid(self.layer1(x))))


def composed(like: HandDerivedNetwork) -> nn.Sequential:
    """Compose the same network of Linear layers and activation modules, with the same weights.

    Examples
    --------
    >>> from tinygrad_edu.article import HandDerivedNetwork, composed
    >>> composed(HandDerivedNetwork())
    Sequential(
      (0): Linear(in_features=3, out_features=4, bias=False)
      (1): Sigmoid()
      (2): Linear(in_features=4, out_features=1, bias=False)
      (3): Sigmoid()
    )
    """
    modules: list[nn.Module] = []
    for weights, bias, name in zip(like.weights, like.biases, like.activations):
        modules += [
            nn.Linear(weights.shape[0], weights.shape[1], bias=bias is not None),
            MODULES[name](),
        ]
    network = nn.Sequential(*modules)
    set_weights(network, like)
    return network


def set_weights(network: nn.Module, like: HandDerivedNetwork) -> None:
    """Give Linear layers the hand-derived network's weights; theirs are stored transposed.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> from tinygrad_edu.article import HandDerivedNetwork, set_weights
    >>> by_hand = HandDerivedNetwork(seed=1)
    >>> network = nn.Sequential(nn.Linear(3, 4, bias=False), nn.Linear(4, 1, bias=False))
    >>> set_weights(network, by_hand)
    >>> bool((network[0].weight == by_hand.weights[0].T).all())
    True
    """
    for layer, weights, bias in zip(linear_layers(network), like.weights, like.biases):
        layer.weight.data = weights.T
        if layer.bias is not None:
            layer.bias.data = bias


def named(weights: Sequence[Any], biases: Sequence[Any]) -> dict[str, Any]:
    """Name weights and biases layer by layer, leaving out biases that are ``None``."""
    names = {f"weights{number}": each for number, each in enumerate(weights, 1)}
    return names | {f"bias{i}": each for i, each in enumerate(biases, 1) if each is not None}


def linear_layers(network: nn.Module) -> list[nn.Linear]:
    """List a network's Linear layers in order."""
    return [module for module in network.modules() if isinstance(module, nn.Linear)]
