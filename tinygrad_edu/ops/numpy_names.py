"""Every public function of NumPy, and what becomes of a gradient that meets it: the one table.

A function is *differentiable*: it has a rule, or is composed of ops that have. Or it is *constant*:
what it returns does not change while its argument changes a little, or it takes no array at all.
Or it is *refused*: given a Tensor that requires grad it raises a TypeError which says what to use.
There is no fourth class, in which a gradient would be lost in silence.

Nearly all is derived from the tables that do the work: ``NUMPY`` and ``OPS`` in ``dispatch.py``,
``CONSTANT`` in ``constant.py``, ``REFUSED`` in ``refuse.py``. Listed here are only the functions
that NumPy computes without asking the Tensor. Those that want an array of it are refused by
``Tensor.__array__``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.dispatch import NUMPY, OPS
from tinygrad_edu.ops.assemble import IN_PLACE
from tinygrad_edu.ops.constant import CONSTANT
from tinygrad_edu.ops.refuse import REFUSED
from tinygrad_edu.tensor import Tensor

DIFFERENTIABLE, IS_CONSTANT, IS_REFUSED = "differentiable", "constant", "refused"

NAMESPACES: dict[str, Any] = {
    "np": np,
    "np.linalg": np.linalg,
    "np.fft": np.fft,
    "np.emath": np.emath,
}
"""What is promised. All other packages within NumPy are on their own, see `PACKAGES`."""

PACKAGES = {
    "np.ma": "masked arrays; a Tensor has no mask",
    "np.polynomial": "classes of their own; np.polyval, np.polyfit and their kin take Tensors",
    "np.random": "draws numbers; compute with them afterwards",
    "np.char": "text",
    "np.strings": "text",
    "np.rec": "records",
    "np.lib": "odds and ends; sliding_window_view of its stride_tricks takes Tensors",
    **{
        f"np.{name}": "not about computing with arrays"
        for name in (
            "core",
            "ctypeslib",
            "dtypes",
            "exceptions",
            "f2py",
            "testing",
            "typing",
            "version",
        )
    },
}

ARRAY = "makes a plain array of its argument without asking it; "
ITERATES = "walks over plain arrays; iterate over the Tensor itself, or index it"

UNASKED = {
    "np.array": ARRAY + "join Tensors with np.stack([t1, t2]), or say np.array(..., like=t1)",
    "np.asarray": ARRAY + "a Tensor is good as it is; join several with np.stack",
    "np.asanyarray": ARRAY + "a Tensor is good as it is; join several with np.stack",
    "np.ascontiguousarray": ARRAY + "the layout of memory is no part of a Tensor",
    "np.asfortranarray": ARRAY + "the layout of memory is no part of a Tensor",
    "np.asarray_chkfinite": ARRAY + "ask np.isfinite(t).all()",
    "np.require": ARRAY + "the layout of memory is no part of a Tensor",
    "np.asmatrix": ARRAY + "a Tensor with two axes is a matrix",
    "np.matrix": ARRAY + "a Tensor with two axes is a matrix",
    "np.bmat": ARRAY + "use np.block",
    "np.full": ARRAY + "use np.full_like, or say np.full(..., like=t)",
    "np.arange": ARRAY + "use start + step * np.arange(n)",
    "np.kaiser": ARRAY + "write it out with np.i0",
    "np.r_": ARRAY + "use np.concatenate",
    "np.c_": ARRAY + "use np.column_stack",
    "np.mgrid": ARRAY + "use np.meshgrid",
    "np.ogrid": ARRAY + "use np.ix_",
    "np.vectorize": "calls a function of numbers; use np.stack([function(x) for x in t])",
    "np.frompyfunc": "calls a function of numbers; use np.stack([function(x) for x in t])",
    "np.broadcast": "walks over plain arrays; use np.broadcast_arrays or np.broadcast_shapes",
    "np.ndenumerate": ITERATES,
    "np.nditer": ITERATES,
    "np.nested_iters": ITERATES,
    "np.flatiter": ITERATES,
    "np.from_dlpack": "shares memory, and a Tensor is a value; use t.numpy()",
    "np.isfortran": "asks about the layout of memory, which is no part of a Tensor",
}
"""Refused because NumPy itself wants a plain array; and what to use."""

BY_ARITHMETIC = {
    "np.fromfunction": "returns what the function returns",
    "np.poly1d": "computes with its coefficients as with any others",
    "np.s_": "an index, returned as it is",
    "np.index_exp": "an index, returned as it is",
    "np.fft.fftfreq": "divides whole numbers by the spacing",
    "np.fft.rfftfreq": "divides whole numbers by the spacing",
}
"""Differentiable because NumPy only computes with the Tensor, or hands it on."""

WITHOUT_DATA = {
    "an array, from its shape and whole numbers": (
        "bartlett blackman empty eye hamming hanning identity indices memmap ndarray ndindex ones "
        "recarray tri zeros"
    ),
    "positions, from the size of an array": "diag_indices mask_indices tril_indices triu_indices",
    "what a file or a text holds": (
        "frombuffer fromfile fromregex fromstring genfromtxt load loadtxt"
    ),
    "numbers one by one, each read as float(t) does": "fromiter",
    "text": "base_repr binary_repr format_float_positional format_float_scientific typename",
    "a truth value": "isdtype isscalar issubdtype iterable",
    "a dtype or a shape": "broadcast_shapes datetime_data dtype mintypecode promote_types",
    "what is known of a dtype": "finfo iinfo",
    "settings and help": (
        "busdaycalendar errstate get_include get_printoptions getbufsize geterr geterrcall info "
        "printoptions set_printoptions setbufsize seterr seterrcall show_config show_runtime test "
        "ufunc linalg.test fft.test"
    ),
}
"""Constant because there is no array to differentiate by; what they return, and their names."""

METHODS = {
    "T": (DIFFERENTIABLE, "np.transpose(t)"),
    "mT": (DIFFERENTIABLE, "np.matrix_transpose(t)"),
    "flatten": (DIFFERENTIABLE, "np.ravel(t)"),
    "fill": (DIFFERENTIABLE, "t[...] = value, which is recorded"),
    "sort": (DIFFERENTIABLE, "t[...] = np.sort(t), which is recorded"),
    "partition": (DIFFERENTIABLE, "t[...] = np.partition(t, kth), which is recorded"),
    "dtype": (IS_CONSTANT, "the type of the numbers"),
    "data": (IS_CONSTANT, "the values as a plain array"),
    "item": (IS_CONSTANT, "a value as a Python number"),
    "tolist": (IS_CONSTANT, "the values as Python numbers"),
    "tobytes": (IS_CONSTANT, "the values as bytes"),
    "view": (IS_REFUSED, "a Tensor is a value; use astype or reshape"),
}
MEMORY = "about memory, and a Tensor is a value; ask t.numpy() for its array"
NOT_THERE = {
    "base ctypes device dump dumps flags flat getfield itemset itemsize nbytes newbyteorder "
    "byteswap setfield setflags strides to_device tofile tostring": MEMORY,
    "resize": "changes the array in place; use np.resize(t, shape)",
    "ptp": "no method since NumPy 2; use np.ptp(t)",
}
"""What an array has and a Tensor has not."""


class Name(NamedTuple):
    """A public name of NumPy, its class, and what there is to say about it."""

    path: str
    kind: str
    why: str


def names() -> Iterator[Name]:
    """Go through all public functions of NumPy, and the methods and attributes of its arrays.

    Raises
    ------
    LookupError
        For a name that is in no class.
    """
    for prefix, namespace in NAMESPACES.items():
        for name in sorted(public(namespace)):
            value = getattr(namespace, name)
            if is_function(f"{prefix}.{name}", value):
                yield classify(f"{prefix}.{name}", value)
    for name in sorted(public(np.ndarray)):
        yield classify_method(name)


def public(namespace: Any) -> list[str]:
    """List the names in a namespace that do not begin with an underscore."""
    return [name for name in dir(namespace) if not name.startswith("_")]


def is_function(path: str, value: Any) -> bool:
    """Tell functions and what is used like one from types of numbers, errors and packages."""
    if isinstance(value, type):
        return not issubclass(value, (np.generic, BaseException))
    return path in LISTED or (callable(value) and not isinstance(value, ModuleType))


def listed() -> dict[str, tuple[str, str]]:
    """Bring the lists of this file into one table by name."""
    table = {path: (IS_REFUSED, why) for path, why in UNASKED.items()}
    table.update({path: (DIFFERENTIABLE, why) for path, why in BY_ARITHMETIC.items()})
    for why, paths in WITHOUT_DATA.items():
        table.update({f"np.{path}": (IS_CONSTANT, why) for path in paths.split()})
    return table


LISTED = listed()
WRITES = {function: f"writes into its argument; use {instead}" for function, instead in IN_PLACE}


def classify(path: str, function: Callable[..., Any]) -> Name:
    """Find the class of a function, from what has been registered for it."""
    if path in LISTED:
        return Name(path, *LISTED[path])
    if function in REFUSED or function in WRITES:
        return Name(path, IS_REFUSED, REFUSED.get(function) or WRITES[function])
    if function in CONSTANT:
        return Name(path, IS_CONSTANT, CONSTANT[function])
    try:
        ours = NUMPY[function]
    except KeyError:
        raise LookupError(
            f"{path} is in no class: give it a rule or compose it, or put it into CONSTANT, "
            f"REFUSED or one of the lists of numpy_names.py"
        ) from None
    if function in OPS:
        return Name(path, DIFFERENTIABLE, f"the op {OPS[function].name}")
    return Name(path, DIFFERENTIABLE, f"composed in {ours.__module__.rpartition('.')[2]}.py")


def classify_method(name: str) -> Name:
    """Find the class of an array's method or attribute: mostly that of the function so named."""
    path = f"ndarray.{name}"
    for missing, why in NOT_THERE.items():
        if name in missing.split():
            return Name(path, IS_REFUSED, why)
    if not hasattr(Tensor, name):
        raise LookupError(f"{path} is in no class: give it to Tensor, or put it into NOT_THERE")
    if name in METHODS:
        return Name(path, *METHODS[name])
    method = getattr(np.ndarray, name)
    if method in NUMPY:
        return classify(path, method)
    function = classify(f"np.{name}", getattr(np, name))
    why = function.why if function.kind == IS_REFUSED else f"as {function.path}"
    return function._replace(path=path, why=why)
