"""Compiling: a traced function, run again and again without recording.

Read ``compiled.py`` first.
"""

from tinygrad_edu.program.compiling.compiled import Compiled, compile

__all__ = ["Compiled", "compile"]
