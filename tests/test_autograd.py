"""``tg.autograd.grad`` has PyTorch's meaning, argument by argument."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.autograd import grad


def leaf(values: Any) -> tg.Tensor:
    return tg.Tensor(values, requires_grad=True)


def test_gradients_are_returned_and_every_grad_is_left_alone() -> None:
    x, w = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    dx, dw = grad((x * w).sum(), [x, w])
    assert dx is not None
    assert dw is not None
    assert dx.tolist() == [3, 4]
    assert dw.tolist() == [1, 2]
    assert x.grad is None
    assert w.grad is None
    assert not dx.requires_grad


def test_one_tensor_stands_for_a_sequence_of_one_and_the_result_is_a_tuple() -> None:
    x = leaf(3.0)
    found = grad(x * x, x)
    assert isinstance(found, tuple)
    assert [float(dx) for dx in found if dx is not None] == [6]


def test_a_step_on_the_way_has_a_gradient_too() -> None:
    x = leaf(3.0)
    middle = x * x
    found = grad(middle * middle, [middle, x])
    assert [float(dx) for dx in found if dx is not None] == [18, 108]


def test_the_gradient_of_a_tensor_with_respect_to_itself_is_one() -> None:
    x = leaf([2.0])
    y = x * 3
    for tensor in (x, y):
        (found,) = grad(tensor, tensor)
        assert found is not None
        assert found.tolist() == [1]


def test_several_outputs_add_up() -> None:
    x = leaf(2.0)
    middle = x * x
    (found,) = grad([middle, middle * x, x], x)
    assert found is not None
    assert float(found) == 4 + 12 + 1


def test_each_output_has_its_own_gradient_to_start_from() -> None:
    x = leaf([1.0, 2.0])
    (found,) = grad([x * x, x.sum()], x, grad_outputs=[np.array([1.0, 10.0]), None])
    assert found is not None
    assert found.tolist() == [2 + 1, 40 + 1]
    (plain,) = grad(x * x, x, grad_outputs=[1.0, 10.0])
    assert plain is not None
    assert plain.tolist() == [2, 40]


def test_derivatives_of_derivatives() -> None:
    x = leaf(2.0)
    y = x**4
    for expected in (32.0, 48.0, 48.0, 24.0):
        (y,) = grad(y, x, create_graph=True)  # type: ignore[assignment]
        assert float(y) == expected


def test_a_gradient_to_start_from_keeps_its_history_with_create_graph() -> None:
    x, v = leaf(3.0), leaf(5.0)
    (dx,) = grad(x * x, x, grad_outputs=v, create_graph=True)
    found = grad(dx, [v, x])
    assert [float(each) for each in found if each is not None] == [6, 10]
    (plain,) = grad(x * x, x, grad_outputs=v)
    assert plain is not None
    assert not plain.requires_grad


def test_create_graph_records_within_no_grad_as_well() -> None:
    x = leaf(2.0)
    y = x**3
    with tg.no_grad():
        (dx,) = grad(y, x, create_graph=True)
        assert not tg.is_grad_enabled()
    assert [float(each) for each in grad(dx, x) if each is not None] == [12]


def test_a_second_walk_is_refused_unless_the_graph_was_retained() -> None:
    x = leaf(2.0)
    y = x * x
    grad(y, x, retain_graph=True)
    grad(y, x)
    with pytest.raises(RuntimeError, match="retain_graph"):
        grad(y, x)
    with pytest.raises(RuntimeError, match="retain_graph"):
        y.backward()
    z = x * x
    grad(z, x, create_graph=True)
    grad(z, x, create_graph=True, retain_graph=False)
    with pytest.raises(RuntimeError, match="retain_graph"):
        grad(z, x)


def test_a_failed_walk_does_not_use_the_graph_up() -> None:
    x, other = leaf(2.0), leaf(1.0)
    y = x * x
    with pytest.raises(RuntimeError, match="input 1"):
        grad(y, [x, other])
    y.backward()
    assert x.grad is not None


def test_an_unused_input_is_an_error_unless_allowed() -> None:
    x, other = leaf(2.0), leaf([1.0, 2.0])
    with pytest.raises(RuntimeError, match=r"input 0, of shape \(2,\).*allow_unused"):
        grad(x * x, other)
    assert grad(x * x, other, allow_unused=True) == (None,)


def test_an_input_that_requires_no_grad_is_an_error() -> None:
    x = leaf(2.0)
    with pytest.raises(RuntimeError, match="requires_grad=True"):
        grad(x * x, tg.Tensor(1.0), allow_unused=True)


def test_an_output_without_a_history_is_an_error() -> None:
    x = leaf(2.0)
    with pytest.raises(RuntimeError, match="output 1 has no history"):
        grad([x * x, (x * x).detach()], x)


def test_what_does_not_fit_is_refused_by_shape_and_number() -> None:
    x = leaf([1.0, 2.0])
    with pytest.raises(RuntimeError, match=r"single number.*\(2,\)"):
        grad(x * x, x)
    with pytest.raises(ValueError, match=r"\(3,\).*\(2,\)"):
        grad(x * x, x, grad_outputs=np.ones(3))
    with pytest.raises(ValueError, match="2 outputs, but 1"):
        grad([x * x, x], x, grad_outputs=[np.ones(2)])
    with pytest.raises(TypeError, match="input 0 is a float"):
        grad(x.sum(), [1.0])
    with pytest.raises(TypeError, match="outputs must be Tensors"):
        grad(1.0, x)


def test_results_share_memory_with_nothing() -> None:
    x, w, v = leaf([1.0, 2.0]), leaf([1.0, 2.0]), np.ones(2)
    for create_graph in (False, True):
        y = x * 1 + w * 1
        found = grad([y, y], [x, y, w], [v, v], create_graph=create_graph)
        arrays = [dx.numpy() for dx in found if dx is not None] + [v]
        for i, a in enumerate(arrays):
            assert not any(np.shares_memory(a, b) for b in arrays[:i])


def test_gradients_have_the_dtype_of_their_inputs() -> None:
    x = leaf(np.ones(2, np.float32))
    (found,) = grad((x * np.ones(2)).sum(), x)
    assert found is not None
    assert found.dtype == np.float32


def test_pytorch_gives_the_same() -> None:
    torch = pytest.importorskip("torch", reason="compares with PyTorch")
    generator = np.random.default_rng(0)
    arrays = [generator.normal(size=(3, 4)), generator.normal(size=(4, 2))]
    v = generator.normal(size=(3, 2))

    def second(tensors: Any, tanh: Any, differentiate: Any, upstream: Any) -> Any:
        x, w = tensors
        hidden = tanh(x @ w)
        first = differentiate(
            [hidden, (hidden * hidden).sum()], [x, hidden], [upstream, None], create_graph=True
        )
        total = (first[0] ** 3).sum() + (first[1] ** 2).sum()
        return [*first, *differentiate(total, [x, w])]

    ours = second([leaf(a) for a in arrays], np.tanh, grad, v)
    theirs = second(
        [torch.tensor(a, requires_grad=True) for a in arrays],
        torch.tanh, torch.autograd.grad, torch.tensor(v),
    )  # fmt: skip
    for a, b in zip(ours, theirs):
        np.testing.assert_allclose(a.numpy(), b.detach().numpy(), rtol=1e-10, atol=1e-12)


def test_a_hook_sees_the_whole_gradient_of_several_outputs_once() -> None:
    seen: list[Any] = []
    w = tg.Tensor([1.0, 1.0], requires_grad=True)
    w.register_hook(lambda dw: seen.append(dw.tolist()))
    shared = w * 1
    (dw,) = grad([(shared * 2).sum(), (shared * 3).sum(), shared], w, [None, None, np.ones(2)])
    assert dw.tolist() == [6.0, 6.0]
    assert seen == [[6.0, 6.0]]


def test_a_leaf_that_is_output_and_input_has_its_hook_called() -> None:
    w = tg.Tensor(1.0, requires_grad=True)
    w.register_hook(lambda dw: dw * 10)
    (dw,) = grad(w, w)
    assert dw.item() == 10
