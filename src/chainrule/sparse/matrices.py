"""Sparse Jacobians and Hessians from a pattern: coloured directions, few sweeps, entries read off."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from ..containers import directions, flat_rows, is_float, leaves, rebuilt
from .colouring import column_colours, full_rows, star_colours

Run = Callable[[Any], Any]  # from directions that are stacked to results that are stacked
LARGEST = 2_000_000  # numbers in the directions that one sweep takes


def checked(pattern: Any, shape: tuple[int, int]) -> Any:
    """A pattern that the user gave, as a matrix of bools."""
    import scipy.sparse as sp

    given = sp.csr_array(pattern)
    if given.shape != shape:
        raise ValueError(f"the pattern has shape {given.shape}, the matrix has {shape}")
    found = sp.csr_array(
        (np.ones(given.nnz, dtype=bool), given.indices.copy(), given.indptr.copy()), given.shape
    )
    found.sum_duplicates()
    return found


def products(run: Run, value: Any, colours: Any, count: int) -> Any:
    """The results for the sum of the units of each colour, one row per colour."""
    parts = -(-count * max(1, len(colours)) // LARGEST) or 1
    bounds = np.linspace(0, count, parts + 1).astype(int)
    rows = []
    for first, last in itertools.pairwise(bounds.tolist()):
        seeds = np.zeros((last - first, len(colours)))
        mine = np.flatnonzero((colours >= first) & (colours < last))
        seeds[colours[mine] - first, mine] = 1.0
        rows.append(flat_rows(run(directions(value, seeds))))
    return np.concatenate(rows)


class JacobianPlan:
    """Which rows and columns are found together: full rows in reverse mode, the rest by columns."""

    def __init__(self, pattern: Any) -> None:
        self.pattern = pattern
        self.entry_rows = np.repeat(np.arange(pattern.shape[0]), np.diff(pattern.indptr))
        full = full_rows(pattern)
        wide = int(np.diff(pattern.indptr).max(initial=0))
        tall = int(np.diff(pattern.tocsc().indptr).max(initial=0))
        columns = self.grouped(pattern, ~full)
        needed = int(full.sum()) + int(columns.max(initial=-1)) + 1
        if tall < min(needed, wide):  # a colouring of all rows may need fewer
            rows = self.grouped(pattern.T.tocsr(), np.ones(pattern.shape[1], dtype=bool))
            if int(rows.max(initial=-1)) + 1 < needed:
                full, self.row_colours = np.ones(pattern.shape[0], dtype=bool), rows
                columns = np.full(pattern.shape[1], -1)
                self.set(full, columns)
                return
        self.row_colours = np.full(pattern.shape[0], -1)
        self.row_colours[full] = np.arange(int(full.sum()))
        self.set(full, columns)

    def set(self, full: Any, columns: Any) -> None:
        """Note the rows that are found in reverse mode, and the colours of columns."""
        self.full, self.column_colours = full, columns
        self.rows = int(self.row_colours.max(initial=-1)) + 1
        self.columns = int(columns.max(initial=-1)) + 1

    @staticmethod
    def grouped(pattern: Any, chosen: Any) -> Any:
        """Colours of the columns in the chosen rows; -1 for a column that is empty there."""
        part = pattern[np.flatnonzero(chosen)]
        colours = column_colours(part)
        used = np.zeros(pattern.shape[1], dtype=bool)
        used[part.indices] = True
        return np.where(used, colours, -1)

    def matrix(self, forward: Run, backward: Run, inputs: Any, out: Any) -> Any:
        """The Jacobian, from functions that push directions forward and pull them backward."""
        import scipy.sparse as sp

        pattern, rows, columns = self.pattern, self.entry_rows, self.pattern.indices
        data = np.zeros(pattern.nnz)
        if self.columns:
            found = products(forward, inputs, self.column_colours, self.columns)
            mine = np.flatnonzero(~self.full[rows])
            data[mine] = found[self.column_colours[columns[mine]], rows[mine]]
        if self.rows:
            found = products(backward, out, self.row_colours, self.rows)
            mine = np.flatnonzero(self.full[rows])
            data[mine] = found[self.row_colours[rows[mine]], columns[mine]]
        return sp.csr_array((data, columns.copy(), pattern.indptr.copy()), pattern.shape)


class HessianPlan:
    """A star colouring, and from which product each entry is read."""

    def __init__(self, pattern: Any) -> None:
        import scipy.sparse as sp

        whole = sp.csr_array(pattern + pattern.T).astype(bool)
        whole.sort_indices()
        self.pattern = whole
        self.colours = star_colours(whole)
        self.count = int(self.colours.max(initial=-1)) + 1
        rows = np.repeat(np.arange(whole.shape[0]), np.diff(whole.indptr))
        columns = whole.indices
        keys = rows * max(1, self.count) + self.colours[columns]
        _, inverse, often = np.unique(keys, return_inverse=True, return_counts=True)
        alone = often[inverse] == 1  # the only entry of its row in a column of this colour
        self.places = np.where(alone, rows, columns)
        self.chosen = np.where(alone, self.colours[columns], self.colours[rows])

    def matrix(self, run: Run, inputs: Any) -> Any:
        """The Hessian, from the function of its products with directions."""
        import scipy.sparse as sp

        if not self.count:
            return sp.csr_array(self.pattern.shape)
        found = products(run, inputs, self.colours, self.count)
        data = found[self.chosen, self.places]
        return sp.csr_array(
            (data, self.pattern.indices.copy(), self.pattern.indptr.copy()), self.pattern.shape
        )


def cut(matrix: Any, rows: Any, columns: Any) -> Any:
    """A sparse matrix cut into the leaves of `rows`, in each of them those of `columns`."""
    top = 0
    outer: list[Any] = []
    for row in leaves(rows):
        if not is_float(row):
            outer.append(None)
            continue
        inner: list[Any] = []
        left = 0
        for column in leaves(columns):
            if not is_float(column):
                inner.append(None)
                continue
            n, m = int(np.size(row)), int(np.size(column))
            part = matrix[top : top + n, left : left + m]
            inner.append(part.astype(np.result_type(np.asarray(row), np.asarray(column))))
            left += m
        outer.append(rebuilt(columns, iter(inner)))
        top += int(np.size(row))
    return rebuilt(rows, iter(outer))
