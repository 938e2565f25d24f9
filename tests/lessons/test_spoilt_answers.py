"""The checks of the exercises can fail: they find wrong answers, and say what is wrong."""

from __future__ import annotations

import inspect
import re
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from lessons import plugin
from lessons.spoilt import SPOILT, Spoilt

HERE = Path(__file__).parent
CHECKS = {lesson: plugin.read(HERE / f"test_{lesson}.py") for lesson in plugin.LESSONS}


def exercises(lesson: str) -> dict[str, Any]:
    """Return the checks of a lesson by the exercise's name."""
    found = inspect.getmembers(CHECKS[lesson], inspect.isfunction)
    return {name.removeprefix("test_"): f for name, f in found if name.startswith("test_")}


EXERCISES = [(lesson, name) for lesson in plugin.LESSONS for name in exercises(lesson)]


def check(lesson: str, exercise: str, answers: Any) -> None:
    exercises(lesson)[exercise](answers)


@pytest.mark.filterwarnings("ignore:(overflow|invalid):RuntimeWarning")
@pytest.mark.usefixtures("as_before")
@pytest.mark.parametrize("case", SPOILT, ids=lambda case: f"{case.lesson}-{case.exercise}")
def test_a_spoilt_answer_is_found_and_explained(case: Spoilt) -> None:
    text = (plugin.MODEL / f"{case.lesson}.py").read_text(encoding="utf-8")
    assert text.count(case.right) == 1, f"{case.right!r} is there {text.count(case.right)} times"
    answers = ModuleType(case.lesson)
    exec(text.replace(case.right, case.wrong), vars(answers))  # noqa: S102 -- it is our own text
    with pytest.raises(Exception, match=re.escape(case.says)):
        check(case.lesson, case.exercise, answers)


def test_every_exercise_has_two_spoilt_answers_at_least() -> None:
    counts = Counter((case.lesson, case.exercise) for case in SPOILT)
    assert set(counts) == set(EXERCISES)
    assert min(counts.values()) >= 2


@pytest.mark.usefixtures("as_before")
@pytest.mark.parametrize(("lesson", "exercise"), EXERCISES)
def test_an_exercise_that_is_handed_out_is_not_yet_done(lesson: str, exercise: str) -> None:
    handed_out = plugin.read(plugin.MODEL.with_name("exercises") / f"{lesson}.py")
    with pytest.raises(NotImplementedError):
        check(lesson, exercise, handed_out)


@pytest.mark.parametrize("lesson", plugin.LESSONS)
def test_a_lesson_has_two_to_four_exercises(lesson: str) -> None:
    assert 2 <= len(exercises(lesson)) <= 4
