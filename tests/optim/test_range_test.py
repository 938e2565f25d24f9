"""lr_range_test: what it finds, and that it leaves no trace."""

import sys

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn, optim
from tinygrad_edu.optim.range_test import RangeTest, lr_range_test

X = np.random.default_rng(0).normal(size=(64, 3))
Y = X @ np.array([[1.0], [-2.0], [0.5]]) + 1
BATCHES = [(X[i : i + 16], Y[i : i + 16]) for i in range(0, 64, 16)]


class Noisy(nn.Module):
    """Draws random numbers, keeps a buffer that it replaces, and knows its mode."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(3, 1)
        self.register_buffer("calls", tg.Tensor(0.0))
        self.own = np.random.default_rng(5)

    def forward(self, x):
        assert self.training
        self.calls = tg.Tensor(self.calls.item() + 1)
        noise = tg.random.default_generator().normal() + self.own.normal()
        return self.layer(x) + 0.01 * noise


class Loader:
    """Batches in an order that is drawn anew each time."""

    def __init__(self):
        self.generator = np.random.default_rng(7)

    def __iter__(self):
        return iter([BATCHES[i] for i in self.generator.permutation(4)])


def test_rates_grow_by_the_same_factor_from_the_first_to_the_last():
    result = lr_range_test(nn.Linear(3, 1), BATCHES, lr_min=1e-4, lr_max=1e-2, steps=5)
    np.testing.assert_allclose(result.learning_rates, [1e-4, 10**-3.5, 1e-3, 10**-2.5, 1e-2])
    assert len(result.losses) == len(result.smoothed) == 5


def test_the_losses_are_those_of_training_with_these_rates():
    tg.manual_seed(0)
    model = nn.Linear(3, 1)
    result = lr_range_test(model, BATCHES, nn.MSELoss(), lr_min=1e-3, lr_max=0.1, steps=10)
    optimizer = optim.SGD(model.parameters())
    for step, (lr, value) in enumerate(zip(result.learning_rates, result.losses)):
        x, y = BATCHES[step % 4]
        optimizer.param_groups[0]["lr"] = lr
        optimizer.zero_grad()
        loss = nn.MSELoss()(model(x), y)
        assert loss.item() == value
        loss.backward()
        optimizer.step()


def test_training_with_the_suggestion_works_and_with_a_hundred_times_as_much_does_not():
    result = lr_range_test(nn.Linear(3, 1), BATCHES)

    def loss_after_training(lr):
        tg.manual_seed(1)
        model = nn.Linear(3, 1)
        optimizer = optim.SGD(model.parameters(), lr=lr)
        for x, y in BATCHES * 10:
            optimizer.zero_grad()
            loss = nn.MSELoss()(model(x), y)
            loss.backward()
            optimizer.step()
        return loss.item()

    assert loss_after_training(result.suggestion) < 0.5
    with np.errstate(over="ignore", invalid="ignore"):
        assert not loss_after_training(100 * result.suggestion) < 1e3


def test_the_test_ends_when_the_loss_diverges():
    result = lr_range_test(nn.Linear(3, 1), BATCHES, lr_max=1e6, steps=200)
    assert len(result.losses) < 200
    assert all(loss <= 4 * result.losses[0] for loss in result.losses[:-1])
    assert np.isfinite(result.losses).all()


def test_whole_numbers_as_targets_are_classes():
    labels = (Y[:, 0] > 0).astype(int)
    result = lr_range_test(nn.Linear(3, 2), [(X, labels)], steps=30)
    assert abs(result.losses[0] - np.log(2)) < 0.7
    assert result.suggestion > 1e-3


@pytest.mark.parametrize("name", ["SGD", "Adam"])
@pytest.mark.parametrize("fails", [False, True])
def test_everything_is_left_as_it_was(name, fails):
    tg.manual_seed(3)
    model, loader = Noisy(), Loader()
    model.layer.eval()
    optimizer = getattr(optim, name)(model.parameters(), lr=0.1, weight_decay=0.1)
    model(X).sum().backward()
    optimizer.step()
    arrays = [p.data for p in model.parameters()]
    gradients = [p.grad for p in model.parameters()]

    def state():
        return repr(
            (
                model.state_dict(),
                [p.grad.tolist() for p in model.parameters()],
                [module.training for module in model.modules()],
                optimizer.state_dict(),
                tg.get_rng_state(),
                model.own.bit_generator.state,
                loader.generator.bit_generator.state,
            )
        )

    before = state()
    if fails:
        with pytest.raises(ZeroDivisionError):
            lr_range_test(model, loader, failing_at(7), optimizer)
    else:
        lr_range_test(model, loader, nn.MSELoss(), optimizer, steps=20)
    assert state() == before
    assert all(p.data is array for p, array in zip(model.parameters(), arrays))
    assert all(p.grad is gradient for p, gradient in zip(model.parameters(), gradients))


def failing_at(step):
    left = [step]

    def loss(output, target):
        left[0] -= 1
        return ((output - target) ** 2).mean() * (1 // min(1, left[0]))

    return loss


def test_a_loader_is_put_back_where_it_stood():
    class Positioned(Loader):
        place = 0

        def __iter__(self):
            self.place += 1
            return super().__iter__()

        def state_dict(self):
            return {"place": self.place}

        def load_state_dict(self, state):
            self.place = state["place"]

    loader = Positioned()
    lr_range_test(nn.Linear(3, 1), loader, steps=9)
    assert loader.place == 0


def test_the_suggestion_is_where_the_loss_falls_fastest():
    rates = np.geomspace(1e-6, 1, 100)
    losses = 1 / (1 + (rates / 1e-3) ** 2) + np.where(rates > 0.1, 100 * rates, 0)
    assert 5e-4 < RangeTest(rates.tolist(), losses.tolist()).suggestion < 2e-3


def test_smoothing_keeps_what_is_even():
    np.testing.assert_allclose(RangeTest([1.0] * 30, [2.0] * 30).smoothed, 2.0, rtol=1e-12)


def test_a_loss_that_never_falls_has_no_suggestion():
    result = RangeTest([0.1, 0.2, 0.3], [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match=r"fell at none of 3 learning rates up to 0\.3"):
        _ = result.suggestion


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"lr_min": 0}, "lr_min=0 to"),
        ({"lr_min": 1.0, "lr_max": 0.1}, r"lr_min=1\.0 to lr_max=0\.1"),
        ({"lr_max": np.inf}, "lr_max=inf"),
        ({"steps": 1}, "steps must be at least 2, not 1"),
        ({"data": iter(BATCHES)}, "ran out after 4 batches"),
        ({"data": []}, "ran out after 0 batches"),
        ({"data": [X]}, "a pair .inputs, targets., not a ndarray"),
        ({"data": [(X, np.full_like(Y, np.nan))]}, "the loss is nan before"),
    ],
)
def test_what_makes_no_sense_is_refused(settings, message):
    with pytest.raises((TypeError, ValueError), match=message):
        lr_range_test(nn.Linear(3, 1), **{"data": BATCHES, **settings})


def test_the_curve_is_drawn_and_the_suggestion_marked(tmp_path):
    pytest.importorskip("matplotlib", reason="Matplotlib is not installed")
    from matplotlib.figure import Figure

    result = lr_range_test(nn.Linear(3, 1), BATCHES)
    result.plot(tmp_path / "curve.png")
    assert (tmp_path / "curve.png").read_bytes()[:4] == b"\x89PNG"
    axes = Figure().add_subplot()
    assert result.plot(axes) is axes.figure
    mark = axes.lines[-1]
    assert mark.get_xdata()[0] == result.suggestion
    assert f"{result.suggestion:.2g}" in mark.get_label()
    assert axes.get_xscale() == "log"
    RangeTest([0.1, 0.2], [1.0, 1.0]).plot()


def test_without_matplotlib_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.axes", None)
    with pytest.raises(ImportError, match=r"tinygrad_edu\[plot\]"):
        RangeTest([0.1, 0.2], [1.0, 0.5]).plot()
