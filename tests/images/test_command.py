"""``tinygrad-edu mnist`` says what it cannot do in one line, and does the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from tinygrad_edu.__main__ import main


def test_it_trains_on_small_digits_without_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["mnist", "--epochs", "1", "--out", str(tmp_path / "out")]) == 0
    shown = capsys.readouterr().out
    assert "these are not MNIST images" in shown
    assert "of the held-out images are told right" in shown


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--epochs", "0"], "--epochs must be at least 1"),
        (["--batch-size", "-3"], "--batch-size must be at least 1"),
        (["--seed", "-1"], "--seed must not be negative"),
        (["--fashion"], "need --root"),
        (["--root", "nowhere"], "t10k-images-idx3-ubyte"),
        (["--epochs", "many"], "invalid int value"),
    ],
)
def test_nonsense_gets_one_line_and_exit_code_2(
    arguments: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["mnist", *arguments, "--out", str(tmp_path / "out")])
    shown = capsys.readouterr()
    assert caught.value.code == 2
    assert words in shown.err
    assert shown.err.count("\n") == 1
    assert not (tmp_path / "out").exists()
