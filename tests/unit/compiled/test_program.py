"""Compiled programs of arrays, against the same programs as plain Python."""

import itertools
import linecache
import math

import numba
import numpy as np
import pytest

import chainrule as cr

_files = itertools.count()


def functions(text):
    path = f"<names {next(_files)}>"
    linecache.cache[path] = (len(text), None, text.splitlines(keepends=True), path)
    scope = {"__name__": "names"}
    exec(compile(text, path, "exec"), scope)
    return scope


rng = np.random.default_rng(0)


def logistic(w, X, y):
    total = 0.0
    for i in range(X.shape[0]):
        z = 0.0
        for j in range(X.shape[1]):
            z += X[i, j] * w[j]
        total += math.log(1.0 + math.exp(-y[i] * z))
    return total


W, X, Y = rng.normal(size=3), rng.normal(size=(5, 3)), rng.choice([-1.0, 1.0], 5)


@pytest.fixture(scope="module")
def compiled():
    return cr.value_and_grad(logistic, engine="numba")


def same(found, *args):
    value, gradient = cr.value_and_grad(logistic)(*args)
    return np.allclose(found[0], value, rtol=1e-13) and np.allclose(found[1], gradient, rtol=1e-12)


def test_arrays(compiled):
    assert same(compiled(W, X, Y), W, X, Y)
    assert same(compiled(W + 1, X, Y), W + 1, X, Y)


def test_arrays_of_any_layout(compiled):
    frozen = X.copy()
    frozen.flags.writeable = False
    unaligned = np.zeros(8 * Y.size + 1, dtype=np.uint8)[1:].view(np.float64)
    unaligned[:] = Y
    for args in (
        (W, np.asfortranarray(X), Y),
        (np.repeat(W, 2)[::2], X[::-1][::-1], Y),
        (W[::-1], X[:, ::-1], Y[::-1]),
        (W, frozen, Y),
        (W, X, unaligned),
    ):
        assert same(compiled(*args), *args)
        assert same(compiled(*args), *args)


def test_an_axis_of_length_one_is_another_signature(compiled):
    args = W[:1], X[:, :1], Y
    assert same(compiled(*args), *args)
    args = W, X[:1], Y[:1]
    assert same(compiled(*args), *args)


def test_single_precision_arrays(compiled):
    args = [a.astype(np.float32) for a in (W, X, Y)]
    _, gradient = compiled(*args)
    assert gradient.dtype == np.float32
    assert np.allclose(gradient, cr.grad(logistic)(W, X, Y), rtol=1e-4)


def test_half_precision_is_refused():
    with pytest.raises(cr.UnsupportedError, match="float16"):
        cr.grad(lambda x: x.sum(), engine="numba")(np.ones(3, dtype=np.float16))


def test_containers_of_arrays():
    def loss(p, x):
        total = 0.0
        for i in range(len(x)):
            total += (p["w"][i] * x[i] + p["b"]) ** 2
        return total

    p, x = {"w": W, "b": 0.5}, Y[:3]
    value, gradient = cr.value_and_grad(loss, engine="numba")(p, x)
    wanted, by_python = cr.value_and_grad(loss)(p, x)
    assert value == pytest.approx(wanted, rel=1e-14)
    assert gradient["b"] == pytest.approx(by_python["b"], rel=1e-14)
    assert np.allclose(gradient["w"], by_python["w"], rtol=1e-14)


def test_arguments_that_are_written_stay_as_they_are():
    def f(x):
        for i in range(1, len(x)):
            x[i] = x[i] * x[i - 1]
        return x[-1]

    x = W.copy()
    gradient = cr.grad(f, engine="numba")(x)
    assert np.array_equal(x, W)
    assert np.allclose(gradient, cr.grad(f)(x), rtol=1e-14)


def test_arguments_that_share_memory_are_refused():
    def f(x, y):
        x[0] = y[0] * 2
        return x[0] * y[0] + x[1]

    x = W.copy()
    with pytest.raises(ValueError, match="share memory"):
        cr.grad(f, engine="numba")(x, x)


scale = np.array([1.0, 2.0, 3.0])


def scaled(x):
    total = 0.0
    for i in range(len(x)):
        total += x[i] * scale[i]
    return total


def test_arrays_from_outside_are_read_at_each_call(monkeypatch):
    g = cr.value_and_grad(scaled, engine="numba")
    assert np.array_equal(g(W)[1], scale)
    monkeypatch.setitem(globals(), "scale", np.array([5.0, 6.0, 7.0]))
    assert np.array_equal(g(W)[1], [5.0, 6.0, 7.0])
    monkeypatch.setitem(globals(), "scale", np.arange(6.0)[::2])
    assert np.array_equal(g(W)[1], [0.0, 2.0, 4.0])


def test_a_copy_that_a_loop_reads_while_it_writes_the_original():
    def heat(u, k, steps):
        u = u.copy()
        for _ in range(steps):
            v = u.copy()
            for i in range(1, len(u) - 1):
                u[i] = v[i] + k * (v[i + 1] - 2.0 * v[i] + v[i - 1])
        return np.sum(u * u)

    u = rng.normal(size=6)
    both = cr.value_and_grad(heat, argnums=(0, 1), engine="numba")
    value, (du, dk) = both(u, 0.2, 3)
    wanted, (by_python, dk_by_python) = cr.value_and_grad(heat, argnums=(0, 1))(u, 0.2, 3)
    assert cr.compile(heat)(u, 0.2, 3) == pytest.approx(heat(u, 0.2, 3), rel=1e-13)
    assert value == pytest.approx(wanted, rel=1e-13)
    assert np.allclose(du, by_python, rtol=1e-12)
    assert dk == pytest.approx(dk_by_python, rel=1e-12)


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint32"])
def test_narrow_integers_wrap_around_as_those_of_numpy(dtype):
    def f(x, a, b):
        return np.sum(x * (a + b)) + x[0] * np.dot(a, b) + np.sum(x * np.sign(a) * (a - b) ** 2)

    x = rng.normal(size=3)
    a = np.array([np.iinfo(dtype).max, np.iinfo(dtype).min, 5], dtype=dtype)
    b = np.array([2, 3, 4], dtype=dtype)
    value, gradient = cr.value_and_grad(f, engine="numba")(x, a, b)
    wanted, by_python = cr.value_and_grad(f)(x, a, b)
    assert value == pytest.approx(wanted, rel=1e-12)
    assert np.allclose(gradient, by_python, rtol=1e-12)


single = np.float32(2.5)


def test_a_gradient_has_the_precision_of_its_argument():
    def f(x):
        return np.sum(x * single)

    assert cr.grad(f, engine="numba")(W).dtype == np.float64
    assert cr.grad(f)(W).dtype == np.float64


@pytest.mark.parametrize("name", ["_kernel", "_r0", "_more", "_out1", "_log"])
def test_names_of_our_own_are_refused(name):
    scope = functions(f"def f({name}, x):\n    return {name} * x\n")
    with pytest.raises(cr.UnsupportedError, match=f"{name} is a name"):
        cr.grad(scope["f"], engine="numba")(1.0, 2.0)
    with pytest.raises(cr.UnsupportedError, match=f"{name} is a name"):
        cr.vjp(scope["f"], 1.0, 2.0, engine="numba")


def test_names_of_builtins_are_the_users():
    text = """
def abs(x):
    return x * x


def max(a, b):
    return a * b


def f(type, float, len, np_, int):
    range = type * float
    total = 0.0
    for i in int:
        total = total + abs(i) * max(range, len) * np_
    return total
"""
    f = functions(text)["f"]
    args = 2.0, 3, 4.0, 5.0, np.array([1.0, -2.0])
    g = cr.value_and_grad(f, argnums=(0, 1, 2, 3, 4), engine="numba")
    wanted = cr.value_and_grad(f, argnums=(0, 1, 2, 3, 4))(*args)
    for _ in range(2):
        value, gradients = g(*args)
        assert value == wanted[0]
        assert all(np.array_equal(a, b) for a, b in zip(gradients, wanted[1], strict=True))
    assert cr.compile(functions(text)["max"])(3.0, 4.0) == 12.0

    @numba.njit
    def run(x):
        return g(2.0, 3, 4.0, 5.0, x)

    assert run(args[-1])[0] == wanted[0]


def test_other_names_are_not():
    text = "def f(stub, call, _x, quick, out0, r0, _y1, self, run):\n"
    text += "    return stub * call * _x * quick * out0 * r0 * _y1 * self * run\n"
    g = cr.grad(functions(text)["f"], engine="numba")
    assert g(*map(float, range(1, 10))) == 362880.0

    @numba.njit
    def run():
        return g(1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0)

    assert run() == 362880.0


@pytest.mark.parametrize("make", [cr.grad, cr.value_and_grad])
def test_a_gradient_alone_checks_what_the_value_reads(make):
    def element(x, i):
        return x[i]

    def rows(A, i, j):
        row = A[i]
        return row[j]

    with pytest.raises(IndexError):
        make(element, engine="numba")(np.arange(3.0), 7)
    with pytest.raises(IndexError):
        make(rows, engine="numba")(np.ones((3, 3)), 2, -4)
    with pytest.raises(IndexError):
        make(lambda x, i: np.sum(x[i]), engine="numba")(np.arange(3.0), np.array([0, 9]))
