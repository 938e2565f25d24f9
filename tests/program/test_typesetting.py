"""The formulas go through a real LaTeX run: no error, and nothing wider than the page."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from module_samples import MODULES

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.article import HandDerivedNetwork, RawNetwork
from tinygrad_edu.article.job import Options
from tinygrad_edu.commands.derive import text
from tinygrad_edu.program import derive

PLACES = f"{os.environ.get('PATH', '')}:/usr/bin:/bin"
PDFLATEX: Any = shutil.which("pdflatex", path=PLACES)  # it calls other programs in its turn

HEAD = r"""\documentclass[a4paper,11pt]{article}
\usepackage[margin=2cm]{geometry}
\usepackage{amsmath}
\allowdisplaybreaks
\begin{document}
"""
DEEP = {"Transformer", "TransformerDecoder", "TransformerEncoder"}
"""Modules with names so long that a formula may stand out of the page."""


def article(**options: Any) -> str:
    return derive(RawNetwork(HandDerivedNetwork(seed=1, **options)).loss()).latex("align*")


def second_derivative() -> str:
    w = tg.Tensor(np.ones((3, 2)) / 3, requires_grad=True, name="w")
    x = tg.Tensor([[0.1, 0.2, 0.3]], name="x")
    (slope,) = tg.autograd.grad((tg.sigmoid(x @ w) ** 2).sum(), w, create_graph=True)
    return derive((slope * slope).sum()).latex("align*")


def cnn() -> str:
    tg.manual_seed(0)
    model = nn.Sequential(
        nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(8, 3),
    )  # fmt: skip
    images = tg.Tensor(np.random.default_rng(0).normal(size=(4, 1, 6, 6)), name="images")
    loss = nn.CrossEntropyLoss()(model(images), tg.Tensor(np.array([0, 2, 1, 1])))
    return derive(loss).latex("align*")


def in_display(formula: str) -> str:
    return f"\\[\n{formula}\n\\]"


def of_module(name: str) -> str:
    build, arrays = MODULES[name]
    tg.manual_seed(1)
    y = build()(*(tg.Tensor(a, requires_grad=a.dtype.kind == "f", name=n)
                  for a, n in zip(arrays, "xyz")))  # fmt: skip
    while isinstance(y, tuple):
        y = y[0]
    return derive((y * y).sum()).latex("align*")


def formulas() -> Iterator[tuple[str, str]]:
    yield "the article's network", in_display(text(Options(), latex=True))
    yield "as the notebook shows it", derive(RawNetwork(HandDerivedNetwork()).loss())._repr_latex_()
    yield "two hidden layers", article(hidden=(4, 3), activation=("relu", "tanh"), bias=True)
    yield "four hidden layers", article(hidden=(4, 3, 2, 5), bias=True)
    yield "a second derivative", second_derivative()
    yield "a small CNN", cnn()
    for name in MODULES:
        if name not in DEEP:
            yield name, of_module(name)


@pytest.mark.skipif(PDFLATEX is None, reason="pdflatex is not installed")
def test_latex_compiles_all_formulas_without_complaint(tmp_path: Path) -> None:
    parts = [f"\\section*{{{title}}}\n{formula}" for title, formula in formulas()]
    document = HEAD + "\n\n".join(parts) + "\n\\end{document}\n"
    (tmp_path / "all.tex").write_text(document, encoding="utf-8")
    command = [PDFLATEX, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape"]
    run = subprocess.run(
        [*command, "all.tex"], cwd=tmp_path, env={**os.environ, "PATH": PLACES},
        capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    log = (tmp_path / "all.log").read_text(encoding="latin-1")
    assert run.returncode == 0, log[-2000:]
    assert not re.findall(r"^(?:!|Overfull|LaTeX Warning).*", log, re.MULTILINE)
    assert (tmp_path / "all.pdf").read_bytes().startswith(b"%PDF")
