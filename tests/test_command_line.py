"""The main job, run as a person or a script would run it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tinygrad_edu.__main__ import main
from tinygrad_edu.article import by_hand, on_tensors, own_activation
from tinygrad_edu.op import REGISTRY

QUICK = ["--iterations", "3"]


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tinygrad_edu", *arguments]
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, check=False, timeout=120
    )


def test_the_main_job_reports_agreement_and_writes_what_it_says(tmp_path: Path) -> None:
    done = run("--iterations", "50", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Bit for bit the same." in done.stdout
    assert "fell in every iteration" in done.stdout
    wrote = [line.removeprefix("wrote ") for line in done.stdout.splitlines() if "wrote " in line]
    assert wrote
    assert all((tmp_path / name).stat().st_size > 0 for name in wrote)
    assert [path.name for path in tmp_path.iterdir()] == ["article-run"]


def test_json_is_one_object_and_nothing_else(tmp_path: Path) -> None:
    done = run("--json", cwd=tmp_path)
    result = json.loads(done.stdout)
    assert set(result) == {
        "loss_first",
        "loss_last",
        "monotone",
        "predictions",
        "max_abs_difference",
        "max_ulp_difference",
        "files",
    }
    assert result["max_abs_difference"] == 0
    assert result["max_ulp_difference"] == 0
    assert result["monotone"] is True
    assert result["loss_last"] < 0.05 < result["loss_first"]
    assert [round(p) for p in result["predictions"]] == [0, 1, 1, 0]
    assert all((tmp_path / name).exists() for name in result["files"])


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--hidden", "0"], "--hidden"),
        (["--hidden", "4,-1"], "--hidden"),
        (["--hidden", "four"], "--hidden"),
        (["--activation", "sigmund"], "sigmund"),
        (["--activation", "tanh,relu"], "--activation"),
        (["--learning-rate", "nan"], "--learning-rate"),
        (["--learning-rate", "inf"], "--learning-rate"),
        (["--learning-rate", "-1"], "--learning-rate"),
        (["--iterations", "0"], "--iterations"),
        (["--seed", "-1"], "--seed"),
        (["--no-such-option"], "--no-such-option"),
    ],
)
def test_nonsense_gets_one_line_and_exit_code_2(
    arguments: list[str], word: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([*QUICK, *arguments, "--out", str(tmp_path / "out")])
    output = capsys.readouterr()
    assert stopped.value.code == 2
    assert output.out == ""
    assert word in output.err
    assert len(output.err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_an_unwritable_folder_is_said_before_anything_is_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SystemExit) as stopped:
        main([*QUICK, "--out", str(tmp_path / "file" / "out")])
    assert stopped.value.code == 2
    error = capsys.readouterr().err
    assert "cannot write to" in error
    assert len(error.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_the_options_of_the_network_reach_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--hidden", "4,3", "--activation", "tanh,sigmoid", "--bias"]
    assert main([*QUICK, *arguments, "--learning-rate", "0.5", "--out", str(tmp_path)]) == 0
    output = capsys.readouterr().out
    for name in ("weights1", "weights2", "weights3", "bias1", "bias3"):
        assert name in output
    assert "Bit for bit the same." in output


OWN = """
import numpy as np
import tinygrad_edu as tg

@tg.differentiable(x=lambda dy, y, x: dy * (tg.sigmoid(x) * (1 + x - y)))
def swish(x):
    return x * tg.sigmoid(x)

@tg.differentiable(x=lambda dy, y, x: dy)
def wrong(x):
    return x * tg.sigmoid(x)

def composed(x): return np.sin(x)
def constant(x): return x.numpy()
def shared(x): return x / x.sum()
def scalar(x): return float(x)
number = 3
"""


@pytest.fixture
def _own_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "own_functions.py").write_text(OWN)
    monkeypatch.chdir(tmp_path)
    tables: list[dict[str, Any]] = [by_hand.ACTIVATIONS, on_tensors.FUNCTIONS, on_tensors.MODULES]
    tables += [REGISTRY, sys.modules]
    before = [dict(table) for table in tables]
    yield
    for table, entries in zip(tables, before):
        table.clear()
        table.update(entries)


def test_an_activation_of_ones_own_is_imported_from_the_current_folder(tmp_path: Path) -> None:
    (tmp_path / "own_functions.py").write_text(OWN)
    arguments = ["--activation", "own_functions:swish", "--learning-rate", "0.3"]
    done = run(*QUICK, *arguments, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Bit for bit the same." in done.stdout
    assert "own_functions:swish is what its own rules say" in done.stdout
    graph = next(path for path in (tmp_path / "article-run").iterdir() if path.stem == "graph")
    assert (
        "swish" in graph.with_suffix(".svg" if graph.suffix == ".png" else graph.suffix).read_text()
    )


@pytest.mark.usefixtures("_own_module")
@pytest.mark.parametrize(
    ("names", "hidden"),
    [("own_functions:composed", "4"), ("own_functions:swish,tanh,gelu", "4,3,2")],
)
def test_ones_own_activations_agree_with_the_hand_derived_network(
    names: str, hidden: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--activation", names, "--hidden", hidden, "--learning-rate", "0.1", "--json"]
    assert main([*QUICK, *arguments]) == 0
    assert json.loads(capsys.readouterr().out)["max_abs_difference"] < 1e-14


@pytest.mark.parametrize("name", own_activation.BY_NAME)
def test_every_activation_that_is_offered_by_name_trains(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tinygrad_edu.article.job.draw_pictures", lambda *_: [])
    arguments = ["--activation", name, "--learning-rate", "0.1", "--json", "--out", str(tmp_path)]
    assert main([*QUICK, *arguments]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["loss_last"] < result["loss_first"]
    assert result["max_abs_difference"] < 1e-14


@pytest.mark.usefixtures("_own_module")
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("no_such_module:swish", "cannot import 'no_such_module'"),
        ("own_functions:no_such_function", "has no function 'no_such_function'"),
        ("own_functions:number", "'number' is a int"),
        ("own_functions:wrong", "the rule of wrong for x is at fault"),
        ("own_functions:constant", "return ndarray, without a derivative"),
        ("own_functions:shared", "does not work element by element"),
        ("own_functions:scalar", "only one element can become a number"),
        (":", "cannot import ''"),
    ],
)
def test_an_activation_that_cannot_be_used_is_said_in_one_line(
    name: str, words: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([*QUICK, "--activation", name])
    error = capsys.readouterr().err
    assert stopped.value.code == 2
    assert f"--activation {name}: " in error
    assert words in error
    assert len(error.splitlines()) == 1
    assert not (tmp_path / "article-run").exists()


def test_ctrl_c_stops_cleanly(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tinygrad_edu", "--iterations", "100000000"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not list(tmp_path.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.05)  # until it has begun
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "stopped; nothing was written" in error
    assert "Traceback" not in error
    assert list(tmp_path.iterdir()) == []
