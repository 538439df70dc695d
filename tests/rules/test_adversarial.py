"""Kinks, poles, NaN that nobody asked for, and arrays of odd shapes, through whole functions.

The conventions: where the derivative exists it is returned; at a kink an element of Clarke's
subdifferential (ties share equally, the absolute value has slope 0 at 0); where it is infinite,
infinity of the right sign; a branch that is not taken gets an exact zero. Nothing warns that does
not warn in the plain function.
"""

import ast
import itertools
import math

import numpy as np
import pytest

import chainrule as cr
from chainrule.rules.registry import OPS, Rule
from chainrule.testing import rules
from chainrule.testing.numeric import numeric_gradient

INF, NAN = np.inf, np.nan


def gradient(f, *args):
    """The gradients in all arguments, by `vjp` and by `value_and_grad`, which have to agree.

    No warning that the plain function does not give.
    """
    plain, said = rules.watched(f, *rules.copied(args))
    kinds = {kind for kind, _ in said}
    both = cr.value_and_grad(f, argnums=tuple(range(len(args))))
    (value, gradients), fused = rules.watched(both, *args)
    (again, pullback), forward = rules.watched(cr.vjp, f, *args)
    (pulled), backward = rules.watched(pullback, 1.0)
    assert {kind for kind, _ in fused | forward | backward} <= kinds
    rules.same(value, plain, "value")
    rules.same(again, plain, "value of vjp")
    for one, other in zip(gradients, pulled, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)
    return gradients if len(args) > 1 else gradients[0]


def pulled(f, cotangent, *args):
    """The gradients for a cotangent."""
    return cr.vjp(f, *args)[1](cotangent)


# -- kinks and ties --------------------------------------------------------------------------------


@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_absolute_value_at_zero(zero):
    assert gradient(lambda x: abs(x), zero) == 0
    assert gradient(lambda x: math.fabs(x), zero) == 0
    assert list(gradient(lambda x: np.sum(np.abs(x)), np.array([zero, 2.0, -3.0]))) == [0, 1, -1]
    assert list(gradient(lambda x: np.sum(np.fabs(x)), np.array([zero, 2.0, -3.0]))) == [0, 1, -1]
    assert gradient(lambda x: np.sum(np.abs(x)), np.array(zero)) == 0


def test_ties_of_a_maximum_share_equally():
    x = np.array([3.0, 1.0, 3.0, 3.0])
    third = [1 / 3, 0, 1 / 3, 1 / 3]
    assert list(gradient(lambda x: np.max(x), x)) == third
    assert list(gradient(lambda x: x.max(), x)) == third
    assert list(gradient(lambda x: -np.min(-x), x)) == third
    assert list(gradient(lambda x: np.nanmax(x), x)) == third
    assert list(gradient(lambda x: np.linalg.norm(x, np.inf), x)) == third


def test_ties_along_axes():
    x = np.array([[1.0, 2.0, 2.0], [1.0, 0.0, 2.0]])
    half = [[0.5, 1, 0.5], [0.5, 0, 0.5]]
    assert gradient(lambda x: np.sum(np.max(x, axis=0)), x).tolist() == half
    assert gradient(lambda x: np.sum(np.max(x, axis=-2, keepdims=True)), x).tolist() == half
    share = [[0, 1 / 3, 1 / 3], [0, 0, 1 / 3]]
    assert gradient(lambda x: np.max(x, axis=(0, -1)), x).tolist() == share
    assert gradient(lambda x: np.max(x, axis=(-1, 0), keepdims=True)[0, 0], x).tolist() == share


def test_ties_of_two_operands_share_equally():
    x = np.array([1.0, 2.0, 3.0])
    y = np.array([1.0, 5.0, -3.0])
    for f in (np.maximum, np.fmax):
        dx, dy = gradient(lambda x, y, f=f: np.sum(f(x, y)), x, y)
        assert list(dx) == [0.5, 0, 1]
        assert list(dy) == [0.5, 1, 0]
    dx, dy = gradient(lambda x, y: np.sum(np.minimum(x, y)), x, y)
    assert list(dx) == [0.5, 1, 0]
    assert list(dy) == [0.5, 0, 1]
    assert gradient(lambda x, y: max(x, y), 2.0, 2.0) == (0.5, 0.5)
    assert gradient(lambda x, y: min(x, y), 2.0, 2.0) == (0.5, 0.5)
    assert gradient(lambda x: max(x, 0.0), 0.0) == 0.5


def test_one_value_on_both_sides_of_a_tie():
    assert list(gradient(lambda x: np.sum(np.maximum(x, x)), np.array([1.0, -1.0]))) == [1, 1]
    assert gradient(lambda x: max(x, x), 2.0) == 1


def test_clip_at_its_bounds():
    x = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
    assert list(gradient(lambda x: np.sum(np.clip(x, -1.0, 1.0)), x)) == [0, 0.5, 1, 0.5, 0]
    assert gradient(lambda x, a, b: np.clip(x, a, b), 1.0, 1.0, 3.0) == (0.5, 0.5, 0)
    assert gradient(lambda x, a, b: np.clip(x, a, b), 1.0, 1.0, 1.0) == (0.5, 0.25, 0.25)
    assert gradient(lambda x, a, b: np.clip(x, a, b), 1.0, 5.0, 3.0) == (0, 0, 1)


def test_range_of_equal_elements():
    assert list(gradient(lambda x: np.ptp(x), np.full(3, 2.0))) == [0, 0, 0]


def test_sorting_ties_keeps_the_sum_of_the_gradient():
    x = np.array([2.0, 1.0, 2.0])
    (dx,) = pulled(lambda x: np.sort(x), np.array([1.0, 10.0, 100.0]), x)
    assert dx[1] == 1
    assert sorted(dx) == [1, 10, 100]


# -- poles -----------------------------------------------------------------------------------------


def infinite(f, x):
    """The gradient at a pole, which may warn of a division by zero."""
    with np.errstate(divide="ignore"):
        return cr.grad(f)(x)


def test_roots_at_zero_are_infinitely_steep():
    assert infinite(lambda x: math.sqrt(x), 0.0) == INF
    assert infinite(lambda x: -math.sqrt(x), 0.0) == -INF
    assert infinite(lambda x: np.sqrt(x), 0.0) == INF
    assert infinite(lambda x: x**0.5, 0.0) == INF
    assert infinite(lambda x: math.cbrt(x), 0.0) == INF
    assert list(infinite(lambda x: np.sum(np.sqrt(x)), np.array([0.0, 4.0]))) == [INF, 0.25]
    assert list(infinite(lambda x: -np.sum(x**0.5), np.array([0.0, 4.0]))) == [-INF, -0.25]
    assert list(infinite(lambda x: np.sum(np.cbrt(x)), np.array([0.0, 8.0]))) == [INF, 1 / 12]


def test_inverse_functions_at_the_end_of_their_domain():
    assert infinite(lambda x: math.asin(x), 1.0) == INF
    assert infinite(lambda x: math.acos(x), 1.0) == -INF
    assert infinite(lambda x: math.acosh(x), 1.0) == INF
    assert list(infinite(lambda x: np.sum(np.arcsin(x)), np.array([1.0, 0.0]))) == [INF, 1]


def test_an_infinite_gradient_reaches_only_what_was_selected():
    x = np.array([0.0, -1.0, -4.0])
    assert list(infinite(lambda x: np.sqrt(np.max(x)), x)) == [INF, 0, 0]
    assert list(infinite(lambda x: np.sqrt(x[0]), x)) == [INF, 0, 0]
    assert list(infinite(lambda x: np.sqrt(np.linalg.norm(x[:1] + 1, np.inf) - 1), x)) == [
        INF,
        0,
        0,
    ]
    assert list(infinite(lambda x: np.sqrt(np.where(x > -1, x, 0.0)[0]), x)) == [INF, 0, 0]
    assert list(infinite(lambda x: np.sqrt(np.sort(x)[-1]), x)) == [INF, 0, 0]
    assert list(infinite(lambda x: np.sqrt(np.nanmax(x)), x)) == [INF, 0, 0]
    assert list(infinite(lambda x: np.sqrt(np.maximum(x, 0.0)[0]), x)) == [INF, 0, 0]
    matrix = np.diag([0.0, -1.0])
    assert infinite(lambda m: np.sqrt(np.trace(m) + 1), matrix).tolist() == [[INF, 0], [0, INF]]
    assert infinite(lambda m: np.sqrt(np.diag(m)[0]), matrix).tolist() == [[INF, 0], [0, 0]]
    assert infinite(lambda m: np.sqrt(np.tril(m)[0, 0]), matrix).tolist() == [[INF, 0], [0, 0]]


# -- zero, where naive rules give NaN --------------------------------------------------------------


@pytest.mark.parametrize("order", [None, 1, 2, 3, np.inf, -np.inf, 0.5, 1.5])
def test_norm_of_zero(order):
    def f(x):
        return np.linalg.norm(x, order)

    assert list(gradient(f, np.zeros(3))) == [0, 0, 0]


@pytest.mark.parametrize("order", [None, "fro", 1, -1, np.inf, -np.inf])
def test_matrix_norm_of_zero(order):
    def f(x):
        return np.linalg.norm(x, order)

    assert gradient(f, np.zeros((2, 2))).tolist() == [[0, 0], [0, 0]]


def test_norms_of_rows_of_which_one_is_zero():
    def f(x):
        return np.sum(np.linalg.norm(x, axis=-1))

    assert gradient(f, np.array([[0.0, 0.0], [3.0, 4.0]])).tolist() == [[0, 0], [0.6, 0.8]]


@pytest.mark.parametrize("values", [[2.0, 2.0, 2.0], [0.0, 0.0]])
def test_spread_of_equal_elements(values):
    x = np.array(values)
    for f in (np.std, np.var, np.nanstd, np.nanvar):
        assert not np.any(gradient(lambda x, f=f: f(x), x))
        assert not np.any(gradient(lambda x, f=f: np.sum(f(np.stack((x, x)), axis=0)), x))


def test_spread_of_one_element():
    assert list(gradient(lambda x: np.std(x), np.array([3.0]))) == [0]


@pytest.mark.parametrize("values", [[2.0, 0.0, 3.0], [0.0, 0.0, 3.0], [0.0, 0.0, 0.0], [0.0]])
def test_products_with_zeros(values):
    x = np.array(values)
    expected = [np.prod(np.delete(x, i)) for i in range(x.size)]
    assert list(gradient(lambda x: np.prod(x), x)) == expected
    assert list(gradient(lambda x: np.prod(x, axis=-1), x)) == expected
    assert list(gradient(lambda x: np.nanprod(x), x)) == expected
    assert gradient(lambda x: np.sum(np.prod(x, axis=0)), x[:, None])[:, 0].tolist() == expected
    numeric = numeric_gradient(lambda x: np.sum(np.cumprod(x)), (x,))
    np.testing.assert_allclose(gradient(lambda x: np.sum(np.cumprod(x)), x), numeric, atol=1e-12)
    assert gradient(lambda x, y: math.prod((x, y, x)), 0.0, 3.0) == (0, 0)


def test_powers_of_zero():
    for n, slope in ((0, 0), (1, 1), (2, 0), (3, 0), (2.5, 0)):
        assert gradient(lambda x, n=n: x**n, 0.0) == slope
        assert list(gradient(lambda x, n=n: np.sum(x**n), np.array([0.0, 0.0]))) == [slope] * 2
        assert gradient(lambda x, y: x**y, 0.0, float(n))[0] == slope
        both = gradient(lambda x, y: np.sum(np.power(x, y)), np.zeros(2), np.full(2, float(n)))
        assert list(both[0]) == [slope] * 2


def test_exponents_of_zero_and_one():
    assert gradient(lambda x, y: x**y, 0.0, 2.0) == (0, 0)
    assert gradient(lambda x, y: x**y, 1.0, 2.0) == (2, 0)
    assert gradient(lambda y: 0.0**y, 2.0) == 0
    dx, dy = gradient(lambda x, y: np.sum(x**y), np.array([0.0, 0.0]), np.array([1.0, 3.0]))
    assert list(dx) == [1, 0]
    assert list(dy) == [0, 0]


def test_powers_of_negative_numbers():
    assert gradient(lambda x: x**3, -2.0) == 12
    assert gradient(lambda x: x**-2, -2.0) == 0.25
    assert list(gradient(lambda x: np.sum(x**2), np.array([-3.0]))) == [-6]
    assert list(gradient(lambda x: np.sum(np.power(x, 3)), np.array([-1.0, 2.0]))) == [3, 12]


def test_lengths_and_angles_at_the_origin():
    assert gradient(lambda x, y: math.hypot(x, y), 0.0, 0.0) == (0, 0)
    assert gradient(lambda x, y: np.hypot(x, y), 0.0, 0.0) == (0, 0)
    assert gradient(lambda x, y: math.atan2(x, y), 0.0, 0.0) == (0, 0)
    assert gradient(lambda x, y: math.dist((x,), (y,)), 2.0, 2.0) == (0, 0)
    assert list(gradient(lambda x: np.sum(np.sinc(x)), np.zeros(2))) == [0, 0]


def test_logaddexp_of_minus_infinity():
    x = np.array([-INF, 0.0])
    dx, dy = gradient(lambda x, y: np.sum(np.logaddexp(x, y)), x, np.array([-INF, -INF]))
    assert list(dx) == [0.5, 1]
    assert list(dy) == [0.5, 0]


# -- branches that are not taken -------------------------------------------------------------------


def root(x):
    return np.sum(np.where(x > 0, np.sqrt(x), 0.0))


def logarithm(x):
    return np.sum(np.where(x > 0, np.log(x), x))


def x_log_x(x):
    return np.sum(np.where(x > 0, x * np.log(x), 0.0))


def quotient(x):
    return np.sum(np.where(x != 0, 1 / x, 0.0))


def sine_over_x(x):
    return np.sum(np.where(x == 0, 1.0, np.sin(x) / x))


def steep(x):
    return np.sum(np.where(x < 1, x, np.exp(1000 * x)) * 2)


def arc(x):
    return np.sum(np.where(np.abs(x) < 1, np.arcsin(x), 0.0))


def power(x):
    return np.sum(np.where(x > 0, x**0.5, 0.0))


def deep(x):
    y = np.where(x > 0, np.log(np.sqrt(x) + x) ** 2, 0.0)
    return np.sum(3 * y)


def in_a_function(x):
    return np.sum(np.where(x > 0, helper(x), 0.0))


def helper(x):
    return np.log(x) / x


def by_maximum(x):
    return np.sum(np.maximum(np.where(x > 0, np.sqrt(x), -1.0), -1.0))


def by_select(x):
    return np.sum(np.select([x > 2, x > 0], [np.sqrt(x), np.log(x)], 0.0))


def chosen_later(x):
    root = np.sqrt(x)
    return np.sum(root[x > 0])


def masked_matrix(x):
    ratio = np.where(x[:, None] * x > 0, x[:, None] / x, 0.0)
    return np.sum(ratio**2)


BRANCHES = (
    root, logarithm, x_log_x, quotient, sine_over_x, arc, power, deep, in_a_function, by_maximum,
    by_select, chosen_later, masked_matrix,
)  # fmt: skip


@pytest.mark.parametrize("f", BRANCHES, ids=lambda f: f.__name__)
def test_a_branch_that_is_not_taken_passes_an_exact_zero(f):
    x = np.array([0.0, 4.0, 0.5])
    with np.errstate(all="ignore"):
        value, dx = cr.value_and_grad(f)(x)
        assert value == f(x)
        alone = cr.grad(f)(x[1:])
    assert list(dx[1:]) == list(alone)
    np.testing.assert_allclose(alone, numeric_gradient(f, (x[1:],)), rtol=1e-7)
    assert dx[0] in (0, 1)  # 1 where the branch that is taken is x itself


SPECIAL = np.array([0.0, -0.0, 1.0, -1.0, 0.5, -2.0, 3.0, 1e3, -1e3])
SINGULAR = [
    name
    for name, op in OPS.items()
    if op.elementwise
    and not op.formed
    and "np" in op.spellings | {"special": None}
    and all(isinstance(op.rules[o], Rule) for o in op.operands)
]


@pytest.mark.parametrize("name", SINGULAR)
def test_every_operation_in_a_branch_that_is_not_taken(name):
    """Twice, the second time as a factor, at all combinations of special values."""
    op = OPS[name]
    good = next(call for call in rules.generated(op) if call.note == "vector").values
    combinations = np.array(list(itertools.product(SPECIAL, repeat=len(good)))).T
    values = [np.concatenate((s, g)) for s, g in zip(combinations, good, strict=True)]
    taken = np.arange(values[0].size) >= values[0].size - good[0].size
    call = ast.unparse(op.spellings["np" if "np" in op.spellings else "special"])
    text = f"np.sum(np.where(taken, {call} * factor + {call}, 0.0))"
    f = rules.function(text, (*op.operands, "factor", "taken"))
    factor = np.linspace(1.0, 2.0, taken.size)
    both = cr.grad(f, argnums=tuple(range(len(good) + 1)))
    with np.errstate(all="ignore"):
        got = both(*values, factor, taken)
    expected = both(*good, factor[taken], np.ones(good[0].size, bool))
    for gradient, alone in zip(got, expected, strict=True):
        assert np.all(gradient[~taken] == 0)
        np.testing.assert_allclose(gradient[taken], alone, rtol=1e-14)


def test_a_branch_that_overflows():
    with np.errstate(over="ignore"):
        assert list(cr.grad(steep)(np.array([0.5, -2.0]))) == [2, 2]
        assert list(cr.grad(lambda x: np.sum(np.where(x < 9, x, np.exp(x))))(np.array([1e3]))) == [
            INF
        ]


@pytest.mark.parametrize("x", [0.0, -1.0, 4.0])
def test_conditional_expressions_of_numbers(x):
    expected = 0.25 if x > 0 else 0
    assert gradient(lambda x: math.sqrt(x) if x > 0 else 0.0, x) == expected
    assert gradient(lambda x: math.log(x) if x > 0 else 2.0, x) == expected
    assert gradient(lambda x: 0.0 if x == 0 else 1 / x, x) == (-1 / x**2 if x else 0)


def test_where_of_one_value_in_both_branches():
    x = np.array([-1.0, 0.0, 2.0])
    assert list(gradient(lambda x: np.sum(np.where(x > 0, x, 3 * x)), x)) == [3, 3, 1]
    assert list(gradient(lambda x: np.sum(np.where(x > 0, x, x)), x)) == [1, 1, 1]


def test_where_broadcasts():
    x, row, column = np.ones((2, 3)), np.zeros((1, 3)), np.zeros((2, 1))
    mask = np.array([[True, False, True]])
    drow, dcolumn = gradient(lambda r, c: np.sum(np.where(mask, r, c)), row, column)
    assert drow.tolist() == [[2, 0, 2]]
    assert dcolumn.tolist() == [[1], [1]]
    dx, dnumber = gradient(lambda x, n: np.sum(np.where(mask, x, n)), x, 2.0)
    assert dx.tolist() == [[1, 0, 1]] * 2
    assert dnumber == 2


def test_numbers_that_replace_nan():
    x = np.array([1.0, NAN, INF])
    assert list(gradient(lambda x: np.sum(np.nan_to_num(x, posinf=1.0)), x)) == [1, 0, 0]
    assert list(gradient(lambda x: np.nansum(x[:2] ** 2), x)) == [2, 0, 0]
    assert list(gradient(lambda x: np.sum(np.where(np.isfinite(x), x, 0.0)), x)) == [1, 0, 0]
    assert list(gradient(lambda x: np.nanmean(np.where(np.isinf(x), NAN, x)), x)) == [1, 0, 0]


# -- values and results that nobody uses -----------------------------------------------------------


def test_a_value_that_nobody_uses_costs_nothing():
    def f(x):
        unused = np.log(x)  # noqa: F841
        return np.sum(2 * x)

    with np.errstate(all="ignore"):
        assert list(cr.grad(f)(np.array([-1.0, 0.0]))) == [2, 2]


def test_a_value_of_which_only_the_shape_is_used():
    def f(x):
        other = np.log(x)
        return np.sum(x) * other.shape[0] + np.sum(np.zeros_like(other)) + other.size

    with np.errstate(all="ignore"):
        assert list(cr.grad(f)(np.array([-1.0, 0.0]))) == [2, 2]


def test_arguments_that_nobody_uses():
    dx, dy, dz = gradient(lambda x, y, z: x * 2, 1.0, np.ones((2, 3)), np.array(1.0))
    assert dx == 2
    assert dy.tolist() == [[0, 0, 0]] * 2
    assert dz.shape == ()
    assert dz == 0


def test_results_that_nobody_uses():
    x = np.arange(1.0, 5.0)

    def first_half(x):
        a, _ = np.split(x, 2)
        return np.sum(a**2)

    def middle(x):
        _, b, *_ = np.array_split(x, 3)
        return np.sum(b**2)

    def last_row(x):
        rows = np.unstack(np.reshape(x, (2, 2)))
        return np.sum(rows[1] ** 2)

    def one_slope(x):
        _, along = np.gradient(np.reshape(x, (2, 2)))
        return np.sum(along)

    def grid(x):
        _, b = np.meshgrid(x, x)
        return np.sum(b[0])

    assert list(gradient(first_half, x)) == [2, 4, 0, 0]
    assert list(gradient(middle, x)) == [0, 0, 6, 0]
    assert list(gradient(last_row, x)) == [0, 0, 6, 8]
    assert list(gradient(one_slope, x)) == [-2, 2, -2, 2]
    assert list(gradient(grid, x)) == [4, 0, 0, 0]
    spd = np.array([[2.0, 0.0], [0.0, 4.0]])
    assert gradient(lambda a: np.linalg.slogdet(a)[1], spd).tolist() == [[0.5, 0], [0, 0.25]]
    assert gradient(lambda a: np.linalg.slogdet(a)[0], spd).tolist() == [[0, 0], [0, 0]]
    assert gradient(lambda x, y: divmod(x, y)[1], 7.5, 2.0) == (1, -3)


def test_results_that_count_with_different_signs():
    x = np.random.default_rng(5).normal(size=(3, 4))

    def f(x, h):
        return np.sum(np.gradient(x, h)[0] ** 2) - np.mean(np.gradient(x, h)[1])

    for i, got in enumerate(gradient(f, x, 0.5)):
        np.testing.assert_allclose(got, numeric_gradient(f, (x, 0.5), i), rtol=1e-7, atol=1e-9)


def test_a_result_that_does_not_depend_on_anything():
    assert gradient(lambda x: 3.0, 1.0) == 0
    assert list(gradient(lambda x: np.sum(np.ones(3)), np.ones(2))) == [0, 0]
    assert list(gradient(lambda x: np.sum(np.floor(x)), np.array([0.5, 2.0]))) == [0, 0]
    assert list(gradient(lambda x: np.sum(np.sign(x) * x), np.array([-2.0, 0.0]))) == [-1, 0]


def test_stop_gradient():
    assert gradient(lambda x: x * cr.stop_gradient(x), 3.0) == 3
    assert list(gradient(lambda x: np.sum(cr.stop_gradient(x) * x**2), np.array([1.0, 2.0]))) == [
        2,
        8,
    ]
    assert gradient(lambda x: cr.stop_gradient(math.sqrt(x)), 0.0) == 0


# -- indices ---------------------------------------------------------------------------------------


def test_elements_that_are_read_repeatedly():
    x = np.array([1.0, 2.0, 3.0])
    assert list(gradient(lambda x: np.sum(x[[0, 0, 1]]), x)) == [2, 1, 0]
    assert list(gradient(lambda x: np.sum(x[[-1, 2, 0]] * [1.0, 10.0, 100.0]), x)) == [100, 0, 11]
    assert list(gradient(lambda x: np.sum(x[np.array([[1, 1], [1, 2]])]), x)) == [0, 3, 1]
    assert list(gradient(lambda x: np.sum(np.take(x, [2, 2])), x)) == [0, 0, 2]
    assert list(gradient(lambda x: x[0] * x[0] + x[0], x)) == [3, 0, 0]
    assert list(gradient(lambda x: np.sum(x[1:] * x[:-1]), x)) == [2, 4, 2]
    assert list(gradient(lambda x: np.sum(x[::-1] * x), x)) == [6, 4, 2]


def test_pairs_of_index_arrays():
    x = np.arange(6.0).reshape(2, 3)
    expected = [[0, 2, 0], [0, 0, 1]]
    assert gradient(lambda x: np.sum(x[[0, 0, 1], [1, 1, 2]]), x).tolist() == expected
    assert gradient(lambda x: np.sum(x[[0, 0], 1]) + x[1, -1], x).tolist() == expected
    assert gradient(lambda x: np.sum(x[[[0], [0]], [[1]]]) + x[-1, 2], x).tolist() == expected
    assert gradient(lambda x: np.sum(x[[0, 0]][:, [1, 1]]), x).tolist() == [[0, 4, 0], [0, 0, 0]]


def test_indices_that_are_arguments():
    def f(x, i):
        return np.sum(x[i] ** 2)

    x, i = np.array([1.0, 2.0, 3.0]), np.array([2, 0, 2])
    assert list(cr.grad(f)(x, i)) == [2, 0, 12]
    assert list(cr.grad(f)(x, i[:0])) == [0, 0, 0]
    assert list(cr.grad(f)(x, np.array([True, False, True]))) == [2, 0, 6]
    assert list(cr.grad(f)(x, -1)) == [0, 0, 6]
    with pytest.raises(IndexError):
        cr.grad(f)(x, np.array([3]))


def test_masks_that_choose_nothing():
    x = np.array([1.0, 2.0])
    assert list(gradient(lambda x: np.sum(x[x > 5] ** 2), x)) == [0, 0]


# -- axes and broadcasting -------------------------------------------------------------------------


def test_negative_and_several_axes():
    x = np.random.default_rng(0).normal(size=(2, 3, 4))
    for axis in (-1, (0, -1), (-1, 0), (-2,), (2, 1, 0), ()):

        def f(x, axis=axis):
            return np.sum(np.sum(x, axis=axis) ** 2) + np.sum(np.mean(x, axis, keepdims=True) ** 3)

        np.testing.assert_allclose(gradient(f, x), numeric_gradient(f, (x,)), rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize(
    "a", [(3,), (1,), (2, 3), (1, 3), (2, 1), (1, 1), (4, 1, 3), (1, 2, 1), ()]
)
@pytest.mark.parametrize("b", [(3,), (2, 3), (1, 3), (2, 1), (1, 1), (4, 2, 3), ()])
def test_broadcasting_of_axes_of_length_one(a, b):
    rng = np.random.default_rng(1)
    x, y = rng.uniform(1, 2, a), rng.uniform(1, 2, b)

    def f(x, y):
        return np.sum((x * y + x / y) ** 2 - np.maximum(x, y) + np.where(x > y, x, y**2))

    dx, dy = gradient(f, x, y)
    np.testing.assert_allclose(dx, numeric_gradient(f, (x, y), 0), rtol=1e-7)
    np.testing.assert_allclose(dy, numeric_gradient(f, (x, y), 1), rtol=1e-7)


def test_one_function_for_arrays_that_broadcast_and_that_do_not():
    def f(x, y):
        return np.sum(x * y**2)

    both = cr.grad(f, argnums=(0, 1))
    for shape in ((2, 3), (1, 3), (2, 1), (3,), (1,), (2, 3)):
        x, y = np.full(shape, 2.0), np.ones((2, 3))
        dx, dy = both(x, y)
        assert dx.shape == shape
        np.testing.assert_array_equal(dx, np.full(shape, 6 / x.size))
        np.testing.assert_array_equal(dy, np.full((2, 3), 4.0))


@pytest.mark.parametrize("shapes", [((1, 4), (3, 4)), ((3, 1), (3, 4)), ((1, 1), (3, 4))])
@pytest.mark.parametrize("spec", ["ij,ij->", "ij,ij->i", "ij,ij->j", "ij,ij->ij", "ij,kj->ik"])
def test_einsum_over_axes_of_length_one(spec, shapes):
    if spec == "ij,kj->ik" and shapes[0][1] == 1:
        shapes = ((2, 4), (1, 4))
    x, y = (np.random.default_rng(2).normal(size=shape) for shape in shapes)

    def f(x, y):
        return np.sum(np.einsum(spec, x, y) ** 2)

    for i, got in enumerate(gradient(f, x, y)):
        np.testing.assert_allclose(got, numeric_gradient(f, (x, y), i), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(
    ("a", "b"),
    [((1, 2, 3), (4, 3, 2)), ((4, 1, 3), (1, 3, 2)), ((5, 1, 2, 3), (4, 3, 1)), ((3,), (1, 3, 1))],
)
def test_stacks_of_matrices_that_broadcast(a, b):
    x, y = (np.random.default_rng(3).normal(size=shape) for shape in (a, b))

    def f(x, y):
        return np.sum((x @ y) ** 2)

    for i, got in enumerate(gradient(f, x, y)):
        np.testing.assert_allclose(got, numeric_gradient(f, (x, y), i), rtol=1e-6, atol=1e-9)


# -- empty arrays, arrays of rank 0, odd memory ----------------------------------------------------


def test_empty_arrays():
    empty = np.zeros(0)
    assert gradient(lambda x: np.sum(x**2), empty).shape == (0,)
    assert gradient(lambda x: np.prod(x), empty).shape == (0,)
    assert gradient(lambda x: np.linalg.norm(x), empty).shape == (0,)
    dx, dy = gradient(lambda x, y: np.sum(np.concatenate((x, y)) ** 2), empty, np.array([3.0]))
    assert dx.shape == (0,)
    assert list(dy) == [6]
    da, db = gradient(lambda a, b: np.sum(a @ b), np.zeros((2, 0)), np.zeros((0, 3)))
    assert da.shape == (2, 0)
    assert db.shape == (0, 3)
    da, db = gradient(lambda a, b: np.sum(a * b), np.zeros((0, 3)), np.ones(3))
    assert da.shape == (0, 3)
    assert list(db) == [0, 0, 0]
    assert gradient(lambda a: np.sum(np.max(a, axis=1)), np.zeros((0, 3))).shape == (0, 3)


def test_arrays_of_rank_zero():
    z = np.array(2.0)
    for f, slope in (
        (lambda z: z * z, 4), (lambda z: np.sum(z) ** 2, 4), (lambda z: z[()] * 3, 3),
        (lambda z: np.einsum("->", z) * z, 4), (lambda z: float(z) ** 3, 12),
        (lambda z: math.exp(z), math.exp(2)), (lambda z: z.item() * 2, 2),
        (lambda z: np.reshape(z, (1, 1))[0, 0] * z, 4), (lambda z: np.max(z) + z.sum(), 2),
        (lambda z: np.linalg.norm(z), 1), (lambda z: np.dot(z, z), 4), (lambda z: z.T + z.mean(), 2),
        (lambda z: np.where(z > 0, z, 0.0) + 0.0, 1), (lambda z: np.stack((z, z)).sum(), 2),
    ):  # fmt: skip
        dz = gradient(f, z)
        assert isinstance(dz, np.ndarray)
        assert dz.shape == ()
        assert dz == pytest.approx(slope, rel=1e-15)


@pytest.mark.parametrize(
    "view",
    [
        lambda a: a.T, lambda a: a[::2, ::-1], lambda a: np.asfortranarray(a), lambda a: a[:, 1:3],
        lambda a: np.broadcast_to(a[:1], (3, 4)), lambda a: np.flip(a),
    ],
)  # fmt: skip
def test_arguments_that_are_views(view):
    base = np.random.default_rng(4).normal(size=(3, 4))
    x = view(base)
    x.flags.writeable = False

    def f(x):
        y = np.reshape(x, -1)
        return np.sum(np.sin(x) * x) + np.sum(np.cumsum(y) * y) + np.sum((x @ x.T) ** 2)

    before = base.copy()
    dx = gradient(f, x)
    np.testing.assert_allclose(dx, numeric_gradient(f, (x.copy(),)), rtol=1e-6, atol=1e-8)
    np.testing.assert_array_equal(base, before)
    assert dx.flags.writeable


def test_one_array_as_two_arguments():
    x = np.array([1.0, 2.0])
    dx, dy = gradient(lambda x, y: np.sum(x * y**2), x, x)
    assert list(dx) == [1, 4]
    assert list(dy) == [2, 8]
    assert not np.shares_memory(dx, dy)


def test_a_pullback_does_not_see_later_changes():
    x = np.array([1.0, 2.0])
    value, pullback = cr.vjp(lambda x: np.exp(x) * x, x)
    expected = pullback(np.ones(2))[0].copy()
    x[:] = 0
    value[:] = 0
    np.testing.assert_array_equal(pullback(np.ones(2))[0], expected)


# -- precision -------------------------------------------------------------------------------------


def test_single_precision_stays_single():
    x, y = np.float32([0.5, 2.0]), np.array([1.0, 3.0])

    def f(x, y):
        return np.sum(x * y) + np.sum(np.sqrt(x)) + np.mean(x**2) * np.linalg.norm(x)

    dx, dy = gradient(f, x, y)
    assert dx.dtype == np.float32
    assert dy.dtype == np.float64
    exact = numeric_gradient(f, (x.astype(float), y))
    np.testing.assert_allclose(dx, exact, rtol=1e-6)


def test_integers_beside_floats():
    x, n, k = np.array([1.0, 2.0]), 3, np.array([2, -1])
    assert list(cr.grad(lambda x, n, k: np.sum(x**n * k))(x, n, k)) == [6, -12]
    assert list(cr.grad(lambda x, n, k: np.sum(x / n + x // 1 * k))(x, n, k)) == [1 / 3, 1 / 3]
    assert list(cr.grad(lambda x, n, k: np.sum(x * (k > 0)))(x, n, k)) == [1, 0]
    assert cr.vjp(lambda x, n, k: x * k, x, n, k)[1](np.ones(2))[1:] == (None, None)


# -- what the plain function raises ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: math.log(x), -1.0), (lambda x: math.sqrt(x), -1.0), (lambda x: 1 / x, 0.0),
        (lambda x: math.exp(x), 1e4), (lambda x: math.asin(x), 2.0), (lambda x: x**-1, 0.0),
        (lambda x: math.fmod(x, 0.0), 1.0), (lambda x: x % 0.0, 1.0),
        (lambda x: np.sum(np.linalg.inv(x)), np.zeros((2, 2))),
        (lambda x: np.sum(np.linalg.cholesky(x)), -np.eye(2)),
        (lambda x: x[5], np.ones(3)), (lambda x: x @ x, np.ones((2, 3))),
        (lambda x: np.sum(x + np.ones(4)), np.ones(3)), (lambda x: np.max(x), np.zeros(0)),
        (lambda x: np.sum(np.reshape(x, (2, 2))), np.ones(3)),
    ],
)  # fmt: skip
def test_the_exception_is_that_of_the_plain_function(f, x):
    with pytest.raises(Exception) as plain:  # noqa: PT011
        f(x)
    with pytest.raises(type(plain.value)) as raised:
        cr.grad(f)(x)
    assert type(raised.value) is type(plain.value)
    assert str(raised.value) == str(plain.value)


# -- sizes, and options that come from outside -----------------------------------------------------


def test_sizes_that_are_products_of_sizes():
    def f(x):
        rows = x.shape[0] * x.shape[2]
        half = rows // 2
        return np.sum(np.reshape(x, (2, half, -1)) ** 2) + np.sum(np.reshape(x, (rows, -1)))

    x = np.ones((2, 3, 4))
    np.testing.assert_array_equal(gradient(f, x), np.full(x.shape, 3.0))


def test_sizes_of_values_that_nothing_else_uses():
    def f(x):
        return np.sum(x[::-2]) / np.size(x[::-2]) - np.sum(x[x > 2]) / len(x[x > 2])

    x = np.array([1.0, 2.0, 3.0, 4.0])
    assert list(gradient(f, x)) == [0, 0.5, -0.5, 0]


@pytest.mark.parametrize("order", [1, 2, 3, 2.5, np.inf])
def test_options_from_outside(order):
    def by_closure(x):
        return np.linalg.norm(x, order)

    x = np.array([1.0, -2.0])
    expected = numeric_gradient(lambda x: np.linalg.norm(x, order), (x,))
    np.testing.assert_allclose(gradient(by_closure, x), expected, rtol=1e-8, atol=1e-12)
    by_argument = cr.grad(lambda x, n: np.linalg.norm(x, n))
    np.testing.assert_allclose(by_argument(x, order), expected, rtol=1e-8, atol=1e-12)
    assert list(by_argument(x, 1)) == [1, -1]


def test_an_option_may_not_be_differentiated():
    with pytest.raises(cr.UnsupportedError, match="differentiated"):
        cr.grad(lambda x, n: np.linalg.norm(x, n), argnums=(0, 1))(np.ones(2), 2.5)


def test_branches_that_would_raise_stay_branches_in_long_statements():
    # Cut into lines of their own, the sides of `a if test else b` would raise for Python floats.
    def f(coefficient, abscissa, exponent):
        return coefficient * (abscissa + math.sqrt(coefficient)) ** exponent

    assert gradient(f, 0.25, -0.5, 0.0) == (1, 0, 0)


# -- long chains -----------------------------------------------------------------------------------


def test_a_long_chain_of_statements():
    lines = "\n".join(["    x = math.sin(x)"] * 400)
    f = from_source(f"def f(x):\n{lines}\n    return x\n")
    slope, x = 1.0, 1.0
    for _ in range(400):
        slope, x = slope * math.cos(x), math.sin(x)
    assert cr.grad(f)(1.0) == pytest.approx(slope, rel=1e-10)


def test_a_long_sum():
    terms = " + ".join(["x * x"] * 90)
    assert cr.grad(from_source(f"def f(x):\n    return {terms}\n"))(2.0) == 360


def from_source(source):
    import linecache

    path = f"<adversarial {len(source)}>"
    linecache.cache[path] = (len(source), None, source.splitlines(keepends=True), path)
    namespace = {"math": math, "np": np}
    exec(compile(source, path, "exec"), namespace)
    return namespace["f"]
