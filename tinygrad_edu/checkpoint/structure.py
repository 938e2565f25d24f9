"""What can be saved, and how JSON says it.

JSON has no tuples, no whole numbers as keys, no arrays and no NaN. So all that JSON does not keep
by itself becomes an object with a single key that says what it is: ``{"tuple": [1, 2]}``. Arrays
are stored elsewhere in the file; here stands the name under which.

Read next: ``npy.py``.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.checkpoint.npy import DTYPES, is_portable, storable
from tinygrad_edu.op import Array
from tinygrad_edu.tensor import Tensor

MANIFEST = "manifest.json"  # the name of the text that is made here
DEEPEST = 100  # levels of nesting
LONGEST = 4096  # bits of a whole number
SIMPLE = (type(None), bool, int, float, complex, str)

HINTS = {
    "Generator": "save its bit_generator.state",
    "RandomState": "save its get_state(legacy=False)",
    "set": "sort it into a list",
    "frozenset": "sort it into a list",
    "bytes": "save np.frombuffer(it, np.uint8)",
    "int": f"a whole number may have up to {LONGEST} bits",
}


class CheckpointError(ValueError):
    """A file that cannot be loaded: damaged, made by something else, or beyond a limit.

    Examples
    --------
    >>> import pathlib
    >>> import tinygrad_edu as tg
    >>> _ = pathlib.Path("broken.npz").write_bytes(b"no checkpoint")
    >>> try:
    ...     tg.load("broken.npz")
    ... except tg.CheckpointError:
    ...     print("nothing was loaded")
    nothing was loaded
    """


# ------------------------------------------------------------------------------- writing
def encode(obj: Any) -> tuple[Any, dict[str, Array]]:
    """Turn an object into what JSON can hold, and the arrays in it, each by a name of its own.

    Raises
    ------
    TypeError, ValueError
        Naming the place of what cannot be saved.
    """
    arrays: dict[str, Array] = {}
    return _encode(obj, (), arrays, {MANIFEST}), arrays


def _encode(value: Any, path: tuple[Any, ...], arrays: dict[str, Array], taken: set[str]) -> Any:
    if len(path) > DEEPEST:
        raise ValueError(
            f"{_place(path[:3])}... is nested more than {DEEPEST} levels deep; does it contain "
            f"itself?"
        )
    kind = type(value)
    if kind in SIMPLE:
        return _simple(value, path)
    if isinstance(value, dict):
        _check_keys(value, path)
        pairs = [[key, _encode(value[key], (*path, key), arrays, taken)] for key in value]
        return {"dict": pairs}
    if kind in (list, tuple):
        items = [_encode(item, (*path, i), arrays, taken) for i, item in enumerate(value)]
        return items if kind is list else {"tuple": items}
    if isinstance(value, np.generic) and is_portable(value):
        number = storable(np.asarray(value))
        return {"number": [number.dtype.str, number.tobytes().hex()]}
    name = _name(path, taken)
    arrays[name] = _array(value, path)
    return {"array": name}


def _simple(value: Any, path: tuple[Any, ...]) -> Any:
    """Encode what holds nothing else."""
    if isinstance(value, int) and value.bit_length() > LONGEST:
        raise TypeError(f"{_place(path)} cannot be saved: {_reason(value)}")
    if isinstance(value, complex):
        return {"complex": [_simple(part, path) for part in (value.real, value.imag)]}
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": str(value)}
    return value


def _array(value: Any, path: tuple[Any, ...]) -> Array:
    """Return the array that an array or a Tensor is saved as."""
    array = value._array if isinstance(value, Tensor) else value
    if type(array) is not np.ndarray or not is_portable(array):
        raise TypeError(f"{_place(path)} cannot be saved: {_reason(value)}")
    return storable(array)


def _check_keys(value: dict[Any, Any], path: tuple[Any, ...]) -> None:
    """Refuse keys that JSON or a reader could not tell from others."""
    seen: dict[Any, Any] = {}
    for key in value:
        if type(key) not in (str, int):
            raise TypeError(
                f"{_place(path)} has the key {key!r}, a {type(key).__name__}; the keys of what is "
                f"saved are strings or whole numbers"
            )
        _simple(key, path)
        same = _normal(key)
        if same in seen:
            raise ValueError(
                f"{_place(path)} has two keys that look the same and differ only in how Unicode "
                f"writes them: {seen[same]!a} and {key!a}"
            )
        seen[same] = key


def _normal(key: str | int) -> str | int:
    return unicodedata.normalize("NFC", key) if isinstance(key, str) else key


def _place(path: tuple[Any, ...]) -> str:
    return "obj" + "".join(f"[{key!r}]" for key in path)


def _reason(value: Any) -> str:
    kind = type(value)
    if isinstance(value, (np.ndarray, np.generic)):
        return (
            f"{kind.__name__} of dtype {value.dtype}; what can be saved are plain arrays of "
            f"truth values, integers, and floats and complex numbers of up to 64 bits a part"
        )
    if callable(getattr(value, "state_dict", None)):
        return f"a {kind.__name__}; save its state_dict()"
    if isinstance(value, tuple):
        return f"a {kind.__name__}, whose names would be lost; save a dict or a plain tuple"
    hint = HINTS.get(kind.__name__, "what can be: dicts, lists, tuples, arrays, numbers, strings")
    return f"a {kind.__qualname__}; {hint}"


def _name(path: tuple[Any, ...], taken: set[str]) -> str:
    """Make a name that any file system could hold, and that no other array has in any case."""
    words = [re.sub(r"[^0-9A-Za-z_.-]|^\.+|\.+$|\.\.+", "_", str(key)) or "_" for key in path]
    wanted = "/".join(words)[:100].rstrip("./") or "array"
    name, count = wanted, 1
    while name.lower() in taken:
        count += 1
        name = f"{wanted}~{count}"
    taken.add(name.lower())
    return name


# ------------------------------------------------------------------------------- reading
def decode(tree: Any, arrays: dict[str, Array]) -> Any:
    """Rebuild the object, taking each array out of ``arrays``.

    Raises
    ------
    CheckpointError
        If ``tree`` is not what `encode` makes, or an array is missing, used twice, or left over.
    """
    obj = _decode(tree, arrays, 0)
    if arrays:
        raise CheckpointError(f"the array {next(iter(arrays))!r} belongs nowhere")
    return obj


def _decode(tree: Any, arrays: dict[str, Array], depth: int) -> Any:
    if depth > DEEPEST:
        raise CheckpointError(f"nested more than {DEEPEST} levels deep")
    if isinstance(tree, list):
        return [_decode(item, arrays, depth + 1) for item in tree]
    if not isinstance(tree, dict):
        return tree
    if len(tree) != 1 or next(iter(tree)) not in KINDS:
        shown = ", ".join(list(tree)[:3])[:80]
        raise CheckpointError(f"an object of {shown or 'nothing'} is no kind of value")
    ((kind, content),) = tree.items()
    try:
        return KINDS[kind](content, arrays, depth)
    except (TypeError, ValueError, KeyError) as error:
        if isinstance(error, CheckpointError):
            raise
        raise CheckpointError(f"what is called {kind} is none") from error


def _dict(pairs: Any, arrays: dict[str, Array], depth: int) -> dict[Any, Any]:
    result: dict[Any, Any] = {}
    if not isinstance(pairs, list) or not all(isinstance(pair, list) for pair in pairs):
        raise TypeError
    for key, value in pairs:
        if type(key) not in (str, int):
            raise TypeError
        result[key] = _decode(value, arrays, depth + 1)
    if len({_normal(key) for key in result}) != len(pairs):
        raise CheckpointError("a dict has the same key twice")
    return result


def _tuple(items: Any, arrays: dict[str, Array], depth: int) -> tuple[Any, ...]:
    if not isinstance(items, list):
        raise TypeError
    return tuple(_decode(items, arrays, depth))


def _number(content: Any, arrays: dict[str, Array], depth: int) -> Any:
    descr, digits = content
    (number,) = np.frombuffer(bytes.fromhex(digits), DTYPES[descr])
    return number


def _complex(content: Any, arrays: dict[str, Array], depth: int) -> complex:
    real, imag = (_decode(part, arrays, depth) for part in content)
    if type(real) is not float or type(imag) is not float:
        raise TypeError
    return complex(real, imag)


def _float(content: Any, arrays: dict[str, Array], depth: int) -> float:
    return {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}[content]


KINDS: dict[str, Callable[[Any, dict[str, Array], int], Any]] = {
    "array": lambda name, arrays, depth: arrays.pop(name),
    "complex": _complex,
    "dict": _dict,
    "float": _float,
    "number": _number,
    "tuple": _tuple,
}
