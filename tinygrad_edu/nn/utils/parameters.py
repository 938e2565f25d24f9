"""All parameters as one vector, for methods that know nothing of layers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from tinygrad_edu.messages import outline
from tinygrad_edu.ops.shape import as_array, concatenate
from tinygrad_edu.tensor import Tensor


def parameters_to_vector(parameters: Iterable[Tensor]) -> Any:
    """Lay out all parameters in one vector, through which gradients flow.

    Formula: ``concatenate([p.reshape(-1) for p in parameters])``. Shapes: any; the result (n,) for
    n elements together. Source: the conventions are PyTorch's.

    Raises
    ------
    ValueError
        If there are none.

    Examples
    --------
    >>> from tinygrad_edu import nn
    >>> from tinygrad_edu.nn.utils import parameters_to_vector
    >>> parameters_to_vector(nn.Linear(3, 2).parameters()).shape
    (8,)
    """
    flat = [parameter.reshape(-1) for parameter in parameters]
    if not flat:
        raise ValueError("parameters_to_vector: there are no parameters to make a vector of")
    return concatenate(*flat)


def vector_to_parameters(vec: Any, parameters: Iterable[Tensor]) -> None:
    """Give parameters the values of a vector, in place: the opposite of `parameters_to_vector`.

    As for `parameters_to_vector`, the other way round.

    Raises
    ------
    ValueError
        If the vector has not one number for each element. No parameter has changed then.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_edu import nn
    >>> from tinygrad_edu.nn.utils import vector_to_parameters
    >>> layer = nn.Linear(2, 1)
    >>> vector_to_parameters(np.array([1.0, 2.0, 3.0]), layer.parameters())
    >>> layer.weight.tolist(), layer.bias.tolist()
    ([[1.0, 2.0]], [3.0])
    """
    vec, targets = as_array(vec), list(parameters)
    values = vec._array if isinstance(vec, Tensor) else vec
    count = sum(parameter.size for parameter in targets)
    if values.shape != (count,) or values.dtype.kind not in "iuf":
        raise ValueError(
            f"vector_to_parameters: the parameters have {count} elements, and the vector is "
            f"{outline(values)}; it must have shape ({count},)"
        )
    start = 0
    for parameter in targets:
        part = values[start : start + parameter.size].reshape(parameter.shape)
        parameter._touch()
        np.copyto(parameter._array, part, casting="same_kind")
        start += parameter.size
