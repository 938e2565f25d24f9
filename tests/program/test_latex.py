"""Formulas are ones that TeX understands, and say what the program says."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.article import HandDerivedNetwork, RawNetwork
from tinygrad_edu.program import derive
from tinygrad_edu.program.symbols import symbol

ARTICLE = r"""\begin{aligned}
\mathrm{layer}_{1} &= \sigma\left(x\,\mathrm{weights}_{1}\right) \\
\mathrm{output} &= \sigma\left(\mathrm{layer}_{1}\,\mathrm{weights}_{2}\right) \\
t_{1} &= y - \mathrm{output} \\
\mathrm{loss} &= \sum_{ij} \left(t_{1}^{\odot 2}\right)_{ij} \\
t_{2} &= -2\,t_{1} \odot \sigma'\left(\mathrm{layer}_{1}\,\mathrm{weights}_{2}\right) \\
\frac{\partial\,\mathrm{loss}}{\partial\,\mathrm{weights}_{2}} &= \mathrm{layer}_{1}^{\top}\,t_{2} \\
\frac{\partial\,\mathrm{loss}}{\partial\,\mathrm{weights}_{1}} &= x^{\top}\,\left(\left(t_{2}\,\mathrm{weights}_{2}^{\top}\right) \odot \sigma'\left(x\,\mathrm{weights}_{1}\right)\right)
\end{aligned}"""  # noqa: E501


def parameter(name: str, *shape: int) -> tg.Tensor:
    values = np.random.default_rng(0).uniform(0.5, 1.5, shape)
    return tg.Tensor(values, requires_grad=True, name=name)


def article() -> tg.Tensor:
    return RawNetwork(HandDerivedNetwork(seed=1)).loss()


def kinds() -> tg.Tensor:
    a, b = parameter("a", 3, 3), parameter("beta_2", 3, 3)
    c = np.exp(a) / np.sqrt(b) + np.log(b) ** 3 - np.tanh(a @ b.T) * 1e-5
    return (np.where(a > b, c, -c)[0] + np.abs(c).max(axis=0) + tg.relu(c).mean()).sum()


def hostile() -> tg.Tensor:
    names = (r"\input{x}", "$x$", "a_b", "θ", "50%", "#1", "{", "}", "^", "~", "中", "é", "a & b")
    total: Any = 0.0
    for name in names:
        total = total + (parameter(name, 2) ** 2).sum()
    loss: tg.Tensor = total * 1.0
    return loss


def test_the_article_s_formulas() -> None:
    derivation = derive(article())
    assert derivation.latex() == ARTICLE
    assert derivation._repr_latex_() == f"$$\n{ARTICLE}\n$$"


@pytest.mark.parametrize("run", [article, kinds, hostile])
def test_braces_and_parentheses_close_what_they_open(run: Any) -> None:
    text = derive(run()).latex()
    bare = text.replace(r"\{", "").replace(r"\}", "")
    assert bare.count("{") == bare.count("}")
    assert text.count(r"\left") == text.count(r"\right")
    for row in text.split("\n")[1:-1]:
        assert row.count("&") - row.count(r"\&") == 1


@pytest.mark.parametrize("run", [article, kinds, hostile])
def test_every_formula_can_be_typeset(run: Any) -> None:
    mathtext = pytest.importorskip("matplotlib.mathtext", reason="Matplotlib is not installed")
    parser = mathtext.MathTextParser("path")
    for row in derive(run()).latex().split("\n")[1:-1]:
        formula = re.sub(r" \\\\$", "", row).replace(" &= ", " = ")
        formula = formula.replace(r"\mathtt", r"\mathrm")  # which Matplotlib does not know
        parser.parse(f"${formula}$")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("x", "x"),
        ("x12", "x_{12}"),
        ("weights1", r"\mathrm{weights}_{1}"),
        ("beta_2", r"\beta_{2}"),
        ("a_b", r"\mathrm{a\_b}"),
        ("d_x", r"\frac{\partial\,\mathrm{loss}}{\partial\,x}"),
        ("θ", r"\mathrm{\theta }"),
    ],
)
def test_names_become_symbols(name: str, expected: str) -> None:
    assert symbol(name) == expected
