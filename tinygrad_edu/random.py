"""Where random numbers come from: one generator for the whole package, and its seed.

Initial weights, dropout and shuffling draw from here unless they are handed a generator of their
own. NumPy's global random state is never read or written, so that a seed set here cannot be spoilt
by other code, nor spoil it.
"""

from __future__ import annotations

from operator import index
from typing import Any

import numpy as np

_default: np.random.Generator | None = None  # made when first asked for: numpy.random loads slowly


def manual_seed(seed: int) -> np.random.Generator:
    """Restart the package's random numbers from a seed, and return their generator.

    Raises
    ------
    TypeError, ValueError
        If the seed is not an integer, or is negative.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> from tinygrad_edu.random import manual_seed
    >>> generator = manual_seed(0)
    >>> first = nn.Linear(2, 3)
    >>> generator = manual_seed(0)
    >>> bool((nn.Linear(2, 3).weight == first.weight).all())
    True
    """
    global _default  # noqa: PLW0603  # one stream for the process, as in PyTorch
    if index(seed) < 0:
        raise ValueError(f"a seed is an integer from 0 on, not {seed}")
    _default = np.random.default_rng(index(seed))
    return _default


def get_rng_state() -> dict[str, Any]:
    """Return where the package's random numbers stand: nested dicts of numbers and strings.

    Examples
    --------
    >>> from tinygrad_edu.random import get_rng_state
    >>> get_rng_state()["bit_generator"]
    'PCG64'
    """
    return dict(default_generator().bit_generator.state)


def set_rng_state(state: dict[str, Any]) -> None:
    """Go on from where the random numbers stood when `get_rng_state` was called.

    Raises
    ------
    ValueError
        If this is no such state; the random numbers then go on undisturbed.

    Examples
    --------
    >>> from tinygrad_edu.random import default_generator, get_rng_state, set_rng_state
    >>> state = get_rng_state()
    >>> drawn = default_generator().random()
    >>> set_rng_state(state)
    >>> default_generator().random() == drawn
    True
    """
    bits: Any = default_generator().bit_generator
    try:
        bits.state = state  # NumPy reads all of it before it changes anything
    except (TypeError, ValueError, KeyError, OverflowError) as error:
        raise ValueError(
            f"not a random state: {error!r}; pass what get_rng_state() returned, unchanged"
        ) from error


def default_generator(generator: np.random.Generator | None = None) -> np.random.Generator:
    """Return the generator that is given, or else the package's own.

    Raises
    ------
    TypeError
        If what is given is not a NumPy generator.
    """
    global _default  # noqa: PLW0603
    if generator is not None:
        if not isinstance(generator, np.random.Generator):
            raise TypeError(
                f"generator= takes a numpy.random.Generator, such as np.random.default_rng(0), "
                f"not {generator!r}"
            )
        return generator
    if _default is None:
        _default = np.random.default_rng()
    return _default
