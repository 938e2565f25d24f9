"""Derivatives of functions: closed forms, nesting, and refusals that name the right tool.

Next: ``test_autograd.py``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.op import REGISTRY
from tinygrad_edu.products import hvp, jvp, vjp
from tinygrad_edu.transforms import elementwise_grad, grad, hessian, jacobian, value_and_grad

generator = np.random.default_rng(5)
A = generator.uniform(-1, 1, (3, 3))


def quadratic(x: Any) -> Any:
    return np.sum(x * (A @ x)) / 2


def layer(x: Any, w: Any) -> Any:
    return np.tanh(x @ w)


def leaf(values: Any) -> tg.Tensor:
    return tg.Tensor(values, requires_grad=True)


# ------------------------------------------------------------------------- closed forms
def test_a_cube_has_its_four_derivatives() -> None:
    f = lambda x: x**3
    for expected in (12.0, 12.0, 6.0, 0.0):
        f = grad(f)
        assert float(f(2.0)) == expected


@pytest.mark.parametrize("point", [2.0, np.float32(2), np.array(2.0), tg.Tensor(2.0)])
def test_floats_arrays_and_tensors_are_all_taken_and_give_untracked_tensors(point: Any) -> None:
    slope = grad(lambda x: x * x)(point)
    assert isinstance(slope, tg.Tensor)
    assert float(slope) == 4
    assert not slope.requires_grad
    assert slope.dtype == np.asarray(point).dtype


def test_a_list_of_floats_is_an_array() -> None:
    assert grad(lambda x: (x * x).sum())([1.0, 2.0]).tolist() == [2, 4]


def test_value_and_grad_gives_both() -> None:
    value, slope = value_and_grad(quadratic)([1.0, 2.0, 3.0])
    x = np.array([1.0, 2.0, 3.0])
    np.testing.assert_allclose(float(value), x @ A @ x / 2)
    np.testing.assert_allclose(slope.numpy(), (A + A.T) @ x / 2)
    assert not value.requires_grad


def test_the_jacobian_of_a_linear_map_is_its_matrix() -> None:
    np.testing.assert_array_equal(jacobian(lambda x: A @ x)([1.0, 2.0, 3.0]).numpy(), A)


def test_the_jacobian_has_the_shape_of_the_result_and_then_of_the_argument() -> None:
    x, w = generator.normal(size=(4, 3)), generator.normal(size=(3, 2))
    j = jacobian(layer, argnum=1)(x, w)
    assert j.shape == (4, 2, 3, 2)
    slope = 1 - np.tanh(x @ w) ** 2
    expected = np.einsum("ij,ik,jl->ijkl", slope, x, np.eye(2))
    np.testing.assert_allclose(j.numpy(), expected, rtol=1e-12, atol=1e-15)


def test_the_jacobian_of_a_single_number_is_the_gradient() -> None:
    x = [1.0, 2.0, 3.0]
    np.testing.assert_array_equal(jacobian(quadratic)(x).numpy(), grad(quadratic)(x).numpy())


@pytest.mark.parametrize("index", [slice(0, 0), (slice(0, 2), None, slice(0, 0))])
def test_an_empty_result_has_an_empty_jacobian(index: Any) -> None:
    x = np.ones((3, 2))
    assert jacobian(lambda x: x[index])(x).shape == (*x[index].shape, 3, 2)


def test_an_empty_argument_has_an_empty_gradient_and_jacobian() -> None:
    assert grad(lambda x: x.sum())(np.zeros((0, 2))).shape == (0, 2)
    assert jacobian(lambda x: x.sum(axis=0))(np.zeros((0, 2))).shape == (2, 0, 2)


def test_the_hessian_of_a_quadratic_form_is_its_symmetric_part() -> None:
    np.testing.assert_allclose(hessian(quadratic)([1.0, 2.0, 3.0]).numpy(), (A + A.T) / 2)


def test_the_hessian_of_several_arguments_has_a_block_for_each_pair() -> None:
    x, y = np.array([1.0, 2.0]), np.array(3.0)
    blocks = hessian(lambda x, y: (x * x * y * y).sum(), argnum=(0, 1))(x, y)
    np.testing.assert_allclose(blocks[0][0].numpy(), np.diag([18.0, 18.0]))
    np.testing.assert_allclose(blocks[0][1].numpy(), [12.0, 24.0])
    np.testing.assert_allclose(blocks[1][0].numpy(), [12.0, 24.0])
    np.testing.assert_allclose(blocks[1][1].numpy(), 10.0)


def test_hvp_is_the_hessian_times_the_vector() -> None:
    f = lambda x: np.sum(np.exp(x) * np.tanh(x[::-1]))
    x, v = generator.normal(size=4), generator.normal(size=4)
    np.testing.assert_allclose(hvp(f, x, v).numpy(), hessian(f)(x).numpy() @ v, rtol=1e-12)
    np.testing.assert_allclose(hvp(f, (x,), (v,)).numpy(), hessian(f)(x).numpy() @ v, rtol=1e-12)


def test_hvp_of_several_arguments_includes_the_mixed_derivatives() -> None:
    x, y, s, t = (generator.normal(size=3) for _ in range(4))
    along_x, along_y = hvp(lambda x, y: (x * x * y).sum(), (x, y), (s, t))
    np.testing.assert_allclose(along_x.numpy(), 2 * y * s + 2 * x * t)
    np.testing.assert_allclose(along_y.numpy(), 2 * x * s)


def test_hvp_of_a_linear_function_is_zero() -> None:
    assert hvp(lambda x: x.sum(), np.ones(3), np.ones(3)).tolist() == [0, 0, 0]


def test_vjp_and_jvp_are_the_jacobian_from_either_side() -> None:
    x, w = generator.normal(size=(4, 3)), generator.normal(size=(3, 2))
    s, t, v = (generator.normal(size=shape) for shape in ((4, 3), (3, 2), (4, 2)))
    by_x, by_w = (j.numpy() for j in jacobian(layer, argnum=(0, 1))(x, w))
    out, vjp_fn = vjp(layer, x, w)
    np.testing.assert_array_equal(out.numpy(), np.tanh(x @ w))
    for found, j in zip(vjp_fn(v), (by_x, by_w)):
        np.testing.assert_allclose(found.numpy(), np.tensordot(v, j, 2), rtol=1e-12, atol=1e-15)
    out, tangent = jvp(layer, (x, w), (s, t))
    np.testing.assert_array_equal(out.numpy(), np.tanh(x @ w))
    expected = np.tensordot(by_x, s, 2) + np.tensordot(by_w, t, 2)
    np.testing.assert_allclose(tangent.numpy(), expected, rtol=1e-12)


def test_a_vjp_may_be_asked_for_many_times() -> None:
    _, vjp_fn = vjp(lambda x: x * x, 3.0)
    assert [float(vjp_fn(v)[0]) for v in (1.0, 2.0, 1.0)] == [6, 12, 6]


SAMPLES = [
    pytest.param(op, case, id=f"{name}-{number}")
    for name, op in REGISTRY.items()
    for number, case in enumerate(op.cases)
    if all(isinstance(given, tuple) for given in case.inputs)
]


@pytest.mark.parametrize(("op", "case"), SAMPLES)
def test_forward_and_backward_mode_agree_for_every_op(op: Any, case: Any) -> None:
    """The products vᵀ(Jt) and (vᵀJ)t are one number, reached from either side.

    Of what comes back to a real number only the real part is kept, so only that is compared.
    """
    arrays = tuple(case.draw(np.random.default_rng(3)))

    def f(*inputs: Any) -> Any:
        y = tg.Tensor.__record__(op, inputs, case.settings)
        return y[-1] if isinstance(y, tuple) else y

    def direction(like: Any) -> Any:
        real, imaginary = generator.normal(size=(2, *like.shape))
        return real + 1j * imaginary if like.dtype.kind == "c" else real

    tangents = tuple(map(direction, arrays))
    out, tangent = jvp(f, arrays, tangents)
    v = direction(out)
    _, vjp_fn = vjp(f, *arrays)
    backward = sum(np.sum(dx.numpy() * t) for dx, t in zip(vjp_fn(v), tangents))
    forward = np.sum(v * tangent.numpy())
    np.testing.assert_allclose(np.real(forward), np.real(backward), rtol=1e-10, atol=1e-12)


def test_elementwise_grad_is_the_diagonal_of_the_jacobian() -> None:
    x = generator.normal(size=(2, 3))
    diagonal = np.diag(jacobian(tg.sigmoid)(x).numpy().reshape(6, 6)).reshape(2, 3)
    np.testing.assert_array_equal(elementwise_grad(tg.sigmoid)(x).numpy(), diagonal)


def test_elementwise_grad_nests() -> None:
    x = np.array([0.3, -0.7])
    f = elementwise_grad(elementwise_grad(elementwise_grad(np.tanh)))
    t = np.tanh(x)
    np.testing.assert_allclose(f(x).numpy(), (1 - t**2) * (6 * t**2 - 2))


# ----------------------------------------------------------------------------- arguments
def test_argnum_chooses_the_argument() -> None:
    f = lambda x, y: x * y * y
    assert float(grad(f, argnum=1)(2.0, 3.0)) == 12
    assert float(grad(f, argnum=-1)(2.0, 3.0)) == 12
    assert [float(dx) for dx in grad(f, argnum=(1, 0))(2.0, 3.0)] == [12, 9]
    assert [float(dx) for dx in grad(f, argnum=(1, 1))(2.0, 3.0)] == [12, 12]
    assert [float(dx) for dx in grad(f, argnum=(0,))(2.0, 3.0)] == [9]


def test_other_arguments_arrive_as_they_were_given() -> None:
    seen = []

    def f(x: Any, n: int, *, scale: Any) -> Any:
        seen.extend([n, scale])
        return x**n * scale

    assert float(grad(f)(2.0, 3, scale="5".count("5"))) == 12
    assert seen == [3, 1]


def test_one_tensor_given_twice_counts_once_for_each_argument() -> None:
    x = leaf(3.0)
    f = lambda a, b: a * a * b
    assert float(grad(f, 0)(x, x)) == 18
    assert float(grad(f, 1)(x, x)) == 9


def test_float32_stays_float32() -> None:
    x = np.ones((2, 3), np.float32)
    for found in (grad(np.sum)(x), jacobian(np.tanh)(x), elementwise_grad(np.tanh)(x)):
        assert found.dtype == np.float32
    out, tangent = jvp(np.tanh, x, np.ones((2, 3)))
    assert out.dtype == tangent.dtype == hvp(np.sum, x, np.ones((2, 3))).dtype == np.float32


def test_an_argument_may_be_changed_in_place_inside_and_stays_the_same_outside() -> None:
    def f(x: Any) -> Any:
        x *= 2
        x[0] = 0
        return (x * x).sum()

    array, tensor, tracked = np.ones(2), tg.Tensor([1.0, 1.0]), leaf([1.0, 1.0])
    for given in (array, tensor, tracked):
        assert grad(f)(given).tolist() == [0, 8]
    assert array.tolist() == tensor.tolist() == tracked.tolist() == [1, 1]


def test_results_own_their_memory() -> None:
    a, b = np.ones(2), np.ones(2)
    da, db = grad(lambda x, y: (x + y).sum(), argnum=(0, 1))(a, b)
    v = np.ones(2)
    _, vjp_fn = vjp(lambda x: x, a)
    (dx,) = vjp_fn(v)
    with tg.no_grad():
        da *= 7
        dx *= 7
    assert db.tolist() == v.tolist() == [1, 1]
    out, _ = vjp(lambda x: x, a)
    out *= 5
    assert a.tolist() == [1, 1]


def test_the_derivative_of_a_function_carries_its_name() -> None:
    def loss(x: Any) -> Any:
        """How wrong it is."""
        return x

    for made in (grad(loss), value_and_grad(loss), jacobian(loss), hessian(loss, (0,))):
        assert made.__name__ == "loss"
    assert not hasattr(grad(tg.sigmoid), "op")


# --------------------------------------------------------------------------------- nesting
def test_an_inner_derivative_does_not_take_the_outer_variable_for_its_own() -> None:
    assert float(grad(lambda x: x * grad(lambda y: x + y)(1.0))(1.0)) == 1
    assert float(grad(lambda x: x * grad(lambda y: x * y)(2.0))(3.0)) == 6
    assert float(grad(lambda x: x * grad(lambda y: x * y * y)(x))(3.0)) == 54
    assert float(grad(lambda x: grad(lambda y: grad(lambda z: x * y * z)(x))(x))(5.0)) == 1


def test_an_inner_derivative_at_the_outer_variable_has_the_chain_rule() -> None:
    """The derivative of f'(x²) is 2x f''(x²)."""
    outer = grad(lambda x: grad(np.exp)(x * x))
    assert float(outer(0.5)) == pytest.approx(np.exp(0.25))


def test_all_modes_nest_in_each_other() -> None:
    f = lambda x: np.sum(np.exp(x) * x[::-1])
    x, v = generator.normal(size=3), generator.normal(size=3)
    expected = hessian(f)(x).numpy()
    np.testing.assert_allclose(jacobian(grad(f))(x).numpy(), expected)
    np.testing.assert_allclose(jvp(grad(f), x, v)[1].numpy(), expected @ v)
    np.testing.assert_allclose(grad(lambda x: jvp(f, x, v)[1])(x).numpy(), expected @ v)
    np.testing.assert_allclose(grad(lambda x: np.sum(grad(f)(x) * v))(x).numpy(), expected @ v)
    np.testing.assert_allclose(
        grad(lambda x: np.sum(vjp(f, x)[1](1.0)[0] * v))(x).numpy(), expected @ v
    )
    third = jacobian(hessian(f))(x).numpy()
    np.testing.assert_allclose(np.tensordot(third, v, 1), jvp(hessian(f), x, v)[1].numpy())
    np.testing.assert_allclose(
        grad(lambda x: np.sum(hvp(f, x, v)))(x).numpy(), np.tensordot(third.sum(0), v, 1)
    )


def test_a_tangent_with_a_history_can_be_differentiated() -> None:
    x = np.array([1.0, 2.0])
    assert grad(lambda t: np.sum(jvp(lambda x: x * x, x, t)[1]))(x).tolist() == [2, 4]
    assert grad(lambda v: np.sum(vjp(lambda x: x * x, x)[1](v)[0]))(x).tolist() == [2, 4]
    assert grad(lambda t: np.sum(hvp(lambda x: (x**3).sum(), x, t)))(x).tolist() == [6, 12]


def test_an_outer_tensor_inside_the_function_keeps_its_history() -> None:
    w = leaf(3.0)
    for derivative in (
        grad(lambda x: w * x * x)(2.0),
        value_and_grad(lambda x: w * x * x)(2.0)[1],
        elementwise_grad(lambda x: w * x * x)(2.0),
        jacobian(lambda x: w * x * x)(2.0),
        vjp(lambda x: w * x * x, 2.0)[1](1.0)[0],
        jvp(lambda x: w * x * x, 2.0, 1.0)[1],
    ):
        w.grad = None
        derivative.backward()
        assert w.grad is not None
        assert float(w.grad) == 4


def test_a_tracked_argument_keeps_its_history() -> None:
    x = leaf(2.0)
    value, slope = value_and_grad(lambda x: x**3)(x * 1)
    (value + slope).backward()
    assert x.grad is not None
    assert float(x.grad) == 12 + 12


def test_a_function_that_returns_an_outer_leaf_is_a_constant_with_a_history() -> None:
    w = leaf(3.0)
    value, slope = value_and_grad(lambda x: w)(2.0)
    assert float(slope) == 0
    assert value is not w
    value.backward()
    assert w.grad is not None
    assert float(w.grad) == 1


def test_transforms_leave_every_grad_alone() -> None:
    x, w = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    f = lambda x: np.sum(np.exp(x) * w)
    v = np.ones(2)
    grad(f)(x), value_and_grad(f)(x), jacobian(f)(x), hessian(f)(x)
    vjp(f, x)[1](1.0), jvp(f, x, v), hvp(f, x, v)
    assert x.grad is None
    assert w.grad is None
    f(x).backward()
    assert x.grad is not None
    kept = x.grad.tolist()
    grad(f)(x)
    assert x.grad.tolist() == kept


def test_without_recording_they_differentiate_and_their_results_have_no_history() -> None:
    x, w = leaf(2.0), leaf(3.0)
    f = lambda x: w * x**3
    with tg.no_grad():
        found = [
            grad(f)(x), grad(grad(f))(x), *value_and_grad(f)(x), jacobian(f)(x), hessian(f)(x),
            vjp(f, x)[1](1.0)[0], *jvp(f, x, 1.0), hvp(f, x, 1.0),
        ]  # fmt: skip
        assert not tg.is_grad_enabled()
    assert [float(each) for each in found] == [36, 36, 24, 36, 36, 36, 36, 24, 36, 36]
    assert not any(each.requires_grad for each in found)


def test_no_grad_within_the_function_hides_from_the_derivative() -> None:
    def f(x: Any) -> Any:
        with tg.no_grad():
            frozen = x * x
        return frozen * x

    assert float(grad(f)(3.0)) == 9


# ------------------------------------------------------------------------------- constants
@pytest.mark.parametrize(
    "constant", [lambda x: 5.0, lambda x: 5, lambda x: np.float64(5), lambda x: np.ones(()),
                 lambda x: tg.Tensor(5.0), lambda x: x.detach(), lambda x: float(x),
                 lambda x: x > 0]
)  # fmt: skip
def test_a_result_without_a_history_has_derivative_zero(constant: Any) -> None:
    assert float(grad(constant)(2.0)) == 0
    assert float(hessian(constant)(2.0)) == 0
    assert float(jacobian(constant)(2.0)) == 0
    assert float(jvp(constant, 2.0, 1.0)[1]) == 0
    assert float(hvp(constant, 2.0, 1.0)) == 0
    assert [float(dx) for dx in vjp(constant, 2.0)[1](1.0)] == [0]


def test_an_argument_that_is_not_used_gets_zeros_in_its_shape() -> None:
    found = grad(lambda x, y: x.sum(), argnum=1)(np.ones(2), np.ones((3, 2), np.float32))
    np.testing.assert_array_equal(found.numpy(), np.zeros((3, 2), np.float32), strict=True)


# -------------------------------------------------------------------------------- refusals
@pytest.mark.parametrize("transform", [grad, value_and_grad, hessian])
def test_a_result_of_several_numbers_is_refused_by_naming_the_right_tool(transform: Any) -> None:
    with pytest.raises(TypeError, match=r"returned shape \(2,\).*elementwise_grad.*jacobian.*vjp"):
        transform(lambda x: x * 2)([1.0, 2.0])
    with pytest.raises(TypeError, match="single number"):
        hvp(lambda x: x * 2, np.ones(2), np.ones(2))


def test_elementwise_grad_refuses_a_result_of_another_shape() -> None:
    with pytest.raises(TypeError, match=r"shape \(\) for shape \(2,\).*jacobian"):
        elementwise_grad(np.sum)([1.0, 2.0])
    with pytest.raises(TypeError, match=r"\(3,\) for shape \(\)"):
        elementwise_grad(np.multiply)(2.0, np.ones(3))


def test_an_integer_is_refused() -> None:
    with pytest.raises(TypeError, match=r"argument 1 of f: .*int.*1\.0 instead of 1"):
        grad(named_f, argnum=1)(1.0, 2)


def named_f(x: Any, y: Any) -> Any:
    return x * y


named_f.__name__ = "f"


def test_a_forgotten_return_is_named() -> None:
    def f(x: Any) -> None:
        x * 2

    with pytest.raises(TypeError, match=r"f must return one Tensor.*return statement"):
        grad(f)(1.0)


def test_several_results_are_refused_with_advice() -> None:
    with pytest.raises(TypeError, match="tuple; join them"):
        grad(lambda x: (x, x))(1.0)


def test_an_argument_that_is_not_there_is_named() -> None:
    with pytest.raises(IndexError, match=r"no argument 1 .*1 positional"):
        grad(lambda x: x, argnum=1)(1.0)
    with pytest.raises(IndexError, match="given by its name"):
        grad(lambda x: x)(x=1.0)


def test_a_vector_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\(3,\).*\(2,\)"):
        vjp(np.tanh, [1.0, 2.0])[1](np.ones(3))
    with pytest.raises(ValueError, match=r"tangent 0 has \(3,\)"):
        jvp(np.tanh, np.ones(2), np.ones(3))
    with pytest.raises(ValueError, match="2 primals have 1 tangents"):
        hvp(named_f, (1.0, 2.0), (1.0,))
    with pytest.raises(RuntimeError, match="single number"):
        vjp(np.tanh, [1.0, 2.0])[1](None)


@pytest.mark.parametrize("tool", [jvp, hvp])
def test_a_list_that_may_mean_two_things_is_refused(tool: Any) -> None:
    with pytest.raises(TypeError, match=r"tuple.*np\.array"):
        tool(np.sum, [1.0, 2.0], [1.0, 2.0])


def test_an_error_inside_the_function_leaves_recording_as_it_was() -> None:
    with tg.no_grad():
        with pytest.raises(ZeroDivisionError):
            grad(lambda x: 1 // 0)(1.0)
        assert not tg.is_grad_enabled()


def test_a_captured_tensor_changed_in_place_since_is_noticed() -> None:
    w = leaf([3.0])
    _, vjp_fn = vjp(lambda x: x * w, [2.0])
    with tg.no_grad():
        w -= 1
    with pytest.raises(RuntimeError, match="in place"):
        vjp_fn([1.0])


def test_a_list_of_positions_is_as_good_as_a_tuple() -> None:
    da, db = tg.grad(lambda a, b: a * b, argnum=[0, 1])(3.0, 5.0)  # type: ignore[arg-type]
    assert (float(da), float(db)) == (5.0, 3.0)
