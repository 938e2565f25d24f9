"""A file that PyTorch has written is told from a damaged one, and is not read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tinygrad_edu.checkpoint import CheckpointError, load

torch = pytest.importorskip("torch", reason="PyTorch is not installed")


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("name", ["net.pt", "net.npz"])
def test_a_file_of_pytorch_is_refused_with_the_way_out(
    tmp_path: Path, zipped: bool, name: str
) -> None:
    weights = torch.nn.Linear(2, 3).state_dict()
    torch.save(weights, tmp_path / name, _use_new_zipfile_serialization=zipped)
    with pytest.raises(CheckpointError, match=r"PyTorch's own files are .* as \.safetensors there"):
        load(tmp_path / name, map_location="cpu", weights_only=True)
