"""Pictures, and what becomes of them when Graphviz is missing, fails, hangs, or the disk refuses.

The stand-ins for ``dot`` are shell scripts, put on an otherwise empty PATH.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path
from subprocess import Popen, TimeoutExpired
from typing import Any

import pytest

import tinygrad_edu as tg
from tinygrad_edu.draw import Drawing, Graph, RenderError, draw, graph
from tinygrad_edu.draw.fonts import with_fonts
from tinygrad_edu.draw.render import render

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-ins for dot are shell scripts")

FakeDot = Callable[[str], Path]


@pytest.fixture
def drawing() -> Drawing:
    return draw(tg.Tensor(3.0, requires_grad=True, name="w") ** 2)


@pytest.fixture
def no_dot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a PATH on which there is no ``dot``."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.fixture
def no_graphviz(no_dot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pygraphviz", None)


@pytest.fixture
def fake_dot(no_dot: Path) -> FakeDot:
    """Put a script on the PATH that is called ``dot``."""

    def write(script: str) -> Path:
        program = no_dot / "dot"
        program.write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{script}\n")
        program.chmod(0o755)
        return program

    return write


# ------------------------------------------------------------------- with a Graphviz
@pytest.mark.parametrize(
    ("kind", "start"), [("svg", b"<?xml"), ("png", b"\x89PNG\r\n"), ("pdf", b"%PDF-")]
)
def test_pygraphviz_makes_every_kind_of_picture_where_there_is_no_dot(
    no_dot, drawing, tmp_path, kind, start
) -> None:
    pytest.importorskip("pygraphviz", reason="this is a test of pictures made by pygraphviz")
    path = drawing.render(tmp_path / f"a picture.{kind}")
    assert path == tmp_path / f"a picture.{kind}"
    assert path.read_bytes().startswith(start)
    assert sorted(os.listdir(tmp_path)) == [path.name, "programs"]


def test_pygraphviz_is_not_confused_by_files_of_the_user(
    no_dot, drawing, tmp_path, monkeypatch
) -> None:
    pytest.importorskip("pygraphviz", reason="this is a test of pictures made by pygraphviz")
    for name in ("pygraphviz.py", "subprocess.py", "sitecustomize.py"):
        (tmp_path / name).write_text("raise SystemExit('the wrong file')")
    monkeypatch.chdir(tmp_path)
    assert render(drawing.source, "svg").startswith(b"<?xml")


def test_dot_is_asked_before_pygraphviz_with_a_format_and_nothing_of_the_users(
    fake_dot, drawing, tmp_path
) -> None:
    log = tmp_path / "log"
    fake_dot(f'echo "$#" "$@" > {log}; pwd >> {log}; cat >> {log}; echo picture')
    assert drawing.render(tmp_path / "x.svg").read_text() == "picture\n"
    arguments, folder, *source = log.read_text().splitlines()
    assert arguments == "1 -Tsvg"
    assert "\n".join(source) == drawing.source.rstrip("\n")
    assert not os.path.exists(folder)
    drawing.render(tmp_path / "x.png")
    assert log.read_text().splitlines()[0] == "2 -Tpng -Gdpi=150"


def test_a_dot_at_a_relative_place_is_found(fake_dot, drawing, tmp_path, monkeypatch) -> None:
    fake_dot("echo picture")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "programs")
    assert render(drawing.source, "svg") == b"picture\n"


# ---------------------------------------------------------------- without, or a bad one
def test_without_graphviz_the_error_names_both_remedies_and_the_text_is_there(
    no_graphviz, drawing, tmp_path
) -> None:
    with pytest.raises(RenderError, match=r"pip install pygraphviz.*`dot`.*PATH") as caught:
        drawing.render(tmp_path / "x.svg")
    assert isinstance(caught.value, RuntimeError)
    assert drawing.source.startswith("digraph")
    assert drawing.render(tmp_path / "x.dot").read_text() == drawing.source
    assert not (tmp_path / "x.svg").exists()


def is_running(pid: int) -> bool:
    """Tell whether a process is there, and is not merely waiting for its parent to ask."""
    try:
        os.kill(pid, 0)
        status = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except ProcessLookupError:
        return False
    except FileNotFoundError:
        return not Path("/proc").exists()
    return status != "Z"


def test_a_hanging_dot_is_stopped_when_its_time_is_up(fake_dot, drawing, tmp_path) -> None:
    fake_dot("sleep 1000")
    with pytest.raises(RenderError, match=r"took longer than 0\.1 s and was stopped.*timeout="):
        drawing.render(tmp_path / "x.svg", timeout=0.1)
    assert not (tmp_path / "x.svg").exists()


@pytest.mark.parametrize("end", [TimeoutExpired("dot", 1), KeyboardInterrupt()])
def test_with_dot_all_that_it_has_started_is_stopped(
    fake_dot, drawing, tmp_path, monkeypatch, end
) -> None:
    log, wait = tmp_path / "log", Popen.wait
    fake_dot(f"sleep 1000 & echo $! $$ > {log}.part; mv {log}.part {log}; wait")

    def wait_for_the_log(process: Any, timeout: float | None = None) -> int:
        if timeout is None:
            return wait(process)
        while not log.exists():
            time.sleep(0.01)
        raise end

    monkeypatch.setattr(Popen, "wait", wait_for_the_log)
    with pytest.raises((RenderError, KeyboardInterrupt)):
        drawing.render(tmp_path / "x.svg")
    pids = [int(pid) for pid in log.read_text().split()]
    assert len(pids) == 2
    deadline = time.monotonic() + 5  # the system may need a moment to end them
    while any(map(is_running, pids)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not any(map(is_running, pids))


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ("echo 'syntax error in line 1' >&2; exit 3", r"exit code 3\): syntax error in line 1"),
        ("exit 1", r"exit code 1\): it said nothing"),
        ("exit 0", r"exit code 0\): it said nothing"),
        ("kill -SEGV $$", "exit code -11"),
        ("head -c 10000 /dev/zero | tr '\\0' x >&2; exit 1", r": x{500}$"),
    ],
)
def test_a_failing_dot_is_quoted_and_nothing_is_written(
    fake_dot, drawing, tmp_path, script, complaint
) -> None:
    fake_dot(script)
    (tmp_path / "x.svg").write_text("older")
    with pytest.raises(RenderError, match=complaint):
        drawing.render(tmp_path / "x.svg")
    assert (tmp_path / "x.svg").read_text() == "older"
    assert len(os.listdir(tmp_path)) == 2


def test_a_dot_that_is_no_program_is_an_error_of_its_own(fake_dot, drawing, tmp_path) -> None:
    fake_dot("").write_bytes(b"\0\0")
    with pytest.raises(RenderError, match="could not be run"):
        drawing.render(tmp_path / "x.svg")


# --------------------------------------------------------------------------- the files
@pytest.mark.parametrize("name", ["-x.dot", "with spaces.dot", "--help.dot", "ü|;$(id).DOT"])
def test_any_file_name_is_only_a_file_name(drawing, tmp_path, monkeypatch, name) -> None:
    monkeypatch.chdir(tmp_path)
    assert drawing.render(name) == Path(name)
    assert os.listdir(tmp_path) == [name]
    assert Path(name).read_text() == drawing.source


@pytest.mark.parametrize("name", ["-x.svg", "with spaces.svg", "--help.svg"])
def test_no_file_name_reaches_dot(fake_dot, drawing, tmp_path, monkeypatch, name) -> None:
    fake_dot("echo $#")
    monkeypatch.chdir(tmp_path)
    assert drawing.render(name).read_text() == "1\n"


@pytest.mark.parametrize("name", ["x", "x.gif", "x.svg.txt", ".svg", ""])
def test_an_unknown_suffix_is_refused_before_anything_is_done(drawing, tmp_path, name) -> None:
    with pytest.raises(ValueError, match=r"one of \.svg, \.png, \.pdf, \.dot"):
        drawing.render(tmp_path / name)
    assert os.listdir(tmp_path) == []


def test_a_folder_that_is_not_there_is_named(drawing, tmp_path) -> None:
    path = tmp_path / "missing" / "x.dot"
    with pytest.raises(FileNotFoundError, match="is the folder there") as caught:
        drawing.render(path)
    assert caught.value.filename == str(path)
    assert caught.value.errno == errno.ENOENT


def test_a_file_in_place_of_the_folder_and_a_folder_in_place_of_the_file_are_errors(
    drawing, tmp_path
) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder.dot").mkdir()
    with pytest.raises(NotADirectoryError):
        drawing.render(tmp_path / "file" / "x.dot")
    with pytest.raises(OSError, match="folder"):
        drawing.render(tmp_path / "folder.dot")
    assert sorted(os.listdir(tmp_path)) == ["file", "folder.dot"]


def test_a_full_disk_leaves_the_old_file_and_nothing_else(drawing, tmp_path, monkeypatch) -> None:
    path = tmp_path / "x.dot"
    path.write_bytes(b"older")

    def full(*names: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space left on device") as caught:
        drawing.render(path)
    assert caught.value.filename == str(path)
    assert path.read_bytes() == b"older"
    assert os.listdir(tmp_path) == ["x.dot"]


def test_a_picture_may_be_read_by_whom_other_new_files_may_be_read(drawing, tmp_path) -> None:
    (tmp_path / "other").write_text("")
    drawing.render(tmp_path / "x.dot")
    assert (tmp_path / "x.dot").stat().st_mode == (tmp_path / "other").stat().st_mode


# ------------------------------------------------------------------------------ a Graph
@pytest.fixture
def run() -> Graph:
    return graph(tg.Tensor(3.0, requires_grad=True, name="w") ** 2)


def test_a_graph_is_written_in_the_format_of_its_suffix(run, fake_dot, tmp_path) -> None:
    fake_dot('echo "$@"')
    assert run.render(tmp_path / "x.svg").read_text() == "-Tsvg\n"
    assert run.render(tmp_path / "x.PDF").read_text() == "-Tpdf\n"
    assert run.render(tmp_path / "x.dot", theme="dark").read_text() == (
        run.digraph(theme="dark").source
    )
    assert json.loads(run.render(tmp_path / "x.json").read_text()) == run.to_json()


def test_a_graph_is_written_as_a_page(run, no_graphviz, tmp_path) -> None:
    page = run.render(tmp_path / "x.html").read_text(encoding="utf-8")
    assert "<html" in page
    assert run.explore(tmp_path / "y.html").read_text(encoding="utf-8") == page
    somewhere = run.explore()
    assert somewhere.read_text(encoding="utf-8") == page
    shutil.rmtree(somewhere.parent)


def test_an_unknown_suffix_or_option_of_a_graph_is_refused_first(run, tmp_path) -> None:
    with pytest.raises(ValueError, match=r"one of \.svg.*\.html, \.json"):
        run.render(tmp_path / "x.gif")
    with pytest.raises(ValueError, match="direction"):
        run.render(tmp_path / "x.json", direction="RL")
    assert os.listdir(tmp_path) == []


def test_a_graph_that_cannot_be_drawn_is_still_json_and_dot(run, no_graphviz, tmp_path) -> None:
    with pytest.raises(RenderError, match="install pygraphviz"):
        run.render(tmp_path / "x.svg")
    assert run.render(tmp_path / "x.json").exists()
    assert run.render(tmp_path / "x.dot").exists()


# --------------------------------------------------------------------------- the fonts
def test_matplotlibs_fonts_are_offered_besides_the_systems(tmp_path, monkeypatch) -> None:
    pytest.importorskip("matplotlib", reason="its fonts are what is offered")
    monkeypatch.delenv("FONTCONFIG_FILE", raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    environment = with_fonts(str(tmp_path))
    root = ElementTree.parse(environment["FONTCONFIG_FILE"])  # noqa: S314  # just written
    assert (Path(root.findtext("dir")) / "DejaVuSansMono.ttf").exists()
    assert root.findtext("include") == "/etc/fonts/fonts.conf"
    assert root.find("include").get("ignore_missing") == "yes"
    assert environment.keys() - os.environ.keys() == {"FONTCONFIG_FILE"}


@pytest.mark.parametrize("reason", ["chosen by the user", "no Linux", "no matplotlib"])
def test_fonts_are_left_alone_where_they_are_none_of_our_business(
    tmp_path, monkeypatch, reason
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin" if reason == "no Linux" else "linux")
    monkeypatch.delenv("FONTCONFIG_FILE", raising=False)
    if reason == "chosen by the user":
        monkeypatch.setenv("FONTCONFIG_FILE", "/their/own")
    if reason == "no matplotlib":
        monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert with_fonts(str(tmp_path)) == dict(os.environ)
    assert os.listdir(tmp_path) == []
