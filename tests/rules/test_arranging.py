"""Sorting at ties, repeats that are refused."""

import numpy as np
import pytest

from chainrule.ir.dims import Dim
from chainrule.ir.types import Array
from chainrule.rules.arranging import sort_a
from chainrule.rules.registry import OPS, NotSupported, OpCall


def test_sort_keeps_the_order_of_equal_elements():
    a = np.array([2.0, 1.0, 2.0, 1.0])
    dy = np.array([10.0, 20.0, 30.0, 40.0])
    assert sort_a(dy, a, -1).tolist() == [30.0, 10.0, 40.0, 20.0]


def test_sort_with_nan_sends_each_gradient_to_its_element():
    a = np.array([np.nan, 1.0, 0.0])
    assert sort_a(np.array([1.0, 2.0, 3.0]), a, 0).tolist() == [3.0, 2.0, 1.0]


def test_a_number_of_repeats_for_each_element_is_refused_with_the_way_out():
    call = OpCall((Array("float64", (Dim(3),)),), {"repeats": (1, 0, 2), "axis": None})
    with pytest.raises(NotSupported, match=r"np\.repeat\(np\.arange"):
        OPS["repeat"].infer(call)
