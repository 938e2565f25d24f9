"""A run that ends in between and goes on in another process is the same run, bit for bit."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinygrad_edu.checkpoint import load

PROGRAM = """
import sys
import numpy as np
import tinygrad_edu as tg
from tinygrad_edu.checkpoint import load, save
from tinygrad_edu.data import DataLoader, TensorDataset
from tinygrad_edu.nn.activation import ReLU
from tinygrad_edu.nn.classification_loss import CrossEntropyLoss
from tinygrad_edu.nn.container import Sequential
from tinygrad_edu.nn.conv import Conv2d
from tinygrad_edu.nn.dropout import Dropout
from tinygrad_edu.nn.flatten import Flatten
from tinygrad_edu.nn.linear import Linear
from tinygrad_edu.nn.norm import BatchNorm1d, BatchNorm2d
from tinygrad_edu.optim import *
from tinygrad_edu.optim.lr_scheduler import *

RUNS = {
    "SGD": (lambda p: SGD(p, 0.1, momentum=0.9, nesterov=True), lambda o: StepLR(o, 3)),
    "Adam": (lambda p: Adam(p, 0.01, amsgrad=True), lambda o: OneCycleLR(o, 0.1, 12)),
    "AdamW": (lambda p: AdamW(p, 0.01), lambda o: CosineAnnealingLR(o, 8)),
    "NAdam": (lambda p: NAdam(p, 0.01), lambda o: CyclicLR(o, 0.01, 0.1, 3, cycle_momentum=False)),
    "RAdam": (lambda p: RAdam(p, 0.01), lambda o: CosineAnnealingWarmRestarts(o, 3)),
    "Adamax": (lambda p: Adamax(p, 0.01), lambda o: PolynomialLR(o, 9)),
    "Adagrad": (lambda p: Adagrad(p, 0.01, lr_decay=0.1), lambda o: LinearLR(o, 0.5)),
    "Adadelta": (lambda p: Adadelta(p), lambda o: ReduceLROnPlateau(o, patience=1)),
    "RMSprop": (
        lambda p: RMSprop(p, 0.01, momentum=0.9, centered=True),
        lambda o: SequentialLR(o, [ConstantLR(o, 0.5, 4), ExponentialLR(o, 0.9)], [6]),
    ),
}

def steps(model, optimizer, schedule, count):
    generator = np.random.default_rng(0)
    dataset = TensorDataset(generator.standard_normal((12, 1, 6, 6)), np.arange(12) % 3)
    loss_of, loader = CrossEntropyLoss(), DataLoader(dataset, batch_size=4, shuffle=True)
    while count:
        for x, y in loader:
            optimizer.zero_grad()
            loss = loss_of(model(x), y)
            loss.backward()
            optimizer.step()
            plateau = isinstance(schedule, ReduceLROnPlateau)
            schedule.step(loss.item()) if plateau else schedule.step()
            count -= 1

def train(name, first, path):
    new_optimizer, new_schedule = RUNS[name]
    tg.manual_seed(0 if first else 99)
    model = Sequential(
        Conv2d(1, 2, 3, bias=False), BatchNorm2d(2), ReLU(), Flatten(), Dropout(0.3),
        Linear(32, 8, bias=False), BatchNorm1d(8, momentum=None), ReLU(), Linear(8, 3),
    )
    optimizer = new_optimizer(model.parameters())
    schedule = new_schedule(optimizer)
    if not first:
        saved = load(path)
        model.load_state_dict(saved["model"])
        optimizer.load_state_dict(saved["optimizer"])
        schedule.load_state_dict(saved["schedule"])
        tg.set_rng_state(saved["random"])
    steps(model, optimizer, schedule, COUNT)
    return {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "schedule": schedule.state_dict(),
        "random": tg.get_rng_state(),
    }

folder, part = sys.argv[1:]
COUNT = 12 if part == "whole" else 6
for name in RUNS:
    state = train(name, part != "second", f"{folder}/first-{name}.npz")
    save(state, f"{folder}/{part}-{name}.npz")
"""

NAMES = ["SGD", "Adam", "AdamW", "NAdam", "RAdam", "Adamax", "Adagrad", "Adadelta", "RMSprop"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Train 12 steps; and 6, and 6 more in another process."""
    folder = tmp_path_factory.mktemp("resume")
    for part in ("whole", "first", "second"):
        subprocess.run(
            [sys.executable, "-W", "error", "-c", PROGRAM, str(folder), part], check=True
        )
    return folder


def leaves(state: Any, path: str = "") -> dict[str, Any]:
    """List all values in a state, by their place."""
    if isinstance(state, (list, tuple)):
        state = dict(enumerate(state))
    if not isinstance(state, dict):
        return {path: (state.dtype, state.tobytes()) if hasattr(state, "dtype") else state}
    return {
        place: leaf for key in state for place, leaf in leaves(state[key], f"{path}/{key}").items()
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_run_that_is_resumed_ends_with_the_same_bits(folder: Path, name: str) -> None:
    whole, second = (leaves(load(folder / f"{part}-{name}.npz")) for part in ("whole", "second"))
    assert list(whole) == list(second)
    assert [place for place in whole if whole[place] != second[place]] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_second_half_of_the_run_changed_what_it_should(folder: Path, name: str) -> None:
    first, whole = (load(folder / f"{part}-{name}.npz") for part in ("first", "whole"))
    for key, array in whole["model"].items():
        assert not np.array_equal(array, first["model"][key]), key
    for part in ("optimizer", "schedule", "random"):
        assert leaves(first[part]) != leaves(whole[part])
