"""Which boxes a picture has: values, or whole module calls that are folded into one box each.

Module calls are open down to a depth, and folded beyond it. Folded calls that repeat each other one
after the other, such as the layers of a deep network, become one box, or one row of boxes, "×N".

Read next: ``labels.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tinygrad_edu.draw.snapshot import Graph, GraphEdge, GraphNode, ModuleCall

LONGEST_BLOCK = 8
"""The most sibling calls that are looked at as one repeated block."""


class Folded(NamedTuple):
    """One box for module calls.

    Attributes
    ----------
    calls : the calls that it stands for, all alike.
    nodes : what was computed or used within the first of them, and the parameters that they share.
    """

    calls: list[ModuleCall]
    nodes: list[GraphNode]

    @property
    def name(self) -> str:
        """The identifier in DOT."""
        return f"c{self.calls[0].id}"


class Arrow(NamedTuple):
    """What goes from one box to another: one or several uses of values."""

    source: str
    target: str
    edges: list[GraphEdge]


class Plan(NamedTuple):
    """The boxes of a picture.

    Attributes
    ----------
    nodes : the values with a box of their own.
    folded : the boxes of module calls.
    open : the calls that are frames.
    repeated : blocks of sibling calls that are drawn once: the calls, and how often they are there.
    arrows : what goes between the boxes.
    members : by box, the ids of all values that it stands for.
    """

    nodes: list[GraphNode]
    folded: list[Folded]
    open: list[ModuleCall]
    repeated: list[tuple[list[ModuleCall], int]]
    arrows: list[Arrow]
    members: dict[str, list[int]]

    @property
    def size(self) -> int:
        """How many boxes there are."""
        return len(self.nodes) + len(self.folded)


def deepest(graph: Graph) -> int:
    """Return how many module calls are within each other at most."""
    return max(_depths(graph), default=-1) + 1


def _depths(graph: Graph) -> list[int]:
    depths: list[int] = []
    for call in graph.calls:
        depths.append(0 if call.parent is None else depths[call.parent] + 1)
    return depths


def plan(graph: Graph, depth: int | None) -> Plan:
    """Decide on the boxes.

    Parameters
    ----------
    depth : how many module calls within each other are open; None for all. If all are open,
        nothing that repeats is left out either.
    """
    is_all = depth is None or depth >= deepest(graph)
    return _Planner(graph, None if is_all else depth).plan()


class _Planner:
    """Goes through the tree of module calls, from the outside in."""

    def __init__(self, graph: Graph, depth: int | None) -> None:
        self.graph = graph
        self.depth = depth
        self.depths = _depths(graph)
        self.children: dict[int | None, list[int]] = {}
        self.inside: dict[int, list[GraphNode]] = {call.id: [] for call in graph.calls}
        for call in graph.calls:
            self.children.setdefault(call.parent, []).append(call.id)
        for node in graph.nodes:
            call_id = node.call
            while call_id is not None:
                self.inside[call_id].append(node)
                call_id = graph.calls[call_id].parent
        self.home: dict[int, str] = {}  # the box of each node, or the node that stands for it
        self.blocks: dict[int, set[int]] = {}  # in which repeated blocks each node is
        self.folded: list[Folded] = []
        self.open: list[ModuleCall] = []
        self.repeated: list[tuple[list[ModuleCall], int]] = []

    def plan(self) -> Plan:
        waiting: list[int | None] = [None]
        while waiting:
            waiting += self._siblings(self.children.get(waiting.pop(), []))
        home: dict[int, str] = {}
        for node in self.graph.nodes:  # those that stand for others come first
            there = self.home.get(node.id, f"n{node.id}")
            while there[0] == "n" and int(there[1:]) != node.id and int(there[1:]) in self.home:
                there = self.home[int(there[1:])]
            home[node.id] = there
        self._take_in(home)
        nodes = [node for node in self.graph.nodes if home[node.id] == f"n{node.id}"]
        members: dict[str, list[int]] = {}
        for number, box in home.items():
            members.setdefault(box, []).append(number)
        return Plan(
            nodes,
            sorted(self.folded, key=lambda box: box.calls[0].id),
            sorted(self.open, key=lambda call: call.id),
            self.repeated,
            self._arrows(home),
            members,
        )

    def _siblings(self, calls: list[int]) -> list[int]:
        """Decide on calls side by side; return those whose children are to be decided on."""
        if self.depth is None:
            self.open += [self.graph.calls[call] for call in calls]
            return calls
        further = []
        for block in self._split(calls):
            times, is_open = len(block[0]), self._is_open(block[0][0])
            for members in block:
                if is_open:
                    self._draw_first(members)
                    further.append(members[0])
                else:
                    self._fold(members)
            if times > 1:
                for node in (n for members in block for i in members for n in self.inside[i]):
                    self.blocks.setdefault(node.id, set()).add(block[0][0])
                if is_open or len(block) > 1:
                    first = [self.graph.calls[members[0]] for members in block]
                    self.repeated.append((first, times))
        return further

    def _is_open(self, call: int) -> bool:
        return self.depth is None or self.depths[call] < self.depth

    def _draw_first(self, members: list[int]) -> None:
        """Let the first of some calls alike stand for the others."""
        self.open.append(self.graph.calls[members[0]])
        for other in members[1:]:
            pairs = zip(self.inside[other], self.inside[members[0]])
            self.home.update((node.id, f"n{first.id}") for node, first in pairs)

    def _fold(self, members: list[int]) -> None:
        """Put some calls alike into one box."""
        box = Folded([self.graph.calls[i] for i in members], [*self.inside[members[0]]])
        self.folded.append(box)
        self.home.update((node.id, box.name) for i in members for node in self.inside[i])

    def _take_in(self, home: dict[int, str]) -> None:
        """Put a parameter that several calls share into their box, if they are all in one."""
        users: dict[int, set[str]] = {}
        for edge in self.graph.edges:
            users.setdefault(edge.source, set()).add(home[edge.target])
        boxes = {box.name: box for box in self.folded}
        for node in self.graph.nodes:
            if node.role == "parameter" and home[node.id] not in boxes:
                places = users.get(node.id, set())
                if len(places) == 1 and boxes.keys() >= places:
                    home[node.id] = places.pop()
                    boxes[home[node.id]].nodes.append(node)

    def _arrows(self, home: dict[int, str]) -> list[Arrow]:
        """Gather the uses of values between boxes: one arrow each between values, else bundled.

        What goes from one repetition of a block to the next would lead backwards, and is left out.
        """
        arrows: dict[tuple[str, str, int], Arrow] = {}
        first: dict[str, int] = {}
        for number, name in enumerate(home.values()):
            first.setdefault(name, number)
        nowhere: set[int] = set()
        for edge in self.graph.edges:
            source, target = home[edge.source], home[edge.target]
            blocks = self.blocks.get(edge.source, nowhere), self.blocks.get(edge.target, nowhere)
            if source == target or (blocks[0] & blocks[1] and first[source] >= first[target]):
                continue
            bundled = source[0] == "c" or target[0] == "c"
            key = source, target, -1 if bundled else edge.position
            arrows.setdefault(key, Arrow(source, target, [])).edges.append(edge)
        return list(arrows.values())

    def _split(self, calls: list[int]) -> Iterator[list[list[int]]]:
        """Cut a row of siblings into blocks: lists of calls alike, one for each call of a block."""
        looks = [self._look(call) for call in calls]
        start = 0
        while start < len(calls):
            length, times = _best(looks, start)
            members = calls[start : start + length * times]
            if times > 1 and self._comes_back(members):
                length, times = 1, 1
            yield [calls[start + i : start + length * times : length] for i in range(length)]
            start += length * times

    def _look(self, call: int) -> object:
        """Return what two calls have in common if they are alike: class, ops and shapes."""
        is_open = self._is_open(call)
        parts = [
            (
                is_open and node.role == "result",  # which is to be seen
                None if node.op is None else node.op.name,
                None if node.value is None else node.value.shape,
            )
            for node in self.inside[call]
            if is_open or node.role not in ("input", "constant")
        ]
        return self.graph.calls[call].type, tuple(parts)

    def _comes_back(self, members: list[int]) -> bool:
        """Tell whether something leaves these calls and comes back, which one box cannot show."""
        inside = {node.id for call in members for node in self.inside[call]}
        outside: set[int] = set()
        for node in self.graph.nodes:
            if node.id in inside:
                if any(i in outside for i in node.inputs):
                    return True
            elif any(i in outside or i in inside for i in node.inputs):
                outside.add(node.id)
        return False


def _best(looks: list[object], start: int) -> tuple[int, int]:
    """Find the block at a place that covers most by its repetitions: its length, and how often."""
    best = 1, 1
    for length in range(1, min(LONGEST_BLOCK, (len(looks) - start) // 2) + 1):
        block, times = looks[start : start + length], 1
        while looks[start + times * length : start + (times + 1) * length] == block:
            times += 1
        if times > 1 and times * length > best[0] * best[1]:
            best = length, times
    return best
