"""Colourings of random patterns have the property that they are for."""

import itertools

import numpy as np
import pytest
import scipy.sparse as sp

from chainrule.sparse.colouring import column_colours, full_rows, star_colours


def pattern(seed, rows, columns, density):
    rng = np.random.default_rng(seed)
    return rng.random((rows, columns)) < density


@pytest.mark.parametrize("seed", range(8))
def test_columns_of_one_colour_share_no_row(seed):
    dense = pattern(seed, 12, 9, 0.2)
    colours = column_colours(sp.csr_array(dense))
    for row in dense:
        found = colours[row].tolist()
        assert len(set(found)) == len(found)


@pytest.mark.parametrize("seed", range(12))
def test_no_path_of_four_has_two_colours(seed):
    dense = pattern(seed, 10, 10, 0.15 + 0.03 * (seed % 4))
    dense |= dense.T
    np.fill_diagonal(dense, True)
    colours = star_colours(sp.csr_array(dense))
    near = [set(np.flatnonzero(row)) - {i} for i, row in enumerate(dense)]
    for v, others in enumerate(near):
        for w in others:
            assert colours[v] != colours[w]
            for x, y in itertools.product(near[w] - {v}, range(10)):
                if y in near[x] - {v, w}:
                    assert len({colours[i] for i in (v, w, x, y)}) > 2


def test_an_arrow_needs_two_colours():
    dense = np.eye(30, dtype=bool)
    dense[0] = dense[:, 0] = True
    assert star_colours(sp.csr_array(dense)).max() == 1
    assert full_rows(sp.csr_array(dense)).tolist() == [True] + [False] * 29
