"""The network that looks at images: two convolutions, and a layer of weighted sums."""

from __future__ import annotations

import numpy as np

from tinygrad_edu import nn


def network(
    side: int = 28, classes: int = 10, generator: np.random.Generator | None = None
) -> nn.Sequential:
    """Make a small convolutional network for grey images.

    Two times: look at every place through a window of 5 by 5 pixels, keep what is positive, and
    keep of every 2 by 2 places the strongest. What is left of the image is 16 maps of a quarter of
    its side, and the class is told from a weighted sum of those. In outline it is that of

    Y. LeCun, L. Bottou, Y. Bengio, P. Haffner: Gradient-based learning applied to document
    recognition. Proceedings of the IEEE 86 (1998).

    Parameters
    ----------
    side : the height and width of the images, in pixels; a multiple of 4.
    classes : how many there are.
    generator : where the first weights are drawn from.

    Raises
    ------
    ValueError
        If the side is no multiple of 4.

    Examples
    --------
    >>> import tinygrad_edu as tg
    >>> from tinygrad_edu.images import network
    >>> network()(tg.Tensor([[[[0.0] * 28] * 28]])).shape
    (1, 10)
    """
    if side < 4 or side % 4:
        raise ValueError(f"images are halved twice, so their side is a multiple of 4, not {side}")
    return nn.Sequential(
        {
            "conv1": nn.Conv2d(1, 8, 5, padding="same", generator=generator),
            "relu1": nn.ReLU(),
            "pool1": nn.MaxPool2d(2),
            "conv2": nn.Conv2d(8, 16, 5, padding="same", generator=generator),
            "relu2": nn.ReLU(),
            "pool2": nn.MaxPool2d(2),
            "flatten": nn.Flatten(),
            "linear": nn.Linear(16 * (side // 4) ** 2, classes, generator=generator),
        }
    )
