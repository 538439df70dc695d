"""Which variables may be seen to be None."""

from chainrule.analysis.unset import observed
from chainrule.frontend.blocks import UNSET
from chainrule.ir.program import Block, Const, Eqn, Function, Var
from chainrule.ir.types import Scalar

FLOAT, BOOL, INT = Scalar("float64", weak=True), Scalar("bool", weak=True), Scalar("int64", True)


def loop(*, tested):
    """`best = None`, then a loop that sets it; `tested` says that it is looked at after the loop."""
    x, best, after, i = (Var(n, FLOAT) for n in ("x", "best", "best", "i"))
    absent = Var("", BOOL)
    zero, one = Const(0, INT), Const(1, INT)
    block = Block((i, best), (), (x,))
    body = [Eqn((after,), "for", (zero, one, one, UNSET), blocks=(block,))]
    if tested:
        body.append(Eqn((absent,), "is_none", (after,)))
    return Function("f", (x,), tuple(body), (absent if tested else x,)), best, after, x


def test_what_a_test_looks_at_is_observed_where_it_comes_from():
    function, best, after, x = loop(tested=True)
    assert observed(function) == {best, after, x}


def test_nothing_is_observed_without_a_test():
    assert observed(loop(tested=False)[0]) == set()


def test_both_sides_of_a_branch():
    a, b, out, absent, test = (Var(n, FLOAT) for n in ("a", "b", "out", "", "t"))
    branch = Eqn((out,), "if", (test,), blocks=(Block((), (), (a,)), Block((), (), (b,))))
    body = (branch, Eqn((absent,), "is_set", (out,)))
    assert observed(Function("f", (a, b, test), body, (absent,))) == {a, b, out}
