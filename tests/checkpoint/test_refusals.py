"""What cannot be saved is refused, by its place, and nothing is written."""

from __future__ import annotations

import os
from collections import namedtuple
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinygrad_edu.checkpoint import load, save
from tinygrad_edu.nn import Linear

Pair = namedtuple("Pair", "a b")
CIRCLE: list[Any] = []
CIRCLE.append({"a": CIRCLE})


def nested(levels: int) -> Any:
    obj: Any = 0
    for _ in range(levels):
        obj = [obj]
    return obj


REFUSED = {
    "an object": ({"a": [0, 1, {3: object()}]}, r"obj\['a'\]\[2\]\[3\] .*a object"),
    "an array of objects": ([np.array([None])], r"obj\[0\] .*dtype object"),
    "an array of text": ({"a": np.array(["x"])}, r"obj\['a'\] .*dtype <U1"),
    "an array of text without an end": (np.zeros(1, np.dtypes.StringDType()), "StringDType"),
    "a structured array": (np.zeros(2, [("a", "f4")]), r"dtype \[\('a', '<f4'\)\]"),
    "an array of dates": (np.zeros(2, "M8[s]"), r"datetime64\[s\]"),
    "a masked array": (np.ma.zeros(3), "obj cannot be saved: MaskedArray"),
    "a matrix": (np.zeros((2, 2)).view(np.matrix), "matrix"),
    "a float beyond 64 bits": (np.longdouble(1), "longdouble"),
    "NumPy's text": ([np.str_("x")], r"obj\[0\] .*str_"),
    "a set": ({"a": {1}}, r"obj\['a'\] .*a set; sort it into a list"),
    "bytes": (b"x", "bytes; save np.frombuffer"),
    "a function": (len, "builtin_function"),
    "a module": ({"net": Linear(1, 1)}, r"obj\['net'\] .*Linear; save its state_dict\(\)"),
    "a generator": (np.random.default_rng(), r"bit_generator\.state"),
    "a tuple with names": ((Pair(1, 2),), r"obj\[0\] .*Pair, whose names would be lost"),
    "a number without an end": (1 << 4096, "4096 bits"),
    "a key without an end": ({"a": {1 << 4096: 0}}, r"obj\['a'\] .*4096 bits"),
    "a key that is a float": ({"a": {1.0: 0}}, r"obj\['a'\] has the key 1\.0, a float"),
    "a key that is a truth value": ({True: 0}, "the key True, a bool"),
    "a key that is NumPy's": ({np.int64(1): 0}, "int64"),
    "a key that is a tuple": ({(1, 2): 0}, "tuple"),
    "what contains itself": (CIRCLE, r"more than 100 levels.*does it contain itself"),
    "a nest that is too deep": (nested(101), "more than 100 levels"),
    "keys that look the same": ({"\xe9": 1, "e\u0301": 2}, r"'\\xe9' and 'e\\u0301'"),
    "too many single numbers": (list(range(250_000)), "make arrays of long lists"),
    "too much text": ({"log": "x" * 5_000_000}, "too much to be read back"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_saved_is_named_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    obj, message = REFUSED[name]
    path = tmp_path / "it.npz"
    path.write_bytes(b"older")
    with pytest.raises((TypeError, ValueError), match=message):
        save(obj, path)
    assert path.read_bytes() == b"older"
    assert os.listdir(tmp_path) == ["it.npz"]


def test_the_deepest_nest_that_is_allowed_can_be_saved(tmp_path: Path) -> None:
    save(nested(100), tmp_path / "it.npz")


def test_a_file_object_is_no_path(tmp_path: Path) -> None:
    message = "path is a BufferedRandom, not the name of a file"
    with (tmp_path / "it").open("w+b") as file:
        with pytest.raises(TypeError, match=message):
            save([1], file)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match=message):
            load(file)  # type: ignore[arg-type]


@pytest.mark.parametrize("path", ["it.npz", b"it.npz", Path("it.npz")])
def test_arguments_in_the_wrong_order_are_told_the_right_one(path: Any) -> None:
    with pytest.raises(
        TypeError, match=r"path is a dict, .*the object comes first: save\(obj, path"
    ):
        save(path, {"a": 1})  # type: ignore[arg-type]
