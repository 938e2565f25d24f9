"""The article's network, trained on a recorded graph with a recorder beside it.

Read next: ``descent.py``, which trains two of its weights alone.
"""

from __future__ import annotations

import numpy as np

from tinygrad_edu.article.compare import DivergenceError, gradient_of
from tinygrad_edu.article.job import Options
from tinygrad_edu.article.on_tensors import RawNetwork
from tinygrad_edu.draw.training_record import TrainingRecord, record_training


def train_recorded(options: Options) -> TrainingRecord:
    """Train as the main job does, and keep the graph at some moments, the last among them.

    Raises
    ------
    DivergenceError
        If the loss becomes infinite or NaN.

    Examples
    --------
    >>> from tinygrad_edu.article.job import Options
    >>> from tinygrad_edu.article.recorded import train_recorded
    >>> train_recorded(Options(iterations=70))
    <TrainingRecord of 71 losses, with graphs at 0, 1, 2, 5, 10, 20, 50, 70>
    """
    network = RawNetwork(options.network())
    record = record_training(at=moments(options.iterations))
    parameters = [*network.weights, *(bias for bias in network.biases if bias is not None)]
    for iteration in range(options.iterations + 1):
        output = network.output()
        loss = ((network.y - output) ** 2).sum()
        loss.name = "loss"
        if not np.isfinite(loss.item()):
            raise DivergenceError(f"the loss is {loss.item()} after {iteration} iterations")
        loss.backward()
        record.see(loss, output, network.y)
        for parameter in parameters:
            parameter.data -= options.learning_rate * gradient_of(parameter)
            parameter.grad = None
    return record


def moments(last: int) -> list[int]:
    """List 0, 1, 2, 5, 10, 20, 50 and so on, and the last iteration.

    Examples
    --------
    >>> from tinygrad_edu.article.recorded import moments
    >>> moments(30)
    [0, 1, 2, 5, 10, 20, 30]
    """
    found = [0]
    power = 1
    while power < last:
        found += [step for step in (power, 2 * power, 5 * power) if step < last]
        power *= 10
    return [*found, last]
