"""What all optimizers have in common: parameters, groups, settings, state."""

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn, optim


def leaf(*values, requires_grad=True):
    return tg.Tensor(list(values), requires_grad=requires_grad)


def test_nothing_to_learn_is_an_error():
    used_up = nn.Linear(1, 1).parameters()
    optim.SGD(used_up)
    for params in ([], (), used_up):
        with pytest.raises(ValueError, match="nothing to learn"):
            optim.SGD(params)


def test_a_parameter_given_twice_is_an_error():
    p, q = leaf(1.0), leaf(2.0)
    with pytest.raises(ValueError, match=r"parameter 2, of shape \(1,\),.*twice"):
        optim.SGD([p, q, p])
    with pytest.raises(ValueError, match="twice"):
        optim.SGD([{"params": [p]}, {"params": [q, p]}])


def test_the_result_of_a_computation_cannot_be_learnt():
    with pytest.raises(ValueError, match="result of multiply"):
        optim.SGD([leaf(1.0) * 2.0])


@pytest.mark.parametrize("params", [[np.ones(3)], [3.0], ["weight"], [None], "abc"])
def test_only_tensors_can_be_learnt(params):
    with pytest.raises(TypeError, match="only Tensors can be learnt"):
        optim.SGD(params)


def test_named_parameters_get_the_hint_that_parameters_are_meant():
    with pytest.raises(TypeError, match=r"parameters\(\), not named_parameters\(\)"):
        optim.SGD(nn.Linear(1, 1).named_parameters())


def test_a_single_tensor_or_dict_or_a_set_is_refused():
    p = leaf(1.0)
    for params in (p, {"params": [p]}):
        with pytest.raises(TypeError, match="a list of Tensors or of dicts"):
            optim.SGD(params)
    for params in ({p}, [{"params": {p}}]):
        with pytest.raises(TypeError, match="order"):
            optim.SGD(params)


@pytest.mark.parametrize("group", [[], {"lr": 0.1}, 3])
def test_a_group_is_a_dict_with_params(group):
    optimizer = optim.SGD([leaf(1.0)])
    with pytest.raises(TypeError, match="'params'"):
        optimizer.add_param_group(group)
    assert len(optimizer.param_groups) == 1


@pytest.mark.parametrize("lr", [-0.1, float("nan"), float("inf"), -float("inf"), np.float64("nan")])
def test_a_learning_rate_that_is_negative_or_not_finite_is_refused(lr):
    with pytest.raises(ValueError, match="learning rate lr must be finite and not negative"):
        optim.SGD([leaf(1.0)], lr=lr)
    with pytest.raises(ValueError, match="learning rate lr must be finite and not negative"):
        optim.SGD([{"params": [leaf(1.0)], "lr": lr}])


@pytest.mark.parametrize("lr", ["0.1", None, [0.1], 1j])
def test_a_learning_rate_is_a_number(lr):
    with pytest.raises(TypeError, match="learning rate lr must be a number"):
        optim.SGD([leaf(1.0)], lr=lr)


def test_an_unknown_setting_is_refused_rather_than_ignored():
    with pytest.raises(ValueError, match="no setting learning_rate; it has lr"):
        optim.SGD([{"params": [leaf(1.0)], "learning_rate": 0.1}])


def test_groups_have_settings_of_their_own_or_the_default():
    p, q, r = leaf(1.0), leaf(1.0), leaf(1.0)
    optimizer = optim.SGD([{"params": p}, {"params": [q], "lr": 0.5}], lr=0.1)
    optimizer.add_param_group({"params": iter([r]), "lr": 0})
    assert [group["lr"] for group in optimizer.param_groups] == [0.1, 0.5, 0]
    assert [group["params"] for group in optimizer.param_groups] == [[p], [q], [r]]
    (p + q + r).sum().backward()
    optimizer.step()
    assert [p.item(), q.item(), r.item()] == [0.9, 0.5, 1.0]


def test_the_callers_dict_is_not_changed():
    group = {"params": [leaf(1.0)]}
    optim.SGD([group], lr=0.1)
    assert list(group) == ["params"]


def test_a_refused_group_changes_nothing():
    p = leaf(1.0)
    optimizer = optim.SGD([p])
    for group in ({"params": [leaf(2.0), p]}, {"params": [leaf(2.0)], "lr": -1.0}):
        with pytest.raises(ValueError, match=r"twice|learning rate"):
            optimizer.add_param_group(group)
    assert [group["params"] for group in optimizer.param_groups] == [[p]]


def test_zero_grad_forgets_or_zeroes():
    p, q = leaf(1.0), leaf(2.0)
    optimizer = optim.SGD([p, q])
    (p * 3).backward()
    optimizer.zero_grad(set_to_none=False)
    assert p.grad.tolist() == [0.0]
    assert q.grad is None
    optimizer.zero_grad()
    assert p.grad is None


def test_a_closure_is_run_recorded_and_its_loss_returned():
    p = leaf(2.0)
    optimizer = optim.SGD([p], lr=0.25)

    def closure():
        optimizer.zero_grad()
        loss = (p * p).sum()
        loss.backward()
        return loss

    with tg.no_grad():
        assert optimizer.step(closure).item() == 4.0
    assert p.item() == 1.0


def test_the_state_numbers_the_parameters_through_all_groups():
    optimizer = optim.SGD([{"params": [leaf(1.0), leaf(2.0)]}, {"params": leaf(3.0), "lr": 0.5}])
    assert optimizer.state_dict() == {
        "state": {},
        "param_groups": [{"lr": 1e-3, "params": [0, 1]}, {"lr": 0.5, "params": [2]}],
    }


def test_a_loaded_state_brings_its_settings_and_leaves_the_parameters():
    p = leaf(1.0)
    optimizer, saved = optim.SGD([p], lr=0.1), optim.SGD([leaf(5.0)], lr=0.7)
    optimizer.load_state_dict(saved.state_dict())
    assert optimizer.param_groups == [{"params": [p], "lr": 0.7}]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda s: {},
        lambda s: {**s, "param_groups": s["param_groups"][:1]},
        lambda s: {**s, "param_groups": [s["param_groups"][0], {"params": [1, 2], "lr": 0.1}]},
        lambda s: {**s, "param_groups": [s["param_groups"][0], {"params": [1], "lr": -1.0}]},
        lambda s: {**s, "param_groups": [s["param_groups"][0], {"params": [1]}]},
        lambda s: {
            **s,
            "param_groups": [s["param_groups"][0], {"params": [1], "lr": 0.1, "momentum": 0.9}],
        },
        lambda s: {**s, "state": {0: {"momentum_buffer": np.ones(1)}}},
    ],
)
def test_a_state_that_does_not_fit_is_refused_and_changes_nothing(spoil):
    optimizer = optim.SGD([{"params": leaf(1.0)}, {"params": leaf(2.0)}], lr=0.1)
    other = optim.SGD([{"params": leaf(1.0)}, {"params": leaf(2.0)}], lr=0.5)
    with pytest.raises(ValueError, match=r"saved|no state|no setting|learning rate"):
        optimizer.load_state_dict(spoil(other.state_dict()))
    assert [group["lr"] for group in optimizer.param_groups] == [0.1, 0.1]


def test_the_printed_form_shows_every_groups_settings():
    optimizer = optim.SGD([{"params": leaf(1.0)}, {"params": leaf(2.0), "lr": 0.5}], lr=0.1)
    assert repr(optimizer) == (
        "SGD (\nParameter Group 0\n    lr: 0.1\nParameter Group 1\n    lr: 0.5\n)"
    )
