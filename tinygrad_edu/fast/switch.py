"""Switching compiled loops on and off."""

from __future__ import annotations

from tinygrad_edu.fast.loops import compiled_max_pool_x
from tinygrad_edu.ops.pool import COMPILED


def enable() -> None:
    """Use compiled loops where there are some, from now on and in all threads.

    Raises
    ------
    ImportError
        If numba is not installed.

    Examples
    --------
    >>> from tinygrad_edu import fast
    >>> from importlib.util import find_spec
    >>> if find_spec("numba"):
    ...     fast.enable()
    ...     fast.disable()
    """
    try:
        COMPILED["max_pool_x"] = compiled_max_pool_x()
    except ImportError as error:
        raise ImportError(
            f"fast.enable() needs numba ({error}): pip install 'tinygrad_edu[fast]'"
        ) from error


def disable() -> None:
    """Use plain NumPy again.

    Examples
    --------
    >>> from tinygrad_edu import fast
    >>> fast.disable()
    """
    COMPILED.clear()
