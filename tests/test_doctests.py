"""Every example in a docstring runs, and prints what it says."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest

import tinygrad_edu
import tinygrad_edu.ops.everything  # what one example reads in, the next one has too
from tinygrad_edu import dispatch, op, recording

MODULES = [
    info.name
    for info in pkgutil.walk_packages(tinygrad_edu.__path__, "tinygrad_edu.")
    if not info.name.endswith("__main__")
]


def examples(name: str) -> Iterator[doctest.DocTest]:
    """Find a module's examples, those of its ops included, which doctest takes for another's."""
    module = importlib.import_module(name)
    typed = {"__name__": "__main__"}  # as a reader types them, not as a part of the package
    yield from doctest.DocTestFinder(exclude_empty=True).find(module, extraglobs=typed)
    for each in vars(module).values():
        if hasattr(each, "op") and getattr(each, "__module__", None) == name and each.__doc__:
            parser = doctest.DocTestParser()
            yield parser.get_doctest(each.__doc__, {}, each.__name__, module.__file__, 0)


@pytest.fixture(autouse=True)
def _leave_no_trace() -> Any:
    tables = [(table, dict(table)) for table in (op.REGISTRY, dispatch.NUMPY, dispatch.OPS)]
    context = recording.CONTEXT.get()
    yield
    recording.CONTEXT.set(context)
    for table, before in tables:
        table.clear()
        table.update(before)


@pytest.mark.parametrize("name", MODULES)
def test_examples_print_what_they_say(
    name: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # some examples write files
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    for example in examples(name):
        runner.run(example)
    assert runner.summarize(verbose=False).failed == 0
