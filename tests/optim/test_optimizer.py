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
    saved = optimizer.state_dict()
    assert saved["state"] == {}
    assert [group["params"] for group in saved["param_groups"]] == [[0, 1], [2]]
    assert [group["lr"] for group in saved["param_groups"]] == [1e-3, 0.5]
    assert set(saved["param_groups"][0]) == {"params", *optimizer.defaults}


def test_a_loaded_state_brings_its_settings_and_leaves_the_parameters():
    p = leaf(1.0)
    optimizer, saved = optim.SGD([p], lr=0.1), optim.SGD([leaf(5.0)], lr=0.7, momentum=0.5)
    optimizer.load_state_dict(saved.state_dict())
    assert optimizer.param_groups == [{**saved.param_groups[0], "params": [p]}]


def changed(state, group, **settings):
    """Return a state with other settings in one group; ``None`` takes one out."""
    groups = [dict(each) for each in state["param_groups"]]
    groups[group].update(settings)
    groups[group] = {name: value for name, value in groups[group].items() if value is not None}
    return {**state, "param_groups": groups}


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda s: {}, "no state of an optimizer"),
        (lambda s: [1], "no state of an optimizer"),
        (lambda s: {**s, "param_groups": s["param_groups"][:1]}, r"have \[1\] parameters"),
        (lambda s: changed(s, 1, params=[1, 2]), r"have \[1, 2\] parameters"),
        (lambda s: changed(s, 1, lr=-1.0), "learning rate lr must be"),
        (lambda s: changed(s, 1, lr=None), "lack lr"),
        (lambda s: changed(s, 1, betas=(0.9, 0.9)), "no setting betas"),
        (lambda s: {**s, "state": {7: {"momentum_buffer": np.ones(1)}}}, r"for \[7\]"),
        (lambda s: {**s, "state": {1: {"exp_avg": np.ones(1)}}}, "parameter 1.*exp_avg.*another"),
        (lambda s: {**s, "state": {1: {"momentum_buffer": np.ones(2)}}}, r"\(2,\).*\(1,\)"),
        (lambda s: {**s, "state": {1: {"momentum_buffer": np.array(["a"])}}}, "dtype <U1"),
    ],
)
def test_a_state_that_does_not_fit_is_refused_and_changes_nothing(spoil, message):
    def make(lr):
        params = [{"params": leaf(1.0)}, {"params": leaf(2.0)}]
        optimizer = optim.SGD(params, lr=lr, momentum=0.5)
        for group in optimizer.param_groups:
            group["params"][0].grad = [lr]
        optimizer.step()
        return optimizer

    optimizer, other = make(0.1), make(0.5)
    before = optimizer.state_dict()
    with pytest.raises(ValueError, match=message):
        optimizer.load_state_dict(spoil(other.state_dict()))
    assert optimizer.state_dict() == before


def test_the_printed_form_shows_every_groups_settings():
    optimizer = optim.Adagrad([{"params": leaf(1.0)}, {"params": leaf(2.0), "lr": 0.5}], lr=0.1)
    lines = ["eps: 1e-10", "initial_accumulator_value: 0", "lr: {}", "lr_decay: 0"]
    lines += ["maximize: False", "weight_decay: 0"]
    groups = [
        "\n    ".join([f"Parameter Group {number}", *lines]).format(lr)
        for number, lr in enumerate((0.1, 0.5))
    ]
    assert repr(optimizer) == "\n".join(["Adagrad (", *groups, ")"])


def test_a_group_may_have_a_name():
    optimizer = optim.SGD([{"params": leaf(1.0), "name": "head"}])
    assert optimizer.state_dict()["param_groups"][0]["name"] == "head"


def test_complex_parameters_are_refused():
    with pytest.raises(TypeError, match=r"parameter 0, of shape \(1,\), is complex"):
        optim.SGD([leaf(1j)])


def test_a_parameter_that_became_the_result_of_a_computation_is_refused_at_the_next_step():
    p, q = leaf(1.0), leaf(1.0)
    optimizer = optim.SGD([p, q], lr=0.5)
    p.grad = [1.0]
    q.requires_grad = False
    q += leaf(2.0)
    q.retain_grad()
    q.sum().backward()
    with pytest.raises(ValueError, match="become the result of add"):
        optimizer.step()
    assert p.item() == 1.0


def test_an_optimizer_of_ones_own_says_how_a_parameter_changes():
    class Signs(optim.Optimizer):
        def __init__(self, params, length):
            super().__init__(params, {"length": length})

        def _update(self, p, g, state, group):
            state["steps"] = state.get("steps", 0) + 1
            p -= group["length"] * np.sign(g)

    p = leaf(1.0)
    optimizer = Signs([p], length=0.25)
    p.grad = [7.0]
    optimizer.step()
    assert p.item() == 0.75
    other = Signs([leaf(1.0)], length=0.5)
    other.load_state_dict(optimizer.state_dict())
    assert other.state_dict() == optimizer.state_dict()


def test_an_optimizer_without_a_formula_says_so():
    p = leaf(1.0)
    p.grad = [1.0]
    with pytest.raises(NotImplementedError, match="Optimizer does not say how"):
        optim.Optimizer([p], {}).step()
