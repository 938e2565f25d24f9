"""Values are written down exactly: reading them gives the same bits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra import numpy as hnp

from tinygrad_edu.program.literals import UnprintableError, index_literal, literal, short_number
from tinygrad_edu.program.text import weak_text


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


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1 / 3, "1 / 3"),
        (-2 / 7, "-2 / 7"),
        (0.25, "0.25"),
        (0.1, "0.1"),
        (1e-12, "1e-12"),
        (3.141592653589793, "3.141592653589793"),
        (np.arange(5), "np.arange(5)"),
        (np.arange(4).reshape(2, 2), "np.arange(4).reshape((2, 2))"),
        (np.zeros((2, 3)), "np.zeros((2, 3))"),
        (np.eye(3), "np.eye(3)"),
        (np.eye(2, 3), "np.eye(2, 3)"),
        (slice(1, None), "np.s_[1:]"),
        ((..., None, slice(None, 2)), "np.s_[..., None, :2]"),
        ((slice(None), np.array([0, 2])), "np.s_[:, np.array([0, 2])]"),
    ],
    ids=str,
)
def test_values_are_written_as_a_person_does(value: Any, expected: str) -> None:
    assert literal(value) == expected


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_single_precision_needs_few_digits(value: float) -> None:
    array = np.float32(value)
    text = weak_text(short_number(array), array.dtype).text
    assert np.float32(read(text)) == array
    assert len(text) <= 20


def test_what_is_data_is_handed_in_however_small() -> None:
    def hand_in(array: Any) -> str:
        return "labels" if array.size == 2 else ""

    assert literal({"index": np.array([0, 1]), "n": np.array([3])}, hand_in) == (
        "{'index': labels, 'n': np.array([3])}"
    )
