"""The computational circuit as plain data, and its text forms: Graphviz DOT and Mermaid.

A circuit is what a teacher draws on a board: a node for every input, operation and output, and a
wire for every use of a variable, with the value above the wire and the gradient that flows back
along it below. Where a variable forks, every branch carries its own contribution, and the
contributions add up to the gradient of the variable (`Node.grad`). The layout of values and
gradients follows the circuit diagrams of the Stanford CS231n notes on backpropagation.

Nothing here knows how a program is staged, and numbers arrive as text. The same circuit always
gives the same bytes.
"""

import heapq
import html
import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import Final, Literal

__all__ = ["Circuit", "Node", "Wire", "to_dot", "to_mermaid"]

FORK_REMARK: Final = "gradients add up"

# Mid tones: each has a contrast of more than 4 on white and on near-black, so that one picture
# serves light and dark pages, also where a page overrides what the system prefers.
INK: Final = "#7a7a7a"
VALUE: Final = "#158c3f"
GRADIENT: Final = "#dc4640"
FILL: Final = {"input": "#6b7280", "op": "#3b73b9", "output": "#8a5bb5"}
ON_FILL: Final = "#ffffff"

LONGEST: Final = 24  # characters of a text in the picture
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MERMAID_MARKUP: Final = re.compile(r"(?![ .,=()/])[\x20-\x2f:-@\[-`{-~]")


@dataclass(frozen=True)
class Node:
    """A box of the circuit: an input, an operation, or an output.

    `label` is what the box shows ("+", "exp", "x"), `name` the variable that it produces, and
    `stage` the number of the stage that computes it (None for inputs and outputs). `grad` is the
    text of the whole gradient of `name`. It is shown where `name` forks; elsewhere the only wire
    already carries it.

    >>> Node("n1", "+", "op", 2, "num").label
    '+'
    """

    id: str
    label: str
    kind: Literal["input", "op", "output"]
    stage: int | None
    name: str
    grad: str | None = None


@dataclass(frozen=True)
class Wire:
    """One use of the variable `name`: from the node `source` to the node `target`.

    `value` and `grad` are texts. `grad` is what this one use contributes to the gradient of
    `name`; either may be None where nothing has been computed.

    >>> print(Wire("n1", "n2", "num", "2.982", "0.096"))
    num = 2.982, gradient 0.096
    """

    source: str
    target: str
    name: str
    value: str | None
    grad: str | None

    def __str__(self) -> str:
        value = f" = {one_line(self.value)}" if self.value else ""
        grad = f", gradient {one_line(self.grad)}" if self.grad else ""
        return f"{one_line(self.name)}{value}{grad}"


@dataclass(frozen=True)
class Circuit:
    """Nodes, and the wires between them. Wires into a node are in the order of its operands.

    A wire that ends at an unknown node, an id that occurs twice, and a cycle are each a
    `ValueError`.

    >>> nodes = (Node("x", "x", "input", None, "x"), Node("m", "*", "op", 1, "m"))
    >>> square = Circuit("m = x * x", nodes, (Wire("x", "m", "x", "3", "3"),) * 2)
    >>> square.forks
    ('x',)
    """

    title: str
    nodes: tuple[Node, ...]
    wires: tuple[Wire, ...]

    def __post_init__(self) -> None:
        ids = Counter(node.id for node in self.nodes)
        twice = [name for name, count in ids.items() if count > 1]
        if twice:
            raise ValueError(f"two nodes of the circuit have the id {twice[0]!r}")
        for wire in self.wires:
            for end in (wire.source, wire.target):
                if end not in ids:
                    raise ValueError(f"a wire of {wire.name!r} ends at the unknown node {end!r}")
        if len(self.in_order()) < len(self.nodes):
            raise ValueError("the circuit has a cycle")

    @property
    def forks(self) -> tuple[str, ...]:
        """The names of the nodes whose output is used more than once, in the order of `nodes`.

        Two wires to one node count as two uses: in `x * x` both contribute to `dx`.

        >>> x, y = Node("x", "x", "input", None, "x"), Node("y", "exp", "op", 1, "y")
        >>> Circuit("", (x, y), (Wire("x", "y", "x", None, None),)).forks
        ()
        """
        forks = self.fork_ids()
        return tuple(node.name for node in self.nodes if node.id in forks)

    def fork_ids(self) -> frozenset[str]:
        """The ids of the nodes that `forks` names (ids are unique, names need not be).

        >>> Circuit("", (), ()).fork_ids()
        frozenset()
        """
        uses = Counter(wire.source for wire in self.wires)
        return frozenset(source for source, count in uses.items() if count > 1)

    def trunk(self, node: Node) -> Wire:
        """What is written between a fork and its branches: the value and the whole gradient.

        >>> nodes = (Node("x", "x", "input", None, "x", "6"), Node("m", "*", "op", 1, "m"))
        >>> square = Circuit("m = x * x", nodes, (Wire("x", "m", "x", "3", "3"),) * 2)
        >>> square.trunk(nodes[0])
        Wire(source='x', target='x', name='x', value='3', grad='6')
        """
        values = (w.value for w in self.wires if w.source == node.id and w.value is not None)
        return Wire(node.id, node.id, node.name, next(values, None), node.grad)

    def in_order(self) -> tuple[Node, ...]:
        """The nodes so that every wire goes forward: inputs, stages by number, outputs.

        >>> a, b = Node("a", "+", "op", 2, "a"), Node("b", "*", "op", 1, "b")
        >>> [node.id for node in Circuit("", (a, b), ()).in_order()]
        ['b', 'a']
        """
        rank = {"input": 0, "op": 1, "output": 2}
        waits = Counter(wire.target for wire in self.wires)
        users: dict[str, list[str]] = {node.id: [] for node in self.nodes}
        for wire in self.wires:
            users[wire.source].append(wire.target)
        key = {n.id: (rank[n.kind], n.stage or 0, i) for i, n in enumerate(self.nodes)}
        ready = [key[node.id] for node in self.nodes if not waits[node.id]]
        heapq.heapify(ready)
        order: list[Node] = []
        while ready:
            order.append(self.nodes[heapq.heappop(ready)[2]])
            for target in users[order[-1].id]:
                waits[target] -= 1
                if not waits[target]:
                    heapq.heappush(ready, key[target])
        return tuple(order)


def one_line(text: str, longest: int | None = None) -> str:
    """The text on one line, shortened to `longest` characters.

    >>> one_line("[1.0\\n 2.0]"), one_line("abcdefgh", 6)
    ('[1.0 2.0]', 'abcde…')
    """
    line = " ".join(text.split())
    return line if longest is None or len(line) <= longest else line[: longest - 1] + "…"


def escape(text: str) -> str:
    """The text for XML: markup escaped, and characters that XML forbids replaced.

    >>> escape("a < b & \\x00")
    'a &lt; b &amp; \ufffd'
    """
    return html.escape(_NOT_XML.sub("\ufffd", text))


def describe(circuit: Circuit) -> str:
    """The circuit in sentences, for those who do not see the picture.

    >>> nodes = (Node("x", "x", "input", None, "x", "6"), Node("m", "*", "op", 1, "m"))
    >>> describe(Circuit("m = x * x", nodes, (Wire("x", "m", "x", "3", "3"),) * 2))
    'Stage 1: m is * of x = 3, gradient 3; x = 3, gradient 3. The gradients of x add up to 6.'
    """
    said = []
    for node in circuit.in_order():
        operands = "; ".join(str(wire) for wire in circuit.wires if wire.target == node.id)
        if node.kind == "op":
            stage = "" if node.stage is None else f"Stage {node.stage}: "
            said.append(f"{stage}{node.name} is {node.label} of {operands or 'nothing'}.")
        elif operands:
            said.append(f"{node.name}: {operands}.")
    forks = circuit.fork_ids()
    for node in circuit.nodes:
        if node.id in forks:
            total = f" to {node.grad}" if node.grad else ""
            said.append(f"The gradients of {node.name} add up{total}.")
    return one_line(" ".join(said))


def to_dot(circuit: Circuit) -> str:
    """The circuit for Graphviz' `dot`.

    A wire's label is a small table through which the wire runs: value, line, gradient. An edge
    label of Graphviz would stand beside the wire as a whole, with both rows on the same side.

    >>> x, y = Node("x", "x", "input", None, "x"), Node("y", "exp", "op", 1, "y")
    >>> dot = to_dot(Circuit("exp(x)", (x, y), (Wire("x", "y", "x", "0", "1"),)))
    >>> print(*dot.splitlines()[-3:], sep="\\n")
      n0:p:e -> w0:line:w [arrowhead=none]
      w0:line:e -> n1:p:w
    }
    """
    index = {node.id: i for i, node in enumerate(circuit.nodes)}
    forks = circuit.fork_ids()
    lines = [
        "digraph circuit {",
        "  graph [rankdir=LR, bgcolor=transparent, nodesep=0.12, ranksep=0.3, pad=0.1,",
        f"         labelloc=b, labeljust=l, fontname=monospace, label=<{_dot_caption(circuit)}>]",
        "  node [shape=plain, fontname=monospace, fontsize=12]",
        f'  edge [color="{INK}", arrowsize=0.6]',
    ]
    lines += [f"  n{i} [label=<{_dot_node(node)}>]" for i, node in enumerate(circuit.nodes)]
    for i, node in enumerate(circuit.nodes):
        if node.id in forks:
            lines += [
                f"  t{i} [label=<{_dot_wire(circuit.trunk(node), FORK_REMARK)}>]",
                f'  d{i} [shape=point, width=0.09, color="{INK}"]',
                f"  n{i}:p:e -> t{i}:line:w [arrowhead=none, weight=4]",
                f"  t{i}:line:e -> d{i} [arrowhead=none, weight=4]",
            ]
    for j, wire in enumerate(circuit.wires):
        i = index[wire.source]
        start = f"d{i}" if wire.source in forks else f"n{i}:p:e"
        lines += [
            f"  w{j} [label=<{_dot_wire(wire)}>]",
            f"  {start} -> w{j}:line:w [arrowhead=none]",
            f"  w{j}:line:e -> n{index[wire.target]}:p:w",
        ]
    return "\n".join([*lines, "}", ""])


def _dot_caption(circuit: Circuit) -> str:
    rows = [
        _font(one_line(circuit.title), INK, 12),
        f"{_font('value above', VALUE, 10)} {_font('gradient below', GRADIENT, 10)}",
    ]
    return "".join(f'{row}<br align="left"/>' for row in rows if row)


def _dot_node(node: Node) -> str:
    box = (
        f'<td port="p" border="1" style="rounded" width="30" height="28" cellpadding="4"'
        f' color="{FILL[node.kind]}" bgcolor="{FILL[node.kind]}">'
        f"{_font(one_line(node.label, LONGEST), ON_FILL, 13)}</td>"
    )
    if node.kind != "op":
        return _table([box])
    stage = "" if node.stage is None else f"({node.stage})"
    name = one_line(node.name, LONGEST)
    return _table([_cell(_font(stage, INK, 10)), box, _cell(_font(name, INK, 10))])


def _dot_wire(wire: Wire, remark: str = "") -> str:
    name, value = one_line(wire.name, LONGEST), one_line(wire.value or "", LONGEST)
    rows = [
        _cell(" ".join(filter(None, (_font(name, INK, 10), _font(value, VALUE, 12))))),
        f'<td port="line" height="1" cellpadding="0" bgcolor="{INK}"></td>',
        _cell(_font(one_line(wire.grad or "", LONGEST), GRADIENT, 12)),
    ]
    return _table([*rows, _cell(_font(remark, INK, 9))] if remark else rows)


def _table(cells: list[str]) -> str:
    rows = "".join(f"<tr>{cell}</tr>" for cell in cells)
    return f'<table border="0" cellborder="0" cellspacing="0" cellpadding="1">{rows}</table>'


def _cell(content: str) -> str:
    return f"<td>{content}</td>"


def _font(text: str, color: str, size: int) -> str:
    """The text in a colour; nothing for an empty text, where Graphviz wants no empty tag."""
    return f'<font color="{color}" point-size="{size}">{escape(text)}</font>' if text else ""


def to_mermaid(circuit: Circuit) -> str:
    """The circuit as a Mermaid flowchart, which GitHub and many notebooks draw in Markdown.

    >>> x, y = Node("x", "x", "input", None, "x"), Node("y", "exp", "op", 1, "y")
    >>> print(to_mermaid(Circuit("exp(x)", (x, y), (Wire("x", "y", "x", "0", "1"),))), end="")
    ---
    title: "exp(x)"
    ---
    flowchart LR
      n0(["x"])
      n1["exp<br/>(1) y"]
      n0 -->|"x = 0<br/>grad 1"| n1
    """
    index = {node.id: i for i, node in enumerate(circuit.nodes)}
    forks = circuit.fork_ids()
    title = one_line(_NOT_XML.sub("\ufffd", circuit.title))
    lines = ["---", f"title: {json.dumps(title, ensure_ascii=False)}", "---"] if title else []
    lines.append("flowchart LR")
    lines += [f"  n{i}{_mermaid_node(node)}" for i, node in enumerate(circuit.nodes)]
    for i, node in enumerate(circuit.nodes):
        if node.id in forks:
            lines.append(f'  d{i}(["{FORK_REMARK}"])')
            lines.append(f"  n{i} ---{_mermaid_wire(circuit.trunk(node))} d{i}")
    for wire in circuit.wires:
        i = index[wire.source]
        start = f"d{i}" if wire.source in forks else f"n{i}"
        lines.append(f"  {start} -->{_mermaid_wire(wire)} n{index[wire.target]}")
    return "\n".join([*lines, ""])


def _mermaid_node(node: Node) -> str:
    label = _mermaid_text(node.label) or " "
    if node.kind != "op":
        return f'(["{label}"])'
    stage = "" if node.stage is None else f"({node.stage})"
    below = " ".join(filter(None, (stage, _mermaid_text(node.name))))
    return f'["{label}<br/>{below}"]' if below else f'["{label}"]'


def _mermaid_wire(wire: Wire) -> str:
    value = " = ".join(filter(None, (_mermaid_text(wire.name), _mermaid_text(wire.value or ""))))
    grad = f"grad {_mermaid_text(wire.grad)}" if wire.grad else ""
    rows = "<br/>".join(filter(None, (value, grad)))
    return f'|"{rows}"|' if rows else ""


def _mermaid_text(text: str) -> str:
    """The text with numbers for all that Mermaid, its Markdown or HTML could read as markup."""
    line = one_line(_NOT_XML.sub("\ufffd", text), LONGEST)
    return _MERMAID_MARKUP.sub(lambda match: f"#{ord(match[0])};", line)
