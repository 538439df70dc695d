"""Functions that call themselves, by way of knots."""

from dataclasses import replace

from chainrule.ir.callees import Changed, callees, is_recursive, with_callees
from chainrule.ir.program import Eqn, Function, Knot, Var, called
from chainrule.ir.types import Scalar

FLOAT = Scalar("float64", weak=True)


def calling(name, *targets):
    """A function of one number that calls others, the last result being its own."""
    x = Var("x", FLOAT)
    outs = [Var("", FLOAT) for _ in targets]
    body = tuple(
        Eqn((out,), "call", (x,), {"callee": target})
        for out, target in zip(outs, targets, strict=True)
    )
    return Function(name, (x,), body, (outs[-1] if outs else x,))


def even_and_odd():
    """Two functions that call each other, and one that calls the first."""
    knot = Knot("even")
    odd = calling("odd", knot)
    even = calling("even", odd)
    knot.function = even
    return calling("top", even), even, odd


def test_callees_come_first_and_once():
    top, even, odd = even_and_odd()
    assert [f.name for f in callees(top)] == ["odd", "even"]
    assert list(callees(calling("leaf"))) == []
    assert is_recursive(even)
    assert is_recursive(odd)
    assert not is_recursive(top)


def test_changed_functions_call_changed_functions():
    top, even, odd = even_and_odd()

    def change(function):
        return replace(function, name=f"{function.name}_new")

    new = with_callees(top, change, Changed())
    new_even = called(new.body[0])
    new_odd = called(new_even.body[0])
    assert (new.name, new_even.name, new_odd.name) == ("top", "even_new", "odd_new")
    assert called(new_odd.body[0]) is new_even
    assert new_odd.body[0].static["callee"].name == "even_new"
    assert called(odd.body[0]) is even  # what there was stays


def test_each_function_is_changed_once():
    top, even, _ = even_and_odd()
    seen = []

    def change(function):
        seen.append(function.name)
        return replace(function)

    changed = Changed()
    first = with_callees(top, change, changed)
    second = with_callees(calling("other", even), change, changed)
    assert sorted(seen) == ["even", "odd"]
    assert called(first.body[0]) is called(second.body[0])
