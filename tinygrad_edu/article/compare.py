"""Train the hand-derived network and one on Tensors side by side, and measure how far they part.

Both start from the same weights and each goes its own way, so that the comparison covers the whole
trajectory: a gradient wrong in one iteration would show in all that follow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tinygrad_edu import nn
from tinygrad_edu.article.by_hand import HandDerivedNetwork
from tinygrad_edu.article.on_tensors import RawNetwork, linear_layers, named
from tinygrad_edu.op import Array
from tinygrad_edu.tensor import Tensor


@dataclass
class Difference:
    """The largest differences of one gradient, over all iterations and elements.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.article import Difference
    >>> difference = Difference()
    >>> difference.update(np.array([1.0, 2.0]), np.array([1.0, 2.5]))
    >>> difference.absolute, difference.relative
    (0.5, 0.2)
    """

    absolute: float = 0.0
    relative: float = 0.0
    ulp: int = 0

    def update(self, ours: Array, theirs: Array) -> None:
        """Take two more arrays into account."""
        distance = np.abs(ours - theirs)
        scale = np.max(np.abs(theirs), initial=0.0)
        largest = float(np.max(distance, initial=0.0))
        self.absolute = max(self.absolute, largest)
        self.relative = max(self.relative, largest / float(scale) if scale else largest)
        self.ulp = max(self.ulp, ulp_distance(ours, theirs))


def ulp_distance(a: Array, b: Array) -> int:
    """Count the floating-point numbers between two arrays' elements; return the largest count.

    The bits of a float, read as an integer, count upwards with its magnitude.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu.article.compare import ulp_distance
    >>> ulp_distance(np.array([1.0]), np.array([1.0 + 2**-52]))
    1
    """
    if np.array_equal(a, b):
        return 0
    counts = [np.ascontiguousarray(x, np.float64).view(np.int64) for x in (a, b)]
    ordered = [np.where(n < 0, np.int64(-(2**63)) - n, n) for n in counts]
    return max(abs(int(p) - int(q)) for p, q in zip(ordered[0].ravel(), ordered[1].ravel()))


@dataclass
class Comparison:
    """What a training run on Tensors gave, and how far it was from the hand-derived one.

    What `compare` returns.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.article import Comparison
    >>> comparison = Comparison()
    >>> comparison.see_loss(tg.Tensor(0.5), 0.25)
    >>> comparison.losses, comparison.loss.absolute
    ([0.5], 0.25)
    """

    losses: list[float] = field(default_factory=list)
    gradients: dict[str, Difference] = field(default_factory=dict)
    weights: Difference = field(default_factory=Difference)
    loss: Difference = field(default_factory=Difference)
    predictions: Difference = field(default_factory=Difference)
    outputs: Array = field(default_factory=lambda: np.empty(0))

    def see_loss(self, ours: Tensor, theirs: Any) -> None:
        """Take note of the loss of both."""
        if not np.isfinite(ours.item()):
            raise DivergenceError(f"the loss is {ours.item()} after {len(self.losses)} iterations")
        self.losses.append(ours.item())
        self.loss.update(ours.numpy(), np.asarray(theirs))

    @property
    def monotone(self) -> bool:
        """Whether the loss fell in every iteration."""
        return bool(np.all(np.diff(self.losses) < 0))


class DivergenceError(ArithmeticError):
    """The loss is no longer a number.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.article import Comparison
    >>> Comparison().see_loss(tg.Tensor(float("nan")), 0.0)
    Traceback (most recent call last):
        ...
    tinygrad_edu.article.compare.DivergenceError: the loss is nan after 0 iterations
    """


class Contender:
    """A network on Tensors that is to be compared with the hand-derived one.

    Parameters
    ----------
    predict : computes its output.
    weights, biases : its parameters, layer by layer.
    stored_transposed : whether the weights have shape ``(out, in)``, as in ``nn.Linear``.

    Examples
    --------
    >>> from tinygrad_edu.article import Contender, HandDerivedNetwork
    >>> sorted(Contender.raw(HandDerivedNetwork()).parameters)
    ['weights1', 'weights2']
    """

    def __init__(
        self,
        predict: Callable[[], Tensor],
        weights: Sequence[Tensor],
        biases: Sequence[Tensor | None],
        stored_transposed: bool = False,
    ) -> None:
        self.predict = predict
        self.parameters: dict[str, Tensor] = named(weights, biases)
        self.stored_transposed = stored_transposed

    @classmethod
    def raw(cls, by_hand: HandDerivedNetwork) -> Contender:
        """Make the network of raw matrix products."""
        network = RawNetwork(by_hand)
        return cls(network.output, network.weights, network.biases)

    @classmethod
    def of_modules(cls, network: nn.Module, by_hand: HandDerivedNetwork) -> Contender:
        """Take a network of Linear layers."""
        x, layers = Tensor(by_hand.x, name="x"), linear_layers(network)
        weights, biases = [each.weight for each in layers], [each.bias for each in layers]
        return cls(lambda: network(x), weights, biases, stored_transposed=True)

    def as_by_hand(self, name: str, array: Array) -> Array:
        """Return a weight or its gradient in the hand-derived network's layout."""
        return array.T if self.stored_transposed and name.startswith("weights") else array


def compare(
    by_hand: HandDerivedNetwork, contender: Contender, iterations: Iterable[int]
) -> Comparison:
    """Train both for as many iterations, each on its own gradients.

    Raises
    ------
    DivergenceError
        If the loss becomes infinite or NaN.

    Examples
    --------
    >>> from tinygrad_edu.article import Contender, HandDerivedNetwork, compare
    >>> by_hand, recorded = HandDerivedNetwork(seed=1), HandDerivedNetwork(seed=1)
    >>> comparison = compare(by_hand, Contender.raw(recorded), range(100))
    >>> comparison.gradients["weights1"].absolute, comparison.monotone
    (0.0, True)
    """
    parameters = contender.parameters
    result = Comparison(gradients={name: Difference() for name in parameters})
    y = Tensor(by_hand.y, name="y")
    theirs = named(by_hand.weights, by_hand.biases)
    for _ in iterations:
        output = contender.predict()
        loss = ((y - output) ** 2).sum()
        result.see_loss(loss, by_hand.loss())
        result.predictions.update(output.numpy(), by_hand.feedforward()[-1])
        loss.backward()
        directions = named(*by_hand.step())
        for name, parameter in parameters.items():
            gradient = gradient_of(parameter)
            result.gradients[name].update(contender.as_by_hand(name, -gradient), directions[name])
            parameter.data -= by_hand.learning_rate * gradient
            parameter.grad = None
            result.weights.update(contender.as_by_hand(name, parameter.data), theirs[name])
    output = contender.predict()
    result.see_loss(((y - output) ** 2).sum(), by_hand.loss())
    result.outputs = output.numpy()
    return result


def gradient_of(parameter: Tensor) -> Array:
    """Return a parameter's gradient as an array."""
    if parameter.grad is None:
        raise RuntimeError(f"no gradient has arrived at {parameter!r}")
    return parameter.grad.numpy()
