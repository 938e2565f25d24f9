"""A recorded run as a picture, as a page, and as plain values: ``tg.draw(loss)``, ``tg.graph``.

This package reads the core and is never read by it. Read in this order: ``snapshot.py`` (what a
Graph is), ``read.py`` (how it is read from a Tensor), ``gradients.py`` (where its gradients come
from), ``fold.py`` and ``labels.py`` (which boxes a picture has, and what stands in them),
``dot.py`` (how it looks), ``render.py`` (how a file is made of it), ``drawing.py`` (`draw`, and
what it returns). Beside them: ``as_json.py`` and ``rules.py``, the graph for other programs;
``explorer/``, the page; ``network.py``, the diagrams of neurons and blocks.

The package bears the name of its function, and so ``tg.draw`` could be either, depending on who has
imported what before. Therefore it is both: calling the package calls the function.
"""

import sys
from inspect import signature
from types import ModuleType

from tinygrad_edu.draw.drawing import Drawing, draw
from tinygrad_edu.draw.lines import record_lines
from tinygrad_edu.draw.network import draw_network
from tinygrad_edu.draw.read import graph
from tinygrad_edu.draw.render import RenderError
from tinygrad_edu.draw.snapshot import Graph
from tinygrad_edu.draw.training_record import TrainingRecord, record_training

__all__ = [
    "Drawing",
    "Graph",
    "RenderError",
    "TrainingRecord",
    "draw",
    "draw_network",
    "graph",
    "record_lines",
    "record_training",
]


class _CallablePackage(ModuleType):
    __call__ = staticmethod(draw)


sys.modules[__name__].__class__ = _CallablePackage
__signature__ = signature(draw)  # for help() and editors
