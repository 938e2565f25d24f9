"""Exercises as tests: ``-m lesson04`` checks the model answers, ``--answers=`` somebody's own.

A test of an exercise takes the fixture ``answers`` and calls the function that it is
about. With ``--answers=FOLDER`` the functions come from there, and what went wrong is
told to a learner: one sentence, and never the inside of this test run. If the folder
holds folders, each is one student's.

Read next: ``judge.py``, which compares, and ``test_lesson01.py``.
"""

from __future__ import annotations

import importlib.util
import itertools
import textwrap
import traceback
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

import tinygrad_edu as tg
from tinygrad_edu.op import REGISTRY

HERE = Path(__file__).parent
MODEL = HERE.parents[1] / "examples" / "lessons" / "answers"
LESSONS = [f"lesson{number:02}" for number in range(1, 15)]
MARKS = {"right": "+", "wrong": "x", "not yet done": "-"}
WIDTH = 88
serial = itertools.count()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--answers",
        type=Path,
        metavar="FOLDER",
        help="check the answers to the lessons' exercises in this folder (lesson01.py, ...), or "
        "those of every student who has a folder in it",
    )


def pytest_configure(config: pytest.Config) -> None:
    for name in LESSONS:
        text = f"{name}: the exercises of lesson {int(name[-2:])}; see --answers"
        config.addinivalue_line("markers", text)
    folder = config.getoption("--answers")
    if folder is not None and not students(folder):
        raise pytest.UsageError(
            f"there is no file such as lesson01.py in {folder}, nor in a folder in it; copy "
            f"examples/lessons/exercises to begin with"
        )
    if folder is not None and config.option.reportchars == "fE":
        config.option.reportchars = ""  # what has failed is told in full, or stands in the table


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Read no other tests where only exercises are asked for: there are very many."""
    if not config.getoption("--answers") and "lesson" not in config.getoption("-m"):
        return None
    outside = HERE not in (collection_path, *collection_path.parents)
    leads_here = collection_path in HERE.parents
    return True if outside and not leads_here else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With answers of somebody's own, run the exercises only; a warning is no mistake there."""
    if not config.getoption("--answers"):
        return
    chosen = [item for item in items if is_exercise(item)]
    config.hook.pytest_deselected(items=[item for item in items if not is_exercise(item)])
    for item in chosen:
        item.add_marker(pytest.mark.filterwarnings("default"))
    items[:] = chosen


def is_exercise(item: pytest.Item) -> bool:
    return "answers" in getattr(item, "fixturenames", ())


def students(folder: Path | None) -> list[Path]:
    """List the folders to check: one, or one for each student."""
    if folder is None:
        return [MODEL]
    if any(folder.glob("lesson*.py")):
        return [folder]
    return sorted({file.parent for file in folder.glob("*/lesson*.py")})


# ------------------------------------------------------------------------- handing out the answers
class Answers:
    """The functions in one file of answers; the file is read when the first one is asked for."""

    def __init__(self, path: Path) -> None:
        self._path, self._module = path, None

    def __getattr__(self, name: str) -> Any:
        if self._module is None:
            if not self._path.exists():
                raise NotImplementedError(f"there is no file {self._path.name}")
            self._module = read(self._path)
        if not hasattr(self._module, name):
            raise NotImplementedError(f"there is no {name} in {self._path.name}")
        return getattr(self._module, name)


def read(path: Path) -> Any:
    """Run a file as a module of its own."""
    spec = importlib.util.spec_from_file_location(f"{path.stem}_{next(serial)}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "answers" in metafunc.fixturenames:
        folders = students(metafunc.config.getoption("--answers"))
        names = [folder.resolve().name for folder in folders]
        metafunc.parametrize("answers", folders, ids=names, indirect=True)


@pytest.fixture
def as_before() -> Iterator[None]:
    """Undo what answers do to the library: they declare ops, and draw random numbers."""
    ops, dtype, numbers = dict(REGISTRY), tg.get_default_dtype(), tg.get_rng_state()
    yield
    tg.set_rng_state(numbers)
    tg.set_default_dtype(dtype)
    REGISTRY.clear()
    REGISTRY.update(ops)


@pytest.fixture
def answers(request: pytest.FixtureRequest, as_before: None) -> Answers:
    """Hand out the answers to a lesson's exercises."""
    tg.manual_seed(0)
    lesson = request.path.stem.removeprefix("test_")
    exercise = request.function.__name__.removeprefix("test_")
    path = request.param.resolve() / f"{lesson}.py"
    request.node.user_properties.append(("exercise", path.parent.name, lesson, exercise))
    return Answers(path)


# ------------------------------------------------------------------------ telling what came of them
@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, Any, Any]:
    """Tell learners what is wrong in their own terms."""
    report = yield
    own = item.config.getoption("--answers") is not None
    if call.excinfo is not None and call.when == "call" and own and is_exercise(item):
        error = call.excinfo.value
        report.longrepr = explained(error, item)
        report.not_yet_done = isinstance(error, NotImplementedError)
    return report


def explained(error: BaseException, item: Any) -> str:
    """Say what is wrong with an answer; if it failed while it ran, where."""
    folder = item.callspec.params["answers"].resolve()
    if isinstance(error, NotImplementedError):
        return str(error)
    text = str(error)
    if isinstance(error, AssertionError):
        text = "\n".join(textwrap.fill(line, WIDTH) for line in text.splitlines())
    else:
        text = "".join(traceback.format_exception_only(error)).rstrip()
    own = [
        frame
        for each in (error, error.__cause__)  # the library raises an error that says more
        if each is not None
        for frame in traceback.extract_tb(each.__traceback__)
        if Path(frame.filename).parent == folder
    ]
    if not own:
        return text
    frame = own[-1]
    place = f"{Path(frame.filename).name}, line {frame.lineno}, in {frame.name}"
    return f"{place}:\n    {frame.line}\n{text}"


def pytest_report_teststatus(report: Any) -> tuple[str, str, str] | None:
    if getattr(report, "not_yet_done", False):
        return "not yet done", MARKS["not yet done"], "NOT YET DONE"
    return None


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """List what is not yet done, or, for a class, who has done what."""
    if config.getoption("--answers") is None:
        return
    results = {}
    for kind, mark in (("passed", "right"), ("failed", "wrong"), ("not yet done",) * 2):
        for report in terminalreporter.stats.get(kind, []):
            for _, student, lesson, name in report.user_properties:
                results[student, lesson, name] = (mark, report.longrepr)
    if len(students(config.getoption("--answers"))) > 1:
        write_table(terminalreporter, results)
        return
    undone = [(key, text) for key, (mark, text) in results.items() if mark == "not yet done"]
    for (_, lesson, name), text in undone:
        text = f"not yet done: {lesson}, {name}: {text}"
        terminalreporter.write_line(textwrap.fill(text, WIDTH, subsequent_indent="    "))


def write_table(terminalreporter: Any, results: dict[tuple[str, str, str], Any]) -> None:
    """Write a line for each student, and a sign for each exercise."""
    terminalreporter.section("who has done what: + right, x wrong, - not yet done")
    names = sorted({student for student, _, _ in results})
    lessons = sorted({lesson for _, lesson, _ in results})
    width = max(map(len, [*names, "student"])) + 2
    terminalreporter.write_line("student".ljust(width) + " ".join(n[-2:].ljust(4) for n in lessons))
    for student in names:
        cells = [
            "".join(MARKS[mark] for (who, what, _), (mark, _) in results.items()
                    if (who, what) == (student, lesson))
            for lesson in lessons
        ]  # fmt: skip
        terminalreporter.write_line(
            student.ljust(width) + " ".join(c.ljust(4) for c in cells).rstrip()
        )
