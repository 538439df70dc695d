"""Several directions in one sweep: the text, and what is left to single directions."""

import numpy as np
import pytest

import chainrule as cr
from chainrule import pipeline, staging
from chainrule.emit.module import emit_module
from chainrule.transform.lifted import NotLifted


def text(fun, *args, wrt=None):
    primal, names = staging.primal_for(fun, args, {}, None, wrt)
    program = pipeline.pushforward(primal, names, pipeline.Options(verify=True), form="several")
    return emit_module([staging.pushforward_root(program)]).text


def test_values_are_computed_once():
    def layer(W, x):
        a = np.tanh(W @ x)
        return np.sum(a**2)

    shown = text(layer, np.ones((2, 3)), np.ones(3), wrt="x")
    assert "a = np.tanh(W @ x)" in shown
    assert "x_dot @ W.T" in shown
    assert "axis=1" in shown


def test_a_directions_array_is_not_written():
    def f(x, y):
        total = x
        total += y
        total *= x
        return total

    assert cr.jacfwd(f, (0, 1))(0.7, 0.3) == (1.7, 0.7)


def test_an_operation_that_is_not_known_here():
    def f(x):
        return np.sum(np.kron(x, x) ** 2)

    with pytest.raises(NotLifted):
        text(f, np.ones(3))
    x = np.array([0.5, -0.3, 0.2])
    np.testing.assert_allclose(cr.jacfwd(f)(x), cr.grad(f)(x))


def test_a_branch_on_a_tangent():
    """The guard of a singular slope selects by direction."""

    def f(x):
        safe = x if x > 0 else 0.0
        return np.sqrt(safe) + x

    with np.errstate(invalid="ignore"):
        assert cr.jacfwd(f)(-1.0) == 1.0


def test_many_directions_in_parts(monkeypatch):
    from chainrule import derivatives

    monkeypatch.setattr(derivatives, "LARGEST", 20)
    x = np.linspace(0.1, 1.0, 7)
    np.testing.assert_allclose(
        cr.jacfwd(lambda x: np.cumsum(x**2))(x), np.tril(np.ones((7, 1)) * 2 * x)
    )
    np.testing.assert_allclose(cr.hessian(lambda x: np.sum(x**3))(x), np.diag(6 * x))
