"""fit does what the loop written out by hand does, and stops when it makes no sense to go on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn, optim, training
from tinygrad_edu.optim import lr_scheduler

Batch = tuple[tg.Tensor, tg.Tensor]


def batches(count: int = 3, size: int = 4) -> list[Batch]:
    generator = np.random.default_rng(0)
    return [
        (tg.Tensor(generator.normal(size=(size, 2))), tg.Tensor(generator.normal(size=(size, 1))))
        for _ in range(count)
    ]


def classes() -> list[Batch]:
    generator = np.random.default_rng(1)
    x = generator.normal(size=(3, 8, 2))
    return [(tg.Tensor(each), tg.Tensor((each[:, 0] > 0).astype(int))) for each in x]


def network(outputs: int = 1) -> nn.Sequential:
    tg.manual_seed(0)
    return nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, outputs))


def weights(model: nn.Module) -> bytes:
    return b"".join(value.tobytes() for value in model.state_dict().values())


def train(model: nn.Module, data: Any, epochs: int = 2, lr: float = 0.1, **more: Any) -> Any:
    optimizer = more.pop("optimizer", None) or optim.SGD(model.parameters(), lr=lr)
    loss = more.pop("loss", nn.MSELoss())
    return tg.fit(model, data, loss, optimizer, epochs, progress=False, **more)


def test_it_takes_the_same_steps_as_the_loop_written_out() -> None:
    data, model, by_hand = batches(), network(), network()
    history = train(model, data, epochs=3)
    optimizer, losses = optim.SGD(by_hand.parameters(), lr=0.1), []
    for _ in range(3):
        for x, y in data:
            optimizer.zero_grad()
            loss = nn.MSELoss()(by_hand(x), y)
            loss.backward()
            optimizer.step()
            losses.append(float(loss))
    assert weights(model) == weights(by_hand)
    np.testing.assert_allclose(history["loss"], np.mean(np.reshape(losses, (3, 3)), axis=1))
    assert history["epoch"] == [1, 2, 3]


def test_means_are_over_samples_so_that_a_short_batch_counts_less() -> None:
    x, y = tg.Tensor([[0.0], [0.0], [3.0]]), tg.Tensor([[0.0], [0.0], [0.0]])
    figures = training.evaluate(nn.Identity(), [(x[:2], y[:2]), (x[2:], y[2:])], nn.L1Loss())
    assert figures == {"loss": 1.0}


def test_samples_are_counted_in_dicts_and_tuples_too() -> None:
    x, y = tg.Tensor([[0.0]] * 9 + [[10.0]]), tg.Tensor([[0.0]] * 10)
    data = [(x[:9], {"a": y[:9], "b": y[:9]}), (x[9:], {"a": y[9:], "b": y[9:]})]
    figures = training.evaluate(nn.Identity(), data, lambda out, y: abs(out - y["a"]).mean())
    assert figures == {"loss": 1.0}


def test_classes_are_measured_by_accuracy_and_validation_changes_nothing() -> None:
    data, model, alone = classes(), network(2), network(2)
    loss = nn.CrossEntropyLoss()
    history = train(model, data, loss=loss, validation=data)
    train(alone, data, loss=loss)
    assert weights(model) == weights(alone)
    assert set(history.columns()) >= {"accuracy", "validation_loss", "validation_accuracy"}
    logits = np.concatenate([model(x).numpy() for x, _ in data])
    wanted = np.concatenate([y.numpy() for _, y in data])
    assert history["validation_accuracy"][-1] == training.accuracy(logits, wanted)


class Modes(nn.Module):
    """A model that takes down in which mode it is called, and whether that is recorded."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Linear(2, 1)
        self.seen: list[tuple[bool, bool]] = []

    def forward(self, x: Any) -> Any:
        self.seen.append((self.training, tg.is_grad_enabled()))
        return self.inner(x)


@pytest.mark.parametrize("mode", [True, False])
def test_it_trains_in_training_mode_validates_in_evaluation_mode_and_gives_back_the_mode(
    mode: bool,
) -> None:
    model = Modes().train(mode)
    train(model, batches(1), epochs=1, validation=batches(1))
    assert model.seen == [(True, True), (False, False)]
    assert model.training is mode


def test_a_loss_that_is_no_number_stops_it_with_the_last_good_weights() -> None:
    data, model = batches(3), network()
    kept: list[bytes] = []

    def loss(output: Any, target: Any) -> Any:
        if len(kept) == 4:
            return (output * np.nan).sum()
        kept.append(weights(model))
        return ((output - target) ** 2).mean()

    with pytest.raises(FloatingPointError, match=r"epoch 2, batch 2.*learning rate") as caught:
        train(model, data, loss=loss)
    assert weights(model) == kept[-1]
    assert isinstance(caught.value, training.NonFiniteLossError)
    assert len(caught.value.history) == 1


def test_weights_that_the_last_step_of_an_epoch_has_ruined_are_not_kept() -> None:
    model = network()
    before: list[bytes] = []

    def loss(output: Any, target: Any) -> Any:
        before.append(weights(model))
        return np.sqrt(output * 0).sum()  # 0, with the derivative 0 times infinity

    with np.errstate(all="ignore"), pytest.raises(FloatingPointError, match="last step of epoch 1"):
        train(model, batches(1), loss=loss)
    assert weights(model) == before[0]


def test_a_validation_loss_that_is_no_number_stops_it() -> None:
    bad = [(tg.Tensor([[np.nan, 0.0]]), tg.Tensor([[0.0]]))]
    with pytest.raises(FloatingPointError, match="epoch 1"):
        train(network(), batches(1), validation=bad)


def test_diverging_training_is_stopped_before_the_weights_are_lost() -> None:
    model = network()
    with np.errstate(all="ignore"), pytest.raises(FloatingPointError):
        train(model, batches(), epochs=2000, lr=1e3)
    assert all(np.isfinite(value).all() for value in model.state_dict().values())


@pytest.mark.parametrize(
    ("make", "steps"),
    [
        (lambda o: lr_scheduler.StepLR(o, 1, gamma=0.5), 2),
        (lambda o: lr_scheduler.OneCycleLR(o, max_lr=1.0, total_steps=6), 6),
        (lambda o: lr_scheduler.CyclicLR(o, 0.1, 1.0, cycle_momentum=False), 6),
    ],
)
def test_schedules_move_with_every_epoch_or_batch_as_they_are_meant_to(
    make: Any, steps: int
) -> None:
    model = network()
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.5)
    scheduler = make(optimizer)
    train(model, batches(3), optimizer=optimizer, scheduler=scheduler)
    assert scheduler.last_epoch == steps


def test_reduce_on_plateau_looks_at_the_validation_loss() -> None:
    model = network()
    optimizer = optim.SGD(model.parameters(), lr=1e-30)  # so that no loss becomes any better
    scheduler = lr_scheduler.ReduceLROnPlateau(optimizer, patience=0)
    history = train(
        model, batches(1), 2, optimizer=optimizer, scheduler=scheduler, validation=batches(2)
    )
    assert scheduler.best == history["validation_loss"][0] != history["loss"][0]
    assert optimizer.param_groups[0]["lr"] == pytest.approx(1e-31)


def once() -> Iterator[Batch]:
    yield from batches(1)


@pytest.mark.parametrize("empty", [[], once()])
def test_batches_that_will_be_missing_are_refused_before_the_first_step(empty: Any) -> None:
    model = network()
    before = weights(model)
    with pytest.raises(ValueError, match="the loader"):
        train(model, empty, epochs=2)
    with pytest.raises(ValueError, match="the validation loader"):
        train(model, batches(1), epochs=2, validation=empty)
    assert weights(model) == before


def test_a_generator_will_do_for_one_epoch_and_used_up_it_is_refused() -> None:
    given = once()
    assert len(train(network(), given, epochs=1, validation=once())) == 1
    with pytest.raises(ValueError, match="DataLoader"):
        train(network(), given, epochs=1)


@pytest.mark.parametrize("bad", [1, (1, 2, 3)])
def test_a_batch_that_is_no_pair_is_named(bad: Any) -> None:
    with pytest.raises(TypeError, match=r"pair \(inputs, targets\)"):
        train(network(), [bad])


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"model": np.tanh}, TypeError, "nn.Module"),
        ({"epochs": 0}, ValueError, "at least 1"),
        ({"epochs": 1.5}, ValueError, "whole number"),
        ({"callbacks": training.Callback()}, TypeError, "a list"),
        ({"callbacks": [print]}, TypeError, "training.Callback"),
        ({"loss": lambda output, target: 1.0}, TypeError, "must be a Tensor"),
        ({"loss": nn.MSELoss(reduction="none")}, ValueError, r"\(4, 1\).*mean"),
        ({"optimizer": None}, TypeError, "Optimizer"),
        ({"model": nn.Linear(2, 1)}, ValueError, r"model.parameters\(\)"),
    ],
)
def test_what_cannot_be_trained_is_refused_before_anything_changes(
    change: dict[str, Any], error: type[Exception], words: str
) -> None:
    model = network()
    call: dict[str, Any] = {
        "model": model, "loader": batches(), "loss": nn.MSELoss(), "epochs": 1,
        "optimizer": optim.SGD(model.parameters(), lr=0.1),
    }  # fmt: skip
    before = weights(model)
    with pytest.raises(error, match=words):
        tg.fit(**{**call, **change}, progress=False)
    assert weights(model) == before


def test_without_a_terminal_every_epoch_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    model = network()
    tg.fit(model, batches(), nn.MSELoss(), optim.SGD(model.parameters(), lr=0.1), 2)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == ["epoch 1/2", "epoch 2/2"]
    assert all("loss" in line and "samples/s" in line for line in lines)


def test_a_bar_counts_the_samples_of_all_epochs(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("tqdm", reason="the bar is tqdm's")
    model = network()
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    tg.fit(model, batches(3, 4), nn.MSELoss(), optimizer, 2, progress=True)
    shown = capsys.readouterr().err
    assert "epoch 2/2" in shown
    assert "24.0/24.0" in shown
    assert "loss" in shown


def test_progress_false_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    train(network(), batches())
    assert capsys.readouterr() == ("", "")
