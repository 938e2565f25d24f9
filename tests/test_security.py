"""What the package must never do: run what it has read, call a shell, or reach out by itself."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import tinygrad_edu

ROOT = Path(tinygrad_edu.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))
NAMES = [str(path.relative_to(ROOT)) for path in FILES]

RUNS_PROGRAMS = {"program/execute.py"}
"""The one file that may run a program, and only one that the package itself has printed."""

OPENS_CONNECTIONS = {"data/download.py"}

FORBIDDEN_MODULES = {
    *("pickle", "cPickle", "_pickle", "pickletools", "marshal", "shelve", "dbm", "dill", "joblib"),
    *("cloudpickle", "yaml", "imp", "code", "codeop", "commands", "pty", "xmlrpc"),
}
NETWORK = {
    *("socket", "socketserver", "ssl", "http", "urllib", "ftplib", "smtplib", "poplib", "imaplib"),
    *("telnetlib", "asyncio", "requests", "httpx", "aiohttp", "urllib3", "webbrowser", "wsgiref"),
}
FORBIDDEN_CALLS = {
    *("eval", "__import__", "breakpoint"),
    *("os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput"),
    *("torch.load", "np.load", "numpy.load", "np.fromregex", "pd.read_pickle"),
}
RUNNING_CALLS = {"exec", "compile", "builtins.exec", "builtins.compile"}
SPAWNING = ("os.spawn", "os.exec", "os.posix_spawn", "os.fork")
DANGEROUS_SETTINGS = {"shell", "allow_pickle"}


def dotted(node: ast.AST) -> str:
    """Write a.b.c as text; anything else is nothing."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []


def faults(source: str, name: str) -> Iterator[str]:
    """Find what must not be in a file of the package."""
    tree = ast.parse(source)
    late = {
        inner
        for outer in ast.walk(tree)
        if isinstance(outer, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        for inner in ast.walk(outer)
    }
    for node in ast.walk(tree):
        where = f"{name}:{getattr(node, 'lineno', 0)}"
        for module in imported(node):
            top = module.partition(".")[0]
            if top in FORBIDDEN_MODULES or module in FORBIDDEN_CALLS:
                yield f"{where} imports {module}"
            if top in NETWORK and (name not in OPENS_CONNECTIONS or node not in late):
                yield f"{where} imports {module}, which opens connections"
        called = dotted(node)
        if called in FORBIDDEN_CALLS or called.startswith(SPAWNING):
            yield f"{where} uses {called}"
        if called in RUNNING_CALLS and name not in RUNS_PROGRAMS:
            yield f"{where} uses {called}"
        if called in ("builtins.eval", "builtins.__import__") or called == "__builtins__":
            yield f"{where} uses {called}"
        if isinstance(node, ast.keyword) and node.arg in DANGEROUS_SETTINGS:
            value = node.value.value if isinstance(node.value, ast.Constant) else None
            if value is not False:
                yield f"{where} sets {node.arg}"
        if isinstance(node, ast.Constant) and node.value in ("__import__", "__builtins__"):
            yield f"{where} names {node.value}"


@pytest.mark.parametrize("name", NAMES)
def test_no_file_can_run_what_it_reads_call_a_shell_or_reach_out(name: str) -> None:
    assert list(faults((ROOT / name).read_text(encoding="utf-8"), name)) == []


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from pickle import loads",
        "import os.path, marshal as m",
        "def f():\n    import shelve",
        "eval('1')",
        "run = eval",
        "exec(text)",
        "compile(text, '', 'exec')",
        "builtins.exec(text)",
        "__import__('os')",
        "getattr(builtins, '__import__')",
        "os.system('ls')",
        "from os import system",
        "os.popen('ls')",
        "os.execv('ls', [])",
        "subprocess.run('ls', shell=True)",
        "subprocess.run('ls', shell=flag)",
        "np.load(path)",
        "read(path, allow_pickle=True)",
        "from numpy import load",
        "torch.load(path)",
        "import socket",
        "import urllib.request",
        "from http import client",
        "def f():\n    from urllib.request import urlopen",
    ],
)
def test_the_search_finds_what_it_looks_for(source: str) -> None:
    assert list(faults(source, "x.py"))


@pytest.mark.parametrize(
    "source",
    [
        "module.eval()",
        "def eval(self): pass",
        "re.compile('x')",
        "tg.compile(step)",
        "subprocess.run(['ls'], shell=False)",
        "np.lib.format.write_array(file, array, allow_pickle=False)",
        "'pickle is not used'",
        "import importlib",
    ],
)
def test_the_search_finds_nothing_else(source: str) -> None:
    assert list(faults(source, "x.py")) == []


def test_the_exceptions_are_files_that_there_are() -> None:
    assert set(NAMES) >= RUNS_PROGRAMS | OPENS_CONNECTIONS
    assert len(RUNS_PROGRAMS) == 1


def test_the_one_place_that_downloads_imports_what_it_needs_only_when_it_does() -> None:
    assert list(faults("import urllib.request", "data/download.py"))
    assert not list(faults("def f():\n    import urllib.request", "data/download.py"))


# --------------------------------------------------------------------------- at import
WATCH = """
import sys
seen = []
WRITES = ("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate",
          "os.chmod", "os.chown", "os.utime", "shutil", "tempfile")
REACHES_OUT = ("socket", "urllib", "ftplib", "http", "smtplib", "subprocess", "os.system",
               "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "pty", "webbrowser")

def hook(event, arguments):
    if event.startswith(WRITES + REACHES_OUT):
        seen.append((event, str(arguments)))
    if event == "open":
        path, mode, flags = arguments
        if any(letter in (mode or "") for letter in "wax+") or (flags or 0) & 3:
            seen.append((event, str(arguments)))

sys.addaudithook(hook)
"""

EVERYTHING = """
import importlib, pkgutil
for info in pkgutil.walk_packages(tinygrad_edu.__path__, "tinygrad_edu."):
    if not info.name.endswith("__main__"):
        importlib.import_module(info.name)
"""

COMPUTING = """
import tinygrad_edu as tg
x = tg.Tensor([1.0, 2.0], requires_grad=True)
tg.nn.Linear(2, 1)(x).sum().backward()
"""


def events(program: str) -> str:
    """Run a program in a fresh interpreter, and return what of note it did."""
    done = subprocess.run(
        [sys.executable, "-I", "-B", "-W", "error", "-c", WATCH + program + "\nprint(seen)"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout.strip()


@pytest.mark.parametrize("rest", ["", EVERYTHING, COMPUTING], ids=["alone", "all of it", "used"])
def test_importing_and_computing_open_no_connection_and_write_no_file(rest: str) -> None:
    assert events("import tinygrad_edu" + rest) == "[]"


@pytest.mark.parametrize(
    "deed",
    [
        "open('/dev/null', 'w')",
        "import os; os.close(os.open('/dev/null', os.O_RDWR))",
        "import socket; socket.socket().close()",
        "import os; os.system('true')",
        "import subprocess, sys; subprocess.run([sys.executable, '-c', ''])",
        "import tempfile; tempfile.TemporaryFile()",
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="these deeds are Unix's")
def test_the_watch_notices_what_it_looks_for(deed: str) -> None:
    program = f"import warnings; warnings.simplefilter('ignore')\n{deed}"
    assert events(program) != "[]"
