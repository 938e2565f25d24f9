"""``pytest -m lesson04 --answers=FOLDER``: what learners and their teachers read."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from lessons import plugin

ROOT = Path(__file__).parents[2]
EXERCISES = plugin.MODEL.with_name("exercises")


def run_pytest(*options: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300
    )
    return done.returncode, done.stdout + done.stderr


def spoil(path: Path, right: str, wrong: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert right in text
    path.write_text(text.replace(right, wrong), encoding="utf-8")


@pytest.fixture
def anna(tmp_path: Path) -> Path:
    """One exercise right, one wrong, one that fails while it runs, one not yet done."""
    folder = tmp_path / "anna"
    shutil.copytree(plugin.MODEL, folder)
    file = folder / "lesson04.py"
    spoil(file, "return dy @ weight, dy.T @ x,", "return dy @ weight, x.T @ dy,")
    spoil(file, "return x @ weight.T + bias", "return x @ weigth.T + bias")
    spoil(file, "    t = np.tanh(x @ weight.T)\n", '    raise NotImplementedError("go on")\n')
    return folder


def test_a_learner_reads_what_is_wrong_and_no_traceback(anna: Path) -> None:
    code, printed = run_pytest("-m", "lesson04", f"--answers={anna}")
    assert code == 1
    assert "1 passed" in printed
    assert "2 failed" in printed
    assert "1 not yet done" in printed
    assert "likely cause: it is the transpose of the right one" in printed.replace("\n", " ")
    line = re.search(r"lesson04.py, line \d+, in linear:\n    return x @ weigth.T", printed)
    assert line is not None
    assert "NameError: name 'weigth' is not defined" in printed
    assert "not yet done: lesson04, gated_backprop: go on" in printed
    assert "judge.py" not in printed
    assert "tinygrad_edu/" not in printed
    assert len(printed.splitlines()) < 25


def test_a_teacher_reads_who_has_done_what(anna: Path) -> None:
    group = anna.parent
    shutil.copytree(plugin.MODEL, group / "ben")
    shutil.copytree(EXERCISES, group / "chen")
    dora = group / "dora"
    dora.mkdir()
    (dora / "lesson03.py").write_text("def matmul_backprop(x, w, dy:\n", encoding="utf-8")
    code, printed = run_pytest("-m", "lesson03 or lesson04", f"--answers={group}", "--tb=no")
    assert code == 1
    table = printed[printed.index("student") :].splitlines()
    assert [line.split() for line in table[:5]] == [
        ["student", "03", "04"],
        ["anna", "++++", "+xx-"],
        ["ben", "++++", "++++"],
        ["chen", "----", "----"],
        ["dora", "xxxx", "----"],
    ]


def test_right_answers_pass_and_nothing_else_is_run(tmp_path: Path) -> None:
    shutil.copy(plugin.MODEL / "lesson02.py", tmp_path)
    code, printed = run_pytest("-m", "lesson02", f"--answers={tmp_path}")
    assert code == 0
    assert "3 passed" in printed
    assert "not yet done" not in printed


def test_a_folder_without_answers_is_refused(tmp_path: Path) -> None:
    code, printed = run_pytest(f"--answers={tmp_path}")
    assert code == pytest.ExitCode.USAGE_ERROR
    assert "copy examples/lessons/exercises to begin with" in printed


def test_only_the_exercises_are_collected_where_a_lesson_is_asked_for() -> None:
    code, printed = run_pytest("-m", "lesson04", "--collect-only")
    assert code == 0
    named = [line for line in printed.splitlines() if "::" in line]
    assert len(named) == 4
    assert all(line.startswith("tests/lessons/test_lesson04.py::") for line in named)
