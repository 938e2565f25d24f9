"""A file is replaced as a whole: however a save ends, the old content is there or the new one."""

from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinygrad_edu import atomic
from tinygrad_edu.atomic import replacing
from tinygrad_edu.checkpoint import load, save

KILLED = """
import os, random, signal, sys, time
import numpy as np
from tinygrad_edu.checkpoint import load, save

folder, kills = sys.argv[1], int(sys.argv[2])
path, random, left, last = folder + "/it.npz", random.Random(0), 0, 0
save({"n": 0, "w": np.zeros(100_000)}, path)
for _ in range(kills):
    child = os.fork()
    if not child:
        n = last
        while True:
            n += 1
            save({"n": n, "w": np.full(100_000, float(n))}, path)
    time.sleep(random.uniform(0.001, 0.04))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    loaded = load(path)
    assert loaded["n"] >= last and (loaded["w"] == loaded["n"]).all(), "another content"
    last = loaded["n"]
    left += len(os.listdir(folder)) - 1
    save(loaded, path)
    assert os.listdir(folder) == ["it.npz"], os.listdir(folder)
assert left > 0 and last > 0, "no kill came while something was written"
print("done")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are made by fork")
def test_a_writer_that_is_killed_leaves_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", KILLED, str(tmp_path), "50"],
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},  # fork wants a single thread
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("done\n", "")


class FullDisk(io.FileIO):
    """A file on a disk that has so many bytes left."""

    room = 0

    def write(self, data: Any) -> int:
        if self.tell() + len(memoryview(data).cast("B")) > self.room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(data) or 0


@pytest.mark.parametrize("room", [0, 1, 100, 1000, 5000, 100_000, 160_000, 160_300, 160_600])
def test_a_full_disk_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    path = tmp_path / "it.npz"
    save([1], path)
    create = atomic._create

    def on_full_disk(folder: str) -> Any:
        file, name = create(folder)
        file.close()
        full = FullDisk(name, "w")
        full.room = room
        return io.BufferedRandom(full) if full.readable() else io.BufferedWriter(full), name

    monkeypatch.setattr(atomic, "_create", on_full_disk)
    with pytest.raises(OSError, match="No space left on device") as caught:
        save({"a": np.zeros(10_000), "b": np.ones(10_000), "text": "x" * 1000}, path)
    assert caught.value.filename == str(path)
    assert load(path) == [1]
    assert os.listdir(tmp_path) == ["it.npz"]


@pytest.mark.parametrize("step", ["fsync", "replace"])
@pytest.mark.parametrize("end", [OSError(errno.EIO, "an error of the disk"), KeyboardInterrupt()])
def test_an_error_at_the_end_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, end: BaseException
) -> None:
    path = tmp_path / "it.npz"
    save([1], path)

    def fail(*args: Any) -> None:
        raise end

    with monkeypatch.context() as patch:
        patch.setattr(os, step, fail)
        with pytest.raises(type(end)):
            save([2], path)
    assert load(path) == [1]
    assert os.listdir(tmp_path) == ["it.npz"]


def test_the_content_reaches_the_disk_before_the_name_and_the_name_before_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    for step in ("fsync", "replace"):
        original = getattr(os, step)

        def noted(*args: Any, step: str = step, original: Any = original) -> Any:
            steps.append(step)
            return original(*args)

        monkeypatch.setattr(os, step, noted)
    save([1], tmp_path / "it.npz")
    assert steps == ["fsync", "replace"] + ["fsync"] * (sys.platform != "win32")


@pytest.mark.skipif(sys.platform == "win32", reason="it has other permissions")
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o666])
def test_an_older_files_permissions_are_kept(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "it.npz"
    save([1], path)
    path.chmod(mode)
    save([2], path)
    assert path.stat().st_mode & 0o777 == mode


def test_a_new_file_has_the_permissions_of_other_new_files(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("")
    save([1], tmp_path / "it.npz")
    assert (tmp_path / "it.npz").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_a_link_goes_on_pointing_to_what_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    save([1], tmp_path / "far" / "it.npz")
    (tmp_path / "latest.npz").symlink_to(tmp_path / "far" / "it.npz")
    save([2], tmp_path / "latest.npz")
    assert (tmp_path / "latest.npz").is_symlink()
    assert load(tmp_path / "far" / "it.npz") == [2]


def test_what_others_have_left_is_removed_and_what_they_are_writing_is_not(tmp_path: Path) -> None:
    left = tmp_path / f".unfinished-{'0' * 16}.tmp"
    left.write_text("")
    (tmp_path / "mine.tmp").write_text("")
    (tmp_path / ".unfinished-mine.tmp").write_text("")
    with replacing(tmp_path / "a") as file:
        assert not left.exists()
        file.write(b"first")
        save([1], tmp_path / "b.npz")
    assert (tmp_path / "a").read_bytes() == b"first"
    assert sorted(os.listdir(tmp_path)) == [".unfinished-mine.tmp", "a", "b.npz", "mine.tmp"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
def test_a_pipe_or_a_link_in_place_of_an_unfinished_file_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("")
    os.mkfifo(tmp_path / f".unfinished-{'1' * 16}.tmp")
    (tmp_path / f".unfinished-{'2' * 16}.tmp").symlink_to(tmp_path / "precious")
    save([1], tmp_path / "it.npz")
    assert (tmp_path / "precious").exists()


def test_many_may_save_under_one_name_at_once(tmp_path: Path) -> None:
    path, errors = tmp_path / "it.npz", []

    def work(number: int) -> None:
        try:
            for _ in range(10):
                save({"n": number, "w": np.full(5000, number)}, path)
        except BaseException as error:  # noqa: BLE001  # shown below
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    loaded = load(path)
    assert errors == []
    assert (loaded["w"] == loaded["n"]).all()
    assert os.listdir(tmp_path) == ["it.npz"]


def test_what_is_no_file_is_not_replaced_and_a_missing_folder_is_named(tmp_path: Path) -> None:
    for path in (tmp_path, "/dev/null"):
        with pytest.raises(OSError, match="no ordinary file"):
            save([1], path)
    with pytest.raises(FileNotFoundError) as caught:
        save([1], tmp_path / "missing" / "it.npz")
    assert caught.value.filename == str(tmp_path / "missing" / "it.npz")
    (tmp_path / "file").write_text("")
    with pytest.raises(NotADirectoryError):
        save([1], tmp_path / "file" / "it.npz")
    assert os.listdir(tmp_path) == ["file"]
