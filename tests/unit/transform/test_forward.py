"""Forward mode: what is written, and what a selection leaves out."""

import numpy as np
import pytest

import chainrule as cr
from chainrule import pipeline, staging
from chainrule.emit.module import emit_module


def text(fun, *args, wrt=None):
    primal, names = staging.primal_for(fun, args, {}, None, wrt)
    program = pipeline.pushforward(primal, names, pipeline.Options(verify=True))
    return emit_module([staging.pushforward_root(program)]).text


def test_a_tangent_comes_before_a_value_that_takes_over_the_name():
    def f(x):
        x = x * x * 2.0
        return np.sin(x)

    lines = text(f, 1.0).splitlines()
    assert lines.index(next(x for x in lines if "x_dot =" in x)) < lines.index(
        next(x for x in lines if " x =" in x)
    )
    assert cr.jvp(f, (0.5,), (1.0,))[1] == pytest.approx(np.cos(0.5) * 2.0)


def test_a_name_that_the_user_gave_is_not_taken():
    def f(x):
        y_dot = x * 2
        y = x * x
        return y * y_dot

    shown = text(f, 1.0)
    assert "tangent_y = " in shown
    assert cr.jvp(f, (3.0,), (1.0,)) == (54.0, 54.0)


def test_constants_have_no_tangent():
    def f(x):
        a = np.arange(3.0) * 2
        return x * np.sum(a)

    assert "a_dot" not in text(f, 1.0)


def test_a_zero_tangent_is_not_multiplied_by_an_infinite_slope():
    def f(x):
        safe = np.where(x > 0, x, 0.0)
        return np.sum(np.where(x > 0, np.sqrt(safe), x))

    x = np.array([-1.0, 4.0])
    with np.errstate(invalid="ignore"):
        assert cr.jvp(f, (x,), (np.ones(2),))[1] == 1.25


def test_an_untaken_side_does_not_count():
    def f(x):
        return np.where(x > 0, np.log(np.abs(x)), 0.0)

    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(
            cr.jvp(f, (np.array([0.0, 2.0]),), (np.ones(2),))[1], [0.0, 0.5]
        )


def test_a_stopped_gradient_is_constant():
    assert cr.jvp(lambda x: x * cr.stop_gradient(x), (3.0,), (1.0,)) == (9.0, 3.0)


def test_broadcast_operands():
    def f(a, b):
        return a * 1.0 + b

    _, tangent = cr.jvp(f, (np.ones((2, 3)), np.ones(3)), (None, np.arange(3.0)))
    np.testing.assert_array_equal(tangent, [[0.0, 1.0, 2.0]] * 2)
    assert tangent.flags.writeable


def test_python_numbers_raise_nothing_that_arrays_do_not():
    assert cr.jvp(lambda x: x**2.0, (0.0,), (1.0,))[1] == 0.0
    assert cr.jvp(lambda x: np.sqrt(x), (0.0,), (1.0,))[1] == np.inf
