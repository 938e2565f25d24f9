"""Running an example once, in its quick mode and within this process, for all tests that ask."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import os
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import tinygrad_edu as tg
from tinygrad_edu.op import REGISTRY

FOLDER = Path(__file__).parents[1] / "examples"
EXAMPLES = sorted(path.stem for path in FOLDER.glob("*.py"))


class Done(NamedTuple):
    """What came of an example: what ``main`` returned, what it printed, its files, and others."""

    result: Any
    printed: str
    out: Path
    elsewhere: list[Path]


class Run:
    """Runs examples, each at most once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.modules: dict[str, ModuleType] = {}
        self.done: dict[str, Done] = {}

    def module(self, name: str) -> ModuleType:
        """Import an example, whose folder is on no path."""
        if name not in self.modules:
            spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
            assert spec is not None
            assert spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            ops = dict(REGISTRY)
            spec.loader.exec_module(module)
            REGISTRY.clear()  # an example's own op shall not be taken for one of the package
            REGISTRY.update(ops)
            self.modules[name] = module
        return self.modules[name]

    def __call__(self, name: str) -> Done:
        if name not in self.done:
            self.done[name] = self.run(name)
        return self.done[name]

    def run(self, name: str) -> Done:
        """Run it in an empty folder, and leave the process as it was."""
        here, out = self.folder / name / "here", self.folder / name / "pictures"
        here.mkdir(parents=True, exist_ok=True)
        before, dtype, random = Path.cwd(), tg.get_default_dtype(), tg.get_rng_state()
        printed = io.StringIO()
        try:
            import matplotlib.pyplot as plt

            plt.switch_backend("agg")
            with plt.rc_context(), contextlib.redirect_stdout(printed):
                os.chdir(here)
                result = self.module(name).main(["--quick", "--out", str(out)])
            plt.close("all")
        finally:
            os.chdir(before)
            tg.set_default_dtype(dtype)
            tg.set_rng_state(random)
        return Done(result, printed.getvalue(), out, list(here.iterdir()))
