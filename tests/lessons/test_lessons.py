"""Every lesson is a program that runs by itself, is short, and shows what it says it shows."""

from __future__ import annotations

import ast
import io
import re
import runpy
import struct
import sys
import tempfile
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from lessons.plugin import LESSONS

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "examples" / "lessons"
PROGRAMS = {path.name[:8]: path for path in sorted(FOLDER.glob("lesson*.py"))}
QUICK = (
    "lesson07",
    "lesson08",
    "lesson11",
    "lesson12",
    "lesson14",
)  # lesson 5's law takes them all
DRAWS = {
    "lesson01": "svg", "lesson04": "svg", "lesson05": "png", "lesson06": "png", "lesson07": "png",
    "lesson08": "png", "lesson09": "png", "lesson11": "png", "lesson13": "svg", "lesson14": "png",
}  # fmt: skip
MOST_LINES = 60

Shown = Callable[[str], tuple[str, Path]]
pytestmark = pytest.mark.usefixtures("as_before")


def run(lesson: str, *options: str) -> str:
    """Run a lesson as from the command line; return what it prints."""
    path, printed = PROGRAMS[lesson], io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(printed):
        patch.setattr(sys, "argv", [str(path), *options])
        runpy.run_path(str(path), run_name="__main__")
    return printed.getvalue()


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """Run a lesson in an empty folder, once; return what it printed, and that folder."""

    @cache
    def once(lesson: str) -> tuple[str, Path]:
        folder = tmp_path_factory.mktemp(lesson)
        options = ["--quick"] if lesson in QUICK else []
        options += ["--out", str(folder / "new" / "pictures")] if lesson in DRAWS else []
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(folder)
            return run(lesson, *options), folder

    return once


def numbers(line: str) -> list[float]:
    return [float(word) for word in re.findall(r"-?\d+\.?\d*(?:e[-+]\d+)?", line)]


def lines(text: str, start: str) -> list[list[float]]:
    """Return the numbers in every line that begins like this."""
    rest = [line[len(start) :] for line in text.splitlines() if line.startswith(start)]
    assert rest, f"no line begins with {start!r}"
    return [numbers(each) for each in rest]


# ------------------------------------------------------------------------ what holds for all
def test_there_is_a_program_an_exercise_and_an_answer_file_for_every_lesson() -> None:
    assert sorted(PROGRAMS) == LESSONS
    for kind in ("exercises", "answers"):
        assert sorted(path.stem for path in (FOLDER / kind).glob("*.py")) == LESSONS


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_is_short(lesson: str) -> None:
    text = PROGRAMS[lesson].read_text(encoding="utf-8")
    documented = (ast.Module, ast.FunctionDef, ast.ClassDef)
    described: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, documented) and ast.get_docstring(node) is not None:
            docstring = node.body[0]
            described.update(range(docstring.lineno, (docstring.end_lineno or 0) + 1))
    code = [
        line
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip() and not line.strip().startswith("#") and number not in described
    ]
    assert len(code) <= MOST_LINES


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_says_what_to_look_for_and_what_to_read(lesson: str) -> None:
    path = PROGRAMS[lesson]
    described = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    assert described.startswith(f"Lesson {int(lesson[-2:])}: ")
    assert "\nLook for: " in described
    assert f"python examples/lessons/{path.name}" in described
    _, to_read = described.split("\nRead next in the source: ")
    named = re.findall(r"``([\w/]+\.py)``", to_read)
    assert named
    places = [ROOT, ROOT / "tinygrad_edu", (ROOT / named[0]).parent]
    for each in named:
        assert any((place / each).exists() for place in places), each


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_picture_is_written_where_it_is_said_and_nothing_else(lesson: str, shown: Shown) -> None:
    if DRAWS.get(lesson) == "png":
        pytest.importorskip("matplotlib", reason="the curves are drawn by Matplotlib")
    printed, folder = shown(lesson)
    files = [path for path in folder.rglob("*") if path.is_file()]
    if "no picture: " in printed:  # there is no Graphviz
        assert DRAWS[lesson] == "svg"
        assert files == []
    elif lesson in DRAWS:
        picture = folder / "new" / "pictures" / f"{lesson}.{DRAWS[lesson]}"
        assert files == [picture]
        assert f"the picture: {picture}" in printed
    else:
        assert files == []


@pytest.mark.parametrize("lesson", [lesson for lesson in DRAWS if DRAWS[lesson] == "png"])
def test_without_matplotlib_a_lesson_says_what_is_missing_and_goes_on(
    lesson: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    quick = ["--quick"] if lesson in {*QUICK, "lesson05"} else []
    printed = run(lesson, *quick, "--out", str(tmp_path))
    assert "no picture: it needs Matplotlib, pip install 'tinygrad_edu[plot]'" in printed


def test_without_a_folder_the_picture_goes_to_a_temporary_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "elsewhere"))
    monkeypatch.chdir(tmp_path)
    run("lesson01")
    assert [path.name for path in tmp_path.iterdir()] == ["elsewhere"]


# ---------------------------------------------------------------------- what each one shows
def test_lesson01_gradients_are_what_nudging_gives(shown: Shown) -> None:
    printed = shown("lesson01")[0]
    assert lines(printed, "the result:") == [[16.0]]
    for name in "abc":
        ((gradient, nudged),) = lines(printed, f"{name}  ")
        assert abs(gradient - nudged) < 0.01


def test_lesson02_the_chain_rule_by_hand_gives_the_recorded_gradients(shown: Shown) -> None:
    found = lines(shown("lesson02")[0], "loss moves with ")
    assert len(found) == 4
    for by_hand, recorded in found:
        assert by_hand == recorded


def test_lesson03_the_formulas_agree_and_the_wrong_one_is_explained(shown: Shown) -> None:
    printed = shown("lesson03")[0]
    ((_, _, by_loop, recorded),) = lines(printed, "d_w[")
    assert by_loop == recorded
    assert "all three agree with the recorded gradients: True" in printed
    assert "it is the transpose of the right one" in " ".join(printed.split())


def test_lesson04_the_layer_by_hand_is_the_module(shown: Shown) -> None:
    printed = shown("lesson04")[0]
    assert lines(printed, "the module: ") == lines(printed, "by hand:    ")
    for name in ("x  ", "weight  ", "bias  "):
        assert lines(printed, name)[0][0] < 1e-14


def test_lesson05_the_network_learns_as_the_article_says(shown: Shown) -> None:
    printed = shown("lesson05")[0]
    ((first, last, steps),) = lines(printed, "the loss:")
    assert steps == 1500
    assert last < 0.01 < 1 < first
    assert lines(printed, "by hand and recorded gradients differ by")[0][0] < 1e-14
    for *_, prediction, wanted in lines(printed, "["):
        assert round(prediction) == wanted


def test_lesson06_a_neuron_without_bias_says_a_half_at_the_origin(shown: Shown) -> None:
    printed = shown("lesson06")[0]
    for x1, x2, _, without, with_bias, with_ones in lines(printed, "["):
        assert with_bias == with_ones
        assert (without == 0.5) == (x1 == x2 == 0)
    ((bias, weight_of_ones),) = lines(printed, "the bias:")
    assert bias == weight_of_ones


def test_lesson07_the_sigmoid_has_the_smallest_slope_and_learns_slowest(shown: Shown) -> None:
    printed = shown("lesson07")[0]
    slope, _, loss = lines(printed, "sigmoid ")[0]
    assert slope == 0.25
    for name in ("tanh", "relu", "silu"):
        other = lines(printed, f"{name} ")[0]
        assert other[0] >= 1
        assert other[2] < loss


def test_lesson08_beyond_the_limit_every_step_leads_away(shown: Shown) -> None:
    printed = shown("lesson08")[0]
    for rate, *places in lines(printed, "rate ")[:5]:
        for before, after in zip([1.0, *places], places):
            assert after == pytest.approx((1 - rate * 4) * before, abs=2e-3)
    losses = {rate: after for rate, _, after, _ in lines(printed, "rate ")[5:]}
    assert losses[1] < losses[0.1] < losses[100]


def test_lesson09_the_gradient_vanishes_in_sigmoids_only(shown: Shown) -> None:
    printed = shown("lesson09")[0]
    assert lines(printed, "sigmoid  ")[0][2] < 1e-4
    for name in ("tanh", "relu", "sigmoid, and a way around"):
        assert lines(printed, name)[0][2] > 0.01


def test_lesson10_the_loops_are_conv2d_and_the_kernel_is_found(shown: Shown) -> None:
    printed = shown("lesson10")[0]
    assert lines(printed, "loops and conv2d differ by")[0] < [1e-14]
    assert lines(printed, "their gradients differ by")[0] < [1e-14]
    (wanted,) = lines(printed, "the kernel that was looked for:")
    (learnt,) = lines(printed, "the kernel that was learnt:")
    np.testing.assert_allclose(learnt, wanted, atol=0.01)


def test_lesson11_learns_without_a_download(shown: Shown) -> None:
    printed = shown("lesson11")[0]
    losses = [row[1] for row in lines(printed, "epoch ")]
    assert losses[-1] < losses[0] < 3
    assert losses[-1] < np.log(10)


def test_lesson11_reads_the_files_of_mnist(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    for name, shape, most in (("images-idx3", (60, 28, 28), 256), ("labels-idx1", (60,), 10)):
        head = struct.pack(f">I{len(shape)}I", 0x800 + len(shape), *shape)
        content = generator.integers(0, most, shape).astype(np.uint8).tobytes()
        (tmp_path / f"t10k-{name}-ubyte").write_bytes(head + content)
    printed = run("lesson11", "--quick", "--root", str(tmp_path), "--out", str(tmp_path))
    assert len(lines(printed, "epoch ")) == 5
    assert "the images:" not in printed


def test_lesson12_the_model_pays_less_than_guessing(shown: Shown) -> None:
    printed = shown("lesson12")[0]
    guessing = lines(printed, "guessing costs")[0][1]
    costs = [row[1] for row in lines(printed, "step ")]
    assert costs[0] > 0.9 * guessing
    assert costs[-1] < guessing / 3


def test_lesson13_the_right_rules_pass_and_the_wrong_one_is_explained(shown: Shown) -> None:
    printed = shown("lesson13")[0]
    assert "bump, to second order: True" in printed
    assert "wide_bump, one width for all places: True" in printed
    explained = "the rule of wrong_bump for x is at fault; likely cause: a factor of 2"
    assert explained in " ".join(printed.split())
    assert lines(printed, "step 400")[0][0] < 0.01


def test_lesson14_second_derivatives_are_right_and_lead_to_the_bottom(shown: Shown) -> None:
    printed = shown("lesson14")[0]
    table = lines(printed, "-") + lines(printed, " ")
    for *_, by_rules, by_hand in [row for row in table if len(row) == 5]:
        assert by_rules == by_hand
    assert lines(printed, "Newton")[0][-1] < 1e-12 < lines(printed, "gradient descent")[0][-1]
