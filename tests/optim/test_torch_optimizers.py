"""Every optimizer takes PyTorch's steps, in all options, and their states move to and fro."""

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn, optim

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

STEPS = 50
SHAPES = [(3, 4), (4,), ()]
OPTIONS = [
    ("SGD", {}),
    ("SGD", {"lr": 0.1, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.1, "momentum": 0.9}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.3, "weight_decay": 0.1}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    ("SGD", {"lr": 0.1, "momentum": 0.5, "dampening": -0.5, "maximize": True}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 1, "maximize": True}),
    *(
        (name, {"lr": 0.05, **options})
        for name in ("Adam", "AdamW")
        for options in (
            {},
            {"amsgrad": True},
            {"weight_decay": 0.3},
            {"betas": (0.5, 0.8), "eps": 1e-3, "maximize": True},
            {"betas": (0.0, 0.0), "weight_decay": 0.0},
            {"amsgrad": True, "weight_decay": 0.3, "maximize": True},
        )
    ),
    ("Adam", {"weight_decay": 0.3, "decoupled_weight_decay": True}),
    *(
        (name, options)
        for name in ("NAdam", "RAdam")
        for options in (
            {},
            {"lr": 0.05, "weight_decay": 0.3},
            {"lr": 0.05, "weight_decay": 0.3, "decoupled_weight_decay": True},
            {"lr": 0.05, "betas": (0.5, 0.8), "eps": 1e-3, "maximize": True},
            {"betas": (0.0, 0.0), "maximize": True, "weight_decay": 0.1},
        )
    ),
    ("NAdam", {"lr": 0.05, "momentum_decay": 0.5}),
    ("NAdam", {"momentum_decay": 0.0}),
    *(("RAdam", {"betas": (0.9, beta2)}) for beta2 in (0.6, 0.7, 0.9)),
    ("Adamax", {}),
    ("Adamax", {"lr": 0.05, "weight_decay": 0.3, "maximize": True}),
    ("Adamax", {"lr": 0.05, "betas": (0.0, 0.5), "eps": 1e-3}),
    ("Adagrad", {}),
    ("Adagrad", {"lr": 0.1, "lr_decay": 0.2, "weight_decay": 0.3}),
    ("Adagrad", {"lr": 0.1, "initial_accumulator_value": 0.5, "eps": 1e-3, "maximize": True}),
    ("Adadelta", {}),
    ("Adadelta", {"lr": 0.5, "rho": 0.5, "eps": 1e-3, "weight_decay": 0.3}),
    ("Adadelta", {"rho": 0.0, "maximize": True}),
    ("RMSprop", {}),
    ("RMSprop", {"alpha": 0.5, "weight_decay": 0.3, "eps": 1e-3}),
    ("RMSprop", {"momentum": 0.9}),
    ("RMSprop", {"centered": True}),
    ("RMSprop", {"centered": True, "momentum": 0.9, "weight_decay": 0.1, "maximize": True}),
]


@pytest.fixture(autouse=True)
def _double():
    """PyTorch keeps single numbers, such as NAdam's product of momenta, in the default dtype."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def parameters():
    """Return the same parameters here and there."""
    generator = np.random.default_rng(0)
    values = [generator.normal(size=shape) for shape in SHAPES]
    ours = [nn.Parameter(value) for value in values]
    return ours, [torch.nn.Parameter(torch.tensor(value)) for value in values]


def steps(optimizer, params, count, start=0, array=np.asarray):
    """Take steps with random gradients: the second parameter gets one only in odd steps."""
    for number in range(start, start + count):
        generator = np.random.default_rng(number)
        for position, p in enumerate(params):
            gradient = generator.normal(size=SHAPES[position])
            p.grad = None if position == 1 and number % 2 == 0 else array(gradient)
        optimizer.step()


def assert_same(ours, theirs):
    for p, q in zip(ours, theirs):
        np.testing.assert_allclose(p.numpy(), q.detach().numpy(), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(("name", "options"), OPTIONS)
def test_parameters_are_the_same_after_many_steps(name, options):
    ours, theirs = parameters()
    steps(getattr(optim, name)(ours, **options), ours, STEPS)
    steps(getattr(torch.optim, name)(theirs, **options), theirs, STEPS, array=torch.tensor)
    assert_same(ours, theirs)


@pytest.mark.parametrize("name", sorted({name for name, _ in OPTIONS}))
def test_groups_with_settings_of_their_own_are_the_same(name):
    ours, theirs = parameters()
    for library, params, array in ((optim, ours, np.asarray), (torch.optim, theirs, torch.tensor)):
        groups = [
            {"params": params[:1], "lr": 0.03, "weight_decay": 0.1},
            {"params": params[1:2], "maximize": True},
        ]
        optimizer = getattr(library, name)(groups, lr=0.01)
        steps(optimizer, params, 10, array=array)
        optimizer.add_param_group({"params": params[2:], "lr": 0.3})
        optimizer.param_groups[0]["lr"] = 0.1
        steps(optimizer, params, 10, start=10, array=array)
    assert_same(ours, theirs)


@pytest.mark.parametrize("name", sorted({name for name, _ in OPTIONS}))
def test_arguments_and_their_defaults_are_the_same(name):
    ours, theirs = parameters()
    mine = getattr(optim, name)(ours).defaults
    its = getattr(torch.optim, name)(theirs).defaults
    ignored = {"foreach", "fused", "capturable", "differentiable"}
    assert mine == {key: value for key, value in its.items() if key not in ignored}
    flags = {key: its[key] for key in ignored & set(its)}
    assert getattr(optim, name)(ours, **flags).defaults == mine


@pytest.mark.parametrize(("name", "options"), OPTIONS)
def test_a_state_saved_there_is_continued_here(name, options):
    ours, theirs = parameters()
    there = getattr(torch.optim, name)(theirs, **options)
    steps(there, theirs, 5, array=torch.tensor)
    for p, q in zip(ours, theirs):
        p.data = q.detach().numpy()
    here = getattr(optim, name)(ours)
    here.load_state_dict(there.state_dict())
    steps(here, ours, 5, start=5)
    steps(there, theirs, 5, start=5, array=torch.tensor)
    assert_same(ours, theirs)


@pytest.mark.parametrize(("name", "options"), OPTIONS)
def test_a_state_saved_here_is_continued_there(name, options):
    ours, theirs = parameters()
    here = getattr(optim, name)(ours, **options)
    steps(here, ours, 5)
    saved = here.state_dict()
    for entries in saved["state"].values():
        entries.update({key: torch.tensor(value) for key, value in entries.items()})
    with torch.no_grad():
        for p, q in zip(ours, theirs):
            q.copy_(torch.tensor(p.data))
    there = getattr(torch.optim, name)(theirs)
    there.load_state_dict(saved)
    steps(here, ours, 5, start=5)
    steps(there, theirs, 5, start=5, array=torch.tensor)
    assert_same(ours, theirs)


@pytest.mark.parametrize(("name", "options"), OPTIONS)
def test_the_state_has_the_same_form(name, options):
    ours, theirs = parameters()
    here, there = (
        getattr(optim, name)(ours, **options),
        getattr(torch.optim, name)(theirs, **options),
    )
    steps(here, ours, 3)
    steps(there, theirs, 3, array=torch.tensor)
    saved, its = here.state_dict(), there.state_dict()
    for number, entries in its["state"].items():
        mine = saved["state"].get(number, {})
        assert set(mine) == {key for key, value in entries.items() if value is not None}
        for key, value in mine.items():
            np.testing.assert_allclose(value, entries[key], rtol=1e-10, atol=1e-12)
    for mine, group in zip(saved["param_groups"], its["param_groups"]):
        assert mine["params"] == group["params"]
        assert set(mine) <= set(group)


def test_training_a_network_ends_at_the_same_weights():
    torch.manual_seed(0)
    there = torch.nn.Sequential(torch.nn.Linear(3, 5), torch.nn.Tanh(), torch.nn.Linear(5, 2))
    here = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 2))
    here.load_state_dict(there.state_dict())
    x, target = np.random.default_rng(0).normal(size=(2, 8, 3)).copy()
    target = target[:, :2]
    ours = optim.AdamW(here.parameters(), lr=0.02, amsgrad=True)
    theirs = torch.optim.AdamW(there.parameters(), lr=0.02, amsgrad=True)
    for _ in range(STEPS):
        ours.zero_grad()
        nn.MSELoss()(here(tg.Tensor(x)), target).backward()
        ours.step()
        theirs.zero_grad()
        torch.nn.MSELoss()(there(torch.tensor(x)), torch.tensor(target)).backward()
        theirs.step()
    assert_same(list(here.parameters()), list(there.parameters()))
