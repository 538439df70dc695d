"""The circuit as data, and its text forms: DOT and Mermaid."""

import json
import re
import shutil
import subprocess
from itertools import pairwise

import pytest

from chainrule.explain.graph import Circuit, Node, Wire, describe, escape, to_dot, to_mermaid

X = Node("x", "x", "input", None, "x", "7")
Y = Node("y", "y", "input", None, "y")
SUM = Node("s", "+", "op", 1, "s")
PRODUCT = Node("p", "*", "op", 2, "p")
OUT = Node("f", "f", "output", None, "f")

# f = (x + y) * x at x = 3, y = 1: df/dx = 2 x + y = 7, of which 3 comes through s; df/dy = x = 3.
FORKED = Circuit(
    "f = (x + y) * x",
    (X, Y, SUM, PRODUCT, OUT),
    (
        Wire("x", "s", "x", "3", "3"),
        Wire("y", "s", "y", "1", "3"),
        Wire("s", "p", "s", "4", "3"),
        Wire("x", "p", "x", "3", "4"),
        Wire("p", "f", "p", "12", "1"),
    ),
)
HOSTILE = Circuit(
    'a < b & "c" --> d\n# %%',
    (
        Node('x "1"', "<x>&\"'", "input", None, "x"),
        Node("end", '- [y]{z}|;`\\"', "op", 1, "</td>"),
    ),
    (Wire('x "1"', "end", "<x>", "1 < 2 && \x00\ud800", 'a" id="b'),),
)
EMPTY = Circuit("", (), ())


def chain(length: int) -> Circuit:
    nodes = [Node("n0", "x", "input", None, "x")]
    nodes += [Node(f"n{i}", "exp", "op", i, f"v{i}") for i in range(1, length)]
    wires = [Wire(a.id, b.id, a.name, None, None) for a, b in pairwise(nodes)]
    return Circuit("chain", tuple(nodes), tuple(wires))


def test_forks_are_the_names_that_are_used_more_than_once() -> None:
    assert FORKED.forks == ("x",)
    assert FORKED.fork_ids() == {"x"}
    assert chain(5).forks == ()


def test_two_wires_to_one_node_are_a_fork() -> None:
    wire = Wire("x", "s", "x", "3", "3")
    assert Circuit("x * x", (X, SUM), (wire, wire)).forks == ("x",)


def test_forks_keep_apart_nodes_of_the_same_name() -> None:
    again = Node("x2", "+", "op", 1, "x")
    wires = (Wire("x", "x2", "x", None, None), Wire("x2", "p", "x", None, None))
    assert Circuit("x = x + 1", (X, again, PRODUCT), wires).forks == ()


def test_trunk_has_the_value_and_the_whole_gradient() -> None:
    trunk = FORKED.trunk(X)
    assert (trunk.value, trunk.grad) == ("3", "7")


def test_trunk_takes_the_first_value_that_is_known() -> None:
    wires = (Wire("x", "s", "x", None, None), Wire("x", "s", "x", "3", None))
    assert Circuit("", (X, SUM), wires).trunk(X).value == "3"


def test_order_is_inputs_stages_outputs() -> None:
    shuffled = Circuit("", (OUT, PRODUCT, SUM, Y, X), FORKED.wires)
    assert [node.id for node in shuffled.in_order()] == ["y", "x", "s", "p", "f"]


def test_order_never_puts_a_target_before_its_source() -> None:
    late = Node("late", "exp", "op", 9, "late")
    circuit = Circuit("", (SUM, late), (Wire("late", "s", "late", None, None),))
    assert [node.id for node in circuit.in_order()] == ["late", "s"]


@pytest.mark.parametrize(
    ("nodes", "wires", "message"),
    [
        ((X, X), (), "two nodes of the circuit have the id 'x'"),
        ((X,), (Wire("x", "q", "x", None, None),), "a wire of 'x' ends at the unknown node 'q'"),
        (
            (SUM, PRODUCT),
            (Wire("s", "p", "s", None, None), Wire("p", "s", "p", None, None)),
            "the circuit has a cycle",
        ),
    ],
)
def test_what_is_no_circuit_is_refused(
    nodes: tuple[Node, ...], wires: tuple[Wire, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        Circuit("", nodes, wires)


def test_description_says_values_gradients_and_forks() -> None:
    assert describe(FORKED) == (
        "Stage 1: s is + of x = 3, gradient 3; y = 1, gradient 3. "
        "Stage 2: p is * of s = 4, gradient 3; x = 3, gradient 4. "
        "f: p = 12, gradient 1. The gradients of x add up to 7."
    )


def test_escape_leaves_nothing_that_xml_forbids() -> None:
    assert escape("<&>\"'\x00\x1f\ufffe\ud800") == "&lt;&amp;&gt;&quot;&#x27;" + "\ufffd" * 4
    assert escape("∂x ≤ 𝜕") == "∂x ≤ 𝜕"


def test_dot_has_the_value_above_and_the_gradient_below_every_wire() -> None:
    dot = to_dot(FORKED)
    for i, wire in enumerate(FORKED.wires):
        (label,) = re.findall(rf"^  w{i} \[label=<(.*)>\]$", dot, re.MULTILINE)
        above, line, below = re.findall("<tr>(.*?)</tr>", label)
        assert f">{wire.value}<" in above
        assert 'port="line"' in line
        assert f">{wire.grad}<" in below


def test_dot_marks_forks() -> None:
    dot = to_dot(FORKED)
    assert dot.count("gradients add up") == 1
    assert re.search(r"t0 \[label=<.*>3<.*>7<.*gradients add up", dot)
    assert "d0 [shape=point" in dot
    assert dot.count("  d0 -> ") == 2
    assert "gradients add up" not in to_dot(chain(5))


def test_dot_without_values_has_no_empty_font() -> None:
    fonts = re.findall("<font[^>]*>(.*?)</font>", to_dot(chain(5)))
    assert "v4" in fonts
    assert "" not in fonts


@pytest.mark.skipif(shutil.which("dot") is None, reason="needs Graphviz")
@pytest.mark.parametrize("circuit", [FORKED, HOSTILE, EMPTY, chain(60)], ids=lambda c: c.title[:8])
def test_graphviz_reads_the_dot_without_a_warning(circuit: Circuit) -> None:
    done = subprocess.run(
        ["dot", "-Tplain"], input=to_dot(circuit).encode(), capture_output=True, check=True
    )
    assert done.stderr == b""


def test_mermaid_has_values_gradients_and_forks() -> None:
    assert to_mermaid(FORKED) == (
        "---\n"
        'title: "f = (x + y) * x"\n'
        "---\n"
        "flowchart LR\n"
        '  n0(["x"])\n'
        '  n1(["y"])\n'
        '  n2["#43;<br/>(1) s"]\n'
        '  n3["#42;<br/>(2) p"]\n'
        '  n4(["f"])\n'
        '  d0(["gradients add up"])\n'
        '  n0 ---|"x = 3<br/>grad 7"| d0\n'
        '  d0 -->|"x = 3<br/>grad 3"| n2\n'
        '  n1 -->|"y = 1<br/>grad 3"| n2\n'
        '  n2 -->|"s = 4<br/>grad 3"| n3\n'
        '  d0 -->|"x = 3<br/>grad 4"| n3\n'
        '  n3 -->|"p = 12<br/>grad 1"| n4\n'
    )


def test_mermaid_labels_hold_no_markup() -> None:
    text = to_mermaid(HOSTILE)
    head, body = text.split("flowchart LR\n")
    assert json.loads(head.splitlines()[1].removeprefix("title: ")) == 'a < b & "c" --> d # %%'
    for label in re.findall(r'(?<=")(.*?)(?=")', body):
        assert not set(label.replace("<br/>", "")) & set("<>&\"'`[]{}|\\*_~"), label
    assert len(body.splitlines()) == 3


def test_mermaid_without_values_has_plain_arrows() -> None:
    nodes = (X, SUM)
    assert to_mermaid(Circuit("", nodes, (Wire("x", "s", "", None, None),))).endswith(
        "  n0 --> n1\n"
    )
    assert to_mermaid(EMPTY) == "flowchart LR\n"


@pytest.mark.parametrize("write", [to_dot, to_mermaid, describe])
def test_the_same_circuit_gives_the_same_text(write: object) -> None:
    assert callable(write)
    copy = Circuit(FORKED.title, tuple(FORKED.nodes), tuple(FORKED.wires))
    assert write(FORKED) == write(copy)


def test_large_circuits() -> None:
    circuit = chain(60)
    assert to_dot(circuit).count("[label=<<table") == 60 + 59
    assert to_mermaid(circuit).count("-->") == 59
