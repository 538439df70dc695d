"""The verifier, on options that are no mappings."""

import ast

from chainrule.ir.program import Const, Eqn, Function, Var
from chainrule.ir.types import Scalar
from chainrule.ir.verify import verify


def test_text_in_options_is_no_mapping():
    x = Var("x", Scalar("float64", weak=True), user=True)
    text = ast.parse("f'{a} is {b}'", mode="eval").body
    check = Eqn((), "assert", (x,), {"shown": (text,), "detail": text}, effect=True)
    assert verify(Function("f", (x,), (check,), (x,))) == []


def test_a_use_before_the_definition_is_a_problem():
    x, y = (Var(name, Scalar("float64", weak=True), user=True) for name in "xy")
    one = Const(1.0, Scalar("float64", weak=True))
    body = (Eqn((x,), "add", (y, one)), Eqn((y,), "const", (one,)))
    assert len(verify(Function("f", (), body, (x,)))) == 1
