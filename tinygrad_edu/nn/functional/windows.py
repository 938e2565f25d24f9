"""How the functions that slide a window over images read their arguments.

PyTorch takes one number for all axes or one for each, and images as a batch or a single one.
"""

from __future__ import annotations

from operator import index
from typing import Any

from tinygrad_edu.nn.functional.checks import shape_of
from tinygrad_edu.ops.conv_window import Pairs, Sizes
from tinygrad_edu.ops.shape import as_array

AXES = {1: "length", 2: "height, width", 3: "depth, height, width"}


def per_axis(where: str, name: str, value: Any, count: int, least: int = 1) -> Sizes:
    """Make one number for each axis of a setting, which may be one number for all.

    Raises
    ------
    TypeError, ValueError
        If it is not an integer or a tuple of ``count`` of them, or one is smaller than ``least``.
    """
    given = tuple(value) if isinstance(value, (tuple, list)) else (value,)
    try:
        numbers = tuple(map(index, given))
    except TypeError:
        raise TypeError(
            f"{where}: {name} is an integer or {count} of them, not {value!r}"
        ) from None
    if len(numbers) not in (1, count):
        raise ValueError(f"{where}: {name} takes one number, or {count} of them, not {value!r}")
    if min(numbers) < least:
        raise ValueError(f"{where}: {name} must be at least {least}, not {value!r}")
    return numbers * count if len(numbers) == 1 else numbers


def as_batch(where: str, count: int, input: Any) -> tuple[Any, bool]:
    """Return images as a batch, and whether there was a single one.

    Raises
    ------
    ValueError
        If there are neither one nor two axes before the ``count`` that a window slides along.
    """
    x = as_array(input)
    if x.ndim == count + 2:
        return x, False
    if x.ndim == count + 1:
        return x[None], True
    raise ValueError(
        f"{where} takes an input of shape (images, channels, {AXES[count]}), or (channels, "
        f"{AXES[count]}) for a single one; this one has shape {x.shape}"
    )


# ------------------------------------------------------------------------- of convolutions
def read_settings(
    where: str, count: int, weight: Any, stride: Any, dilation: Any, groups: int
) -> dict[str, Any]:
    """Read the settings that all convolutions have."""
    shape = shape_of(weight)
    if len(shape) != count + 2 or 0 in shape:
        raise ValueError(
            f"{where}: the weight has {count + 2} axes, none of them empty; this one has shape "
            f"{shape}"
        )
    return {
        "stride": per_axis(where, "stride", stride, count),
        "dilation": per_axis(where, "dilation", dilation, count),
        "groups": per_axis(where, "groups", groups, 1)[0],
    }


def read_padding(
    where: str, count: int, padding: Any, kernel: Sizes, settings: dict[str, Any]
) -> Pairs:
    """Say how many zeros are put before and behind each axis."""
    if padding == "same":
        if settings["stride"] != (1,) * count:
            raise ValueError(
                f"{where}: padding='same' needs stride 1, not {settings['stride']}: with a larger "
                f"one the output cannot be as large as the input"
            )
        spans = [d * (k - 1) for k, d in zip(kernel, settings["dilation"])]
        return tuple((span // 2, span - span // 2) for span in spans)
    if isinstance(padding, str) and padding != "valid":
        raise ValueError(f"{where}: padding is a number, 'same' or 'valid', not {padding!r}")
    numbers = per_axis(where, "padding", 0 if padding == "valid" else padding, count, least=0)
    return tuple((n, n) for n in numbers)


def check_bias(where: str, bias: Any, filters: int) -> None:
    """Refuse a bias that has not one number for each filter."""
    if bias is not None and shape_of(bias) != (filters,):
        raise ValueError(f"{where}: the bias has shape ({filters},), not {shape_of(bias)}")
