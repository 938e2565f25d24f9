"""All examples keep one form, so that who has read one finds the way in every other."""

from __future__ import annotations

import ast
import re
import struct

import pytest
from example_runs import EXAMPLES, FOLDER, Run

BLANK = 5000
"""A picture of this many bytes or fewer shows nothing, whatever its format."""


@pytest.fixture(scope="module", params=EXAMPLES)
def example(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def test_the_first_words_say_what_it_shows_and_how_it_is_run(example: str) -> None:
    said = ast.get_docstring(ast.parse((FOLDER / f"{example}.py").read_text(encoding="utf-8")))
    assert said is not None
    assert re.match(r"[A-Z].{20,90}[.?:!]", said.splitlines()[0])
    for part in (f"python examples/{example}.py", "--quick", "--out DIR"):
        assert part in " ".join(said.split())


def test_the_same_options_are_there_everywhere(
    example: str, run_example: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="0"):
        run_example.module(example).main(["--help"])
    options = capsys.readouterr().out
    for option in ("--quick", "--out", "--seed"):
        assert option in options


def test_it_says_where_its_pictures_are_and_they_show_something(
    example: str, run_example: Run
) -> None:
    done = run_example(example)
    assert str(done.out) in done.printed
    pictures = [path for path in done.out.iterdir() if path.suffix in (".png", ".svg", ".gif")]
    assert pictures
    for path in pictures:
        assert path.stat().st_size > BLANK, path.name
        if path.suffix == ".png":
            width, height = struct.unpack(">II", path.read_bytes()[16:24])
            assert 400 <= width <= 1700, path.name
            assert 150 <= height <= 1700, path.name


def test_it_writes_nowhere_else(example: str, run_example: Run) -> None:
    assert run_example(example).elsewhere == []


def test_the_gallery_shows_it(example: str) -> None:
    gallery = FOLDER.parent / "docs" / "examples"
    page = (gallery / f"{example.replace('_', '-')}.md").read_text(encoding="utf-8")
    assert f"../../examples/{example}.py" in page
    assert f"python examples/{example}.py" in page
    assert example.replace("_", "-") in (gallery / "index.md").read_text(encoding="utf-8")
