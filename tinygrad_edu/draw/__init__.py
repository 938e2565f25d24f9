"""A recorded run as a picture: ``tg.draw(loss)`` draws the graph that a Tensor remembers.

This package reads the core and is never read by it. Read in this order: ``graph.py`` (what is in
the picture), ``gradients.py`` (which gradients it may show), ``dot.py`` (how it looks),
``render.py`` (how a file is made of it), ``drawing.py`` (`draw` and what it returns).

The package bears the name of its function, and so ``tg.draw`` could be either, depending on who has
imported what before. Therefore it is both: calling the package calls the function.
"""

import sys
from inspect import signature
from types import ModuleType

from tinygrad_edu.draw.drawing import Drawing, draw
from tinygrad_edu.draw.render import RenderError

__all__ = ["Drawing", "RenderError", "draw"]


class _CallablePackage(ModuleType):
    __call__ = staticmethod(draw)


sys.modules[__name__].__class__ = _CallablePackage
__signature__ = signature(draw)  # for help() and editors
