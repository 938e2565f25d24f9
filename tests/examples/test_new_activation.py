"""The example of an activation of one's own does what it says, and so does the activation."""

from __future__ import annotations

import importlib.util
import inspect
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import laws
import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import nn
from tinygrad_edu.op import REGISTRY
from tinygrad_edu.ops.elementwise import elements

PATH = Path(__file__).parents[2] / "examples" / "new_activation.py"


@pytest.fixture
def example() -> Iterator[Any]:
    """Read the example in, and forget its op afterwards."""
    before = dict(REGISTRY)
    spec = importlib.util.spec_from_file_location("new_activation", PATH)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    REGISTRY.clear()
    REGISTRY.update(before)


def test_the_program_runs_and_says_what_it_did(tmp_path: Path) -> None:
    command = [sys.executable, str(PATH), "--quick", "--out", str(tmp_path / "new")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "(1): swish" in done.stdout
    (drawn,) = (tmp_path / "new").iterdir()
    assert f"drew {drawn}" in done.stdout
    assert "swish" in drawn.read_text(encoding="utf-8")


def test_the_network_learns_the_articles_samples_with_it(
    example: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    tg.manual_seed(1)
    network = nn.Sequential(
        nn.Linear(3, 4, bias=False), example.swish, nn.Linear(4, 1, bias=False), nn.Sigmoid()
    )
    losses = example.train(network, steps=600)
    assert losses[-1] < 0.1 < losses[0]


def test_it_takes_four_lines(example: Any) -> None:
    assert len(inspect.getsource(example.swish).strip().splitlines()) <= 4


def test_it_obeys_the_laws_of_the_registry_without_another_step(example: Any) -> None:
    op = REGISTRY["swish"]
    assert op is example.swish.op
    for case in elements():
        laws.agrees_with_numbers(op, case)
        laws.agrees_with_the_complex_step(op, case)
        laws.single_precision_stays_single(op, case)
        laws.layout_does_not_matter(op, case)
        laws.changes_nothing_it_is_given(op, case)
        laws.is_linear_in_the_upstream_gradient(op, case)


def test_it_stands_under_its_own_name_in_print_picture_and_messages(example: Any) -> None:
    x = tg.Tensor([[1.0, 2.0]], requires_grad=True)
    y = nn.Sequential(example.swish)(x)
    assert "op=swish" in repr(y)
    assert "swish" in tg.draw(y.sum()).source
    assert "(0): swish" in repr(nn.Sequential(example.swish))
    with pytest.raises(TypeError, match="swish"):
        example.swish(x, x)


def test_it_computes_with_arrays_too(example: Any) -> None:
    x = np.linspace(-3, 3, 7)
    np.testing.assert_allclose(example.swish(x), x / (1 + np.exp(-x)))
