"""From files of images to a trained network: what is told apart, printed, and drawn."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu import data
from tinygrad_edu.images import Options, network, run
from tinygrad_edu.images.job import read_images
from tinygrad_edu.images.shifted import Shifted

PICTURES = ["features", "filters", "mistakes", "predictions", "training"]


def write_idx(path: Path, array: np.ndarray) -> None:
    header = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    path.write_bytes(header + array.astype(np.uint8).tobytes())


def images_of_bars(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw images in which the place of a bright bar is the class."""
    labels = np.arange(count) % 10
    images = np.random.default_rng(count).integers(0, 30, (count, 28, 28))
    for image, label in zip(images, labels):
        image[:, 2 + 2 * label : 4 + 2 * label] += 200
    return images, labels


def write_images(folder: Path, part: str, count: int) -> None:
    images, labels = images_of_bars(count)
    write_idx(folder / f"{part}-images-idx3-ubyte", images)
    write_idx(folder / f"{part}-labels-idx1-ubyte", labels)


def test_it_learns_from_the_test_files_alone_and_draws(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_images(tmp_path, "t10k", 200)
    accuracy = run(Options(root=tmp_path, epochs=4, batch_size=16, out=tmp_path / "out"))
    shown = capsys.readouterr().out
    assert accuracy > 0.9
    assert "160 to train with, 40 held out" in shown
    assert f"{accuracy:.2%} of the held-out images" in shown
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        assert "need Matplotlib" in shown
    else:
        files = sorted(path.name for path in (tmp_path / "out").iterdir())
        assert files == [f"{name}.png" for name in PICTURES]


def test_without_files_it_takes_digits_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(Options(epochs=1, out=tmp_path))
    assert "these are not MNIST images: digits" in capsys.readouterr().out


def test_what_is_held_out_is_the_same_in_every_run_and_never_trained_with(tmp_path: Path) -> None:
    write_images(tmp_path, "t10k", 50)
    one, other = (read_images(Options(root=tmp_path, seed=seed)) for seed in (0, 1))
    assert one.held_out_images.tobytes() == other.held_out_images.tobytes()
    seen = {image.tobytes() for image in one.images}
    assert len(seen) == 40
    assert not any(image.tobytes() in seen for image in one.held_out_images)
    assert one.images.dtype == np.float32
    assert one.images.max() <= 1


def test_with_both_parts_the_one_is_for_training_and_the_other_for_measuring(
    tmp_path: Path,
) -> None:
    write_images(tmp_path, "train", 30)
    write_images(tmp_path, "t10k", 20)
    images = read_images(Options(root=tmp_path))
    assert (len(images.labels), len(images.held_out_labels)) == (30, 20)


def test_the_same_seed_gives_the_same_network(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_images(tmp_path, "t10k", 50)
    options = Options(root=tmp_path, epochs=1, batch_size=8, out=tmp_path / "out")
    assert run(options) == run(options)


def test_missing_files_are_named_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="t10k-images-idx3-ubyte"):
        run(Options(root=tmp_path, out=tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_the_network_halves_twice() -> None:
    assert network(8, 3)(tg.Tensor(np.zeros((2, 1, 8, 8)))).shape == (2, 3)
    with pytest.raises(ValueError, match="multiple of 4, not 27"):
        network(27)


def test_moved_images_keep_what_is_in_them() -> None:
    images = np.zeros((200, 2, 5, 6))
    images[:, :, 2, 3] = np.arange(1, 401).reshape(200, 2)
    dataset = data.TensorDataset(tg.Tensor(images), tg.Tensor(np.arange(200)))
    shifted = Shifted(data.DataLoader(dataset, 100), 1, np.random.default_rng(0))
    batches = list(shifted)
    assert len(batches) == len(shifted) == 2
    moved = np.concatenate([x.numpy() for x, _ in batches])
    np.testing.assert_array_equal(moved.sum(axis=(2, 3)), np.arange(1, 401).reshape(200, 2))
    _, channel, row, column = np.nonzero(moved)
    assert set(zip(row, column)) == {(i, j) for i in (1, 2, 3) for j in (2, 3, 4)}
    np.testing.assert_array_equal(row[channel == 0], row[channel == 1])  # channels move together
