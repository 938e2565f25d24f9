"""Values are written down exactly: reading them gives the same bits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra import numpy as hnp

from tinygrad_edu.program.literals import UnprintableError, index_literal, literal


def read(text: str) -> Any:
    return eval(text, {"np": np})  # noqa: S307  # what was printed


@given(st.floats() | st.integers() | st.booleans() | st.text() | st.complex_numbers())
def test_numbers_and_texts_come_back(value: Any) -> None:
    again = read(literal(value))
    assert type(again) is type(value)
    np.testing.assert_array_equal(np.array(again), np.array(value))
    assert repr(again) == repr(value)


@settings(deadline=None)
@given(
    hnp.arrays(
        hnp.floating_dtypes(endianness="=", sizes=(32, 64)) | hnp.integer_dtypes(endianness="="),
        hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3),
    )
)
def test_arrays_come_back(array: Any) -> None:
    again = np.asarray(read(literal(array)))
    np.testing.assert_array_equal(again, array)
    assert again.dtype == array.dtype
    assert again.shape == array.shape
    if array.dtype.kind == "f":
        finite = ~np.isnan(array)
        np.testing.assert_array_equal(np.signbit(again[finite]), np.signbit(array[finite]))


@pytest.mark.parametrize(
    "value",
    [None, ..., (1,), (), [1, 2], {"a": 1.0}, slice(1, None), np.dtype("float32"), float,
     np.float64, {1, 2}, np.float32(0.1), np.int64(3), b"x"],
    ids=repr,
)  # fmt: skip
def test_settings_come_back(value: Any) -> None:
    again = read(literal(value))
    assert again == value
    assert type(again) is type(value)


@pytest.mark.parametrize("index", [0, slice(2), slice(None, None, -1), (0, ..., None), (1,),
                                   np.array([0, 2]), (slice(None), [0, 1]),
                                   np.array([True, False, True])], ids=str)  # fmt: skip
def test_indices_read_the_same_elements(index: Any) -> None:
    x = np.arange(9.0).reshape(3, 3)
    np.testing.assert_array_equal(eval(f"x[{index_literal(index)}]"), x[index])  # noqa: S307


@pytest.mark.parametrize(
    "value", [object(), print, np.arange(1000) ** 2], ids=["object", "f", "large"]
)
def test_what_cannot_be_written_is_refused(value: Any) -> None:
    with pytest.raises(UnprintableError):
        literal(value)
