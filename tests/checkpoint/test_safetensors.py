"""Weights travel to and from others in the safetensors format."""

from __future__ import annotations

import os
import struct
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinygrad_edu import Tensor, nn
from tinygrad_edu.checkpoint import CheckpointError, load, save

REASON = "the package safetensors is not installed"


def test_without_the_package_the_error_names_it_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "safetensors", None)
    for path in (tmp_path / "it.safetensors", tmp_path / "IT.SafeTensors"):
        with pytest.raises(ImportError, match=r"tinygrad_edu\[interop\]"):
            save({"w": np.ones(2)}, path)
        with pytest.raises(ImportError, match=r"tinygrad_edu\[interop\]"):
            load(path)
    assert os.listdir(tmp_path) == []


@pytest.fixture
def path(tmp_path: Path) -> Path:
    pytest.importorskip("safetensors", reason=REASON)
    return tmp_path / "it.safetensors"


@pytest.mark.parametrize("dtype", [*"?bBhHiIqQefdF"])
@pytest.mark.parametrize("layout", ["C", "F", "reversed", "0-d", "empty"])
def test_every_dtype_and_layout_comes_back_the_same(path: Path, dtype: str, layout: str) -> None:
    array = np.arange(6).reshape(2, 3).astype(dtype)
    arrays = {"F": np.asfortranarray(array), "reversed": array[::-1, ::-1]}
    array = {**arrays, "0-d": array[1, 1:2].reshape(()), "empty": array[:0]}.get(layout, array)
    save({"w": array}, path)
    loaded = load(path)["w"]
    assert (loaded.dtype, loaded.shape) == (array.dtype, array.shape)
    assert np.array_equal(loaded, array)
    assert loaded.flags.writeable


def test_a_model_comes_back_through_it(path: Path) -> None:
    net, other = nn.Linear(3, 2), nn.Linear(3, 2)
    save(net.state_dict(), path)
    other.load_state_dict(load(path))
    assert np.array_equal(net.weight.numpy(), other.weight.numpy())


def test_tensors_and_the_other_byte_order_are_saved_as_their_values(path: Path) -> None:
    save({"t": Tensor([1.0], requires_grad=True), "b": np.array([1.5], ">f8")}, path)
    assert {key: value.tolist() for key, value in load(path).items()} == {"t": [1.0], "b": [1.5]}


@pytest.mark.parametrize(
    ("obj", "message"),
    [
        ([np.ones(2)], "holds a dict of arrays, not a list"),
        ({"model": {"w": np.ones(2)}}, r"obj\['model'\], a dict, cannot be saved"),
        ({1: np.ones(2)}, r"obj\[1\].*strings"),
        ({"lr": 0.1}, r"obj\['lr'\], a float"),
        ({"w": np.ones(2, "c16")}, r"obj\['w'\], a complex128"),
        ({"w": np.array([None])}, r"obj\['w'\], a object"),
    ],
)
def test_what_the_format_cannot_hold_is_named_and_nothing_is_written(
    path: Path, obj: Any, message: str
) -> None:
    path.write_bytes(b"older")
    with pytest.raises(TypeError, match=message):
        save(obj, path)
    assert path.read_bytes() == b"older"


def test_a_spoilt_file_is_refused_in_words(path: Path) -> None:
    save({"w": np.arange(6.0), "b": np.ones(2, "f4")}, path)
    content = path.read_bytes()
    spoilt = [b"", b"junk", content[:-1], content + b"\0", b"\xff" * 100, content[:20]]
    spoilt += [content.replace(b"[6]", b"[7]"), content.replace(b"F64", b"F99")]
    for each in spoilt:
        path.write_bytes(each)
        with pytest.raises(CheckpointError, match=r"it\.safetensors cannot be loaded"):
            load(path)


def test_more_arrays_than_expected_are_refused(path: Path) -> None:
    save({str(i): np.ones(1) for i in range(5)}, path)
    with pytest.raises(CheckpointError, match="5 arrays, more than max_arrays=4"):
        load(path, max_arrays=4)


def test_another_dtype_than_numpys_is_named(path: Path) -> None:
    header = b'{"w":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,2]}}'
    path.write_bytes(struct.pack("<Q", len(header)) + header + bytes(2))
    with pytest.raises(CheckpointError, match="'w' has dtype F8_E4M3, which NumPy does not have"):
        load(path)
