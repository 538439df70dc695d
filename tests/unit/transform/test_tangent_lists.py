"""Forward mode of lists that grow."""

import numpy as np
import pytest

import chainrule as cr


def appended(x):
    xs = []
    for i in range(len(x)):
        xs.append(x[i] ** 2)
    return np.sum(np.array(xs) * np.arange(1.0, len(xs) + 1.0))


def replaced(x):
    xs = [1.0]
    for i in range(len(x)):
        xs.append(x[i] * xs[-1])
        xs[0] = xs[0] + x[i]
    last = xs.pop()
    return last * xs[0] + sum(xs)


def joined(x):
    xs = list(x)
    ys = []
    for v in xs:
        ys.extend([v, 2.0 * v * v])
    return np.sum(np.array(xs[1:] + ys) ** 2)


def rows(x):
    found = []
    for i in range(len(x)):
        found.append(x * x[i])
    return np.sum(np.stack(found) ** 2) + np.sum(found[1])


@pytest.mark.parametrize("fun", [appended, replaced, joined, rows])
def test_all_orders_and_modes(fun):
    cr.check_grads(fun, (np.array([0.4, -1.1, 0.8]),), order=2)


def peak(x):
    xs = []
    for i in range(len(x)):
        xs.append(x[i] * x[0])
    return max(xs) + 2.0 * min(xs)


def test_an_extremum_follows_its_item():
    cr.check_grads(peak, (np.array([0.5, 2.0, -1.0]),), order=2)


def test_a_tie_is_shared_as_in_reverse_mode():
    def tied(x):
        xs = []
        for i in range(len(x)):
            xs.append(x[i])
        return max(xs)

    x = np.array([3.0, 1.0, 3.0])
    _, dot = cr.jvp(tied, (x,), (np.array([1.0, 5.0, 0.0]),))
    assert dot == 0.5
    assert cr.grad(tied)(x).tolist() == [0.5, 0.0, 0.5]


def test_the_gradient_of_a_gradient():
    slope = cr.grad(replaced)

    def outer(x):
        return np.sum(slope(x) ** 2)

    cr.check_grads(outer, (np.array([0.4, -1.1, 0.8]),), order=1)


def ordered(x):
    xs = []
    for i in range(len(x)):
        xs.append(x[i] ** 2)
    xs.sort()
    return xs[0] + 3.0 * xs[-1] + sorted(xs, reverse=True)[1] * x[0]


def test_sorting_moves_tangents_too():
    x = np.array([0.4, -1.1, 0.8])
    cr.check_grads(ordered, (x,), order=2)
    np.testing.assert_allclose(
        cr.jacobian(ordered, sparse=True)(x).toarray()[0], cr.grad(ordered)(x)
    )


def test_every_operation_of_lists_is_decided():
    """One that is not known here must not pass for constant."""
    from chainrule.rules.registry import OPS, NoDerivative
    from chainrule.transform import tangent_lists

    named = {"list_new", "list_max", "list_min", *tangent_lists._OPERANDS}
    for name, op in OPS.items():
        if name.startswith("list_") and name not in named:
            assert all(isinstance(rule, NoDerivative) for rule in op.rules.values()), name
