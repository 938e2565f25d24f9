"""Where a loader's own random numbers stand: found, and set to where they stood.

Without that, a run that goes on after a crash would go through its data in another order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tinygrad_edu.random import default_generator


def of(sampler: Any, generator: np.random.Generator | None) -> Any:
    """Return the bit generator that a loader draws from, or ``None`` if it is not its own.

    A sampler may be wrapped in another, which then has it as its ``sampler``.
    """
    while sampler is not None:
        if getattr(sampler, "generator", None) is not None:
            return default_generator(sampler.generator).bit_generator
        sampler = getattr(sampler, "sampler", None)
    return None if generator is None else default_generator(generator).bit_generator


def take_over(bits: Any, saved: Any) -> None:
    """Set a bit generator to a saved state: all of it, or nothing.

    Raises
    ------
    ValueError
        If what was saved is no such state, or is of another kind of random numbers.
    """
    if not isinstance(saved, Mapping) or set(saved) != {"generator"}:
        raise ValueError(
            "this is no state of random numbers: it has 'generator'; pass what state_dict() "
            "returned"
        )
    state = saved["generator"]
    if bits is None and state is None:
        return
    _check_kind(bits, state)
    earlier = bits.state
    try:
        bits.state = dict(state)
    except (TypeError, ValueError, KeyError, IndexError, OverflowError) as error:
        bits.state = earlier  # some kinds write while they read
        raise ValueError(
            f"not a random state: {error!r}; pass what state_dict() returned, unchanged"
        ) from error


def _check_kind(bits: Any, state: Any) -> None:
    """Refuse a state that is not of this kind of bit generator."""
    if bits is None or state is None:
        which = "the saved loader" if bits is None else "this loader"
        raise ValueError(
            f"of both, only {which} has random numbers of its own; make both with a seed= or "
            f"generator=, or neither"
        )
    kind = state.get("bit_generator") if isinstance(state, Mapping) else None
    if kind != type(bits).__name__:
        raise ValueError(
            f"the saved random numbers are of {kind or type(state).__name__}, and this loader's of "
            f"{type(bits).__name__}; make its generator of the same kind"
        )
