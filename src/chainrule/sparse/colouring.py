"""Colourings of sparsity patterns: rows or columns of one colour are found in one sweep.

Columns that share no row can be added up, and each entry still be told from the sum (Curtis, Powell
and Reid, On the estimation of sparse Jacobian matrices, J. Inst. Math. Appl. 13, 1974): a partial
distance-2 colouring of the bipartite graph (Coleman and More, SIAM J. Numer. Anal. 20, 1983). A few
full rows are taken out first and found in reverse mode (Coleman and Verma, SIAM J. Sci. Comput. 19,
1998). For Hessians it is a star colouring of the graph of the matrix (Coleman and More, Math. Program.
28, 1984; Gebremedhin, Manne and Pothen, What color is your Jacobian?, SIAM Review 47, 2005). All are
greedy, in the given order; the order by degree and the acyclic colouring of that paper are left out.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def column_colours(pattern: Any) -> Any:
    """A colour for each column, so that no row has two columns of one colour.

    >>> import scipy.sparse as sp
    >>> column_colours(sp.csr_array(np.tri(4, dtype=bool) & ~np.tri(4, k=-2, dtype=bool))).tolist()
    [0, 1, 0, 1]
    """
    columns = pattern.tocsc()
    used: list[set[int]] = [set() for _ in range(pattern.shape[0])]
    colours = np.zeros(pattern.shape[1], dtype=int)
    starts, rows = columns.indptr.tolist(), columns.indices.tolist()
    for column in range(pattern.shape[1]):
        mine = [used[r] for r in rows[starts[column] : starts[column + 1]]]
        colour = 0
        while any(colour in taken for taken in mine):
            colour += 1
        for taken in mine:
            taken.add(colour)
        colours[column] = colour
    return colours


def full_rows(pattern: Any) -> Any:
    """Which rows are better found one by one: those that would need most colours of columns."""
    counts = np.diff(pattern.tocsr().indptr)
    order = np.argsort(-counts, kind="stable")
    if not len(order):
        return np.zeros(0, dtype=bool)
    rest = np.append(counts[order], 0)  # the colours needed when the first k rows are taken out
    taken = int(np.argmin(np.arange(len(rest)) + rest))
    chosen = np.zeros(len(counts), dtype=bool)
    chosen[order[:taken]] = True
    return chosen


def star_colours(pattern: Any) -> Any:
    """A colour for each vertex: neighbours differ, and no path of four has but two colours.

    So the vertices of any two colours form stars, and each entry beside the diagonal can be read
    from the row of its leaf.
    """
    graph = pattern.tocsr()
    size = graph.shape[0]
    starts, ends = graph.indptr.tolist(), graph.indices.tolist()
    near = [[w for w in ends[starts[v] : starts[v + 1]] if w != v] for v in range(size)]
    colours = [-1] * size
    counts: list[dict[int, int]] = [{} for _ in range(size)]  # coloured neighbours by colour
    centred: list[set[int]] = [set() for _ in range(size)]  # colours of the centres of its stars
    for v in range(size):
        known = [w for w in near[v] if colours[w] >= 0]
        forbidden = {colours[w] for w in known}
        for w in known:
            forbidden |= centred[w]
            if counts[v][colours[w]] > 1:
                forbidden |= counts[w].keys()
        colour = 0
        while colour in forbidden:
            colour += 1
        colours[v] = colour
        for w in near[v]:
            counts[w][colour] = counts[w].get(colour, 0) + 1
        for w in known:
            _note_star(v, w, near, colours, counts, centred)
    return np.array(colours, dtype=int)


def _note_star(
    v: int,
    w: int,
    near: list[list[int]],
    colours: list[int],
    counts: list[dict[int, int]],
    centred: list[set[int]],
) -> None:
    """Note stars of the colours of `v` and `w`, which has a new neighbour in `v`."""
    if counts[w][colours[v]] == 2:  # w became a centre
        for x in near[w]:
            if colours[x] == colours[v]:
                centred[x].add(colours[w])
    elif counts[w][colours[v]] > 2:
        centred[v].add(colours[w])
    if counts[v][colours[w]] > 1:
        centred[w].add(colours[v])
