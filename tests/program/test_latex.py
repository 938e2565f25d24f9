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


def rows(loss: tg.Tensor) -> list[str]:
    return [row.removesuffix(r" \\") for row in derive(loss).latex().split("\n")[1:-1]]


@pytest.mark.parametrize(
    ("loss", "row"),
    [
        (lambda: (parameter("a", 2, 3).sum(axis=0) ** 2).sum(),
         r"t_{1} &= \sum_{i} \left(a\right)_{ij}"),
        (lambda: parameter("a", 2, 3).sum(axis=1).sum(),
         r"\mathrm{loss} &= \sum_{ij} \left(a\right)_{ij}"),
        (lambda: parameter("a", 2, 3).sum(axis=1, keepdims=True).sum(axis=0).sum(),
         r"\mathrm{loss} &= \sum_{ij} \left(a\right)_{ij}"),
        (lambda: parameter("a", 2, 3).mean(),
         r"\mathrm{loss} &= \frac{1}{6} \sum_{ij} \left(a\right)_{ij}"),
        (lambda: parameter("a", 2, 3).mean(),
         r"\frac{\partial\,\mathrm{loss}}{\partial\,a} &= \frac{1}{6}\,\mathbf{1}_{2 \times 3}"),
        (lambda: (parameter("a", 2, 3).reshape(6) * 0.123456789).sum(),
         r"\mathrm{loss} &= \sum_{i} \left(0.123456\ldots\,"
         r"\operatorname{reshape}_{6}\left(a\right)\right)_{i}"),
        (lambda: parameter("a", 2, 3)[1, :2].sum(),
         r"\mathrm{loss} &= \sum_{i} \left(a\mathtt{[1, {:}2]}\right)_{i}"),
        (lambda: sum(map(np.sum, np.linalg.qr(parameter("a", 2, 2)))),
         r"\left(t_{1}, t_{2}\right) &= \operatorname{qr}\left(a\right)"),
        (lambda: np.clip(parameter("a", 2), 0, None).sum(),
         r"\mathrm{loss} &= \sum_{i} "
         r"\left(\operatorname{clip}\left(a, 0, \emptyset\right)\right)_{i}"),
    ],
)  # fmt: skip
def test_formulas_are_those_of_a_textbook(loss: Any, row: str) -> None:
    assert row in rows(loss())


def test_a_long_argument_is_not_repeated() -> None:
    a, b, c = (parameter(f"w_o_r_d_s_i_n_{letter}", 2, 2) for letter in "abc")
    assert r"\tanh'" in derive(np.tanh(a + b).sum()).latex()
    assert r"\tanh'" not in derive(np.tanh(a + b + c).sum()).latex()


def test_formulas_may_go_over_pages() -> None:
    derivation = derive(article())
    text = derivation.latex("align*")
    assert text == derivation.latex().replace("{aligned}", "{align*}")
