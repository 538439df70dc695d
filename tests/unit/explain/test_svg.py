"""The drawings: Graphviz' and the ladder."""

import math
import os
import random
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import pytest

from chainrule.explain.graph import Circuit, Node, Wire
from chainrule.explain.svg import ladder_svg, place, to_svg

needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="needs Graphviz")
draw_both = pytest.mark.parametrize("draw", [ladder_svg, pytest.param(to_svg, marks=needs_dot)])
Draw = Callable[[Circuit], str]


def sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z))


def staged(x: float = 3.0, y: float = -4.0) -> Circuit:
    """f(x, y) = (x + s(y)) / (s(x) + (x + y)^2) in eight stages, differentiated by hand."""
    sigy = sigmoid(y)
    num = x + sigy
    sigx = sigmoid(x)
    xpy = x + y
    xpysqr = xpy**2
    den = sigx + xpysqr
    invden = 1 / den
    f = num * invden
    dnum, dinvden = invden, num
    dden = -dinvden / den**2
    dxpy = 2 * xpy * dden
    dx = (dnum, (1 - sigx) * sigx * dden, dxpy)
    dy = ((1 - sigy) * sigy * dnum, dxpy)

    def op(stage: int, label: str, name: str) -> Node:
        return Node(name, label, "op", stage, name)

    def wire(source: str, target: str, value: float, grad: float) -> Wire:
        return Wire(source, target, source, f"{value:.4g}", f"{grad:.4g}")

    nodes = (
        Node("x", "x", "input", None, "x", f"{sum(dx):.4g}"),
        Node("y", "y", "input", None, "y", f"{sum(dy):.4g}"),
        op(1, "sigmoid", "sigy"),
        op(2, "+", "num"),
        op(3, "sigmoid", "sigx"),
        op(4, "+", "xpy"),
        op(5, "square", "xpysqr"),
        op(6, "+", "den"),
        op(7, "1/x", "invden"),
        op(8, "*", "f"),
        Node("out", "f", "output", None, "f"),
    )
    wires = (
        wire("y", "sigy", y, dy[0]),
        wire("x", "num", x, dx[0]),
        wire("sigy", "num", sigy, dnum),
        wire("x", "sigx", x, dx[1]),
        wire("x", "xpy", x, dx[2]),
        wire("y", "xpy", y, dy[1]),
        wire("xpy", "xpysqr", xpy, dxpy),
        wire("sigx", "den", sigx, dden),
        wire("xpysqr", "den", xpysqr, dden),
        wire("den", "invden", den, dden),
        wire("num", "f", num, dnum),
        wire("invden", "f", invden, dinvden),
        wire("f", "out", f, 1.0),
    )
    return Circuit("f(x, y) at x = 3, y = -4", nodes, wires)


def arbitrary(ops: int, seed: int) -> Circuit:
    """A circuit with forks, long wires, long names, and values that are missing or too long."""
    pick = random.Random(seed)
    nodes = [Node(f"i{j}", f"w{j}", "input", None, f"w{j}", "[0.25 -1.5]") for j in range(5)]
    wires = []
    for stage in range(1, ops + 1):
        label = pick.choice(["+", "*", "exp", "logsumexp", "a_very_long_operation_name"])
        for source in pick.sample(nodes[-6:] if pick.random() < 0.8 else nodes, pick.randint(1, 4)):
            value = pick.choice(["1.5", "[0.25 -1.5 3.25 4.75 5.5 6.25]", "f64[3, 4]", None])
            grad = pick.choice(["-0.125", "0", None])
            wires.append(Wire(source.id, f"s{stage}", source.name, value, grad))
        name = pick.choice(["h", "logits_per_class", ""])
        nodes.append(Node(f"s{stage}", label, "op", stage, f"{name}{stage}"))
    nodes.append(Node("out", "loss", "output", None, "loss"))
    wires.append(Wire(f"s{ops}", "out", "loss", "0.5", "1"))
    return Circuit(f"arbitrary {seed}", tuple(nodes), tuple(wires))


def parse(text: str) -> ET.Element:
    return ET.fromstring(text)


def tag(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def shown(text: str) -> list[str]:
    """The texts of the picture; Graphviz writes one for each font, the ladder nests them."""
    texts = ["".join(e.itertext()) for e in parse(text).iter() if tag(e) == "text"]
    return [part for whole in texts for part in (whole, *whole.split(" "))]


Box = tuple[float, float, float, float]


def text_boxes(picture: str) -> list[tuple[Box, str]]:
    """Where the ladder's texts are, for the narrowest letters that its fonts have."""
    boxes = []
    for element in parse(picture).iter():
        if tag(element) == "text":
            words, size = "".join(element.itertext()), float(element.attrib["font-size"])
            small = len(next((e.text or "" for e in element if tag(e) == "tspan"), ""))
            width = 0.6 * (small * 10 + (len(words) - small) * size)
            x, y = float(element.attrib["x"]), float(element.attrib["y"])
            x -= {"start": 0.0, "middle": width / 2, "end": width}[element.attrib["text-anchor"]]
            boxes.append(((x, y - 0.75 * size, x + width, y + 0.2 * size), words))
    return boxes


def meet(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def path_points(d: str) -> list[tuple[float, float]]:
    """Points of a ladder's wire, close together."""
    points: list[tuple[float, float]] = []
    for command, numbers in re.findall(r"([MHC])([-0-9., ]+)", d):
        n = [float(number) for number in re.split("[, ]", numbers.strip())]
        if command == "M":
            points.append((n[0], n[1]))
            continue
        x, y = points[-1]
        if command == "H":
            steps = 1 + int(abs(n[0] - x) / 10)
            points += [(x + (n[0] - x) * t / steps, y) for t in range(1, steps + 1)]
        else:
            for t in (i / 40 for i in range(1, 41)):
                a, b, c, e = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
                points.append(
                    (a * x + b * n[0] + c * n[2] + e * n[4], a * y + b * n[1] + c * n[3] + e * n[5])
                )
    return points


CIRCUITS = [staged(), *(arbitrary(12, seed) for seed in range(8)), arbitrary(60, 99)]


@draw_both
@pytest.mark.parametrize("circuit", CIRCUITS, ids=lambda c: c.title)
def test_well_formed_with_title_and_description(draw: Draw, circuit: Circuit) -> None:
    root = parse(draw(circuit))
    assert tag(root) == "svg"
    assert root.attrib["role"] == "img"
    assert [tag(child) for child in root][:2] == ["title", "desc"]
    assert root[0].text == circuit.title
    assert (root[1].text or "").startswith("Stage 1: ")


@draw_both
def test_every_wire_has_its_value_and_gradient(draw: Draw) -> None:
    circuit = staged()
    texts = shown(draw(circuit))
    expected = [text for wire in circuit.wires for text in (wire.value, wire.grad) if text]
    expected += [node.grad for node in circuit.nodes if node.grad]
    for text in expected:
        assert texts.count(text) >= expected.count(text), text
    assert "2.06" in texts
    assert "1.592" in texts


def test_the_value_is_above_the_wire_and_the_gradient_below() -> None:
    circuit = staged()
    groups = [g for g in parse(ladder_svg(circuit)) if tag(g) == "g"]
    for wire, group in zip(circuit.wires, groups, strict=False):
        title, path, _, value, grad, *_ = group
        assert title.text == str(wire)
        assert ("".join(value.itertext()), grad.text) == (f"{wire.name} {wire.value}", wire.grad)
        x = float(value.attrib["x"])
        height = min(path_points(path.attrib["d"]), key=lambda point: abs(point[0] - x))[1]
        assert float(value.attrib["y"]) < height < float(grad.attrib["y"]) - 8


@draw_both
def test_forks_are_marked(draw: Draw) -> None:
    picture = draw(staged())
    assert shown(picture).count("gradients add up") == 2
    dots = [e for e in parse(picture).iter() if tag(e) in ("circle", "ellipse")]
    assert len(dots) == 2
    assert "gradients add up" not in draw(arbitrary(1, 3))


@draw_both
def test_texts_are_escaped(draw: Draw) -> None:
    label, value, title = "<b>&\"'", '1 < 2 && "\x00"', "</title>--> id=\"x\" & '<'"
    nodes = (Node("a", label, "input", None, "a"), Node("b", "exp", "op", 1, "</desc>"))
    picture = draw(Circuit(title, nodes, (Wire("a", "b", "a", value, ' id="q"'),)))
    texts = shown(picture)
    assert label in texts
    assert 'id="q"' in texts
    assert any('1 < 2 && "\ufffd"' in text for text in texts)
    assert parse(picture)[0].text == title


@draw_both
def test_empty_values_are_allowed(draw: Draw) -> None:
    nodes = (Node("a", "", "input", None, ""), Node("b", "", "op", None, ""))
    parse(draw(Circuit("", nodes, (Wire("a", "b", "", None, ""), Wire("a", "b", "a", "", None)))))
    parse(draw(Circuit("", (), ())))


@draw_both
def test_nothing_that_a_page_would_run_load_or_trip_over(draw: Draw) -> None:
    picture = draw(staged())
    used = {tag(element) for element in parse(picture).iter()}
    assert not used & {"script", "style", "image", "a", "use"}
    assert "http" not in picture.replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"\sid=|<!--|<\?xml|DOCTYPE|raphviz", picture)


@draw_both
def test_long_values_are_shortened(draw: Draw) -> None:
    nodes = (Node("a", "a", "input", None, "a"), Node("b", "exp", "op", 1, "b"))
    wire = Wire("a", "b", "a", "[" + "1.25 " * 30 + "]", "[0\n 0]")
    texts = " ".join(shown(draw(Circuit("", nodes, (wire,)))))
    assert "[1.25 1.25 1.25 1.25 1.…" in texts
    assert "[0 0]" in texts


@draw_both
def test_the_same_circuit_gives_the_same_bytes(draw: Draw) -> None:
    assert draw(staged()) == draw(staged())


def test_the_order_of_hashes_does_not_matter() -> None:
    code = (
        "from chainrule.explain.graph import *\n"
        "from chainrule.explain.svg import ladder_svg\n"
        f"print(ladder_svg({arbitrary(12, 1)!r}))"
    )
    pictures = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ
            | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
            | {"PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            check=True,
        ).stdout
        for seed in "12"
    }
    assert len(pictures) == 1


def test_without_dot_the_ladder_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert to_svg(staged()) == ladder_svg(staged())


@pytest.mark.parametrize("does", ["exit 1", "echo rubbish", "kill -9 $$"])
def test_where_dot_fails_the_ladder_is_drawn(
    does: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "dot"
    program.write_text(f"#!/bin/sh\n{does}\n")
    program.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda name: str(program))
    assert to_svg(staged()) == ladder_svg(staged())


@needs_dot
def test_with_dot_graphviz_draws() -> None:
    assert to_svg(staged()) != ladder_svg(staged())


@pytest.mark.parametrize("circuit", CIRCUITS, ids=lambda c: c.title)
def test_lanes_are_never_shared(circuit: Circuit) -> None:
    lanes = place(circuit)
    taken: set[tuple[int, float]] = set()
    for node in circuit.nodes:
        assert (lanes.node[node.id], lanes.column[node.id]) not in taken
        taken.add((lanes.node[node.id], lanes.column[node.id]))
    for wire, lane in zip(circuit.wires, lanes.wire, strict=True):
        first, last = lanes.column[wire.source], lanes.column[wire.target]
        assert first < last
        covers = {(lane, column / 2) for column in range(2 * first + 1, 2 * last)}
        assert not covers & taken
        taken |= covers


def test_columns_follow_the_stages() -> None:
    circuit = staged()
    column = place(circuit).column
    assert [column[node.id] for node in circuit.nodes] == [0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]


@pytest.mark.parametrize("circuit", CIRCUITS, ids=lambda c: c.title)
def test_no_text_meets_a_text_or_a_wire(circuit: Circuit) -> None:
    picture = ladder_svg(circuit)
    boxes = text_boxes(picture)
    for (a, one), (b, other) in combinations(boxes, 2):
        assert not meet(a, b), (one, other)
    paths = [e.attrib["d"] for e in parse(picture).iter() if e.attrib.get("fill") == "none"]
    for x, y in (point for d in paths for point in path_points(d)):
        for box, words in boxes:
            assert not meet(box, (x, y, x, y)), (words, x, y)


@pytest.mark.parametrize("circuit", CIRCUITS, ids=lambda c: c.title)
def test_everything_is_inside_the_picture(circuit: Circuit) -> None:
    picture = ladder_svg(circuit)
    root = parse(picture)
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    for (left, top, right, bottom), words in text_boxes(picture):
        assert left >= 0, words
        assert top >= 0, words
        assert right <= width, words
        assert bottom <= height, words
