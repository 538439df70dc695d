"""The circuit of a staged program: what is a node, what a wire carries."""

import math
from itertools import groupby

import numpy as np
import pytest

import chainrule as cr
from chainrule.explain.circuit import circuit
from chainrule.explain.graph import Circuit


def f(x, y):
    sigy = 1.0 / (1 + math.exp(-y))
    num = x + sigy
    sigx = 1.0 / (1 + math.exp(-x))
    xpy = x + y
    xpysqr = xpy**2
    den = sigx + xpysqr
    invden = 1.0 / den
    f = num * invden
    return f


def loss(W, b, x, y):
    h = np.tanh(W @ x + b)
    return np.sum((h - y) ** 2)


def renamed(x, y):
    a = x * y
    a = a + x
    a = math.exp(a)
    return a


def parts(params):
    w = params["w"] * params["k"]
    return w * params["w"]


def repeated(x):
    y = x * x
    return y - 3 * y


def chained(x, y):
    xy = x * y
    f = xy + x
    return f


def seed() -> Circuit:
    staged = cr.stages(f, 3.0, -4.0)
    return circuit(staged, staged.explain(3.0, -4.0))


def test_the_seed_has_a_node_for_every_stage() -> None:
    ops = [n for n in seed().nodes if n.kind == "op"]
    assert [(n.stage, n.label, n.name) for n in ops] == [
        (1, "sigmoid", "sigy"), (2, "+", "num"), (3, "sigmoid", "sigx"), (4, "+", "xpy"),
        (5, "**2", "xpysqr"), (6, "+", "den"), (7, "1 /", "invden"), (8, "*", "f"),
    ]  # fmt: skip
    assert [n.name for n in seed().nodes if n.kind == "input"] == ["x", "y"]
    assert [n.name for n in seed().nodes if n.kind == "output"] == ["f"]
    assert seed().title == "f(x, y) at x = 3, y = -4"


def test_the_wires_of_the_seed_carry_values_and_contributions() -> None:
    drawn = seed()
    assert drawn.forks == ("x", "y")
    stage = {n.id: n.stage for n in drawn.nodes}
    shown = [(w.name, stage[w.target], w.value, w.grad) for w in drawn.wires]
    assert shown == [
        ("y", 1, "-4", "0.009046"), ("x", 2, "3", "0.5121"), ("sigy", 2, "0.01799", "0.5121"),
        ("x", 3, "3", "-0.03576"), ("x", 4, "3", "1.583"), ("y", 4, "-4", "1.583"),
        ("xpy", 5, "-1", "1.583"), ("sigx", 6, "0.9526", "-0.7916"),
        ("xpysqr", 6, "1", "-0.7916"), ("den", 7, "1.953", "-0.7916"),
        ("num", 8, "3.018", "0.5121"), ("invden", 8, "0.5121", "3.018"),
        ("f", None, "1.546", "1"),
    ]  # fmt: skip


@pytest.mark.parametrize("style", ["lean", "teach"])
def test_contributions_add_up_to_the_whole_gradient(style: str) -> None:
    staged = cr.stages(f, 3.0, -4.0, style=style)
    drawn = circuit(staged, staged.explain(3.0, -4.0))
    whole = {n.id: float(n.grad) for n in drawn.nodes if n.grad is not None}
    wires = sorted(drawn.wires, key=lambda w: w.source)
    for source, out in groupby(wires, key=lambda w: w.source):
        total = sum(float(w.grad or "nan") for w in out)
        assert total == pytest.approx(whole.get(source, 1.0), abs=2e-3)


def test_a_gradient_that_needs_no_line_is_shown_all_the_same() -> None:
    staged = cr.stages(chained, 2.0, 3.0)
    assert "dxy" not in str(staged)
    drawn = circuit(staged, staged.explain(2.0, 3.0))
    assert {w.name: w.grad for w in drawn.wires if w.name != "x"} == {"xy": "1", "y": "2", "f": "1"}


def test_without_values_the_wires_are_bare() -> None:
    drawn = circuit(cr.stages(f, 3.0, -4.0))
    assert {(w.value, w.grad) for w in drawn.wires} == {(None, None)}
    assert drawn.title == "f(x, y)"


def test_a_name_that_is_given_again_is_another_node() -> None:
    staged = cr.stages(renamed, 0.5, 2.0)
    drawn = circuit(staged, staged.explain(0.5, 2.0))
    ops = [n.id for n in drawn.nodes if n.kind == "op"]
    chain = [(w.source, w.target) for w in drawn.wires if w.source in ops]
    assert chain[:2] == [(ops[0], ops[1]), (ops[1], ops[2])]


def test_items_of_a_container_are_inputs() -> None:
    args = {"w": 2.0, "k": 3.0}
    staged = cr.stages(parts, args)
    drawn = circuit(staged, staged.explain(args))
    assert [n.name for n in drawn.nodes if n.kind == "input"] == ['params["w"]', 'params["k"]']
    assert [w.value for w in drawn.wires[:2]] == ["2", "3"]


def test_two_uses_in_one_stage_are_one_wire() -> None:
    staged = cr.stages(repeated, 2.0)
    drawn = circuit(staged, staged.explain(2.0))
    assert (drawn.wires[0].name, drawn.wires[0].grad) == ("x", "-8")


def test_arrays_are_shown_by_their_shapes() -> None:
    args = (np.ones((2, 3)), np.zeros(2), np.ones(3), np.ones(2))
    staged = cr.stages(loss, *args, wrt=("W", "b"))
    drawn = circuit(staged, staged.explain(*args))
    values = {w.name: (w.value, w.grad) for w in drawn.wires}
    assert values["W"] == ("f64[2,3]", "f64[2,3]")
    assert values["x"] == ("f64[3]", None)


def test_pictures_of_a_program_and_of_a_run() -> None:
    staged = cr.stages(f, 3.0, -4.0)
    run = staged.explain(3.0, -4.0)
    assert staged.to_svg(3.0, -4.0) == run.to_svg()
    assert staged.to_dot(x=3.0, y=-4.0) == run.to_dot()
    assert "0.9526" in run.to_mermaid()
    assert "0.9526" not in staged.to_mermaid()
    assert run.to_svg() == cr.stages(f, 3.0, -4.0).to_svg(3.0, -4.0)
