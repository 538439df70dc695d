"""Lists under several names, in helpers, in branches and loops: right, or refused."""

import copy
import math

import numpy as np
import pytest

import chainrule as cr
from chainrule.testing.numeric import numeric_gradient_with_error

X = np.array([0.7, -1.2, 2.4])


def two_names(x, n):
    xs = [x]
    ys = xs
    for _ in range(n):
        xs.append(x * len(ys))
    ys[0] = x * x
    return sum(xs) * xs[0]


def one_list_on_one_side(x, n):
    xs, ys = [x, 2 * x], [x * x]
    if x > 0:
        ys = xs
    else:
        ys.append(x)
    return sum(xs) + ys[0] * ys[1]


def pushed_by_a_helper(x, n):
    xs = [x]
    for _ in range(n):
        push(xs, xs[-1] * x)
    return sum(xs) * len(xs)


def push(xs, v):
    xs.append(2 * v)


def made_by_a_helper(x, n):
    xs = powers(x, n)
    xs.append(xs[-1] * 2)
    return sum(xs)


def powers(x, n):
    out = []
    for i in range(n):
        out.append(x**i)
    return out


def appended_and_read(x, n):
    xs = [x]
    last = xs[-1]
    for _ in range(n):
        xs.append(last * xs[-1])
        last = xs[0]
    return xs[-1] * last


def element_kept(x, n):
    rows = [x]
    first = rows[0]
    for i in range(n):
        rows.append(first * i)
    rows[0] = rows[1] + 1.0
    return np.sum(first * rows[0] * rows[-1])


def arrays_of_the_trip(x, n):
    rows = []
    for i in range(n):
        u = np.zeros(3)
        u[0] = x[i % 3] * i
        rows.append(u)
    return np.sum(np.array(rows) ** 2)


def stored_copy(x, n):
    u = x * 1.0
    seen = []
    for _ in range(n):
        u[0] = u[1] * u[2]
        u[1] = math.sin(u[0])
        seen.append(u.copy())
    return np.sum(np.stack(seen)[:, 1] * x[0])


def counter_after_inner_loops(x, n):
    total = 0.0
    for i in range(n):
        total += sum(v * v for v in x) * i
    return total * x[i]


def position_from_a_branch(x, n):
    xs = []
    for v in x:
        xs.append(v)
    if x[0] > 0:
        xs[len(xs) // 2] = x[0] * x[2]
    return sum(v * v for v in xs)


def same_position_twice(x, n):
    xs = [x[0], x[1] * 2]
    total = 0.0
    for i in range(n):
        total += xs[i % 2] * xs[i % 2] * i
    return total


def spread_sizes(x, n):
    parts = [x, x[:1] * 2]
    for i in range(n):
        parts.append(x[:1] * i)
    return np.sum(sum(parts) ** 2)


SCALARS = [two_names, one_list_on_one_side, pushed_by_a_helper, made_by_a_helper, appended_and_read]
ARRAYS = [
    element_kept,
    arrays_of_the_trip,
    stored_copy,
    counter_after_inner_loops,
    position_from_a_branch,
    same_position_twice,
    spread_sizes,
]


@pytest.mark.parametrize("fun", [*SCALARS, *ARRAYS])
def test_right(fun):
    x = 0.7 if fun in SCALARS else X
    value, gradient = cr.value_and_grad(fun)(copy.copy(x), 3)
    assert np.asarray(value).tobytes() == np.asarray(fun(copy.copy(x), 3)).tobytes()
    numeric, error = numeric_gradient_with_error(lambda x: fun(copy.copy(x), 3), (x,))
    assert np.all(np.abs(gradient - numeric) <= 1e-6 * np.max(np.abs(numeric)) + 20 * error + 1e-9)


# -- refused ---------------------------------------------------------------------------------------


def array_written_after(x):
    u = np.zeros(3)
    rows = []
    for i in range(int(x[2]) + 1):
        u[i] = x[i]
        rows.append(u)
    return np.sum(np.array(rows))


def array_written_in_the_trip(x):
    rows = []
    for i in range(int(x[2]) + 1):
        u = x * i
        rows.append(u)
        u[0] = 1.0
    return np.sum(np.array(rows) * x)


def list_that_may_be_another(x):
    xs, ys = [x[0]], [x[1]]
    for v in x:
        ys.append(v)
    if x[0] > 0:
        zs = xs
    else:
        zs = ys
    zs.append(x[2])
    return sum(xs) + sum(ys)


def second_name_from_a_trip(x):
    xs, ys = [x[0]], [x[1]]
    for i in range(int(x[2]) + 1):
        ys = [x[0], x[1], x[2]]
        xs = ys
    ys.append(x[0])
    return sum(xs) * sum(ys)


def grows_while_gone_through(x):
    xs = [v for v in x]
    total = 0.0
    for v in xs:
        if total > 1:
            xs.append(v)
        total += v
    return total


def written_while_gone_through(x):
    xs = [x[0], x[1], x[2]]
    total = 0.0
    for i, v in enumerate(xs):
        total += v * i
        xs[-1] = total
    return total


def argument_that_grows(xs):
    xs.append(1.0)
    return sum(xs)


def row_of_a_table(x):
    table = [[0.0] * 3 for _ in range(3)]
    for i in range(int(x[2]) + 1):
        table[i][i] = x[i]
    return table[0][0]


def pairs_in_a_list(x):
    pairs = [(x[0], 1)]
    for i in range(int(x[2]) + 1):
        pairs.append((x[i], i))
    return pairs[-1][0]


def the_same_array_many_times(x):
    rows = [x * 2] * len(x)
    return np.sum(np.array(rows))


@pytest.mark.parametrize(
    ("fun", "code"),
    [
        (array_written_after, "CR056"),
        (array_written_in_the_trip, "CR056"),
        (list_that_may_be_another, "CR056"),
        (second_name_from_a_trip, "CR056"),
        (grows_while_gone_through, "CR054"),
        (written_while_gone_through, "CR054"),
        (row_of_a_table, "CR033"),
        (pairs_in_a_list, "CR033"),
        (the_same_array_many_times, "CR033"),
    ],
)
def test_refused(fun, code):
    with pytest.raises(cr.UnsupportedError) as raised:
        cr.grad(fun)(X)
    assert raised.value.code == code
    assert raised.value.lineno is not None


def test_a_list_of_the_callers_is_not_written():
    with pytest.raises(cr.UnsupportedError) as raised:
        cr.grad(argument_that_grows)([1.0, 2.0])
    assert raised.value.code == "CR057"


# -- results ---------------------------------------------------------------------------------------


def history(x, n):
    xs = [x]
    for _ in range(n):
        xs.append(xs[-1] * xs[-1])
    return xs


def test_pullback_of_a_list():
    value, pullback = cr.vjp(history, 0.5, 2)
    assert value == [0.5, 0.25, 0.0625]
    weights = [1.0, 10.0, 100.0]
    value[0] = 100.0  # what was returned is the caller's
    expected = 1.0 + 10.0 * 2 * 0.5 + 100.0 * 4 * 0.5**3
    assert pullback(weights)[0] == pytest.approx(expected, rel=1e-14)
    assert weights == [1.0, 10.0, 100.0]
    assert pullback(weights)[0] == pytest.approx(expected, rel=1e-14)


def test_a_list_has_no_gradient_but_is_a_fine_second_result():
    with pytest.raises(TypeError, match="returns a list"):
        cr.grad(history)(0.5, 2)

    def with_history(x, n):
        xs = history(x, n)
        return xs[-1], xs

    gradient, seen = cr.grad(with_history, has_aux=True)(0.5, 2)
    assert gradient == pytest.approx(0.5)
    assert seen == [0.5, 0.25, 0.0625]


def test_arrays_of_a_returned_list():
    def rows(x, n):
        out = []
        for i in range(n):
            out.append(x * x * i)
        return out

    value, pullback = cr.vjp(rows, X, 3)
    weights = [np.ones(3), X, np.array([0.0, 1.0, 2.0])]
    gradient, _ = pullback(weights)
    assert np.array_equal(value[2], X * X * 2)
    assert gradient == pytest.approx(2 * X * (X + 2 * weights[2]))
