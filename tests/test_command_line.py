"""The main job, run as a person or a script would run it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tinygrad_edu.__main__ import main

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
