"""Lists that kernels give and take."""

import numpy as np
import pytest

import chainrule as cr

x = np.array([0.7, -1.2, 2.4])


def powers(x, n):
    found = []
    for i in range(n):
        found.append(x * (i + 1.0))
    return found


def test_a_list_of_numbers_and_a_list_of_arrays():
    assert cr.compile(powers)(0.5, 3) == [0.5, 1.0, 1.5]
    assert all(type(v) is float for v in cr.compile(powers)(0.5, 3))
    for mine, theirs in zip(cr.compile(powers)(x, 3), powers(x, 3), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert cr.compile(powers)(x, 0) == []


def test_gradients_of_lists():
    _, pullback = cr.vjp(lambda x: powers(x, 3), x, engine="numba")
    (found,) = pullback([x, x * x, np.ones(3)])
    np.testing.assert_allclose(found, x + 2.0 * x * x + 3.0, rtol=1e-14)
    _, pullback = cr.vjp(lambda x: powers(x, 3), 0.5, engine="numba")
    assert pullback([1.0, 10.0, 100.0]) == (321.0,)


def test_a_list_beside_a_gradient():
    def f(x):
        rows = powers(x, 2)
        return np.sum(rows[1] ** 2), rows

    (value, rows), gradient = cr.value_and_grad(f, has_aux=True, engine="numba")(x)
    assert value == pytest.approx(np.sum(4 * x * x))
    np.testing.assert_array_equal(np.array(rows), np.array(powers(x, 2)))
    np.testing.assert_allclose(gradient, 8 * x, rtol=1e-14)
    out = np.empty(3)
    cr.value_and_grad(f, has_aux=True, engine="numba")(x, out=out)
    np.testing.assert_array_equal(out, gradient)
    debugged = cr.debug(f)(x)
    np.testing.assert_array_equal(np.array(debugged[1]), np.array(rows))


def test_numba_code_gets_no_list():
    import numba

    compiled = cr.compile(powers)

    @numba.njit
    def caller(x):
        return compiled(x, 2)

    with pytest.raises(Exception, match="cannot get a list"):
        caller(1.0)
