"""Functions that are compiled as parts of others."""

import numba
import numpy as np
import pytest

from chainrule.engines import numba_pipeline


@numba.njit(**numba_pipeline.inner)
def halves(x):
    if x.size == 0:
        raise ValueError("nothing to halve")
    out = np.empty(x.size)
    for i in range(x.size):
        out[i] = x[i] / 2
    return out


@numba.njit(**numba_pipeline.inner)
def quarters(x):
    return halves(halves(x))


def test_an_inner_function_runs_in_its_caller():
    @numba.njit(**numba_pipeline.kernel)
    def total(x):
        y = quarters(x)
        return y.sum(), halves(y)

    value, last = total(np.array([1.0, 7.0]))
    assert value == 2.0
    assert last.tolist() == [0.125, 0.875]


def test_its_exceptions_come_through():
    @numba.njit(**numba_pipeline.kernel)
    def total(x):
        return quarters(x).sum()

    with pytest.raises(ValueError, match="nothing to halve"):
        total(np.zeros(0))
    assert total(np.ones(4)) == 1.0


def test_callers_with_other_passes():
    @numba.njit
    def total(x):
        return quarters(x).sum()

    assert total(np.ones(8)) == 2.0
