"""Every public function of NumPy is in one class, and does what its class says."""

from __future__ import annotations

import warnings
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy_calls import MATRIX, calls_of

import tinygrad_edu as tg
from tinygrad_edu.dispatch import any_tracked
from tinygrad_edu.ops import numpy_names
from tinygrad_edu.ops.numpy_names import (
    DIFFERENTIABLE,
    IS_CONSTANT,
    IS_REFUSED,
    LISTED,
    NAMESPACES,
    NOT_THERE,
    PACKAGES,
    UNASKED,
    Name,
    names,
)

ALL = list(names())
SAFE = [name for name in ALL if not name.why.startswith(("settings", "what a file"))]


def having(kind: str, among: list[Name] = SAFE) -> Any:
    return [pytest.param(name, id=name.path) for name in among if name.kind == kind]


def tensor() -> tg.Tensor:
    return tg.Tensor(MATRIX, requires_grad=True)


def function_of(path: str) -> Any:
    prefix, _, name = path.rpartition(".")
    return getattr(NAMESPACES.get(prefix, np.ndarray), name)


def flattened(result: Any) -> list[Any]:
    if isinstance(result, (list, tuple)):
        return [part for each in result for part in flattened(each)]
    return [result]


def outcome(name: Name, x: tg.Tensor) -> Any:
    """Call a function in the first way that works; return what it returns, or its error."""
    error: Any = None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for call in calls_of(name.path, function_of(name.path)):
            try:
                return call(x)
            except (TypeError, AttributeError, ValueError, IndexError, KeyError) as caught:
                error = caught
    return error


def test_every_name_is_in_one_class() -> None:
    assert len(ALL) == len({name.path for name in ALL})
    assert {name.kind for name in ALL} == {DIFFERENTIABLE, IS_CONSTANT, IS_REFUSED}
    assert all(name.why for name in ALL)
    assert set(LISTED) <= {name.path for name in ALL}


def test_every_package_within_numpy_is_promised_or_named_as_outside() -> None:
    packages = {f"np.{name}" for name in dir(np) if isinstance(getattr(np, name), ModuleType)}
    assert {path for path in packages if "._" not in path} <= {*NAMESPACES, *PACKAGES}


def test_a_name_that_is_in_no_class_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(np, "brand_new", lambda x: x, raising=False)
    with pytest.raises(LookupError, match=r"np\.brand_new is in no class"):
        list(names())


def test_a_method_that_is_in_no_class_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = next(iter(NOT_THERE))
    monkeypatch.delitem(numpy_names.NOT_THERE, missing)
    with pytest.raises(LookupError, match=r"ndarray\.\w+ is in no class"):
        list(names())


@pytest.mark.parametrize("name", having(DIFFERENTIABLE))
def test_a_differentiable_function_gives_a_result_with_a_history(name: Name) -> None:
    x = tensor()
    result = outcome(name, x)
    assert any_tracked(result), result
    sum(np.real(part).sum() for part in flattened(result) if any_tracked(part)).backward()
    assert x.grad is not None


@pytest.mark.parametrize("name", having(IS_CONSTANT))
def test_a_constant_function_gives_a_result_without_one(name: Name) -> None:
    result = outcome(name, tensor())
    assert not any_tracked(result)
    if name.path not in LISTED:  # the others want a shape or the like, and say so
        assert not isinstance(result, Exception)


@pytest.mark.parametrize("name", having(IS_REFUSED))
def test_a_refused_function_raises_an_error_that_says_why(name: Name) -> None:
    error = outcome(name, tensor())
    assert isinstance(error, (TypeError, AttributeError)), error
    if name.path not in UNASKED and isinstance(error, TypeError):
        assert name.why.split(";")[0] in str(error)


MAKERS = ("array", "asarray", "asanyarray", "ascontiguousarray", "float32", "complex128")


@pytest.mark.parametrize("function", MAKERS)
def test_no_history_is_lost_on_the_way_to_a_plain_array(function: str) -> None:
    make = getattr(np, function)
    for given in (tensor(), [tensor(), tensor()]):
        with pytest.raises(TypeError, match="history would have been lost"):
            make(given)
