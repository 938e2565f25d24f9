"""``np.einsum``: sums of products, written by naming every axis.

A call is first brought into one form: a letter for every axis, none hidden behind ``...``, and the
result's letters spelled out. Then the rule is einsum again. The gradient for an operand is summed
over the letters that it has not got, and has its own letters: ``ij,jk->ik`` gives ``ik,jk->ij``.
Two things are left over. A letter that stands in this operand alone was summed over all by itself,
and its gradient is the same all along; and a letter that stands twice in the operand read its
diagonal, and its gradient goes back there.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from string import ascii_letters, ascii_lowercase, ascii_uppercase
from typing import Any

import numpy as np

from tinygrad_edu.cases import case
from tinygrad_edu.dispatch import implements
from tinygrad_edu.op import differentiable
from tinygrad_edu.ops.index import where
from tinygrad_edu.ops.refuse import refuse
from tinygrad_edu.ops.shape import as_array, broadcast_to, reshape

HINT = "every operand has one letter for each of its axes, as in 'ij,jk->ik', or three dots"
IN_ORDER = ascii_uppercase + ascii_lowercase  # as NumPy sorts the letters of a result not given


# ---------------------------------------------------------------------------------- the op
def einsum_operand(
    dy: Any, y: Any, *operands: Any, subscripts: str, optimize: Any, position: int
) -> Any:
    """Sum over the letters that the operand has not got; spread over those that only it has."""
    terms, result = subscripts.split("->")
    inputs = terms.split(",")
    own, shape = inputs[position], np.shape(operands[position])
    others = [i for i in range(len(inputs)) if i != position]
    elsewhere = set(result).union(*(inputs[i] for i in others))
    once = "".join(dict.fromkeys(own))
    reached = "".join(letter for letter in once if letter in elsewhere)
    dx = contract(
        dy,
        *(operands[i] for i in others),
        subscripts=f"{','.join([result, *(inputs[i] for i in others)])}->{reached}",
        optimize=optimize if isinstance(optimize, (bool, str)) else True,
    )
    sizes = dict(zip(reached, dx.shape))
    there = tuple(sizes.get(letter, 1) for letter in once)
    full = tuple(shape[own.index(letter)] for letter in once)
    full = tuple(m if n == 1 else n for n, m in zip(full, there))  # a stretched axis stays so
    dx = dx if there == dx.shape else reshape(dx, shape=there)
    dx = dx if there == full else broadcast_to(dx, shape=full)
    return dx if once == own else onto_diagonal(dx, once, own)


def onto_diagonal(dx: Any, once: str, own: str) -> Any:
    """Give letters that stand several times all their axes back, with zeros off the diagonal."""
    first = [own.index(letter) == axis for axis, letter in enumerate(own)]
    sizes = [dx.shape[once.index(letter)] for letter in own]
    dx = reshape(dx, shape=tuple(n if once_more else 1 for n, once_more in zip(sizes, first)))
    indices = np.ogrid[tuple(slice(n) for n in sizes)]
    diagonal = np.True_
    for axis, letter in enumerate(own):
        diagonal = diagonal & (indices[axis] == indices[own.index(letter)])
    return where(diagonal, dx, 0)


@differentiable(
    name="einsum",
    operands=einsum_operand,
    cases=[
        case((2, 3), (3, 4), subscripts="ij,jk->ik", optimize=False),
        case((3, 3), subscripts="ii->", optimize=False),
        case((3, 3), subscripts="ii->i", optimize=False),
        case((2, 2, 3), subscripts="iij->ij", optimize=False),
        case((2, 2, 2), subscripts="iii->i", optimize=False),
        case((2, 3, 2), subscripts="iji->ij", optimize=False),
        case((1,), (3,), subscripts="i,i->", optimize=False),
        case((2, 3), subscripts="ij->", optimize=False),
        case((2, 3), subscripts="ij->ji", optimize=False),
        case((2, 3), (4,), subscripts="ij,k->k", optimize=False),
        case((2, 3), (3, 2), (2, 4), subscripts="ij,jk,kl->il", optimize=True),
        case(
            (2, 3),
            (3, 2),
            (2, 4),
            subscripts="ij,jk,kl->il",
            optimize=["einsum_path", (0, 1), (0, 1)],
        ),
        case((2, 2), (2,), subscripts="ii,i->i", optimize=False),
        case((), (2, 3), subscripts=",ij->i", optimize=False),
        case((0, 3), (3,), subscripts="ij,j->", optimize=False),
    ],
    hint=HINT,
)
def contract(*operands: Any, subscripts: str, optimize: Any) -> Any:
    """``np.einsum`` with a letter for every axis and the result spelled out."""
    return np.einsum(subscripts, *operands, optimize=optimize)


# --------------------------------------------------------------------- how NumPy lets one call it
@implements(np.einsum)
def einsum(
    *operands: Any,
    out: Any = None,
    optimize: Any = False,
    dtype: Any = None,
    order: Any = None,
    casting: Any = None,
) -> Any:
    """``np.einsum``: sums of products over named axes.

    Everything that NumPy takes: ``...``, repeated letters, axes of size 1 that broadcast, a result
    that is not spelled out, lists of numbers for letters, and ``optimize``.

    Raises
    ------
    ValueError
        If letters and axes do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> import tinygrad_edu as tg
    >>> x = tg.Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    >>> np.einsum("ii", x).backward()
    >>> x.grad
    Tensor([[1., 0.],
            [0., 1.]], shape=(2, 2), dtype=float64)
    """
    refuse("einsum", out=out, dtype=dtype, order=order, casting=casting)
    if isinstance(operands[0], str):
        subscripts, arrays = operands[0], operands[1:]
    else:
        subscripts, arrays = from_lists(operands)
    arrays = tuple(map(as_array, arrays))
    subscripts = spelled_out(subscripts, tuple(x.ndim for x in arrays))
    return contract(*arrays, subscripts=subscripts, optimize=optimize)


def from_lists(operands: Sequence[Any]) -> tuple[str, tuple[Any, ...]]:
    """Turn the form ``einsum(a, [0, 1], b, [1, 2], [0, 2])`` into letters."""

    def letters(labels: Any) -> str:
        return "".join("..." if label is Ellipsis else IN_ORDER[label] for label in labels)

    pairs = len(operands) // 2
    subscripts = ",".join(letters(operands[2 * i + 1]) for i in range(pairs))
    if len(operands) % 2:
        subscripts += "->" + letters(operands[-1])
    return subscripts, tuple(operands[0 : 2 * pairs : 2])


@lru_cache(maxsize=256)
def spelled_out(subscripts: str, ndims: tuple[int, ...]) -> str:
    """Give every axis a letter and spell the result out."""
    terms, arrow, result = subscripts.replace(" ", "").partition("->")
    inputs = terms.split(",")
    if len(inputs) != len(ndims):
        raise ValueError(
            f"einsum: {subscripts!r} names {len(inputs)} operands, and {len(ndims)} are given"
        )
    unused = [letter for letter in ascii_letters if letter not in subscripts]
    hidden = [
        ndim - len(term.replace("...", "")) if "..." in term else 0
        for term, ndim in zip(inputs, ndims)
    ]
    if min(hidden) < 0:
        raise ValueError(f"einsum: {subscripts!r} has more letters than axes, which are {ndims}")
    dots = "".join(unused[: max(hidden)])
    if not arrow:
        letters = terms.replace("...", "").replace(",", "")
        alone = (letter for letter in IN_ORDER if letters.count(letter) == 1)
        result = "..." + "".join(alone)
    elif dots and "..." not in result:
        raise ValueError(
            f"einsum: {subscripts!r} hides {len(dots)} axes behind '...', which its result has not "
            f"got; to sum over them, name them"
        )
    inputs = [term.replace("...", dots[len(dots) - n :]) for term, n in zip(inputs, hidden)]
    return f"{','.join(inputs)}->{result.replace('...', dots)}"
