"""MNIST and its relative: read from where they are, fetched only when told to."""

from __future__ import annotations

import gzip
import hashlib
import http.server
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinygrad_edu import get_default_dtype, set_default_dtype
from tinygrad_edu.data import MNIST, DataLoader, FashionMNIST, download
from tinygrad_edu.random import get_rng_state

Write = Callable[..., tuple[Any, Any]]


# ------------------------------------------------------------------------------- reading
@pytest.mark.parametrize("place", ["", "MNIST/raw", "raw"])
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("part", ["train", "t10k"])
def test_files_are_found_where_they_may_be(
    tmp_path: Path, write_mnist: Write, place: str, packed: bool, part: str
) -> None:
    images, labels = write_mnist(tmp_path / place, part, packed=packed)
    dataset = MNIST(tmp_path, train=part == "train")
    assert np.array_equal(dataset.data, images)
    assert np.array_equal(dataset.targets, labels)
    assert dataset.targets.dtype == np.int64
    with pytest.raises(FileNotFoundError, match="download=True"):
        MNIST(tmp_path, train=part != "train")


def test_a_sample_is_an_image_from_0_to_1_and_a_whole_number(
    tmp_path: Path, write_mnist: Write
) -> None:
    images, labels = write_mnist(tmp_path)
    image, label = MNIST(str(tmp_path))[2]
    assert (image.shape, image.dtype) == ((1, 28, 28), np.float64)
    assert np.array_equal(image.numpy()[0], images[2] / 255)
    assert (type(label), label) == (int, labels[2])


def test_an_index_that_is_no_whole_number_takes_no_image(
    tmp_path: Path, write_mnist: Write
) -> None:
    write_mnist(tmp_path)
    with pytest.raises(TypeError, match=r"by whole numbers, not 1\.5"):
        list(DataLoader(MNIST(tmp_path), sampler=[1.5]))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_batch_is_the_samples_and_of_the_default_dtype(
    tmp_path: Path, write_mnist: Write, dtype: str
) -> None:
    write_mnist(tmp_path)
    dataset, before = MNIST(tmp_path), get_default_dtype()
    set_default_dtype(dtype)
    try:
        x, y = next(iter(DataLoader(dataset, batch_size=5)))
        samples = [dataset[i] for i in range(5)]
    finally:
        set_default_dtype(before)
    assert (x.shape, str(x.dtype), y.dtype) == ((5, 1, 28, 28), dtype, np.int64)
    assert np.array_equal(x.numpy(), np.stack([image.numpy() for image, _ in samples]))
    assert y.tolist() == [label for _, label in samples]


def test_transforms_are_applied_to_every_sample_of_a_batch(
    tmp_path: Path, write_mnist: Write
) -> None:
    _, labels = write_mnist(tmp_path)
    dataset = MNIST(
        tmp_path, transform=lambda x: x.reshape(-1) - 0.5, target_transform=lambda y: -y
    )
    x, y = next(iter(DataLoader(dataset, batch_size=5)))
    assert x.shape == (5, 784)
    assert x.min().item() < 0
    assert np.array_equal(y.numpy(), -labels.astype(int))


def test_fashion_has_its_own_folder_and_names(tmp_path: Path, write_mnist: Write) -> None:
    write_mnist(tmp_path / "FashionMNIST" / "raw")
    dataset = FashionMNIST(tmp_path)
    assert dataset.classes[9] == "Ankle boot"
    assert repr(dataset) == f"FashionMNIST(5 images to train with, from {tmp_path})"
    with pytest.raises(FileNotFoundError, match="train-images-idx3-ubyte"):
        MNIST(tmp_path)


def spoil(name: str, change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def spoilt(folder: Path) -> None:
        path = folder / name
        path.write_bytes(gzip.compress(change(gzip.decompress(path.read_bytes()))))

    return spoilt


IMAGES, LABELS = "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"
SPOILT = {
    "images that are cut off": (spoil(IMAGES, lambda c: c[:-1]), f"{IMAGES} is no sound"),
    "labels that are cut off": (spoil(LABELS, lambda c: c[:-1]), f"{LABELS} is no sound"),
    "labels for images": (spoil(IMAGES, lambda c: b"\0\0\x08\1\0\0\0\1\5"), r"are \(n, height"),
    "images of floats": (
        spoil(IMAGES, lambda c: b"\0\0\x0d\3" + c[4:8] + bytes([0, 0, 0, 7, 0, 0, 0, 28]) + c[16:]),
        "are .* of bytes",
    ),
    "images for labels": (
        spoil(LABELS, lambda c: c[:3] + b"\2\0\0\0\1\0\0\0\5" + c[8:]),
        "one label for each",
    ),
    "a label too few": (spoil(LABELS, lambda c: c[:7] + b"\4" + c[8:12]), "one label for each"),
    "a label of 10": (spoil(LABELS, lambda c: c[:-1] + b"\x0a"), "labels beyond 0 to 9"),
}


@pytest.mark.parametrize("name", SPOILT)
def test_files_that_are_not_what_they_are_called_are_refused(
    tmp_path: Path, write_mnist: Write, name: str
) -> None:
    change, message = SPOILT[name]
    write_mnist(tmp_path)
    change(tmp_path)
    with pytest.raises(ValueError, match=message):
        MNIST(tmp_path)


def test_reading_takes_no_random_numbers(tmp_path: Path, write_mnist: Write) -> None:
    write_mnist(tmp_path)
    before = get_rng_state()
    list(DataLoader(MNIST(tmp_path), 2))
    assert get_rng_state() == before


# --------------------------------------------------------------------------- downloading
class Handler(http.server.SimpleHTTPRequestHandler):
    asked: list[str]

    def log_message(self, *args: Any) -> None:
        self.asked.append(self.path)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Any]:
    """Serve a folder on this machine; what is asked for is noted."""
    (tmp_path / "web").mkdir()
    asked: list[str] = []
    handler = type("Here", (Handler,), {"asked": asked})

    def serve(*args: Any) -> Any:
        return handler(*args, directory=str(tmp_path / "web"))

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), serve) as running:
        running.asked, running.folder = asked, tmp_path / "web"
        running.url = f"http://127.0.0.1:{running.server_address[1]}"
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def mirrored(server: Any, *mirrors: str) -> type[MNIST]:
    """Make an MNIST whose files are those that the server has."""
    files = []
    for name, _ in MNIST.files:
        path = server.folder / "good" / f"{name}.gz"
        content = path.read_bytes() if path.exists() else b""
        files.append((name, hashlib.sha256(content).hexdigest()))
    urls = [mirror if "://" in mirror else f"{server.url}/{mirror}/" for mirror in mirrors]
    return type("MNIST", (MNIST,), {"mirrors": urls, "files": files})


def left(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("with_tqdm", [True, False])
def test_files_are_fetched_when_told_to_and_only_once(
    tmp_path: Path, write_mnist: Write, server: Any, with_tqdm: bool,
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    if with_tqdm:
        pytest.importorskip("tqdm", reason="the progress bar is its")
    else:
        monkeypatch.setitem(sys.modules, "tqdm", None)
        monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    images, _ = write_mnist(server.folder / "good")
    root = tmp_path / "root"
    kind = mirrored(server, "good")
    for _ in range(2):
        assert np.array_equal(kind(root, download=True).data, images)
    assert left(root) == [f"MNIST/raw/{name}" for name in (IMAGES, LABELS)]
    assert server.asked == [f"/good/{name}" for name in (IMAGES, LABELS)]
    assert (IMAGES in capfd.readouterr().err) == with_tqdm


def test_nothing_is_fetched_unless_told_to(tmp_path: Path, write_mnist: Write, server: Any) -> None:
    write_mnist(server.folder / "good")
    with pytest.raises(FileNotFoundError, match=r"MNIST\(root, download=True\)"):
        mirrored(server, "good")(tmp_path / "root")
    assert server.asked == []
    assert not (tmp_path / "root").exists()


def test_the_next_mirror_is_asked_if_one_fails_or_sends_something_else(
    tmp_path: Path, write_mnist: Write, server: Any
) -> None:
    images, _ = write_mnist(server.folder / "good")
    write_mnist(server.folder / "other", n=6)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        dataset = mirrored(server, nobody, "missing", "other", "good")(tmp_path, download=True)
    assert np.array_equal(dataset.data, images)


def test_if_no_mirror_has_it_the_error_says_why_for_each_and_nothing_is_left(
    tmp_path: Path, write_mnist: Write, server: Any
) -> None:
    write_mnist(server.folder / "good")
    write_mnist(server.folder / "other", n=6)
    with pytest.raises(OSError, match="could not be downloaded") as caught:
        mirrored(server, "missing", "other")(tmp_path / "root", download=True)
    assert "HTTPError: HTTP Error 404" in str(caught.value)
    assert "another file: its SHA-256 is" in str(caught.value)
    assert left(tmp_path / "root") == []


def test_more_than_any_such_file_has_is_refused(
    tmp_path: Path, write_mnist: Write, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_mnist(server.folder / "good")
    monkeypatch.setattr(download, "LARGEST", 100)
    with pytest.raises(OSError, match="it sends more than 100 bytes"):
        mirrored(server, "good")(tmp_path / "root", download=True)
    assert left(tmp_path / "root") == []


def test_an_answer_that_breaks_off_is_refused(tmp_path: Path) -> None:
    def answer() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(1000)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=answer)
        thread.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/it"
        with pytest.raises(OSError, match="could not be downloaded"):
            download.download([url], tmp_path / "it", "0" * 64)
        thread.join()
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x/y", "/etc/passwd"])
def test_an_address_is_one_of_the_web(tmp_path: Path, url: str) -> None:
    with pytest.raises(ValueError, match="starts with http"):
        download.download([url], tmp_path / "it", "0" * 64)


@pytest.mark.parametrize("kind", [MNIST, FashionMNIST])
def test_the_published_files_have_several_addresses_and_a_checksum_each(kind: Any) -> None:
    assert len(kind.mirrors) >= 2
    assert all(url.startswith("http") and url.endswith("/") for url in kind.mirrors)
    assert len({sha256 for _, sha256 in kind.files}) == 4
    assert all(len(bytes.fromhex(sha256)) == 32 for _, sha256 in kind.files)
