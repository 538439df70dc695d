"""How many numbers a range has; precision of the weights of linspace."""

import numpy as np
import pytest

from chainrule.ir.dims import Dim, Sym
from chainrule.ir.types import Scalar, python_scalar
from chainrule.rules.ranges import arange_bounds, linspace_start, linspace_stop
from chainrule.rules.registry import OPS, NotSupported, OpCall


def number(dim):
    return Scalar("int64", weak=True, dim=dim)


def length(*bounds):
    return OPS["arange"].infer(OpCall(bounds, {"dtype": None})).dims[0]


def test_ranges_of_sizes_are_linear_where_they_can_be():
    n = Dim.of(Sym("n", ("x", 0), single=False))
    assert length(number(n)) == n
    assert length(number(Dim(1)), number(n)) == n - 1
    assert length(number(n), number(Dim(0)), number(Dim(-1))) == n
    assert length(number(Dim(0)), number(n * 2), number(Dim(2))) == n
    assert length(number(Dim(0)), number(n), number(Dim(2))).sym not in (n.sym, None)
    assert length(python_scalar(2.0)).sym is not None


def test_the_end_of_a_range_has_no_gradient_and_the_step_counts():
    dy = np.array([1.0, 10.0, 100.0])
    bounds = (0.5, 2.0, 0.5)
    assert [arange_bounds(dy, bounds, k) for k in range(3)] == [111.0, 0.0, 210.0]


@pytest.mark.parametrize("rule", [linspace_start, linspace_stop])
def test_single_precision_stays(rule):
    assert rule(np.ones(3, np.float32), 3, True, 0).dtype == np.float32
    assert rule(np.ones((2, 3), np.float32), 3, True, 1).dtype == np.float32


def test_linspace_of_one_number_is_its_start():
    dy = np.array([2.0])
    assert linspace_start(dy, 1, True, 0) == 2.0
    assert linspace_stop(dy, 1, True, 0) == 0.0


def test_retstep_is_refused():
    static = {"num": 3, "endpoint": True, "retstep": True, "dtype": None, "axis": 0}
    with pytest.raises(NotSupported, match="retstep"):
        OPS["linspace"].infer(OpCall((python_scalar(0.0), python_scalar(1.0)), static))
