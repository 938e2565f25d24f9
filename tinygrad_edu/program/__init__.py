"""A recorded run as a program: first to be read, then to be run.

Read ``program.py`` first, then ``recorder.py``, ``tracing.py``, ``read.py`` and ``derivation.py``.
"""

from tinygrad_edu.program.compiling.compiled import compile
from tinygrad_edu.program.derivation import Derivation, derive
from tinygrad_edu.program.looks import TraceError
from tinygrad_edu.program.program import Program
from tinygrad_edu.program.tracing import trace

__all__ = ["Derivation", "Program", "TraceError", "compile", "derive", "trace"]
