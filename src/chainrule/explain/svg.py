"""Draw a circuit as SVG: through Graphviz where `dot` is installed, else as a ladder.

The ladder is a picture of the stage order. Every operation has a column of its own, in stage
order from left to right; inputs share the first column and outputs the last. Every wire runs in
one lane from its source to its target. Between two columns there are three zones: wires bend to
their lanes, run straight through their labels, and bend to their targets. Labels are only where
all wires are straight, so none can meet another label or a bend.

Lanes are handed out from left to right, the nearest free one first, as a linear-scan register
allocator hands out registers (Poletto and Sarkar 1999; nothing is spilled: there is always one
more lane). Then nodes and wires trade lanes while that makes the wires shorter, and so cross less.

The picture has a transparent background and mid tones, for light and dark pages alike, and no
script, style sheet or id, so that it can be put inside a page without changing it.
"""

import math
import re
import shutil
import subprocess
from dataclasses import dataclass
from typing import Final
from unicodedata import east_asian_width

from chainrule.explain import graph
from chainrule.explain.graph import INK, LONGEST, Circuit, Node, Wire, escape, one_line

__all__ = ["ladder_svg", "to_svg"]

_FONT: Final = "Menlo, Consolas, 'DejaVu Sans Mono', monospace"
_ADVANCE: Final = 0.61  # the width of a character in these fonts, in units of the font size
_PITCH: Final = 54  # between two lanes
_RADIUS: Final = 15  # of a node: half its height
_MARGIN: Final = 12
_SWEEPS: Final = 12  # of trading lanes; most circuits settle in three


def to_svg(circuit: Circuit) -> str:
    """The circuit as SVG text, drawn by Graphviz, or by `ladder_svg` where there is no `dot`.

    >>> x, y = Node("x", "x", "input", None, "x"), Node("y", "exp", "op", 1, "y")
    >>> svg = to_svg(Circuit("exp(x)", (x, y), (Wire("x", "y", "x", "0", "1"),)))
    >>> svg.startswith("<svg "), "<title>exp(x)</title>" in svg
    (True, True)
    """
    program = shutil.which("dot")
    drawn = _run_dot(program, graph.to_dot(circuit)) if program else None
    return ladder_svg(circuit) if drawn is None else _tidy(drawn, circuit)


def _run_dot(program: str, source: str) -> str | None:
    """What `dot` draws, or None where it fails."""
    command, text = [program, "-Tsvg"], source.encode()
    try:
        done = subprocess.run(command, input=text, capture_output=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    drawn = done.stdout.decode(errors="replace")
    return drawn if "</svg>" in drawn else None


def _tidy(drawn: str, circuit: Circuit) -> str:
    """Graphviz' picture without prolog, version, ids and its own titles, and with ours."""
    body = drawn[drawn.index("<svg") :].replace("\r\n", "\n")
    body = re.sub(r"<!--.*?-->\n?|<title>.*?</title>\n?", "", body, flags=re.DOTALL)
    body = re.sub(r' (?:id|class|xmlns:xlink)="[^"]*"', "", body)
    body = re.sub(r'"([0-9.]+)pt"', r'"\1"', body, count=2)  # pixels, so that 12 means 12
    opening, rest = body.replace('"transparent"', '"none"').split(">", 1)
    return f'{" ".join(opening.split())} role="img">\n{_spoken(circuit)}{rest}'


def _spoken(circuit: Circuit) -> str:
    title = escape(one_line(circuit.title) or "Computational circuit")
    return f"<title>{title}</title>\n<desc>{escape(graph.describe(circuit))}</desc>"


@dataclass(frozen=True)
class Lanes:
    """Where the ladder puts things: columns from left to right, lanes from top to bottom."""

    column: dict[str, int]
    node: dict[str, int]
    wire: tuple[int, ...]


def place(circuit: Circuit) -> Lanes:
    """A column for every node, and a lane for every node and wire.

    >>> x, y = Node("x", "x", "input", None, "x"), Node("y", "exp", "op", 1, "y")
    >>> place(Circuit("exp(x)", (x, y), (Wire("x", "y", "x", "0", "1"),)))
    Lanes(column={'x': 0, 'y': 1}, node={'x': 0, 'y': 0}, wire=(0,))
    """
    column = _columns(circuit)
    board = _Board(circuit, column)
    for _ in range(_SWEEPS):
        if not board.trade():
            break
    top = min(board.lane.values(), default=0)
    lanes = [board.lane[item] - top for item in range(len(board.spans))]
    node = {n.id: lane for n, lane in zip(circuit.nodes, lanes, strict=False)}
    return Lanes(column, node, tuple(lanes[len(node) :]))


def _columns(circuit: Circuit) -> dict[str, int]:
    """Inputs in the first column, every operation in one of its own, outputs in the last."""
    order = circuit.in_order()
    fed = {wire.target for wire in circuit.wires}
    feeds = {wire.source for wire in circuit.wires}
    first = [node.id for node in order if node.kind == "input" and node.id not in fed]
    last = [node.id for node in order if node.kind == "output" and node.id not in feeds]
    between = [node.id for node in order if node.id not in {*first, *last}]
    column = dict.fromkeys(first, 0) | {key: i for i, key in enumerate(between, start=1)}
    return column | dict.fromkeys(last, len(between) + 1)


class _Board:
    """Lanes being handed out. An item is a node or, after all nodes, a wire.

    A node at column c covers slot 2c; a wire from column a to column b covers the slots between
    2a and 2b. No two items cover the same slot of the same lane.
    """

    def __init__(self, circuit: Circuit, column: dict[str, int]) -> None:
        index = {node.id: i for i, node in enumerate(circuit.nodes)}
        self.first_wire = len(index)
        self.ends = [(index[w.source], index[w.target]) for w in circuit.wires]
        self.spans = [(2 * column[node.id], 2 * column[node.id]) for node in circuit.nodes]
        self.spans += [(self.spans[a][0] + 1, self.spans[b][0] - 1) for a, b in self.ends]
        self.wires_at: list[list[int]] = [[] for _ in index]
        for i, (a, b) in enumerate(self.ends, start=self.first_wire):
            self.wires_at[a].append(i)
            self.wires_at[b].append(i)
        self.lane: dict[int, int] = {}
        self.on: dict[int, set[int]] = {}  # the items of a lane
        for item in sorted(range(len(self.spans)), key=lambda i: (self.spans[i], i)):
            self.put(self.nearest_free(item), item)

    def put(self, lane: int, *items: int) -> None:
        """Move the items to the lane."""
        for item in items:
            if item in self.lane:
                self.on[self.lane[item]].discard(item)
            self.lane[item] = lane
            self.on.setdefault(lane, set()).add(item)

    def nearest_free(self, item: int) -> int:
        """The free lane nearest to where the item comes from."""
        if item < self.first_wire:
            near = [self.lane[wire] for wire in self.wires_at[item] if wire in self.lane]
        else:
            near = [self.lane[self.ends[item - self.first_wire][0]]]
        goal = round(sum(near) / len(near)) if near else 0
        lanes = (goal + side * step for step in range(len(self.spans)) for side in (1, -1))
        return next(lane for lane in lanes if not self.in_the_way(item, lane))

    def in_the_way(self, item: int, lane: int) -> list[int]:
        """The other items on the lane that cover a slot of the item."""
        first, last = self.spans[item]
        return [
            other
            for other in sorted(self.on.get(lane, ()))
            if other != item and self.spans[other][0] <= last and first <= self.spans[other][1]
        ]

    def trade(self) -> bool:
        """Let every item once try every lane. Whether a move made the wires shorter."""
        helped = False
        for item in range(len(self.spans)):
            lanes = self.lane.values()
            for lane in range(min(lanes) - 1, max(lanes) + 2):
                helped |= self.swap(item, lane)
        return helped

    def swap(self, item: int, lane: int) -> bool:
        """Move the item to the lane, and what is in the way to the item's lane, if it helps."""
        old = self.lane[item]
        moved = self.in_the_way(item, lane)
        if lane == old or any(self.in_the_way(i, old) not in ([], [item]) for i in moved):
            return False
        before = self.length([item, *moved])
        self.put(lane, item)
        self.put(old, *moved)
        if self.length([item, *moved]) < before:
            return True
        self.put(old, item)
        self.put(lane, *moved)
        return False

    def length(self, items: list[int]) -> int:
        """How far the wires at these items go up and down; a bend costs half a lane more."""
        wires: set[int] = set()
        for item in items:
            wires.update(self.wires_at[item] if item < self.first_wire else [item])
        total = 0
        for wire in wires:
            for end in self.ends[wire - self.first_wire]:
                rise = abs(self.lane[wire] - self.lane[end])
                total += 2 * rise + (rise > 0)
        return total


def ladder_svg(circuit: Circuit) -> str:
    """The circuit as SVG text, in the ladder layout that needs no other program.

    >>> x, y = Node("x", "x", "input", None, "x"), Node("y", "exp", "op", 1, "y")
    >>> svg = ladder_svg(Circuit("exp(x)", (x, y), (Wire("x", "y", "x", "0", "1"),)))
    >>> svg.splitlines()[-1]
    '</svg>'
    """
    return _Ladder(circuit).draw()


@dataclass(frozen=True)
class _Column:
    """The x coordinates of a column and of the zones around it, from left to right."""

    enter: float  # wires bend to their targets from here
    arrive: float  # to here
    centre: float  # of the nodes
    leave: float  # wires bend to their lanes from here, where the dots of forks are
    straight: float  # labels from here to the `enter` of the next column


class _Ladder:
    """The ladder in pixels."""

    def __init__(self, circuit: Circuit) -> None:
        self.circuit = circuit
        self.lanes = place(circuit)
        self.nodes = {node.id: node for node in circuit.nodes}
        self.forks = circuit.fork_ids()
        self.entry = self.entries()
        self.columns = self.measure()

    def y(self, lane: int) -> float:
        """The height of a lane."""
        return _MARGIN + 30 + _PITCH * lane

    def entries(self) -> list[float]:
        """For every wire, how far below the middle of its target it enters: no two alike."""
        into: dict[str, list[int]] = {}
        for i, wire in enumerate(self.circuit.wires):
            into.setdefault(wire.target, []).append(i)
        entry = [0.0] * len(self.circuit.wires)
        for wires in into.values():
            wires.sort(key=lambda i: (self.lanes.wire[i], i))
            step = min(10.0, 20 / max(1, len(wires) - 1))
            for nth, i in enumerate(wires):
                entry[i] = step * (nth - (len(wires) - 1) / 2)
        return entry

    def measure(self) -> list[_Column]:
        """Give every zone the room that the widest thing in it needs."""
        count = max(self.lanes.column.values(), default=0) + 2
        half, trunk, out, label, into = ([0.0] * count for _ in range(5))
        for node in self.circuit.nodes:
            c = self.lanes.column[node.id]
            name = _width(node.name, 10) if node.kind == "op" else 0
            half[c] = max(half[c], _half(node), name / 2)
            if node.id in self.forks:
                room = _label_width(self.circuit.trunk(node))
                trunk[c] = max(trunk[c], room + 22, _width(graph.FORK_REMARK, 9) + 16)
        for wire, lane, entry in zip(self.circuit.wires, self.lanes.wire, self.entry, strict=True):
            a, b = self.lanes.column[wire.source], self.lanes.column[wire.target]
            out[a] = max(out[a], _bend(lane - self.lanes.node[wire.source]))
            into[b] = max(into[b], _bend(lane - self.lanes.node[wire.target]), 2 * abs(entry))
            label[a] = max(label[a], _label_width(wire) + 20)
        columns = []
        x = float(_MARGIN)
        for c in range(count):
            arrive = x + into[c]
            centre = arrive + (12 if into[c] or c else 0) + half[c]
            leave = centre + half[c] + trunk[c]
            columns.append(_Column(x, arrive, centre, leave, leave + out[c]))
            x = leave + out[c] + label[c]
        return columns

    def draw(self) -> str:
        """The whole picture."""
        circuit, lanes = self.circuit, [*self.lanes.node.values(), *self.lanes.wire]
        caption = self.y(max(lanes, default=0)) + 56
        width = max(self.columns[-1].enter, 240, _MARGIN + _width(circuit.title, 12, None))
        w, h = _n(width + _MARGIN), _n(caption + 28)
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}"'
            f' viewBox="0 0 {w} {h}" role="img" font-family="{_FONT}">',
            _spoken(circuit),
            *(self.wire(i) for i in range(len(circuit.wires))),
            *(self.node(node) for node in circuit.nodes),
            _text(_MARGIN, caption, one_line(circuit.title), INK, 12, "start"),
            _text(_MARGIN, caption + 16, "value above", graph.VALUE, 10, "start"),
            _text(_MARGIN + 80, caption + 16, "gradient below", graph.GRADIENT, 10, "start"),
        ]
        return "\n".join([*filter(None, parts), "</svg>", ""])

    def wire(self, i: int) -> str:
        """A wire: from its source, or the dot of the fork, through its label to its target."""
        wire, entry, y = self.circuit.wires[i], self.entry[i], self.y(self.lanes.wire[i])
        a, b = self.lanes.column[wire.source], self.lanes.column[wire.target]
        start, end, room_end = self.columns[a], self.columns[b], self.columns[a + 1].enter
        x = start.centre + _half(self.nodes[wire.source])
        source_y = self.y(self.lanes.node[wire.source])
        tip = end.centre - _half(self.nodes[wire.target])
        tip += _RADIUS - math.sqrt(_RADIUS**2 - entry**2)  # the ends of a node are round
        tip_y = self.y(self.lanes.node[wire.target]) + entry
        path = f"M{_n(start.leave if wire.source in self.forks else x)},{_n(source_y)}"
        path += _curve(start.leave, source_y, start.straight, y)
        path += _curve(end.enter, y, end.arrive, tip_y) + f"H{_n(tip - 4)}"
        parts = [
            f"<title>{escape(str(wire))}</title>",
            f'<path d="{path}" fill="none" stroke="{INK}"/>',
            f'<path d="M{_n(tip)},{_n(tip_y)}l-7,-3v6z" fill="{INK}"/>',
            _label((start.straight + room_end) / 2, y, wire),
        ]
        if b - a > 2 and _width(wire.name, 10) < end.enter - self.columns[b - 1].straight:
            # Say again, at the far end of a long wire, what it carries.
            parts.append(_text(end.enter - 2, y - 5, _shown(wire.name), INK, 10, "end"))
        return f"<g>{''.join(parts)}</g>"

    def node(self, node: Node) -> str:
        """A node with its stage above and its name below, and the trunk where it forks."""
        column = self.columns[self.lanes.column[node.id]]
        x, y, half = column.centre, self.y(self.lanes.node[node.id]), _half(node)
        parts = [
            f'<rect x="{_n(x - half)}" y="{_n(y - _RADIUS)}" width="{_n(2 * half)}"'
            f' height="{2 * _RADIUS}" rx="{_RADIUS}" fill="{graph.FILL[node.kind]}"/>',
            _text(x, y + 4.5, _shown(node.label), graph.ON_FILL, 13),
        ]
        if node.kind == "op":
            stage = "" if node.stage is None else f"({node.stage})"
            parts.append(_text(x, y - _RADIUS - 5, stage, INK, 10))
            parts.append(_text(x, y + _RADIUS + 12, _shown(node.name), INK, 10))
        if node.id in self.forks:
            middle = (x + half + column.leave) / 2
            parts += [
                f'<path d="M{_n(x + half)},{_n(y)}H{_n(column.leave)}" stroke="{INK}"/>',
                f'<circle cx="{_n(column.leave)}" cy="{_n(y)}" r="3.5" fill="{INK}"/>',
                _label(middle, y, self.circuit.trunk(node)),
                _text(middle, y + 27, graph.FORK_REMARK, INK, 9),
            ]
        return f"<g>{''.join(parts)}</g>"


def _label(x: float, y: float, wire: Wire) -> str:
    """The name and the value above the height y, the gradient below."""
    small = f'<tspan font-size="10" fill="{INK}">{escape(_shown(wire.name))}</tspan>'
    words = [small] if wire.name else []
    if wire.value:
        words.append(escape(_shown(wire.value)))
    above = _markup(x, y - 5, " ".join(words), graph.VALUE, 12)
    return above + _text(x, y + 14, _shown(wire.grad), graph.GRADIENT, 12)


def _label_width(wire: Wire) -> float:
    above = _width(wire.name, 10) + _width(" ", 12, None) + _width(wire.value, 12)
    return max(above, _width(wire.grad, 12))


def _text(x: float, y: float, text: str, fill: str, size: int, anchor: str = "middle") -> str:
    return _markup(x, y, escape(text), fill, size, anchor)


def _markup(x: float, y: float, inner: str, fill: str, size: int, anchor: str = "middle") -> str:
    where = f'x="{_n(x)}" y="{_n(y)}" text-anchor="{anchor}" font-size="{size}" fill="{fill}"'
    return f"<text {where}>{inner}</text>" if inner else ""


def _curve(x0: float, y0: float, x1: float, y1: float) -> str:
    """A line to (x0, y0) and from there a smooth bend, level at both ends, to (x1, y1)."""
    if y0 == y1:
        return f"H{_n(x1)}"
    middle = _n((x0 + x1) / 2)
    return f"H{_n(x0)}C{middle},{_n(y0)} {middle},{_n(y1)} {_n(x1)},{_n(y1)}"


def _bend(lanes: int) -> float:
    """How wide a bend over so many lanes is."""
    return min(22.0 + 8 * abs(lanes), 80) if lanes else 0.0


def _half(node: Node) -> float:
    return max(float(_RADIUS), _width(node.label, 13) / 2 + 8)


def _shown(text: str | None) -> str:
    return one_line(text or "", LONGEST)


def _width(text: str | None, size: int, longest: int | None = LONGEST) -> float:
    """How wide a text is as shown; East Asian wide letters count twice."""
    letters = one_line(text or "", longest)
    return _ADVANCE * size * sum(1 + (east_asian_width(letter) in "WF") for letter in letters)


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
