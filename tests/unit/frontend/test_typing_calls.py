"""Questions about types and shapes."""

import numpy as np
import pytest

import chainrule as cr

X = np.array([1.0, 2.0])


@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (lambda x: x[0] * (2.0 if np.issubdtype(x.dtype, np.floating) else 3.0), 2.0),
        (lambda x: x[0] * (2.0 if np.result_type(x, 1.0) == np.float64 else 3.0), 2.0),
        (lambda x: x[0] * (2.0 if np.can_cast(x.dtype, np.float32) else 3.0), 3.0),
        (lambda x: x[0] * (2.0 if np.isscalar(x) else 3.0), 3.0),
        (lambda x: x[0] * (2.0 if np.isscalar(x[0]) else 3.0), 2.0),
        (lambda x: x[0] * (2.0 if np.iterable(x) else 3.0), 2.0),
        (lambda x: x[0] * np.broadcast_shapes((3, 1), (1, 4))[1], 4.0),
        (lambda x: x[0] * np.broadcast_shapes(x.shape, (3, 1))[1], 2.0),
    ],
)
def test_answers(f, expected):
    np.testing.assert_array_equal(cr.grad(f)(X), [expected, 0.0])


def test_a_function_that_stays_without_a_rule_says_why():
    def f(x):
        np.save("file", x)
        return np.sum(x)

    with pytest.raises(cr.UnsupportedError, match="it reads or writes files"):
        cr.grad(f)(X)
