"""A figure of Matplotlib that shows itself in a notebook, also where nobody has imported pyplot."""

from __future__ import annotations

from io import BytesIO
from typing import Any


def figure(**settings: Any) -> Any:
    """Make one; ``settings`` are those of ``matplotlib.figure.Figure``.

    A notebook knows how to show figures only once pyplot has drawn one there. It asks every object
    for ``_repr_png_``, so that this one is shown in any case, and once.

    Raises
    ------
    ImportError
        If Matplotlib is not installed.
    """
    from matplotlib.figure import Figure  # imported late: it takes long

    return type("ShownFigure", (Figure,), {"_repr_png_": _as_png})(**settings)


def _as_png(figure: Any) -> bytes:
    file = BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()
