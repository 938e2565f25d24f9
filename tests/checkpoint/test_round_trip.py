"""What is saved comes back as it was, in value, type, dtype and shape."""

from __future__ import annotations

import math
import os
from collections import OrderedDict, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from hypothesis.extra import numpy as hnp

from tinygrad_edu import Tensor
from tinygrad_edu.checkpoint import load, save
from tinygrad_edu.nn import Linear
from tinygrad_edu.optim import SGD
from tinygrad_edu.random import get_rng_state, manual_seed

DTYPES = ["?", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8", "c8", "c16"]


def same(a: Any, b: Any) -> bool:
    """Compare two objects down to the bits of a NaN, and to the type of every number."""
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return list(a) == list(b) and all(
            type(k) is type(j) and same(a[k], b[j]) for k, j in zip(a, b)
        )
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, (np.ndarray, np.generic)):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, float) and math.isnan(a):
        return math.isnan(b)
    if isinstance(a, complex):
        return same(a.real, b.real) and same(a.imag, b.imag)
    return a == b and (a != 0 or str(a) == str(b))  # the sign of a zero, too


def through(obj: Any, tmp_path: Path) -> Any:
    save(obj, tmp_path / "it.npz")
    return load(tmp_path / "it.npz")


arrays = hnp.arrays(
    st.sampled_from(DTYPES).map(np.dtype), hnp.array_shapes(min_dims=0, max_dims=4, min_side=0)
)
numbers = st.booleans() | st.integers() | st.floats() | st.complex_numbers()
values = st.recursive(
    numbers | st.none() | st.text(max_size=8) | arrays | arrays.map(lambda a: a.dtype.type(1)),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.integers() | st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(values)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_nest_of_values_comes_back_the_same(tmp_path: Path, obj: Any) -> None:
    try:
        save(obj, tmp_path / "it.npz")
    except ValueError as error:
        assert "two keys that look the same" in str(error)  # noqa: PT017  # rare, and right
        return
    assert same(load(tmp_path / "it.npz"), obj)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (0,), (3, 0, 2), (1,), (2, 3), (1,) * 64])
@pytest.mark.parametrize("layout", ["C", "F", "reversed"])
def test_every_dtype_shape_and_layout_is_kept(
    tmp_path: Path, dtype: str, shape: tuple[int, ...], layout: str
) -> None:
    array = np.arange(math.prod(shape)).reshape(shape).astype(dtype)
    array = array[::-1] if layout == "reversed" and shape else np.array(array, order="F")
    loaded = through(array, tmp_path)
    assert same(loaded, array)
    assert loaded.flags.writeable


def test_the_payload_and_the_sign_of_a_nan_are_kept(tmp_path: Path) -> None:
    bits = np.array([0x7FF8000000000001, 0xFFF8000000000123, 0x7FF0000000000001], np.uint64)
    assert np.array_equal(through(bits.view(float), tmp_path).view(np.uint64), bits)
    number = bits.view(float)[1]
    assert through(number, tmp_path).tobytes() == number.tobytes()


def test_numbers_of_the_other_byte_order_are_kept_in_the_machines(tmp_path: Path) -> None:
    array = np.array([1.5, -2.0], ">f8")
    loaded = through(array, tmp_path)
    assert np.array_equal(loaded, array)
    assert loaded.dtype == np.float64


@pytest.mark.parametrize(
    "obj",
    [
        *(True, 1, 1.0, 1 + 0j, "1", None, -0.0, 2**4095, 1e-323, math.inf, -math.inf, math.nan),
        *(complex(-0.0, math.inf), "\ud800\0é\u202e", "", np.float32(0.1), np.bool_(True)),
        *({}, [], (), [[]], ((),), {1: "one", "1": "text"}, {"": {"": 0}}, {"W": 1, "w": 2}),
    ],
)
def test_what_is_no_array_keeps_its_type(tmp_path: Path, obj: Any) -> None:
    assert same(through(obj, tmp_path), obj)


def test_the_order_of_keys_is_kept(tmp_path: Path) -> None:
    assert list(through({"b": 1, "a": 2, 3: 4}, tmp_path)) == ["b", "a", 3]


@pytest.mark.parametrize("kind", [OrderedDict, lambda pairs: defaultdict(int, pairs)])
def test_all_kinds_of_dicts_come_back_as_plain_ones(tmp_path: Path, kind: Any) -> None:
    assert same(through(kind({"a": 1}), tmp_path), {"a": 1})


def test_a_tensor_is_saved_as_its_values(tmp_path: Path) -> None:
    x = Tensor([1.0, 2.0], requires_grad=True)
    loaded = through({"leaf": x, "computed": x * x}, tmp_path)
    assert same(loaded, {"leaf": np.array([1.0, 2.0]), "computed": np.array([1.0, 4.0])})


def test_a_whole_training_state_fits_in(tmp_path: Path) -> None:
    manual_seed(0)
    net = Linear(2, 3)
    obj = {
        "model": net.state_dict(),
        "optimizer": SGD(net.parameters(), lr=0.1).state_dict(),
        "random": get_rng_state(),
        "old generator": np.random.MT19937(0).state,
    }
    assert same(through(obj, tmp_path), obj)


def test_names_that_differ_only_in_what_a_file_system_ignores_are_kept_apart(
    tmp_path: Path,
) -> None:
    keys = ["w", "W", "a/b", "a:b", "..", ".", "", "../x", "/abs", "C:\\x", "nul\0", "ü", 1, "1"]
    keys += ["x" * 300, "x" * 299 + "y", "manifest.json", "a..b", "a.", ".a", "~"]
    obj: dict[Any, Any] = {key: np.array(i) for i, key in enumerate(keys)}
    obj["a"] = {"b": np.array(-1)}
    assert same(through(obj, tmp_path), obj)
    with np.load(tmp_path / "it.npz") as file:
        assert len({name.lower() for name in file.files}) == len(obj) + 1
        assert all(len(name) < 110 and ".." not in name for name in file.files)


def test_numpy_reads_the_arrays_by_names_that_say_where_they_were(tmp_path: Path) -> None:
    obj = {"model": {"0.weight": np.arange(6.0).reshape(2, 3).T}, "losses": [np.ones(2, "f4")]}
    save(obj, tmp_path / "it.npz")
    with np.load(tmp_path / "it.npz", allow_pickle=False) as file:
        assert file.files == ["model/0.weight", "losses/0", "manifest.json"]
        assert same(file["model/0.weight"], obj["model"]["0.weight"])
        assert same(file["losses/0"], obj["losses"][0])


def test_the_same_content_makes_the_same_file(tmp_path: Path) -> None:
    for name in ("a", "b"):
        save({"w": np.arange(3), "n": 1}, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_many_arrays_are_loaded_if_they_are_expected(tmp_path: Path) -> None:
    obj = {i: np.array(i) for i in range(60)}
    save(obj, tmp_path / "it.npz")
    with pytest.raises(ValueError, match=r"more than 59 arrays.*max_arrays="):
        load(tmp_path / "it.npz", max_arrays=59)
    assert same(load(tmp_path / "it.npz", max_arrays=60), obj)


@pytest.mark.parametrize("kind", [str, Path, os.fsencode])
def test_a_path_may_be_text_a_path_or_bytes_and_end_in_anything(tmp_path: Path, kind: Any) -> None:
    for name in ("a.npz", "b.pt", "c", "-d", "e f.ckpt"):
        path = kind(str(tmp_path / name))
        save([1], path)
        assert load(path) == [1]
    assert len(os.listdir(tmp_path)) == 5


@pytest.mark.parametrize("name", ["it.npz", "it.safetensors"])
def test_what_pytorch_is_told_about_a_file_changes_nothing(tmp_path: Path, name: str) -> None:
    if name.endswith("safetensors"):
        pytest.importorskip("safetensors", reason="the package safetensors is not installed")
    save({"w": np.arange(3.0)}, tmp_path / name)
    for weights_only in (True, False):
        found = load(tmp_path / name, map_location="cpu", weights_only=weights_only)
        assert same(found, {"w": np.arange(3.0)})
        assert same(load(tmp_path / name, "cpu"), found)
