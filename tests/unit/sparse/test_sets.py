"""Steps on index sets against what NumPy makes of numbers."""

import numpy as np
import pytest

from chainrule.sparse import sets


def seeds(*shape):
    (found,) = sets.seeded([shape])
    return found


def dense(found, count):
    """Which inputs each element depends on, as a matrix of bools."""
    rows = sets.rows_of([found])
    matrix = np.zeros((len(rows), count), dtype=bool)
    for matrix_row, row in zip(matrix, rows, strict=True):
        matrix_row[row] = True
    return matrix


def slopes(fun, shape):
    """Which inputs each element of a linear function really depends on."""
    count = int(np.prod(shape))
    columns = [np.ravel(fun(unit.reshape(shape))) for unit in np.eye(count)]
    return np.array(columns).T != 0.0


A = np.array([[1.0, 0.0, 2.0], [0.0, 0.0, 3.0]])
STEPS = [
    ((3,), lambda x: A @ x, lambda x: sets.matmul(A, x)),
    ((2,), lambda x: x @ A, lambda x: sets.matmul(x, A)),
    ((3, 2), lambda x: A @ x, lambda x: sets.matmul(A, x)),
    ((4, 3, 2), lambda x: A @ x, lambda x: sets.matmul(A, x)),
    ((2, 3), lambda x: x.sum(axis=0), lambda x: sets.total(x, 0)),
    ((2, 3), lambda x: x.sum(), sets.total),
    ((2, 3), lambda x: x.sum(axis=(0, 1), keepdims=True), lambda x: sets.total(x, (0, 1), True)),
    ((2, 3), lambda x: x.sum(axis=0)[None], lambda x: sets.sum_to(x, (1, 3))),
    ((3,), lambda x: np.outer([1.0, 2.0], x), lambda x: sets.outer(np.ones(2), x)),
    ((2, 2), lambda x: np.einsum("ii->i", x), lambda x: sets.einsum(x, subscripts="ii->i")),
    ((2, 3), lambda x: np.einsum("ij->j", x), lambda x: sets.einsum(x, subscripts="ij->j")),
]


@pytest.mark.parametrize(("shape", "plain", "step"), STEPS)
def test_a_step_depends_on_what_the_operation_depends_on(shape, plain, step):
    found = dense(step(seeds(*shape)), int(np.prod(shape)))
    np.testing.assert_array_equal(found, slopes(plain, shape))


def test_numbers_beside_sets_are_nothing():
    x = seeds(3)
    assert dense(sets.union(x, np.zeros((2, 3))), 3).sum() == 6
    assert sets.rows_of([sets.union(1.0, 2.0)]) == [[]]
    assert sets.rows_of([x * 0.5 + 3.0]) == [[0], [1], [2]]


def test_everything_depends_on_everything():
    assert dense(sets.mix(seeds(2), dims=(2, 2)), 2).all()
