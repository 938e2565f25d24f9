"""Whatever a training run has to remember comes back from a file as it was, and goes on with it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import data, nn, optim, training
from tinygrad_edu.optim import lr_scheduler

OPTIMIZERS: dict[str, Any] = {
    "SGD": lambda p: optim.SGD(p, 0.1, momentum=0.9, weight_decay=0.1),
    "Adam": lambda p: optim.Adam(p, 0.01, betas=(0.8, 0.9), amsgrad=True),
    "AdamW": lambda p: optim.AdamW(p, 0.01),
    "NAdam": lambda p: optim.NAdam(p, 0.01),
    "RAdam": lambda p: optim.RAdam(p, 0.01),
    "Adamax": lambda p: optim.Adamax(p, 0.01),
    "Adagrad": lambda p: optim.Adagrad(p, 0.01),
    "Adadelta": lambda p: optim.Adadelta(p),
    "RMSprop": lambda p: optim.RMSprop(p, 0.01, momentum=0.9, centered=True),
    "two groups": lambda p: optim.SGD([{"params": p[:1], "lr": 1.0}, {"params": p[1:]}], 0.1),
}
SCHEDULES: dict[str, Any] = {
    "LambdaLR": lambda o: lr_scheduler.LambdaLR(o, lambda n: 0.9**n),
    "MultiplicativeLR": lambda o: lr_scheduler.MultiplicativeLR(o, lambda n: 0.9),
    "StepLR": lambda o: lr_scheduler.StepLR(o, 2),
    "MultiStepLR": lambda o: lr_scheduler.MultiStepLR(o, [2, 2, 5]),
    "ConstantLR": lambda o: lr_scheduler.ConstantLR(o),
    "LinearLR": lambda o: lr_scheduler.LinearLR(o),
    "ExponentialLR": lambda o: lr_scheduler.ExponentialLR(o, 0.9),
    "PolynomialLR": lambda o: lr_scheduler.PolynomialLR(o, 9),
    "CosineAnnealingLR": lambda o: lr_scheduler.CosineAnnealingLR(o, 8),
    "CosineAnnealingWarmRestarts": lambda o: lr_scheduler.CosineAnnealingWarmRestarts(o, 3),
    "CyclicLR": lambda o: lr_scheduler.CyclicLR(o, 0.01, 0.1, 3, mode="exp_range", gamma=0.9),
    "OneCycleLR": lambda o: lr_scheduler.OneCycleLR(o, 0.1, 12),
    "SequentialLR": lambda o: lr_scheduler.SequentialLR(
        o, [lr_scheduler.ConstantLR(o), lr_scheduler.StepLR(o, 2)], [3]
    ),
    "ChainedScheduler": lambda o: lr_scheduler.ChainedScheduler(
        [lr_scheduler.ConstantLR(o), lr_scheduler.StepLR(o, 2)]
    ),
    "ReduceLROnPlateau": lambda o: lr_scheduler.ReduceLROnPlateau(o, patience=1),
    "ReduceLROnPlateau, max": lambda o: lr_scheduler.ReduceLROnPlateau(o, "max", patience=1),
}


def same(a: Any, b: Any) -> bool:
    """Compare values, types, the order of keys, and arrays to the bit."""
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return same(list(a), list(b)) and same(list(a.values()), list(b.values()))
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, np.ndarray):
        return same([str(a.dtype), a.shape, a.tobytes()], [str(b.dtype), b.shape, b.tobytes()])
    return bool(a == b) or (a != a and b != b)


def through(obj: Any, tmp_path: Path) -> Any:
    tg.save(obj, tmp_path / "it.npz")
    return tg.load(tmp_path / "it.npz")


def parameters(dtype: str) -> list[tg.Tensor]:
    return [tg.Tensor(np.ones(shape, dtype), requires_grad=True) for shape in [(2, 3), (), (4,)]]


def steps(optimizer: optim.Optimizer, count: int, schedule: Any = None) -> None:
    for number in range(count):
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                parameter.grad = np.full_like(parameter.numpy(), 0.1 * (number % 3) - 0.05)
        optimizer.step()
        if schedule is not None:
            is_told = isinstance(schedule, lr_scheduler.ReduceLROnPlateau)
            schedule.step(0.5) if is_told else schedule.step()


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("before", [0, 3])
def test_an_optimizer_goes_on_from_a_file_to_the_same_bits(
    tmp_path: Path, name: str, dtype: str, before: int
) -> None:
    mine, other = parameters(dtype), parameters(dtype)
    optimizer, resumed = OPTIMIZERS[name](mine), OPTIMIZERS[name](other)
    steps(optimizer, before)
    state = through(optimizer.state_dict(), tmp_path)
    assert same(state, optimizer.state_dict())
    assert all(type(number) is int for number in state["state"])
    steps(resumed, 1)  # what it has learnt by itself is forgotten
    resumed.load_state_dict(state)
    for theirs, parameter in zip(mine, other):
        parameter.data = theirs.numpy().copy()
    steps(optimizer, 4)
    steps(resumed, 4)
    assert [p.numpy().tobytes() for p in mine] == [p.numpy().tobytes() for p in other]
    assert same(resumed.state_dict(), optimizer.state_dict())


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("before", [0, 3])
def test_a_schedule_goes_on_from_a_file_to_the_same_bits(
    tmp_path: Path, name: str, before: int
) -> None:
    def make() -> tuple[optim.Optimizer, Any]:
        optimizer = optim.SGD(parameters("float64"), 0.5, momentum=0.9)
        return optimizer, SCHEDULES[name](optimizer)

    (optimizer, schedule), (other, resumed) = make(), make()
    steps(optimizer, before, schedule)
    saved = [optimizer.state_dict(), schedule.state_dict()]
    loaded = through(saved, tmp_path)
    assert same(loaded, saved)
    other.load_state_dict(loaded[0])
    resumed.load_state_dict(loaded[1])
    for _ in range(4):
        steps(optimizer, 1, schedule)
        steps(other, 1, resumed)
        assert same(resumed.get_last_lr(), schedule.get_last_lr())
    assert same(
        [other.state_dict(), resumed.state_dict()], [optimizer.state_dict(), schedule.state_dict()]
    )


@pytest.mark.parametrize(("mode", "best"), [("min", math.inf), ("max", -math.inf)])
def test_a_schedule_that_has_seen_no_figure_is_infinitely_far_from_its_best(
    tmp_path: Path, mode: str, best: float
) -> None:
    optimizer = optim.SGD(parameters("float64"), 0.5)
    schedule = lr_scheduler.ReduceLROnPlateau(optimizer, mode)
    state = through(schedule.state_dict(), tmp_path)
    assert type(state["best"]) is float
    assert state["best"] == best
    schedule.best = 0.0
    schedule.load_state_dict(state)
    assert schedule.best == best


def test_the_random_state_goes_on_from_a_file(tmp_path: Path) -> None:
    generator = tg.manual_seed(7)
    generator.integers(0, 9, 3, dtype=np.uint32)  # half of what was drawn is kept for next time
    before = tg.get_rng_state()
    state = through(before, tmp_path)
    assert same(state, before)
    assert state["has_uint32"] == 1
    expected = generator.integers(0, 9, 9, dtype=np.uint32)
    generator = tg.manual_seed(8)
    tg.set_rng_state(state)
    assert np.array_equal(generator.integers(0, 9, 9, dtype=np.uint32), expected)


def test_a_history_keeps_figures_that_are_no_numbers(tmp_path: Path) -> None:
    rows = [
        {"epoch": 1, "loss": math.nan, "lr": 0.1},
        {"epoch": 2, "loss": math.inf, "lr": np.float64(math.nan), "accuracy": -0.0},
    ]
    history = training.History(through(training.History(rows).rows, tmp_path))
    assert same(history.rows, rows)
    assert math.copysign(1, history[-1]["accuracy"]) == -1


# ------------------------------------------------------------------- the file of a run
def pairs() -> data.TensorDataset:
    generator = np.random.default_rng(5)
    return data.TensorDataset(generator.normal(size=(24, 4)), generator.integers(0, 3, 24))


def own(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def weighted(generator: np.random.Generator | None) -> data.WeightedRandomSampler:
    return data.WeightedRandomSampler(np.arange(24.0), 24, generator=generator)


class Stream(data.IterableDataset):
    def __iter__(self) -> Any:
        return iter(list(pairs()))

    def __len__(self) -> int:
        return 24


LOADERS: dict[str, Any] = {
    "a list": lambda s: list(data.DataLoader(pairs(), 8)),
    "in order": lambda s: data.DataLoader(pairs(), 8),
    "a stream": lambda s: data.DataLoader(Stream(), 8),
    "shuffled": lambda s: data.DataLoader(pairs(), 8, shuffle=True),
    "with a seed": lambda s: data.DataLoader(pairs(), 8, shuffle=True, seed=s),
    "with a generator": lambda s: data.DataLoader(pairs(), 8, shuffle=True, generator=own(s)),
    "weighted": lambda s: data.DataLoader(pairs(), 8, sampler=weighted(None)),
    "weighted, its own": lambda s: data.DataLoader(pairs(), 8, sampler=weighted(own(s))),
    "a part": lambda s: data.DataLoader(
        pairs(), 8, sampler=data.SubsetRandomSampler(range(16), own(s))
    ),
    "batches": lambda s: data.DataLoader(
        pairs(), batch_sampler=data.BatchSampler(weighted(own(s)), 8, True)
    ),
}


def run(loader: Any, epochs: int, path: Path, seed: int, **settings: Any) -> Any:
    tg.manual_seed(seed)
    model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Dropout(0.3), nn.Linear(8, 3))
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    history = tg.fit(
        model, loader, nn.CrossEntropyLoss(), optimizer, epochs, progress=False,
        scheduler=lr_scheduler.ReduceLROnPlateau(optimizer, patience=0),
        callbacks=[training.EarlyStopping("loss", 9), training.Checkpoint(path, **settings)],
    )  # fmt: skip
    return model.state_dict(), [(row["loss"], row["lr"]) for row in history]


@pytest.mark.parametrize("name", LOADERS)
def test_a_run_that_was_cut_off_goes_on_bit_for_bit_with_every_loader(
    tmp_path: Path, name: str
) -> None:
    whole = run(LOADERS[name](1), 4, tmp_path / "whole.npz", 1)
    run(LOADERS[name](1), 2, tmp_path / "it.npz", 1)
    resumed = run(LOADERS[name](2), 4, tmp_path / "it.npz", 2, resume=True)
    assert same(resumed, whole)


@pytest.mark.parametrize(
    ("saved", "resumed"), [("with a seed", "shuffled"), ("shuffled", "batches")]
)
def test_a_run_with_another_kind_of_loader_is_refused_and_nothing_changes(
    tmp_path: Path, saved: str, resumed: str
) -> None:
    run(LOADERS[saved](1), 1, tmp_path / "it.npz", 1)
    file = (tmp_path / "it.npz").read_bytes()
    loader, untouched = LOADERS[resumed](1), LOADERS[resumed](1)
    with pytest.raises(ValueError, match="random numbers of its own"):
        run(loader, 2, tmp_path / "it.npz", 1, resume=True)
    assert same(loader.state_dict(), untouched.state_dict())
    assert (tmp_path / "it.npz").read_bytes() == file
