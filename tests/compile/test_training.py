"""A compiled training step trains as eager does: weights, state, buffers, random numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn, optim
from tinygrad_edu.program.compiling import compile

STEPS = 7


def draw(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(size=shape)


def labels(n: int, classes: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).integers(0, classes, n)


def dense() -> nn.Module:
    return nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 3))


def with_batch_norm() -> nn.Module:
    return nn.Sequential(nn.Linear(5, 8), nn.BatchNorm1d(8), nn.Tanh(), nn.Linear(8, 3))


def with_dropout() -> nn.Module:
    return nn.Sequential(nn.Linear(5, 8), nn.Sigmoid(), nn.Dropout(0.4), nn.Linear(8, 3))


def with_layer_norm() -> nn.Module:
    return nn.Sequential(nn.Linear(5, 8), nn.LayerNorm(8), nn.GELU(), nn.Linear(8, 3))


def images() -> nn.Module:
    return nn.Sequential(
        nn.Unflatten(1, (1, 1, 5)), nn.Conv2d(1, 4, (1, 3)), nn.BatchNorm2d(4), nn.ReLU(),
        nn.Flatten(), nn.Linear(12, 3),
    )  # fmt: skip


def make_step(model: Any, optimizer: Any, loss_function: Any) -> Callable[..., Any]:
    def step(x: Any, y: Any) -> Any:
        optimizer.zero_grad()
        loss = loss_function(model(x), y)
        loss.backward()
        optimizer.step()
        return loss

    return step


def everything(model: Any, optimizer: Any) -> dict[str, Any]:
    """Collect all that training changes."""
    found = {f"model.{name}": x for name, x in model.state_dict().items()}
    found.update((f"grad.{n}", np.array(p.grad)) for n, p in model.named_parameters())
    for number, state in optimizer.state_dict()["state"].items():
        found.update((f"state.{number}.{key}", x) for key, x in state.items())
    return found


def check_trains_alike(
    build: Callable[[], Any],
    make_optimizer: Callable[[Any], Any],
    loss_function: Any,
    batches: list[Any],
    between: Callable[[int, Any], None] = lambda number, optimizer: None,
) -> None:
    runs = []
    for wrap in (lambda step: step, compile):
        tg.manual_seed(0)
        model = build()
        optimizer = make_optimizer(model.parameters())
        step = wrap(make_step(model, optimizer, loss_function))
        losses = []
        for number in range(STEPS):
            x, y = batches[number % len(batches)]
            losses.append(step(tg.Tensor(x), tg.Tensor(y)).item())
            between(number, optimizer)
        stream = tg.get_rng_state()
        runs.append((losses, everything(model, optimizer), stream))
    (losses, expected, stream), (ours, found, our_stream) = runs
    np.testing.assert_allclose(ours, losses, rtol=1e-12)
    assert found.keys() == expected.keys()
    for name, x in expected.items():
        np.testing.assert_allclose(found[name], x, rtol=1e-10, atol=1e-13, err_msg=name)
    assert our_stream == stream


REGRESSION = [(draw(6, 5, seed=i), draw(6, 3, seed=i + 50)) for i in range(3)]
CLASSES = [(draw(6, 5, seed=i), labels(6, 3, seed=i)) for i in range(3)]
OPTIMIZERS: dict[str, Callable[[Any], Any]] = {
    "SGD": lambda p: optim.SGD(p, lr=0.1),
    "decay": lambda p: optim.SGD(p, lr=0.1, weight_decay=0.01, maximize=True),
    "momentum": lambda p: optim.SGD(p, lr=0.1, momentum=0.9),
    "Nesterov": lambda p: optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
    "Adam": lambda p: optim.Adam(p, lr=0.01),
    "amsgrad": lambda p: optim.Adam(p, lr=0.01, amsgrad=True, weight_decay=0.1),
    "AdamW": lambda p: optim.AdamW(p, lr=0.01),
    "RMSprop": lambda p: optim.RMSprop(p, lr=0.01, momentum=0.5, centered=True),
    "Adagrad": lambda p: optim.Adagrad(p, lr=0.01),
    "Adadelta": lambda p: optim.Adadelta(p, lr=0.5),
    "Adamax": lambda p: optim.Adamax(p, lr=0.01),
    "NAdam": lambda p: optim.NAdam(p, lr=0.01),
    "RAdam": lambda p: optim.RAdam(p, lr=0.01),
    "groups": lambda p: optim.SGD(
        [{"params": (p := list(p))[:2]}, {"params": p[2:], "lr": 0.5}], lr=0.1, momentum=0.5
    ),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_takes_the_steps_of_eager(name: str) -> None:
    check_trains_alike(dense, OPTIMIZERS[name], nn.MSELoss(), REGRESSION)


@pytest.mark.parametrize("build", [dense, with_batch_norm, with_dropout, with_layer_norm, images])
def test_every_kind_of_layer_trains_as_in_eager(build: Callable[[], Any]) -> None:
    check_trains_alike(build, OPTIMIZERS["SGD"], nn.CrossEntropyLoss(), CLASSES)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_labels_are_read_anew_from_every_batch(reduction: str) -> None:
    loss = nn.CrossEntropyLoss(reduction=reduction, label_smoothing=0.1)
    check_trains_alike(dense, OPTIMIZERS["Adam"], loss, CLASSES)


def test_a_changed_learning_rate_is_honoured() -> None:
    def halve(number: int, optimizer: Any) -> None:
        optimizer.param_groups[0]["lr"] *= 0.5

    for name in ("SGD", "Adam"):
        check_trains_alike(dense, OPTIMIZERS[name], nn.MSELoss(), REGRESSION, halve)


def test_a_schedule_outside_of_the_step_is_honoured() -> None:
    schedules: dict[Any, Any] = {}

    def advance(number: int, optimizer: Any) -> None:
        if optimizer not in schedules:
            schedules[optimizer] = optim.lr_scheduler.StepLR(optimizer, 2, gamma=0.3)
        schedules[optimizer].step()

    check_trains_alike(dense, OPTIMIZERS["momentum"], nn.MSELoss(), REGRESSION, advance)


def test_what_is_loaded_between_steps_is_honoured() -> None:
    saved: dict[Any, Any] = {}

    def load(number: int, optimizer: Any) -> None:
        if number == 2:
            saved[optimizer] = optimizer.state_dict()
        if number == 4:
            optimizer.load_state_dict(saved[optimizer])

    for name in ("Adam", "momentum"):
        check_trains_alike(dense, OPTIMIZERS[name], nn.MSELoss(), REGRESSION, load)


def recurrent() -> nn.Module:
    class Last(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers, self.out = nn.LSTM(5, 4, num_layers=2, dropout=0.3), nn.Linear(4, 3)
            self.shift = np.linspace(0, 1, 5)  # a plain array, which is followed too

        def forward(self, x: Any) -> Any:
            return self.out(self.layers((x + self.shift)[:, None])[0][:, 0])

    return Last()


def attentive() -> nn.Module:
    return nn.Sequential(
        nn.Unflatten(1, (1, 5)), nn.Linear(5, 4), nn.TransformerEncoderLayer(4, 2, 8),
        nn.Flatten(), nn.Linear(4, 3),
    )  # fmt: skip


@pytest.mark.parametrize("build", [recurrent, attentive])
def test_networks_of_every_kind_train_as_in_eager(build: Callable[[], Any]) -> None:
    smaller = (CLASSES[2][0][:4], CLASSES[2][1][:4])  # as the last batch may be
    loss = nn.CrossEntropyLoss(weight=tg.Tensor([1.0, 2.0, 0.5]), ignore_index=1)
    check_trains_alike(build, OPTIMIZERS["AdamW"], loss, [*CLASSES, smaller])


def test_random_numbers_of_a_users_own_are_drawn_as_in_eager() -> None:
    def train(wrap: Any) -> Any:
        tg.manual_seed(0)
        generator = np.random.default_rng(5)
        coder, decoder = nn.Linear(5, 4), nn.Linear(2, 5)
        optimizer = optim.Adam([*coder.parameters(), *decoder.parameters()])

        @wrap
        def step(x: Any) -> Any:
            mean, scale = coder(x)[:, :2], coder(x)[:, 2:]
            code = mean + np.exp(scale / 2) * generator.standard_normal(mean.shape)
            loss = ((decoder(code) - x) ** 2).mean() + (np.exp(scale) - scale + mean**2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            return loss.detach(), generator.integers(0, 10, size=3)

        found = [np.asarray(each) for x, _ in REGRESSION for each in step(tg.Tensor(x))]
        return [*found, *(p.numpy() for p in coder.parameters()), generator.random()]

    for ours, theirs in zip(train(compile), train(lambda f: f), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-10)


def test_updates_written_by_hand_train_as_in_eager() -> None:
    def train(wrap: Any, update: Any) -> Any:
        w = [tg.Tensor(draw(3, 4), True), tg.Tensor(draw(4, 1), True)]

        def step(x: Any, y: Any) -> Any:
            loss = ((y - tg.sigmoid(tg.sigmoid(x @ w[0]) @ w[1])) ** 2).sum()
            loss.backward()
            update(w)
            for each in w:
                each.grad = None
            return loss

        run = wrap(step)
        losses = [float(run(tg.Tensor(draw(5, 3)), tg.Tensor(draw(5, 1)))) for _ in range(STEPS)]
        return [*losses, *(each.numpy() for each in w)]

    def by_data(w: Any) -> None:
        for each in w:
            each.data -= 0.1 * each.grad

    def in_place(w: Any) -> None:
        with tg.no_grad():
            for each in w:
                each -= 0.1 * each.grad

    def by_item(w: Any) -> None:
        with tg.no_grad():
            for each in w:
                each[...] = each - 0.1 * each.grad

    for update in (by_data, in_place, by_item):
        for ours, theirs in zip(train(compile, update), train(lambda f: f, update)):
            np.testing.assert_allclose(ours, theirs, rtol=1e-12)
