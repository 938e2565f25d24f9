"""Schedules: their closed forms, their state, the order of calls, and what they refuse."""

import json
from math import cos, pi

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import optim
from tinygrad_edu.optim import lr_scheduler

STEPS = 1000


def optimizer(lr=0.1, momentum=0.9):
    p, q = (tg.Tensor([1.0], requires_grad=True) for _ in range(2))
    return optim.SGD([{"params": p}, {"params": q, "lr": 2 * lr}], lr=lr, momentum=momentum)


def rates(chosen, scheduler, steps=STEPS):
    """Follow the first group's learning rate."""
    followed = []
    for _ in range(steps):
        followed.append(scheduler.get_last_lr()[0])
        chosen.step()
        scheduler.step()
    return followed


def triangle(t, up, down):
    x = t % (up + down)
    return x / up if x <= up else 1 - (x - up) / down


CLOSED_FORMS = {
    "LambdaLR": ({"lr_lambda": lambda t: 1 / (1 + t)}, lambda t: 0.1 / (1 + t)),
    "MultiplicativeLR": ({"lr_lambda": lambda t: 0.999}, lambda t: 0.1 * 0.999**t),
    "StepLR": ({"step_size": 90, "gamma": 0.7}, lambda t: 0.1 * 0.7 ** (t // 90)),
    "MultiStepLR": (
        {"milestones": [100, 700]},
        lambda t: 0.1 * 0.1 ** ((t >= 100) + (t >= 700)),
    ),
    "ConstantLR": (
        {"factor": 0.3, "total_iters": 500},
        lambda t: 0.1 * (0.3 if t < 500 else 1.0),
    ),
    "LinearLR": (
        {"start_factor": 0.01, "end_factor": 0.7, "total_iters": 800},
        lambda t: 0.1 * (0.01 + 0.69 * min(t, 800) / 800),
    ),
    "ExponentialLR": ({"gamma": 0.99}, lambda t: 0.1 * 0.99**t),
    "PolynomialLR": (
        {"total_iters": 900, "power": 2.0},
        lambda t: 0.1 * (1 - min(t, 900) / 900) ** 2,
    ),
    "CosineAnnealingLR": (
        {"T_max": 300, "eta_min": 0.01},
        lambda t: 0.01 + 0.09 * (1 + cos(pi * t / 300)) / 2,
    ),
    "CosineAnnealingWarmRestarts": (
        {"T_0": 70},
        lambda t: 0.1 * (1 + cos(pi * (t % 70) / 70)) / 2,
    ),
    "CyclicLR": (
        {"base_lr": 0.1, "max_lr": 0.5, "step_size_up": 30, "step_size_down": 50},
        lambda t: 0.1 + 0.4 * triangle(t, 30, 50),
    ),
    "OneCycleLR": (
        {"max_lr": 0.5, "total_steps": 1001, "pct_start": 301 / 1001, "anneal_strategy": "linear"},
        lambda t: 0.02 + 0.48 * t / 300 if t <= 300 else 0.5 + (2e-6 - 0.5) * (t - 300) / 700,
    ),
}


def make(name, chosen):
    return getattr(lr_scheduler, name)(chosen, **CLOSED_FORMS[name][0])


@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_rates_follow_the_closed_form(name):
    chosen = optimizer()
    followed = rates(chosen, make(name, chosen))
    expected = [CLOSED_FORMS[name][1](t) for t in range(STEPS)]
    np.testing.assert_allclose(followed, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", sorted(CLOSED_FORMS.keys() - {"MultiplicativeLR"}))
def test_a_jump_follows_the_closed_form(name):
    chosen = optimizer()
    scheduler = make(name, chosen)
    chosen.step()
    for epoch in (600, 3, 299):
        scheduler.step(epoch)
        expected = CLOSED_FORMS[name][1](epoch)
        np.testing.assert_allclose(scheduler.get_last_lr()[0], expected, rtol=1e-9, atol=1e-12)


def plateau(chosen):
    return lr_scheduler.ReduceLROnPlateau(chosen, patience=2, factor=0.5, cooldown=1)


def sequence(chosen):
    parts = [lr_scheduler.LinearLR(chosen), lr_scheduler.CosineAnnealingWarmRestarts(chosen, 5)]
    return lr_scheduler.SequentialLR(chosen, parts, milestones=[7])


def chain(chosen):
    parts = [sequence(chosen), lr_scheduler.ExponentialLR(chosen, 0.9)]
    return lr_scheduler.ChainedScheduler(parts)


EVERY = {
    **{name: (lambda chosen, name=name: make(name, chosen)) for name in CLOSED_FORMS},
    "ReduceLROnPlateau": plateau,
    "SequentialLR": sequence,
    "ChainedScheduler": chain,
}
every = pytest.mark.parametrize("kind", EVERY)


def run(chosen, scheduler, steps):
    """Train a little and return all that a schedule changes, at every step."""
    seen = []
    for step in steps:
        for group in chosen.param_groups:
            group["params"][0].grad = [np.cos(step)]
        chosen.step()
        scheduler.step(*([abs(np.cos(step))] if isinstance(scheduler, plateau_kind) else []))
        values = [group["params"][0].item() for group in chosen.param_groups]
        seen.append((scheduler.get_last_lr(), values, [g["momentum"] for g in chosen.param_groups]))
    return seen


plateau_kind = lr_scheduler.ReduceLROnPlateau


@every
@pytest.mark.parametrize("taken", [0, 1, 6, 7, 20])
def test_a_resumed_run_goes_on_exactly(kind, taken):
    chosen = optimizer()
    scheduler = EVERY[kind](chosen)
    run(chosen, scheduler, range(taken))
    saved = json.loads(json.dumps(scheduler.state_dict()))  # plain all through
    settings, values = chosen.state_dict(), [g["params"][0].data for g in chosen.param_groups]
    resumed = optimizer(lr=7.0)
    for group, value in zip(resumed.param_groups, values):
        group["params"][0].data = value.copy()
    its_scheduler = EVERY[kind](resumed)
    resumed.load_state_dict(settings)
    its_scheduler.load_state_dict(saved)
    steps = range(taken, taken + 20)
    assert run(chosen, scheduler, steps) == run(resumed, its_scheduler, steps)


@every
def test_a_step_before_the_optimizers_is_an_error(kind):
    chosen = optimizer()
    scheduler = EVERY[kind](chosen)
    if kind == "ReduceLROnPlateau":
        scheduler.step(1.0)  # a figure may come first: of the untrained model
        return
    before = scheduler.state_dict()
    with pytest.raises(RuntimeError, match=r"before optimizer.step\(\).*call optimizer.step\(\)"):
        scheduler.step()
    assert scheduler.state_dict() == before
    chosen.step()
    scheduler.step()
    scheduler.step()


def test_a_resumed_schedule_may_step_first():
    chosen = optimizer()
    scheduler = lr_scheduler.StepLR(chosen, 1)
    resumed = optimizer()
    its_scheduler = lr_scheduler.StepLR(resumed, 1)
    its_scheduler.load_state_dict(scheduler.state_dict())
    its_scheduler.step()
    assert its_scheduler.last_epoch == 1


def test_an_optimizer_with_a_step_of_its_own_is_trusted_to_have_taken_it():
    class Own(optim.Optimizer):
        def step(self):
            for p in self.param_groups[0]["params"]:
                p.data -= self.param_groups[0]["lr"]

    chosen = Own([tg.Tensor([1.0], requires_grad=True)], {"lr": 0.5})
    scheduler = lr_scheduler.ExponentialLR(chosen, 0.5)
    chosen.step()
    scheduler.step()
    assert chosen.param_groups[0]["lr"] == 0.25


@every
def test_a_saved_state_is_a_copy(kind):
    chosen = optimizer()
    scheduler = EVERY[kind](chosen)
    saved = scheduler.state_dict()
    before = json.dumps(saved)
    run(chosen, scheduler, range(10))
    assert json.dumps(saved) == before
    scheduler.load_state_dict(saved)
    run(chosen, scheduler, range(10))
    assert json.dumps(saved) == before


@every
def test_a_state_that_does_not_fit_is_refused_and_changes_nothing(kind):
    chosen = optimizer()
    scheduler = EVERY[kind](chosen)
    run(chosen, scheduler, range(3))
    before = scheduler.state_dict()
    p = tg.Tensor([1.0], requires_grad=True)
    other_kind = lr_scheduler.LRScheduler.state_dict(_Constant(optimizer()))
    one_group = EVERY[kind](optim.SGD([p], lr=0.1, momentum=0.9)).state_dict()
    shorter = {key: value for key, value in before.items() if key != "_last_lr"}
    for wrong in (None, [], {}, other_kind, one_group, shorter, {**before, "extra": 1}):
        with pytest.raises(ValueError, match=r"no state of|loads what|parameter groups|parts"):
            scheduler.load_state_dict(wrong)
        assert scheduler.state_dict() == before


class _Constant(lr_scheduler.LRScheduler):
    def __init__(self, chosen):
        self.setting_of_its_own = 1
        super().__init__(chosen)

    def get_lr(self):
        return self.base_lrs


def test_a_wrong_part_leaves_all_parts_as_they_are():
    chosen = optimizer()
    scheduler = sequence(chosen)
    run(chosen, scheduler, range(9))
    before, wrong = scheduler.state_dict(), scheduler.state_dict()
    wrong["_schedulers"][0]["last_epoch"] = 77
    del wrong["_schedulers"][1]["T_cur"]
    with pytest.raises(ValueError, match="CosineAnnealingWarmRestarts: T_cur"):
        scheduler.load_state_dict(wrong)
    assert scheduler.state_dict() == before


def test_a_sequence_may_begin_with_schedules_at_once():
    def parts(chosen):
        return [lr_scheduler.LinearLR(chosen, 0.5), lr_scheduler.ExponentialLR(chosen, 0.9)]

    chosen, plain = optimizer(), optimizer()
    last = lr_scheduler.ConstantLR(chosen, 0.25, 3)
    first = lr_scheduler.ChainedScheduler(parts(chosen))
    followed = rates(chosen, lr_scheduler.SequentialLR(chosen, [first, last], [4]), 8)
    assert followed[:4] == rates(plain, lr_scheduler.ChainedScheduler(parts(plain)), 4)
    np.testing.assert_allclose(followed[4:], [0.025, 0.025, 0.025, 0.1], rtol=1e-12)


def test_a_sequence_may_stand_first_in_a_sequence():
    chosen, plain = optimizer(), optimizer()
    last = lr_scheduler.ConstantLR(chosen, 0.25, 3)
    whole = lr_scheduler.SequentialLR(chosen, [sequence(chosen), last], [12])
    assert rates(chosen, whole, 12) == rates(plain, sequence(plain), 12)


def test_the_last_step_of_one_cycle_is_the_end():
    chosen = optimizer()
    scheduler = lr_scheduler.OneCycleLR(chosen, max_lr=1.0, total_steps=10)
    rates(chosen, scheduler, 10)
    before = scheduler.state_dict()
    with pytest.raises(ValueError, match="made for 10 steps, and this would be step 11"):
        scheduler.step()
    assert scheduler.state_dict() == before


def test_one_cycle_may_start_at_the_top():
    chosen = optimizer()
    scheduler = lr_scheduler.OneCycleLR(chosen, max_lr=1.0, total_steps=10, pct_start=0.1)
    assert scheduler.get_last_lr()[0] == 1.0


def test_functions_are_not_in_the_state():
    chosen = optimizer()
    for scheduler in (
        lr_scheduler.LambdaLR(chosen, lambda t: 1.0),
        lr_scheduler.MultiplicativeLR(chosen, lambda t: 1.0),
        lr_scheduler.CyclicLR(chosen, 0.1, 1.0, scale_fn=lambda t: 1.0),
    ):
        assert not any("lambda" in key or key == "scale_fn" for key in scheduler.state_dict())
