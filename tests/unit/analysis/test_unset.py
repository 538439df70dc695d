"""Which variables may be seen to be None."""

from chainrule.analysis.unset import may_be_none, observed
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


def test_what_a_called_function_may_leave_unset_is_none_in_the_caller():
    x, y, w, test = (Var(n, FLOAT) for n in ("x", "y", "w", "t"))
    branch = Eqn((w,), "if", (test,), blocks=(Block((), (), (x,)), Block((), (), (UNSET,))))
    inner = Function("inner", (x, test), (branch,), (x, w))
    value, handed, again, other = (Var(n, FLOAT) for n in ("value", "w", "w", "other"))
    body = (
        Eqn((value, handed), "call", (y, test), {"callee": inner}),
        Eqn((again,), "alias", (handed,)),
        Eqn((other,), "sin", (value,)),
    )
    assert may_be_none(Function("f", (y, test), body, (again,))) == {handed, again}


def test_a_loop_hands_on_what_may_be_none():
    x, w, start, after, i, test = (Var(n, FLOAT) for n in ("x", "w", "start", "w", "i", "t"))
    inner = Function("inner", (x,), (), (UNSET,))
    call = Eqn((w,), "call", (x,), {"callee": inner})
    zero, one = Const(0, INT), Const(1, INT)
    loop = Eqn((after,), "for", (zero, one, one, UNSET), blocks=(Block((i, start), (call,), (w,)),))
    assert may_be_none(Function("f", (x, test), (loop,), (after,))) == {w, after, start}


def test_what_is_recorded_may_be_none_when_it_is_read():
    x, w, back = (Var(n, FLOAT) for n in ("x", "w", "w"))
    record = Var("w_at", Scalar("object"))
    inner = Function("inner", (x,), (), (UNSET,))
    body = (
        Eqn((record,), "record", ()),
        Eqn((w,), "call", (x,), {"callee": inner}),
        Eqn((), "push", (record, w)),
        Eqn((back,), "pop", (record,)),
    )
    assert may_be_none(Function("f", (x,), body, (back,))) == {w, record, back}
