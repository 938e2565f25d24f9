"""What is released: built twice it is the same, it holds the source and nothing else, it is small.

The distributions are built from a copy of the tracked files, by the same backend that builds a
release, so these tests need what the extra ``package`` brings. Without ``git``, the files that a
clone would have are told by ``.gitignore``.
"""

from __future__ import annotations

import email
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from email.message import Message
from pathlib import Path

import pytest

import tinygrad_edu

pytest.importorskip("build", reason="the extra `package` is not installed")
pytest.importorskip("twine", reason="the extra `package` is not installed")

ROOT = Path(__file__).parents[2]
VERSION = tinygrad_edu.__version__
RUNTIME = {"numpy", "graphviz"}


def tracked() -> list[str]:
    """Return the files that belong to the project, as paths below its root."""
    if (ROOT / ".git").exists():
        listing = subprocess.run(
            ["git", "ls-files", "-z"],  # noqa: S607  # whichever git made the clone
            cwd=ROOT, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return sorted(name for name in listing.stdout.split("\0") if (ROOT / name).is_file())
    made = ("__pycache__", ".egg-info", ".pytest_cache", ".hypothesis", "article-run", "build/")
    names = (path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*") if path.is_file())
    return sorted(name for name in names if not any(each in name for each in made))


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Build everything twice, in two places, at two times, with the files made in two orders."""
    folders = []
    for number, names in enumerate((tracked(), tracked()[::-1])):
        folder = tmp_path_factory.mktemp(f"copy{number}")
        for name in names:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
            os.utime(folder / name, (1e9 + 1e6 * number, 1e9 + 1e6 * number))
        subprocess.run(
            [sys.executable, "-m", "build", "--no-isolation", "--outdir", "dist", "."],
            cwd=folder, check=True, capture_output=True, timeout=120,
        )  # fmt: skip
        folders.append(folder / "dist")
    return folders[0], folders[1]


@pytest.fixture(scope="module")
def wheel(builds: tuple[Path, Path]) -> zipfile.ZipFile:
    return zipfile.ZipFile(builds[0] / f"tinygrad_edu-{VERSION}-py3-none-any.whl")


@pytest.fixture(scope="module")
def metadata(wheel: zipfile.ZipFile) -> Message:
    return email.message_from_bytes(wheel.read(f"tinygrad_edu-{VERSION}.dist-info/METADATA"))


def test_building_twice_gives_the_same_bytes(builds: tuple[Path, Path]) -> None:
    first, second = builds
    names = sorted(os.listdir(first))
    assert names == [f"tinygrad_edu-{VERSION}-py3-none-any.whl", f"tinygrad_edu-{VERSION}.tar.gz"]
    for name in names:
        assert (first / name).read_bytes() == (second / name).read_bytes(), name


def test_the_source_distribution_is_the_project_and_nothing_else(
    builds: tuple[Path, Path],
) -> None:
    with tarfile.open(builds[0] / f"tinygrad_edu-{VERSION}.tar.gz") as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    assert held == {*tracked(), "PKG-INFO"}


def test_the_wheel_holds_the_package_as_text_and_its_types(wheel: zipfile.ZipFile) -> None:
    package = {name for name in wheel.namelist() if not name.startswith("tinygrad_edu-")}
    assert package == {name for name in tracked() if name.startswith("tinygrad_edu/")}
    assert "tinygrad_edu/py.typed" in package
    for name in package:
        wheel.read(name).decode("utf-8")  # a binary file would not be text


def test_only_numpy_and_graphviz_are_needed(metadata: Message) -> None:
    needs = [need for need in metadata.get_all("Requires-Dist", []) if "extra ==" not in need]
    assert {need.partition(">=")[0] for need in needs} == RUNTIME


def test_what_a_package_index_shows_is_well_formed(builds: tuple[Path, Path]) -> None:
    files = [str(path) for path in builds[0].iterdir()]
    done = subprocess.run(
        [sys.executable, "-m", "twine", "--no-color", "check", "--strict", *files],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_the_changelog_has_an_entry_for_the_version() -> None:
    assert f"\n## {VERSION}" in (ROOT / "CHANGELOG.md").read_text("utf-8")
