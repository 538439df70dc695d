"""Values as nests of containers."""

from typing import NamedTuple

import numpy as np

from chainrule.containers import blocks, flat, leaves, rebuilt, size, units


class Pair(NamedTuple):
    a: object
    b: object


VALUE = {"p": Pair(1.5, np.array([[1.0, 2.0]])), "q": [3, "text"]}


def test_leaves_and_back():
    found = list(leaves(VALUE))
    assert len(found) == 4
    again = rebuilt(VALUE, iter(found))
    assert again["p"] == VALUE["p"]
    assert again["q"] == VALUE["q"]
    assert type(again["p"]) is Pair


def test_only_floating_point_numbers_count():
    assert size(VALUE) == 3
    np.testing.assert_array_equal(flat(VALUE), [1.5, 1.0, 2.0])


def test_units_go_through_every_number_once():
    found = list(units(VALUE))
    np.testing.assert_array_equal([flat(u) for u in found], np.eye(3))
    assert found[0]["q"] == [None, None]
    assert isinstance(found[0]["p"].a, float)


def test_blocks_have_the_shapes_of_rows_and_columns():
    rows = (1.0, np.zeros((2, 1)))
    cut = blocks(np.arange(9.0).reshape(3, 3), rows, VALUE)
    assert isinstance(cut[0]["p"].a, float)
    assert cut[0]["p"].b.shape == (1, 2)
    np.testing.assert_array_equal(cut[1]["p"].a, [[3.0], [6.0]])
    np.testing.assert_array_equal(cut[1]["p"].b[:, 0, 0], [[4.0, 5.0], [7.0, 8.0]])
    assert cut[1]["q"] == [None, None]


def test_blocks_keep_the_precision_of_the_columns():
    column = np.zeros(2, np.float32)
    assert blocks(np.eye(2), np.zeros(2), column).dtype == np.float32
