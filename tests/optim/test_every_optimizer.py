"""What holds for every optimizer, whatever its formula."""

import copy
import tracemalloc

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn, optim

OPTIMIZERS = {
    "SGD": {},
    "SGD with momentum": {"momentum": 0.9, "nesterov": True},
    "Adam": {"amsgrad": True},
    "AdamW": {},
    "NAdam": {},
    "RAdam": {},
    "Adamax": {},
    "Adagrad": {"lr_decay": 0.1},
    "Adadelta": {},
    "RMSprop": {"momentum": 0.9, "centered": True},
}
WRONG = {
    "lr": [-0.1, float("nan"), float("inf")],
    "momentum": [-0.1, float("nan")],
    "dampening": [float("inf"), float("nan")],
    "weight_decay": [-1.0, float("inf")],
    "betas": [(1.0, 0.9), (0.9, 1.0), (-0.1, 0.9), (0.9, float("nan"))],
    "eps": [-1e-8, float("nan")],
    "momentum_decay": [-1.0],
    "lr_decay": [-1.0],
    "initial_accumulator_value": [-1.0],
    "rho": [-0.1, 1.1],
    "alpha": [-0.1, 1.1],
}
every = pytest.mark.parametrize(("name", "options"), OPTIMIZERS.items())


def make(name, params, **options):
    return getattr(optim, name.split()[0])(params, **options)


def settings(name, options):
    """Return a steep rate, weight decay and a maximum as the goal, beside some options."""
    return {"lr": 0.05, "weight_decay": 0.1, "maximize": True, **options}


def random_steps(optimizer, numbers, dtype=float):
    for number in numbers:
        generator = np.random.default_rng(number)
        for group in optimizer.param_groups:
            for p in group["params"]:
                p.grad = generator.normal(size=p.shape).astype(dtype)
        optimizer.step()


def fresh(dtype=float):
    return [nn.Parameter(np.linspace(1, 2, n).astype(dtype)) for n in (3, 5)]


def grouped(setting, value):
    return [{"params": fresh(), setting: value}]


@pytest.mark.parametrize("kind", sorted({name.split()[0] for name in OPTIMIZERS}))
def test_a_setting_that_makes_no_sense_is_refused_by_name_and_value(kind):
    defaults = make(kind, fresh()).defaults
    tried = 0
    for setting, values in WRONG.items():
        for value in values if setting in defaults else ():
            shown = next(v for v in value if not 0 <= v < 1) if setting == "betas" else value
            for params, own in ((fresh(), {setting: value}), (grouped(setting, value), {})):
                with pytest.raises(ValueError, match=rf"{setting}.* must be .*, not {shown}"):
                    make(kind, params, **own)
                tried += 1
    assert tried >= 2 * sum(len(WRONG[name]) for name in defaults if name in WRONG) > 0


@pytest.mark.parametrize("betas", [0.9, (0.9,), (0.9, 0.9, 0.9), None, "ab", (0.9, "b")])
def test_betas_are_two_numbers(betas):
    with pytest.raises(TypeError, match="betas"):
        optim.Adam(fresh(), betas=betas)


@every
def test_settings_that_change_no_numbers_are_taken_and_others_refused(name, options):
    make(name, fresh(), **options, foreach=True, fused=False, capturable=True, differentiable=False)
    make(name, [{"params": fresh(), "foreach": None}])
    with pytest.raises(ValueError, match="differentiable=True"):
        make(name, fresh(), differentiable=True)
    with pytest.raises(TypeError, match="unexpected keyword argument 'learning_rate'"):
        make(name, fresh(), learning_rate=0.1)


@every
def test_a_step_writes_into_the_parameter_and_leaves_the_gradient(name, options):
    params = fresh()
    arrays, values = [p.data for p in params], [p.numpy().copy() for p in params]
    optimizer = make(name, params, **settings(name, options))
    for p in params:
        p.grad = np.ones(p.shape)
    optimizer.step()
    for p, array, value in zip(params, arrays, values):
        assert p.data is array
        assert not np.array_equal(array, value)
        assert np.array_equal(p.grad.numpy(), np.ones(p.shape))


@every
def test_steps_allocate_nothing_after_the_first(name, options):
    params = [nn.Parameter(np.ones(10_000)), nn.Parameter(np.ones((100, 100)))]
    optimizer = make(name, params, **settings(name, options))
    for p in params:
        p.grad = np.ones(p.shape)
    optimizer.step()
    tracemalloc.start()
    try:
        optimizer.step()
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        optimizer.step()
        taken = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    assert taken < 2_000  # bytes; one array of a parameter's size is 80 000


@every
def test_a_parameter_without_a_gradient_is_skipped_and_its_state_stays(name, options):
    p, q = fresh()
    optimizer = make(name, [p, q], **settings(name, options))
    random_steps(optimizer, [0])
    value, saved = q.numpy().copy(), copy.deepcopy(optimizer.state[q])
    q.grad = None
    p.grad = np.ones(3)
    optimizer.step()
    assert np.array_equal(q.numpy(), value)
    assert saved.keys() == optimizer.state[q].keys()
    assert all(np.array_equal(saved[key], optimizer.state[q][key]) for key in saved)


@every
def test_a_frozen_parameter_stays_though_there_is_weight_decay(name, options):
    learnt, frozen = fresh()
    frozen.requires_grad_(False)
    optimizer = make(name, [learnt, frozen], **settings(name, options))
    (learnt * frozen.sum()).sum().backward()
    optimizer.step()
    assert np.array_equal(frozen.numpy(), np.linspace(1, 2, 5))
    assert 1 not in optimizer.state_dict()["state"]


@every
def test_a_step_within_a_live_graph_is_noticed_by_backward(name, options):
    p = nn.Parameter([1.0, 2.0])
    optimizer = make(name, [p], **options)
    (p * p).sum().backward()
    loss = (p * p * p).sum()
    optimizer.step()
    with pytest.raises(RuntimeError, match="changed in place after multiply"):
        loss.backward()


@every
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_going_on_from_a_saved_state_is_bit_for_bit_the_same(name, options, dtype):
    params, others = fresh(dtype), fresh(dtype)
    optimizer = make(name, params, **settings(name, options))
    random_steps(optimizer, range(5), dtype)
    saved = optimizer.state_dict()
    for p, other in zip(params, others):
        other.data = p.data
    random_steps(optimizer, range(5, 10), dtype)
    resumed = make(name, others)
    resumed.load_state_dict(saved)
    random_steps(resumed, range(5, 10), dtype)
    for p, other in zip(params, others):
        assert other.dtype == dtype
        assert np.array_equal(p.numpy(), other.numpy())
    for entries in resumed.state.values():
        assert {a.dtype for a in entries.values() if isinstance(a, np.ndarray)} <= {np.dtype(dtype)}


@every
def test_a_saved_state_is_a_copy_and_so_is_what_is_loaded(name, options):
    optimizer = make(name, fresh(), **settings(name, options))
    random_steps(optimizer, range(2))
    saved, again = optimizer.state_dict(), optimizer.state_dict()
    other = make(name, fresh())
    other.load_state_dict(saved)
    random_steps(optimizer, [2])
    random_steps(other, [2])
    for number, entries in saved["state"].items():
        for key, value in entries.items():
            assert np.array_equal(value, again["state"][number][key])


@every
def test_a_saved_state_is_plain(name, options):
    def check(value):
        if isinstance(value, dict):
            assert all(isinstance(key, (str, int)) for key in value)
            for item in value.values():
                check(item)
        elif isinstance(value, list):
            for item in value:
                check(item)
        else:
            assert type(value) in (np.ndarray, int, float, bool, str, type(None))

    optimizer = make(name, fresh(), **{**settings(name, options), "lr": np.float32(0.1)})
    random_steps(optimizer, range(2))
    check(optimizer.state_dict())


@every
def test_a_state_with_something_missing_is_refused(name, options):
    optimizer = make(name, fresh(), **settings(name, options))
    random_steps(optimizer, range(2))
    for key in optimizer.state_dict()["state"].get(0, ()):
        saved = optimizer.state_dict()
        value = saved["state"][0].pop(key)
        if saved["state"][0]:
            with pytest.raises(ValueError, match=f"parameter 0, .* needs {key}"):
                optimizer.load_state_dict(saved)
        saved["state"][0][key] = np.zeros((7, 7))
        with pytest.raises(ValueError, match=rf"{key} of parameter 0 has shape \(7, 7\)"):
            optimizer.load_state_dict(saved)
        saved["state"][0][key] = value
        optimizer.load_state_dict(saved)


@every
def test_a_number_is_learnt_like_an_array_of_one(name, options):
    number, array = nn.Parameter(1.5), nn.Parameter([1.5])
    optimizer = make(name, [number, array], **settings(name, options))
    for _ in range(10):
        number.grad, array.grad = np.array(0.5), np.array([0.5])
        optimizer.step()
    assert number.shape == ()
    assert number.item() == array.item() != 1.5


@every
def test_the_layout_in_memory_does_not_matter(name, options):
    values = np.arange(12.0).reshape(3, 4)
    params = [nn.Parameter(values), nn.Parameter(np.asfortranarray(values), copy=False)]
    params.append(nn.Parameter(np.arange(24.0).reshape(3, 8)[:, ::2] / 2, copy=False))
    optimizer = make(name, params, **settings(name, options))
    for _ in range(3):
        for p in params:
            p.grad = np.cos(values)
        optimizer.step()
    for p in params[1:]:
        assert np.array_equal(p.numpy(), params[0].numpy())


@every
def test_minima_are_found(name, options):
    p = nn.Parameter([1.0, -2.0])
    optimizer = make(
        name, [p], **{"lr": {"Adadelta": 1.0, "Adagrad": 0.2}.get(name, 0.02), **options}
    )

    def closure():
        optimizer.zero_grad()
        loss = ((p - np.array([0.5, -1.0])) ** 2).sum()
        loss.backward()
        return loss

    first = optimizer.step(closure)
    for _ in range(300):
        loss = optimizer.step(closure)
    assert loss.item() < 0.5 * first.item()


def test_settings_may_be_numpys_numbers_without_changing_the_dtype():
    p = nn.Parameter(np.ones(3, "float32"))
    optimizer = optim.Adam([p], lr=np.float64(0.1), weight_decay=0.1)
    random_steps(optimizer, range(3), "float32")
    assert p.dtype == np.float32


def test_nesterov_needs_momentum_without_dampening():
    for wrong in ({}, {"momentum": 0.9, "dampening": 0.1}):
        with pytest.raises(ValueError, match=r"nesterov=True .*momentum=.* and dampening="):
            optim.SGD(fresh(), nesterov=True, **wrong)


def test_an_option_may_be_switched_on_between_steps():
    for kind, option, value in (
        (optim.SGD, "momentum", 0.9),
        (optim.Adam, "amsgrad", True),
        (optim.RMSprop, "centered", True),
        (optim.RMSprop, "momentum", 0.9),
    ):
        optimizer = kind(fresh(), lr=0.1)
        random_steps(optimizer, range(2))
        optimizer.param_groups[0][option] = value
        random_steps(optimizer, range(2))
        kind(fresh()).load_state_dict(optimizer.state_dict())


def test_a_copy_of_model_and_optimizer_goes_on_by_itself():
    model = nn.Linear(2, 1)
    optimizer = optim.Adam(model.parameters(), lr=0.1)
    twin, its_optimizer = copy.deepcopy((model, optimizer))
    before = twin.weight.numpy().copy()
    for net, chosen in ((model, optimizer), (twin, its_optimizer)):
        (net(tg.Tensor([[1.0, 2.0]])) ** 2).sum().backward()
        if net is model:
            chosen.step()
            assert np.array_equal(twin.weight.numpy(), before)
    its_optimizer.step()
    assert np.array_equal(twin.weight.numpy(), model.weight.numpy())


def test_the_variance_is_never_negative_for_a_constant_gradient():
    p = nn.Parameter(np.zeros(3))
    optimizer = optim.RMSprop([p], alpha=0.5, centered=True)
    for _ in range(200):
        p.grad = np.array([0.1, 1 / 3, 1e-5])
        optimizer.step()
    assert np.isfinite(p.numpy()).all()
