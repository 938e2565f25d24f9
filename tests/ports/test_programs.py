"""Programs as people write them for PyTorch run here once the import line is changed, and learn.

A program is a function of a library: `Library` says which, and how the few functions of tensors
that are NumPy's here are called in it. ``test_programs_torch.py`` runs the same programs in
PyTorch and compares every loss.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg

Library = SimpleNamespace
Program = Callable[[Library], Iterator[Any]]
"""What a program yields: first its models by name, then one loss after another."""

HERE = SimpleNamespace(
    nn=tg.nn,
    F=tg.nn.functional,
    optim=tg.optim,
    data=tg.data,
    dropout=0.1,
    tensor=tg.Tensor,
    cat=lambda parts, dim: np.concatenate(parts, axis=dim),
    exp=np.exp,
    tanh=np.tanh,
    swap=np.swapaxes,
    length=lambda x: np.linalg.norm(x, axis=1),
    hide=lambda x, mask: np.where(mask, -np.inf, x),
    argmax=lambda x, dim: x.argmax(axis=dim),
    grad=tg.autograd.grad,
    no_grad=tg.no_grad,
)


def numbers(seed: int, *shape: int) -> Any:
    return np.random.default_rng(seed).normal(size=shape)


def labels(seed: int, classes: int, *shape: int) -> Any:
    return np.random.default_rng(seed).integers(0, classes, shape)


def polynomial(lib: Library) -> Iterator[Any]:
    nn = lib.nn

    class Polynomial(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a = nn.Parameter(lib.tensor(0.1))
            self.b = nn.Parameter(lib.tensor(0.2))
            self.c = nn.Parameter(lib.tensor(-0.3))

        def forward(self, x: Any) -> Any:
            return self.a + self.b * x + self.c * x**3

    model = Polynomial()
    yield {"model": model}
    x = np.linspace(-math.pi, math.pi, 200)
    y = lib.tensor(np.sin(x))
    x = lib.tensor(x)
    criterion = nn.MSELoss(reduction="sum")
    optimizer = lib.optim.SGD(model.parameters(), lr=1e-5)
    for _ in range(20):
        loss = criterion(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item()


def images(lib: Library) -> Iterator[Any]:
    nn, F = lib.nn, lib.F

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(1, 6, 3, 1)
            self.conv2 = nn.Conv2d(6, 8, 3, 1)
            self.dropout = nn.Dropout(lib.dropout)
            self.fc = nn.Linear(8 * 3 * 3, 4)

        def forward(self, x: Any) -> Any:
            x = F.relu(self.conv1(x))
            x = F.max_pool2d(F.relu(self.conv2(x)), 2)
            x = self.dropout(x.reshape(len(x), -1))
            return F.log_softmax(self.fc(x), dim=1)

    model = Net()
    yield {"model": model}
    target = np.arange(64) % 4
    x = numbers(1, 64, 1, 10, 10) + 0.5 * numbers(2, 4, 1, 10, 10)[target]
    dataset = lib.data.TensorDataset(lib.tensor(x), lib.tensor(target))
    loader = lib.data.DataLoader(dataset, batch_size=16, num_workers=0)
    optimizer = lib.optim.Adadelta(model.parameters(), lr=0.5)
    scheduler = lib.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.7)
    for _ in range(6):
        model.train()
        for data, wanted in loader:
            optimizer.zero_grad()
            loss = F.nll_loss(model(data), wanted)
            loss.backward()
            optimizer.step()
        model.eval()
        with lib.no_grad():
            losses = [F.nll_loss(model(x), y, reduction="sum").item() for x, y in loader]
            right = [(lib.argmax(model(x), 1) == y).sum().item() for x, y in loader]
        scheduler.step()
        yield sum(losses) / len(loader.dataset)
    yield 1 - sum(right) / len(loader.dataset)


def residual(lib: Library) -> Iterator[Any]:
    nn, F = lib.nn, lib.F

    class Block(nn.Module):
        def __init__(self, inner: int, outer: int, stride: int = 1) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(
                inner, outer, kernel_size=3, stride=stride, padding=1, bias=False
            )
            self.bn1 = nn.BatchNorm2d(outer)
            self.conv2 = nn.Conv2d(outer, outer, kernel_size=3, padding=1, bias=False)
            self.bn2 = nn.BatchNorm2d(outer)
            self.shortcut = nn.Sequential()
            if stride != 1 or inner != outer:
                self.shortcut = nn.Sequential(
                    nn.Conv2d(inner, outer, kernel_size=1, stride=stride, bias=False),
                    nn.BatchNorm2d(outer),
                )

        def forward(self, x: Any) -> Any:
            out = F.relu(self.bn1(self.conv1(x)))
            out = self.bn2(self.conv2(out))
            out += self.shortcut(x)
            return F.relu(out)

    def initialize(module: Any) -> None:
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        elif isinstance(module, nn.BatchNorm2d):
            nn.init.constant_(module.weight, 1)
            nn.init.constant_(module.bias, 0)

    head = [nn.AdaptiveAvgPool2d((1, 1)), nn.Flatten(), nn.Linear(8, 3)]
    model = nn.Sequential(Block(3, 4), Block(4, 8, stride=2), *head)
    model.apply(initialize)
    yield {"model": model}
    x, y = lib.tensor(numbers(1, 6, 3, 8, 8)), lib.tensor(labels(2, 3, 6))
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
    optimizer = lib.optim.SGD(
        model.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4, nesterov=True
    )
    scheduler = lib.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=10)
    for _ in range(8):
        loss = criterion(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
        yield loss.item()


def segmentation(lib: Library) -> Iterator[Any]:
    nn, F = lib.nn, lib.F

    def double(inner: int, outer: int) -> Any:
        conv = nn.Conv2d(inner, outer, 3, padding=1, bias=False)
        return nn.Sequential(conv, nn.BatchNorm2d(outer), nn.ReLU(inplace=True))

    class UNet(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inc = double(1, 4)
            self.down = nn.Sequential(nn.MaxPool2d(2), double(4, 8))
            self.up = nn.ConvTranspose2d(8, 4, kernel_size=2, stride=2)
            self.out = nn.Sequential(double(8, 4), nn.Conv2d(4, 2, kernel_size=1))

        def forward(self, x: Any) -> Any:
            x1 = self.inc(x)
            x2 = self.up(self.down(x1))
            rows, columns = x1.shape[2] - x2.shape[2], x1.shape[3] - x2.shape[3]
            x2 = F.pad(x2, [columns // 2, columns - columns // 2, rows // 2, rows - rows // 2])
            return self.out(lib.cat([x1, x2], dim=1))

    model = UNet()
    yield {"model": model}
    x = numbers(1, 2, 1, 9, 7)
    y = lib.tensor((x[:, 0] > 0).astype(np.int64))
    optimizer = lib.optim.RMSprop(model.parameters(), lr=1e-2, weight_decay=1e-8, momentum=0.5)
    for _ in range(8):
        loss = nn.CrossEntropyLoss()(model(lib.tensor(x)), y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        yield loss.item()


def adversaries(lib: Library) -> Iterator[Any]:
    nn = lib.nn
    generator = nn.Sequential(
        nn.Linear(3, 8), nn.BatchNorm1d(8, 0.8), nn.LeakyReLU(0.2, inplace=True),
        nn.Linear(8, 4), nn.Tanh(),
    )  # fmt: skip
    judge = nn.Sequential(nn.Linear(4, 8), nn.LeakyReLU(0.2), nn.Linear(8, 1), nn.Sigmoid())
    yield {"generator": generator, "judge": judge}
    criterion, Adam = nn.BCELoss(), lib.optim.Adam
    of_generator = Adam(generator.parameters(), lr=2e-2, betas=(0.5, 0.999))
    of_judge = Adam(judge.parameters(), lr=2e-2, betas=(0.5, 0.999))
    true, false = lib.tensor(np.ones((8, 1))), lib.tensor(np.zeros((8, 1)))
    for step in range(12):
        real, z = lib.tensor(numbers(step, 8, 4) + 2), lib.tensor(numbers(50 + step, 8, 3))
        of_generator.zero_grad()
        fake = generator(z)
        criterion(judge(fake), true).backward()
        of_generator.step()
        of_judge.zero_grad()
        loss = (criterion(judge(real), true) + criterion(judge(fake.detach()), false)) / 2
        loss.backward()
        of_judge.step()
        yield loss.item()


def critic(lib: Library) -> Iterator[Any]:
    nn = lib.nn
    model = nn.Sequential(nn.Linear(4, 8), nn.LeakyReLU(0.2), nn.LayerNorm(8), nn.Linear(8, 1))
    yield {"model": model}
    optimizer = lib.optim.Adam(model.parameters(), lr=1e-2, betas=(0.0, 0.9))
    real, fake = lib.tensor(numbers(1, 8, 4) + 1), lib.tensor(numbers(2, 8, 4))
    for step in range(12):
        share = lib.tensor(np.abs(numbers(3 + step, 8, 1)) % 1)
        between = (share * real + (1 - share) * fake).requires_grad_(True)
        (gradient,) = lib.grad(model(between).sum(), between, create_graph=True)
        penalty = ((lib.length(gradient) - 1) ** 2).mean()
        loss = model(fake).mean() - model(real).mean() + 10 * penalty
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item()


def variational(lib: Library) -> Iterator[Any]:
    nn, F = lib.nn, lib.F
    layers = {"hidden": (12, 8), "mu": (8, 2), "logvar": (8, 2), "back": (2, 8), "out": (8, 12)}
    model = nn.ModuleDict(OrderedDict((k, nn.Linear(*sizes)) for k, sizes in layers.items()))
    yield {"model": model}
    x = lib.tensor((numbers(1, 16, 12) > 0).astype(float))
    optimizer = lib.optim.Adam(model.parameters(), lr=1e-2)
    for step in range(12):
        hidden = F.relu(model["hidden"](x))
        mu, logvar = model["mu"](hidden), model["logvar"](hidden)
        z = mu + lib.tensor(numbers(2 + step, 16, 2)) * lib.exp(0.5 * logvar)
        back = F.sigmoid(model["out"](F.relu(model["back"](z))))
        kld = -0.5 * (1 + logvar - mu**2 - lib.exp(logvar)).sum()
        loss = F.binary_cross_entropy(back, x, reduction="sum") + kld
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item()


PROGRAMS: list[Program] = [
    polynomial, images, residual, segmentation, adversaries, critic, variational,
]  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_a_ported_program_learns(program: Program) -> None:
    tg.manual_seed(0)
    run = program(HERE)
    next(run)
    losses = list(run)
    assert np.isfinite(losses).all()
    assert min(losses[-3:]) < losses[0] - 0.05 * abs(losses[0])
