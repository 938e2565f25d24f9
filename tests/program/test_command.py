"""``tinygrad-edu derive`` prints what `derive` does."""

from __future__ import annotations

import pytest

from tinygrad_edu.__main__ import main
from tinygrad_edu.article import HandDerivedNetwork, RawNetwork
from tinygrad_edu.program import derive


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["derive", *arguments]) == 0
    return capsys.readouterr().out.removesuffix("\n")


def test_it_prints_the_article_s_derivation(capsys: pytest.CaptureFixture[str]) -> None:
    derivation = derive(RawNetwork(HandDerivedNetwork()).loss())
    assert printed(capsys) == derivation.numpy()
    assert printed(capsys, "--latex") == derivation.latex()
    assert printed(capsys, "--steps", "weights1") == str(derivation.steps("weights1"))


def test_it_derives_other_networks(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "--hidden", "4,3", "--activation", "tanh,relu", "--bias")
    assert "np.tanh(" in text
    assert "relu(" in text
    assert "d_bias3" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--steps", "weights9"), "weights1, weights2"),
        (("--hidden", "0"), "at least 1 unit"),
        (("--latex", "--steps", "weights1"), "not allowed"),
        (("--activation", "cosine"), "unknown"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str
) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["derive", *arguments])
    assert stop.value.code == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
