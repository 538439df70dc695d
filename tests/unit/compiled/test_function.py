"""Compiled functions, called from Python."""

import math
import pickle
from typing import NamedTuple

import numba
import numpy as np
import pytest

import chainrule as cr


def f(x, y):
    return x * math.exp(y) + x**2


def value_and_gradient(x, y):
    return f(x, y), (math.exp(y) + 2 * x, x * math.exp(y))


@pytest.fixture(scope="module")
def compiled():
    return cr.value_and_grad(f, argnums=(0, 1), engine="numba")


def close(found, wanted):
    flat = [found[0], *found[1]], [wanted[0], *wanted[1]]
    return np.allclose(*flat, rtol=1e-14)


def test_two_floats(compiled):
    for point in ((1.5, -0.5), (0.25, 2.0)):
        assert close(compiled(*point), value_and_gradient(*point))


def test_keywords_and_integers_go_the_long_way(compiled):
    assert close(compiled(y=-0.5, x=1.5), value_and_gradient(1.5, -0.5))
    assert close(compiled(2, 1), value_and_gradient(2, 1))
    with pytest.raises(TypeError, match="y"):
        compiled(1.0)
    with pytest.raises(TypeError, match="too many"):
        compiled(1.0, 2.0, 3.0)


def test_single_precision_is_kept(compiled):
    value, (dx, dy) = compiled(np.float32(1.5), np.float32(0.5))
    assert {type(value), type(dx), type(dy)} == {np.float32}
    assert close((value, (dx, dy)), value_and_gradient(1.5, 0.5)) is False  # it is less precise
    assert np.allclose(dx, value_and_gradient(1.5, 0.5)[1][0], rtol=1e-6)


def test_the_source_is_that_of_every_signature():
    g = cr.grad(lambda x: x**3, engine="numba")
    assert "nothing is compiled" in g.source
    g(2.0)
    assert g.source.count("def fun_grad(") == 1
    assert "_value" not in repr(g)


def test_an_njit_function_gives_a_compiled_gradient_with_its_options():
    fast = numba.njit(f, fastmath={"nsz"}, error_model="numpy")
    g = cr.grad(fast)
    assert g(1.5, -0.5) == pytest.approx(value_and_gradient(1.5, -0.5)[1][0])
    assert g.request.options.fastmath == {"nsz"}
    assert g.request.options.error_model == "numpy"
    assert cr.grad(numba.njit(f)).request.options.error_model == "python"
    assert not hasattr(cr.grad(fast, engine="numpy"), "source")


def test_calls_of_other_dispatchers_are_followed():
    @numba.njit
    def inner(x):
        return math.sin(x) * x

    @numba.njit
    def outer(x):
        return inner(x) + inner(2 * x)

    wanted = math.cos(1.0) + math.sin(1.0) + 4 * math.cos(2.0) + 2 * math.sin(2.0)
    assert cr.grad(outer)(1.0) == pytest.approx(wanted, rel=1e-14)


rate = 2.0


def scaled(x):
    return rate * x


def test_numbers_from_outside_are_read_at_each_call():
    global rate
    g = cr.value_and_grad(scaled, engine="numba")
    assert g(3.0) == (6.0, 2.0)
    rate = 5.0
    assert g(3.0) == (15.0, 5.0)
    rate = 2
    assert g(3.0) == (6.0, 2.0)
    rate = 2.0
    cell = 3.0
    h = cr.grad(lambda x: cell * x, engine="numba")
    assert h(1.0) == 3.0
    cell = 4.0
    assert h(1.0) == 4.0


def double(x):
    return 2 * x


def doubled(x):
    return double(x)


def test_a_changed_callee_is_seen(monkeypatch):
    g = cr.grad(doubled, engine="numba")
    assert g(1.0) == 2.0
    assert g(1.0) == 2.0
    monkeypatch.setitem(globals(), "double", lambda x: 3 * x)
    assert g(1.0) == 3.0
    assert g(1.0) == 3.0
    monkeypatch.undo()
    assert g(1.0) == 2.0


def test_a_rule_that_is_registered_later_is_seen():
    def inner(x):
        return x * x

    g = cr.grad(lambda x: inner(x), engine="numba")
    assert g(3.0) == 6.0

    @cr.derivative(inner)
    def rule(dy, x):
        return 10.0 * dy

    assert g(3.0) == 10.0


class Point(NamedTuple):
    a: float
    b: float


def test_containers_come_back_as_they_are():
    def g(p, q, r):
        return p["u"] * p["v"] + q[0] * q[1] ** 2 + r.a * r.b

    value, (dp, dq, dr) = cr.value_and_grad(g, argnums=(0, 1, 2), engine="numba")(
        {"u": 2.0, "v": 3.0}, [4.0, 5.0], Point(6.0, 7.0)
    )
    assert value == 148.0
    assert dp == {"u": 3.0, "v": 2.0}
    assert dq == [25.0, 40.0]
    assert dr == Point(7.0, 6.0)
    assert type(dr) is Point


def test_auxiliary_values():
    def g(x, n):
        return x**2, (n + 1, x > 0, "name")

    both = cr.value_and_grad(g, has_aux=True, engine="numba")
    assert both(3.0, 4) == ((9.0, (5, True, "name")), 6.0)
    assert cr.grad(g, has_aux=True, engine="numba")(3.0, 4) == (6.0, (5, True, "name"))


def test_values_that_have_to_be_known():
    def g(x, kind, n):
        if kind == "square":
            return x**2
        return x**n

    d = cr.grad(g, engine="numba")
    assert d(3.0, "square", 5) == 6.0
    assert d(3.0, "power", 3) == 27.0
    assert d(3.0, "power", 2) == 6.0


def test_integers_that_do_not_fit_are_refused():
    d = cr.grad(lambda x, n: x * n, engine="numba")
    assert d(1.0, 3) == 3.0
    for big in (2**63, 2**70, -(2**63) - 1):
        with pytest.raises(OverflowError):
            d(1.0, big)


def test_compile_gives_the_function_itself():
    h = cr.compile(f)
    assert h(1.5, -0.5) == pytest.approx(f(1.5, -0.5), rel=1e-15)
    assert h.__name__ == "f"


def test_warm_up_runs_nothing():
    g = cr.grad(f, engine="numba")
    cr.warmup(g, 1.0, y=2.0)
    assert "def f_grad(" in g.source
    with pytest.raises(TypeError, match="engine="):
        cr.warmup(cr.grad(f), 1.0, 2.0)


def test_unknown_engines_are_refused():
    with pytest.raises(ValueError, match="'c\\+\\+'"):
        cr.grad(f, engine="c++")


def test_a_parallel_range_is_a_range():
    @numba.njit(parallel=True)
    def squares(x):
        total = 0.0
        for i in numba.prange(len(x)):
            total += x[i] ** 2
        return total

    assert np.array_equal(cr.grad(squares)(np.arange(3.0)), [0.0, 2.0, 4.0])
    assert np.array_equal(cr.grad(squares, engine="numpy")(np.arange(3.0)), [0.0, 2.0, 4.0])


def test_it_can_be_sent_to_another_process():
    g = pickle.loads(pickle.dumps(cr.value_and_grad(f, argnums=(0, 1), engine="numba")))
    assert close(g(1.5, -0.5), value_and_gradient(1.5, -0.5))


def test_what_else_numba_makes_is_refused():
    @numba.vectorize
    def square(x):
        return x * x

    with pytest.raises(cr.UnsupportedError, match="vectorize"):
        cr.grad(square)(2.0)
    with pytest.raises(cr.UnsupportedError, match="square has no derivative rule"):
        cr.grad(numba.njit(lambda x: np.sum(square(x))))(np.ones(2))


def test_complex_numbers():
    def energy(z, x):
        return np.sum(np.abs(z * x) ** 2) + z[0].imag

    z, x = np.array([1 + 1j, 2.0]), np.array([1.0, 2.0])
    expected = cr.value_and_grad(energy, (0, 1))(z, x)
    value, (dz, dx) = cr.value_and_grad(energy, (0, 1), engine="numba")(z, x)
    assert value == pytest.approx(expected[0])
    np.testing.assert_allclose(dz, expected[1][0])
    np.testing.assert_allclose(dx, expected[1][1])
    assert (dz.dtype, dx.dtype) == (np.complex128, np.float64)
    number = cr.grad(lambda z: abs(z) ** 2 + z.imag, engine="numba")(1 + 2j)
    assert (number, type(number)) == (2 - 5j, complex)
    assert cr.grad(lambda z: z**3, holomorphic=True, engine="numba")(1 + 1j) == 6j


def test_complex_numbers_from_numba_code():
    @numba.njit
    def energy(z):
        return abs(z) ** 2

    slope = cr.grad(energy)

    @numba.njit
    def step(z):
        return z - 0.1 * np.conj(slope(z))

    assert step(1 + 2j) == pytest.approx(0.8 + 1.6j)


def test_fourier_transforms_are_refused():
    with pytest.raises(cr.UnsupportedError, match="Fourier transforms"):
        cr.grad(lambda x: np.abs(np.fft.fft(x)[1]), engine="numba")(np.ones(3))
