"""What schedules refuse, and that they say why."""

import pytest

import tinygrad_edu as tg
from tinygrad_edu import optim
from tinygrad_edu.optim import lr_scheduler

SETTINGS = {
    "LambdaLR": {"lr_lambda": abs},
    "MultiplicativeLR": {"lr_lambda": abs},
    "StepLR": {"step_size": 3},
    "MultiStepLR": {"milestones": [3]},
    "ConstantLR": {},
    "LinearLR": {},
    "ExponentialLR": {"gamma": 0.9},
    "PolynomialLR": {},
    "CosineAnnealingLR": {"T_max": 9},
    "CosineAnnealingWarmRestarts": {"T_0": 9},
    "CyclicLR": {"base_lr": 0.1, "max_lr": 0.5},
    "OneCycleLR": {"max_lr": 0.5, "total_steps": 9},
    "ReduceLROnPlateau": {},
}


def optimizer(lr=0.1):
    p, q = (tg.Tensor([1.0], requires_grad=True) for _ in range(2))
    return optim.SGD([{"params": p}, {"params": q, "lr": 2 * lr}], lr=lr, momentum=0.9)


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("StepLR", {"step_size": 0}, "step_size must be above 0, not 0"),
        ("StepLR", {"step_size": 2.5}, "step_size must be a whole number of steps, not 2.5"),
        ("ConstantLR", {"factor": 1.5}, "factor must be above 0 and at most 1, not 1.5"),
        ("ConstantLR", {"factor": 0.0}, "factor must be above 0"),
        ("ConstantLR", {"total_iters": 0}, "total_iters must be above 0, not 0"),
        ("LinearLR", {"start_factor": 0.0}, "start_factor must be above 0"),
        ("LinearLR", {"end_factor": -0.5}, "end_factor must be between 0 and 1, not -0.5"),
        ("LinearLR", {"total_iters": -1}, "total_iters must be above 0, not -1"),
        ("PolynomialLR", {"total_iters": 0}, "total_iters must be above 0"),
        ("CosineAnnealingLR", {"T_max": 0}, "T_max must be above 0"),
        ("CosineAnnealingLR", {"T_max": "9"}, "T_max must be a number of steps, not '9'"),
        ("CosineAnnealingWarmRestarts", {"T_0": 0}, "T_0 must be above 0"),
        ("CosineAnnealingWarmRestarts", {"T_0": 1.5}, "T_0 must be a whole number"),
        ("CosineAnnealingWarmRestarts", {"T_0": 1, "T_mult": 0}, "T_mult must be above 0"),
        ("CyclicLR", {"base_lr": 0.1, "max_lr": 1, "mode": "up"}, "mode must be one of triang"),
        ("CyclicLR", {"base_lr": [0.1], "max_lr": 1}, "base_lr must be one value or one for each"),
        ("CyclicLR", {"base_lr": 0.1, "max_lr": 1, "step_size_up": 0}, "step_size_up must be abo"),
        (
            "CyclicLR",
            {"base_lr": 0.1, "max_lr": 1, "scale_fn": abs, "scale_mode": "epoch"},
            "scale_mode must be cycle or iterations, not 'epoch'",
        ),
        ("OneCycleLR", {"max_lr": 1.0}, "needs total_steps, or both epochs and steps_per_epoch"),
        ("OneCycleLR", {"max_lr": 1.0, "epochs": 3}, "needs total_steps"),
        ("OneCycleLR", {"max_lr": 1.0, "total_steps": 0}, "total_steps must be above 0"),
        ("OneCycleLR", {"max_lr": 1.0, "total_steps": 9, "pct_start": 1.1}, "not 1.1"),
        (
            "OneCycleLR",
            {"max_lr": 1.0, "total_steps": 9, "anneal_strategy": "exp"},
            "anneal_strategy must be cos or linear, not 'exp'",
        ),
        ("ReduceLROnPlateau", {"factor": 1.0}, "factor must be at least 0 and below 1, not 1.0"),
        ("ReduceLROnPlateau", {"mode": "most"}, "mode must be min or max, not 'most'"),
        ("ReduceLROnPlateau", {"threshold_mode": "x"}, "threshold_mode must be rel or abs"),
        ("ReduceLROnPlateau", {"min_lr": [1, 2, 3]}, "2 parameter groups, not 3 values"),
        ("LambdaLR", {"lr_lambda": 0.5}, "lr_lambda must be a function of the step, not 0.5"),
        ("LambdaLR", {"lr_lambda": [abs]}, "lr_lambda must be one value or one for each of the 2"),
        ("SequentialLR", {"schedulers": [], "milestones": []}, "at least one schedule"),
    ],
)
def test_settings_that_make_no_sense_are_refused_by_name(name, settings, message):
    chosen = optimizer()
    before = chosen.state_dict()
    with pytest.raises((TypeError, ValueError), match=message):
        getattr(lr_scheduler, name)(chosen, **settings)
    assert chosen.state_dict() == before


@pytest.mark.parametrize("name", SETTINGS)
def test_a_schedule_is_made_for_an_optimizer(name):
    with pytest.raises(TypeError, match=r"made for an Optimizer, not for 0\.1"):
        getattr(lr_scheduler, name)(0.1, **SETTINGS[name])


def test_parts_must_fit_together():
    chosen, other = optimizer(), optimizer()
    fits = lr_scheduler.ExponentialLR(chosen, 0.9)
    sequential, chained = lr_scheduler.SequentialLR, lr_scheduler.ChainedScheduler
    for make_whole in (lambda s: sequential(chosen, s, [5]), chained):
        with pytest.raises(ValueError, match="number 1 is made for another optimizer"):
            make_whole([fits, lr_scheduler.ExponentialLR(other, 0.9)])
        with pytest.raises(ValueError, match="number 1 is a ReduceLROnPlateau"):
            make_whole([fits, lr_scheduler.ReduceLROnPlateau(chosen)])
        with pytest.raises(TypeError, match="number 1 is no schedule"):
            make_whole([fits, 3])
    for milestones, message in (([], "1 for 2 schedules, not 0"), ([1, 2], "not 2")):
        with pytest.raises(ValueError, match=message):
            sequential(chosen, [fits, fits], milestones)
    with pytest.raises(ValueError, match="must go up"):
        sequential(chosen, [fits, fits, fits], [5, 3])
    with pytest.raises(ValueError, match="cannot begin a ChainedScheduler midway"):
        sequential(chosen, [fits, chained([fits])], [5])
    for whole in (chained([fits]), sequential(chosen, [fits], [])):
        with pytest.raises(TypeError, match=r"step\(\) takes no epoch, and 3 was given"):
            whole.step(3)


@pytest.mark.parametrize("name", ["CyclicLR", "OneCycleLR"])
def test_there_must_be_a_momentum_to_turn(name):
    chosen = optim.Adagrad([tg.Tensor([1.0], requires_grad=True)])
    make_one = getattr(lr_scheduler, name)
    settings = SETTINGS[name]
    with pytest.raises(ValueError, match=r"Adagrad has neither momentum nor betas.*cycle_momentum"):
        make_one(chosen, **settings)
    make_one(chosen, **settings, cycle_momentum=False)


def test_going_on_needs_the_initial_learning_rate():
    with pytest.raises(KeyError, match="group 0 of the optimizer has no initial_lr"):
        lr_scheduler.StepLR(optimizer(), 3, last_epoch=5)


def test_a_group_added_later_is_noticed():
    chosen = optimizer()
    from_scratch, plateaus = (
        lr_scheduler.LambdaLR(chosen, lambda t: 1 / (1 + t)),
        lr_scheduler.ReduceLROnPlateau(chosen),
    )
    chosen.add_param_group({"params": tg.Tensor([1.0], requires_grad=True)})
    chosen.step()
    for scheduler, given in ((from_scratch, ()), (plateaus, (1.0,))):
        before = scheduler.state_dict()
        with pytest.raises(ValueError, match=r"made for 2 parameter groups.* has 3 now"):
            scheduler.step(*given)
        assert scheduler.state_dict() == before


def test_a_function_that_fails_leaves_the_schedule_where_it_was():
    chosen = optimizer()
    scheduler = lr_scheduler.LambdaLR(chosen, lambda t: 1 / (t - 2))
    chosen.step()
    scheduler.step()
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            scheduler.step()
    assert scheduler.last_epoch == 1


def test_a_schedule_of_ones_own_needs_get_lr():
    with pytest.raises(NotImplementedError, match="Mine has no get_lr method"):
        type("Mine", (lr_scheduler.LRScheduler,), {})(optimizer())


def test_jumping_before_the_beginning_is_refused():
    chosen = optimizer()
    scheduler = lr_scheduler.CosineAnnealingWarmRestarts(chosen, 5)
    chosen.step()
    with pytest.raises(ValueError, match="must not be negative, and is -1"):
        scheduler.step(-1)
