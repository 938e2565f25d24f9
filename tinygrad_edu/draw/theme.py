"""Colours and lines of a picture, on light and on dark paper.

What kind of value a box is can be told without colours, too: what is a leaf has corners and what
was computed is round; parameters and results have bold lines, constants dashed ones; a folded
module has double lines, and a gradient in a picture of the backward pass dotted ones.
"""

from __future__ import annotations

from typing import NamedTuple

CODE = "DejaVu Sans Mono,Menlo,Consolas,monospace"  # numbers need columns
PROSE = "Helvetica,Arial,DejaVu Sans,sans-serif"

LINES = {
    "parameter": {"style": "filled", "penwidth": "2.5"},
    "input": {"style": "filled"},
    "constant": {"style": "filled,dashed"},
    "computed": {"style": "filled,rounded"},
    "result": {"style": "filled,rounded", "penwidth": "2.5"},
    "module": {"style": "filled", "shape": "box", "peripheries": "2"},
    "backward": {"style": "filled,rounded,dotted"},
}
"""By what a box stands for, how its lines are."""


class Theme(NamedTuple):
    """The colours of paper, ink, frames, arrows, weights by sign, and of each kind of box."""

    paper: str
    ink: str
    faint: str
    frame: str
    border: str
    arrow: str
    backward: str
    positive: str
    negative: str
    fill: dict[str, str]

    def box(self, kind: str) -> dict[str, str]:
        """Return the attributes of a box of this kind."""
        return {**LINES[kind], "fillcolor": self.fill[kind]}


THEMES = {
    "light": Theme(
        paper="white", ink="#111111", faint="#444444", frame="#999999", border="#333333",
        arrow="#555555", backward="#b03a2e", positive="#1f77b4", negative="#c0392b",
        fill={
            "parameter": "#ffeeba", "input": "#dcebf7", "constant": "#f4f4f4",
            "computed": "#ffffff", "result": "#d9eed2", "module": "#ece7f5",
            "backward": "#fdecea",
        },
    ),
    "dark": Theme(
        paper="#1b1e23", ink="#eeeeee", faint="#bbbbbb", frame="#777777", border="#cccccc",
        arrow="#aaaaaa", backward="#ff8a7a", positive="#6db3f2", negative="#ff8a7a",
        fill={
            "parameter": "#5c4813", "input": "#1f3f5b", "constant": "#33363c",
            "computed": "#262a31", "result": "#28492a", "module": "#3b3352",
            "backward": "#4d2a27",
        },
    ),
}  # fmt: skip
