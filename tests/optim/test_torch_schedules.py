"""Every schedule's learning rates are PyTorch's, to the last bit."""

import warnings

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import optim

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

STEPS = 100


def one(name, **settings):
    """Make a schedule here or there, by name."""

    def make(schedules, optimizer):
        return getattr(schedules, name)(optimizer, **settings)

    return make


def sequence(*parts, milestones):
    def make(schedules, optimizer):
        made = [part(schedules, optimizer) for part in parts]
        return schedules.SequentialLR(optimizer, made, milestones=milestones)

    return make


def chain(*parts):
    def make(schedules, optimizer):
        return schedules.ChainedScheduler([part(schedules, optimizer) for part in parts])

    return make


WARM_UP = one("LinearLR", start_factor=0.1, total_iters=10)
SCHEDULES = {
    "LambdaLR": one("LambdaLR", lr_lambda=lambda epoch: 0.95**epoch),
    "LambdaLR of groups": one("LambdaLR", lr_lambda=[lambda e: 1 / (e + 1), lambda e: 0.9**e]),
    "MultiplicativeLR": one("MultiplicativeLR", lr_lambda=lambda epoch: 0.95 + 0.1 / (epoch + 1)),
    "StepLR": one("StepLR", step_size=30),
    "StepLR of 7": one("StepLR", step_size=7, gamma=0.9),
    "MultiStepLR": one("MultiStepLR", milestones=[30, 80]),
    "MultiStepLR unordered": one("MultiStepLR", milestones=[80, 10, 30, 30], gamma=0.7),
    "ConstantLR": one("ConstantLR"),
    "ConstantLR of 20": one("ConstantLR", factor=0.7, total_iters=20),
    "LinearLR": one("LinearLR"),
    "LinearLR down": one("LinearLR", start_factor=1.0, end_factor=0.0, total_iters=60),
    "LinearLR up": one("LinearLR", start_factor=0.01, end_factor=0.9, total_iters=33),
    "ExponentialLR": one("ExponentialLR", gamma=0.97),
    "PolynomialLR": one("PolynomialLR"),
    "PolynomialLR of 70": one("PolynomialLR", total_iters=70, power=2.5),
    "CosineAnnealingLR": one("CosineAnnealingLR", T_max=100),
    "CosineAnnealingLR again": one("CosineAnnealingLR", T_max=13, eta_min=0.001),
    "Restarts": one("CosineAnnealingWarmRestarts", T_0=10),
    "Restarts longer": one("CosineAnnealingWarmRestarts", T_0=7, T_mult=2, eta_min=0.001),
    "CyclicLR": one("CyclicLR", base_lr=0.01, max_lr=0.1, step_size_up=11),
    "CyclicLR uneven": one(
        "CyclicLR", base_lr=[0.01, 0.02], max_lr=[0.1, 0.3], step_size_up=7, step_size_down=13
    ),
    "CyclicLR triangular2": one(
        "CyclicLR",
        base_lr=0.01,
        max_lr=0.1,
        step_size_up=9,
        mode="triangular2",
        base_momentum=0.7,
        max_momentum=[0.8, 0.95],
    ),
    "CyclicLR exp_range": one(
        "CyclicLR", base_lr=0.01, max_lr=0.1, step_size_up=9, mode="exp_range", gamma=0.99
    ),
    "CyclicLR own scale": one(
        "CyclicLR",
        base_lr=0.01,
        max_lr=0.1,
        step_size_up=9,
        scale_fn=lambda x: 0.5 * (1 + np.sin(x)),
        scale_mode="iterations",
        cycle_momentum=False,
    ),
    "OneCycleLR": one("OneCycleLR", max_lr=0.5, total_steps=STEPS + 1),
    "OneCycleLR of groups": one(
        "OneCycleLR", max_lr=[0.5, 0.1], epochs=11, steps_per_epoch=10, anneal_strategy="linear"
    ),
    "OneCycleLR three phases": one(
        "OneCycleLR",
        max_lr=0.5,
        total_steps=STEPS,
        pct_start=0.4,
        three_phase=True,
        div_factor=10.0,
        final_div_factor=100.0,
        base_momentum=0.5,
        max_momentum=0.99,
    ),
    "SequentialLR": sequence(WARM_UP, one("ExponentialLR", gamma=0.9), milestones=[10]),
    "SequentialLR of three": sequence(
        WARM_UP,
        one("CosineAnnealingLR", T_max=40),
        one("StepLR", step_size=5, gamma=0.5),
        milestones=[10, 50],
    ),
    "SequentialLR of restarts": sequence(
        one("ConstantLR", factor=0.1, total_iters=20),
        one("CosineAnnealingWarmRestarts", T_0=20),
        milestones=[20],
    ),
    "SequentialLR of polynomials": sequence(
        one("MultiStepLR", milestones=[5], gamma=0.3),
        one("PolynomialLR", total_iters=50),
        one("LambdaLR", lr_lambda=lambda epoch: 1 / (epoch + 1)),
        milestones=[20, 70],
    ),
    "ChainedScheduler": chain(WARM_UP, one("ExponentialLR", gamma=0.9)),
    "ChainedScheduler of three": chain(
        WARM_UP, one("StepLR", step_size=20, gamma=0.3), one("CosineAnnealingLR", T_max=100)
    ),
    "ChainedScheduler of a sequence": chain(
        sequence(WARM_UP, one("StepLR", step_size=9), milestones=[15]),
        one("MultiStepLR", milestones=[50]),
    ),
}
OPTIMIZERS = {"SGD": {"momentum": 0.9}, "AdamW": {}}


def rates(library, schedules, array, make, name, steps):
    """Follow the learning rates and momenta of two groups."""
    params = [array([1.0]), array([2.0])]
    groups = [{"params": [params[0]]}, {"params": [params[1]], "lr": 0.03}]
    optimizer = getattr(library, name)(groups, lr=0.1, **OPTIMIZERS[name])
    scheduler = make(schedules, optimizer)
    history = []
    for _ in range(steps):
        momenta = [group.get("momentum", group.get("betas")) for group in optimizer.param_groups]
        history.append([scheduler.get_last_lr(), *momenta])
        assert scheduler.get_last_lr() == [group["lr"] for group in optimizer.param_groups]
        optimizer.step()
        scheduler.step()
    return history


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("name", SCHEDULES)
def test_learning_rates_and_momenta_are_the_same(name, optimizer):
    make = SCHEDULES[name]
    ours = rates(optim, optim.lr_scheduler, leaf, make, optimizer, STEPS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch's own, about its own ways to call step()
        there = torch.optim.lr_scheduler
        theirs = rates(torch.optim, there, theirs_leaf, make, optimizer, STEPS)
    assert ours == theirs


def leaf(values):
    return tg.Tensor(values, requires_grad=True)


def theirs_leaf(values):
    return torch.tensor(values, requires_grad=True)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"factor": 0.5, "patience": 2},
        {"mode": "max", "patience": 3, "cooldown": 2},
        {"threshold": 0.3, "threshold_mode": "abs", "patience": 1, "factor": 0.7},
        {"mode": "max", "threshold": 0.1, "threshold_mode": "abs", "patience": 1},
        {"patience": 1, "min_lr": [0.01, 0.005], "eps": 0.003},
    ],
)
def test_the_plateau_is_found_at_the_same_steps(settings):
    figures = np.random.default_rng(0).normal(size=STEPS) + np.linspace(5, 3, STEPS)
    history = []
    for library, array in ((optim, leaf), (torch.optim, theirs_leaf)):
        groups = [{"params": [array([1.0])]}, {"params": [array([2.0])], "lr": 0.03}]
        optimizer = library.SGD(groups, lr=0.1)
        scheduler = library.lr_scheduler.ReduceLROnPlateau(optimizer, **settings)
        seen = []
        for figure in figures:
            optimizer.step()
            scheduler.step(figure)
            seen.append((scheduler.get_last_lr(), scheduler.num_bad_epochs, scheduler.best))
        history.append(seen)
    assert history[0] == history[1]


@pytest.mark.parametrize("settings", [{"T_0": 10}, {"T_0": 5, "T_mult": 3, "eta_min": 0.01}])
def test_restarts_jump_to_the_same_rates(settings):
    history = []
    for library, array in ((optim, leaf), (torch.optim, theirs_leaf)):
        optimizer = library.SGD([array([1.0])], lr=0.1)
        scheduler = library.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, **settings)
        seen = []
        for epoch in [0, 0.5, 3, 9.75, 10, 11, 23.5, 60, 2]:
            optimizer.step()
            scheduler.step(epoch)
            seen.append((scheduler.get_last_lr(), scheduler.T_cur, scheduler.T_i))
        history.append(seen)
    assert history[0] == history[1]


@pytest.mark.parametrize(
    "name",
    [name for name in SCHEDULES if not name.startswith(("Seq", "Chain", "Multiplicative"))],
)
def test_a_jump_leads_to_the_same_rates(name):
    history = []
    for library, array in ((optim, leaf), (torch.optim, theirs_leaf)):
        groups = [{"params": [array([1.0])]}, {"params": [array([2.0])], "lr": 0.03}]
        optimizer = library.SGD(groups, lr=0.1, momentum=0.9)
        scheduler = SCHEDULES[name](library.lr_scheduler, optimizer)
        seen = []
        for epoch in (0, 5, 60, 3):
            optimizer.step()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # PyTorch would rather not be asked
                scheduler.step(epoch)
            seen.append(scheduler.get_last_lr())
        history.append(seen)
    assert history[0] == history[1]


@pytest.mark.parametrize("epoch", [0, 4, 10, 29, 30])
@pytest.mark.parametrize(
    "name", [name for name in SCHEDULES if not name.startswith(("Seq", "Chain"))]
)
def test_going_on_from_a_given_epoch_is_the_same(name, epoch):
    make = SCHEDULES[name]
    history = []
    for library, array in ((optim, leaf), (torch.optim, theirs_leaf)):
        settings = {"initial_lr": 0.1, "max_lr": 0.2, "min_lr": 0.01}
        settings.update(max_momentum=0.9, base_momentum=0.8)
        groups = [{"params": [array([1.0])], **settings}, {"params": [array([2.0])], **settings}]
        optimizer = library.SGD(groups, lr=0.05, momentum=0.9)
        scheduler = make(WithLastEpoch(library.lr_scheduler, epoch), optimizer)
        seen = []
        for _ in range(20):
            seen.append(scheduler.get_last_lr())
            optimizer.step()
            scheduler.step()
        history.append(seen)
    assert history[0] == history[1]


class WithLastEpoch:
    """A library's schedules, made to go on from an epoch."""

    def __init__(self, schedules, epoch):
        self.schedules, self.epoch = schedules, epoch

    def __getattr__(self, name):
        make = getattr(self.schedules, name)
        return lambda optimizer, **settings: make(optimizer, **settings, last_epoch=self.epoch)
