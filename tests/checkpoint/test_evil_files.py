"""A file may come from anybody: it is refused in words, and costs neither memory nor time."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinygrad_edu.checkpoint import CheckpointError, load, save

spec = importlib.util.spec_from_file_location("forge", Path(__file__).with_name("forge.py"))
forge: Any = importlib.util.module_from_spec(spec)
spec.loader.exec_module(forge)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Write all those files."""
    folder = tmp_path_factory.mktemp("evil")
    for name, (make, _) in forge.EVIL.items():
        (folder / f"{name}.npz").write_bytes(make(folder / "flag"))
    yield folder
    for path in folder.iterdir():
        path.unlink()


@pytest.mark.parametrize("name", forge.EVIL)
def test_an_evil_file_is_refused_by_name_and_nothing_in_it_is_run(folder: Path, name: str) -> None:
    path = folder / f"{name}.npz"
    with pytest.raises(CheckpointError, match=forge.EVIL[name][1]) as caught:
        load(path)
    assert str(path) in str(caught.value)
    assert len(str(caught.value)) < 600
    assert not (folder / "flag").exists()


def test_the_files_are_evil_because_of_what_is_wrong_with_them_and_nothing_else(
    tmp_path: Path,
) -> None:
    (tmp_path / "good.npz").write_bytes(forge.one())
    assert np.array_equal(load(tmp_path / "good.npz")[0], np.arange(4.0))
    (tmp_path / "good.npz").write_bytes(forge.text('{"dict": [["a", {"tuple": [1.5]}]]}'))
    assert load(tmp_path / "good.npz") == {"a": (1.5,)}


PROGRAM = """
import resource, sys, time
from pathlib import Path
from tinygrad_edu.checkpoint import CheckpointError, load, save

def status(key):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(key)) * 1024

save([1], sys.argv[2])
load(sys.argv[2])  # so that all that loading imports is there
limit = status("VmSize") + (64 << 20)
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
for path in sorted(Path(sys.argv[1]).glob("*.npz")):
    start = time.process_time()
    try:
        load(path)
        print(path.name, "was loaded")
    except CheckpointError:
        pass
    seconds = time.process_time() - start
    if seconds > 2:
        print(path.name, "took", seconds, "s")
    if status("VmPeak") > limit:
        print(path.name, "took", status("VmPeak") - limit, "bytes more")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited and read as on Linux")
def test_no_evil_file_takes_64_mb_or_2_seconds(folder: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM, str(folder), str(tmp_path / "a")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


def test_a_folder_and_a_device_are_no_files(tmp_path: Path) -> None:
    for path in (tmp_path, "/dev/null"):
        with pytest.raises(CheckpointError, match="no file, but a folder or a device"):
            load(path)


def test_a_file_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="missing"):
        load(tmp_path / "missing.npz")


def test_a_failed_load_leaves_the_file_as_it_was(folder: Path) -> None:
    path = folder / "too few values.npz"
    before = path.read_bytes()
    with pytest.raises(CheckpointError):
        load(path)
    assert path.read_bytes() == before
    save([1], path)  # and it is not kept open
    assert load(path) == [1]
    path.write_bytes(before)
