"""Steps of many kinds: gradients that add up, several optimizers, schedules, kept gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn, optim
from tinygrad_edu.program.compiling import compile

Wrap = Callable[[Any], Any]
MAKERS: dict[str, Callable[[Any], Any]] = {
    "SGD": lambda p: optim.SGD(p, lr=0.1),
    "momentum": lambda p: optim.SGD(p, lr=0.1, momentum=0.9),
    "Adam": lambda p: optim.Adam(p, lr=0.05),
}


def batches(count: int, features: int = 4) -> list[Any]:
    generator = np.random.default_rng(0)
    return [tg.Tensor(generator.normal(size=(6, features))) for _ in range(count)]


def model() -> Any:
    return nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 2))


def state(*parts: Any) -> list[Any]:
    """Collect parameters, their gradients, and what optimizers keep."""
    found: list[Any] = []
    for part in parts:
        if isinstance(part, nn.Module):
            for p in part.parameters():
                found += [p.numpy().copy(), None if p.grad is None else p.grad.numpy().copy()]
        else:
            found += [x for kept in part.state_dict()["state"].values() for x in kept.values()]
            found += [group["lr"] for group in part.param_groups]
    return found


def check_alike(run: Callable[[Wrap], list[Any]]) -> None:
    for ours, theirs in zip(run(compile), run(lambda function: function), strict=True):
        if theirs is None:
            assert ours is None
        else:
            np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("kind", MAKERS)
def test_gradients_add_up_over_calls(kind: str) -> None:
    def run(wrap: Wrap) -> list[Any]:
        tg.manual_seed(0)
        net = model()
        optimizer = MAKERS[kind](net.parameters())

        @wrap
        def accumulate(x: Any) -> Any:
            loss = (net(x) ** 2).mean()
            loss.backward()
            return loss

        @wrap
        def update() -> None:
            optimizer.step()
            optimizer.zero_grad()

        found = []
        for i, x in enumerate(batches(9)):
            found.append(accumulate(x).numpy())
            if i % 3 == 2:
                update()
            found += state(net, optimizer)
        return found

    check_alike(run)


def test_gradients_that_are_never_forgotten_go_on_adding_up() -> None:
    def run(wrap: Wrap) -> list[Any]:
        tg.manual_seed(0)
        net = model()
        optimizer = MAKERS["SGD"](net.parameters())

        @wrap
        def step(x: Any) -> None:
            for part in (x[:3], x[3:]):
                (net(part) ** 2).mean().backward()
            optimizer.step()

        found = []
        for i, x in enumerate(batches(6)):
            if i == 3:
                optimizer.zero_grad(set_to_none=False)
            step(x)
            found += state(net)
        return found

    check_alike(run)


@pytest.mark.parametrize("kind", MAKERS)
def test_an_optimizer_may_take_several_steps_in_a_call(kind: str) -> None:
    def run(wrap: Wrap) -> list[Any]:
        tg.manual_seed(0)
        net = model()
        optimizer = MAKERS[kind](net.parameters())

        @wrap
        def step(x: Any) -> Any:
            for part in (x[:2], x[2:4], x[4:]):
                optimizer.zero_grad()
                loss = (net(part) ** 2).mean()
                loss.backward()
                optimizer.step()
            return loss

        found = []
        for x in batches(5):
            found += [step(x).numpy(), *state(net, optimizer)]
        return found

    check_alike(run)


@pytest.mark.parametrize("kind", MAKERS)
def test_two_networks_may_learn_against_each_other(kind: str) -> None:
    def run(wrap: Wrap) -> list[Any]:
        tg.manual_seed(0)
        maker, judge = nn.Linear(4, 4), nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 1))
        makers, judges = MAKERS[kind](maker.parameters()), MAKERS["Adam"](judge.parameters())
        loss_function = nn.BCEWithLogitsLoss()

        @wrap
        def step(x: Any) -> Any:
            made = maker(x)
            judges.zero_grad()
            ones, zeros = tg.Tensor(np.ones((6, 1))), tg.Tensor(np.zeros((6, 1)))
            loss = loss_function(judge(x), ones) + loss_function(judge(made.detach()), zeros)
            loss.backward()
            judges.step()
            makers.zero_grad()
            other = loss_function(judge(made), ones)
            other.backward()  # leaves gradients in the judge, too
            makers.step()
            return loss, other

        found = []
        for x in batches(6):
            found += [each.numpy() for each in step(x)] + state(maker, judge, makers, judges)
        return found

    check_alike(run)


SCHEDULES: list[Callable[[Any], Any]] = [
    lambda o: optim.lr_scheduler.StepLR(o, 2, gamma=0.3),
    lambda o: optim.lr_scheduler.OneCycleLR(o, 0.5, total_steps=20),
    lambda o: optim.lr_scheduler.LambdaLR(o, lambda epoch: 0.9**epoch),
]


@pytest.mark.parametrize("inside", [True, False])
@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("kind", MAKERS)
def test_a_schedule_may_take_its_step_inside_or_between(
    kind: str, schedule: Any, inside: bool
) -> None:
    def run(wrap: Wrap) -> list[Any]:
        tg.manual_seed(0)
        net = model()
        optimizer = MAKERS[kind](net.parameters())
        scheduler = schedule(optimizer)

        @wrap
        def step(x: Any) -> Any:
            optimizer.zero_grad()
            loss = (net(x) ** 2).mean()
            loss.backward()
            optimizer.step()
            if inside:
                scheduler.step()
            return loss

        found = []
        for x in batches(7):
            found += [step(x).numpy(), *state(net, optimizer)]
            if not inside:
                scheduler.step()
        if wrap is compile and kind != "Adam":
            assert "<compiled step, 1 programs>" in repr(step) or kind == "momentum"
        return [*found, scheduler.last_epoch]

    check_alike(run)


@pytest.mark.parametrize("keep", [lambda p: p.grad, lambda p: p.grad.numpy()[0], lambda p: None])
def test_a_gradient_that_somebody_keeps_stays_what_it_was(keep: Any) -> None:
    net = model()
    optimizer = optim.SGD(net.parameters(), lr=0.5)

    @compile
    def step(x: Any) -> None:
        optimizer.zero_grad()
        (net(x) ** 2).mean().backward()
        optimizer.step()

    kept, copies = [], []
    for i, x in enumerate(batches(6)):
        step(x)
        kept.append([keep(p) for p in net.parameters()])
        copies.append([None if each is None else np.array(each) for each in kept[-1]])
        if i == 3:
            optimizer.zero_grad()
    for now, then in zip(kept, copies):
        for ours, theirs in zip(now, then):
            assert theirs is None or np.array_equal(ours, theirs)
    assert "1 programs" in repr(step)
