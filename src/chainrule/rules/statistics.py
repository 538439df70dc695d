"""Covariances, correlation coefficients, weighted counts."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ir.types import Array, Type
from .language import maybe_one, refuse, static_helper
from .registry import (
    InferError,
    NotSupported,
    OpCall,
    composite,
    define,
    linear,
    no_derivative,
    pullback,
)
from .shapes import fresh_dim
from .sizes import as_dim

# ---- covariance


def variables(m: Any, rowvar: Any) -> Any:
    """A matrix with a variable in each row."""
    m = np.asarray(m)
    if m.ndim > 2:
        raise ValueError("m has more than 2 dimensions")
    if m.ndim == 0:
        return np.reshape(m, (1, 1))
    if m.ndim == 1:
        return m[None, :]
    if rowvar or (maybe_one(m.shape[0]) and m.shape[0] == 1):
        return m
    return m.T


@static_helper
def single(rows: Any) -> bool:
    """Is there one variable only, so that the covariance is a number? It has to be known."""
    return bool(maybe_one(rows)) and as_dim(rows).known == 1


@composite(
    np.cov,
    cases=(
        "np.cov(An)",
        "np.cov(An, rowvar=False)",
        "np.cov(un)",
        "np.cov(un, v)",
        "np.cov(An, B)",
        "np.cov(An, u, ddof=0)",
        "np.cov(An, bias=True)",
        "np.cov(An, aweights=u)",
        "np.cov(An, fweights=k + 1)",
        "np.cov(An, aweights=u, fweights=k + 1, ddof=0)",
    ),
)
def cov(
    m: Any,
    y: Any = None,
    rowvar: Any = True,
    bias: Any = False,
    ddof: Any = None,
    fweights: Any = None,
    aweights: Any = None,
    *,
    dtype: Any = None,
) -> Any:
    if dtype is not None:
        return refuse("np.cov with dtype= is not supported: use astype")
    X = variables(m, rowvar)
    if y is not None:
        X = np.concatenate((X, variables(y, rowvar)), axis=0)
    if X.dtype == np.float32:
        X = X.astype(float)
    if ddof is None:
        ddof = 0 if bias else 1
    weights = product_of(fweights, aweights)
    if weights is None:
        factor = X.shape[1] - ddof
        X = X - np.average(X, axis=1)[:, None]
        c = np.dot(X, X.T) * np.true_divide(1, np.maximum(factor, 0))
    else:
        total = np.sum(weights)
        X = X - np.average(X, axis=1, weights=weights)[:, None]
        if ddof == 0:
            factor = total
        elif aweights is None:
            factor = total - ddof
        else:
            factor = total - ddof * np.sum(weights * aweights) / total
        c = np.dot(X, (X * weights).T) * np.true_divide(1, np.maximum(factor, 0.0))
    return np.reshape(c, ()) if single(c.shape[0]) else c


def product_of(fweights: Any, aweights: Any) -> Any:
    """How often and how much each observation counts, None for once."""
    if fweights is None:
        return None if aweights is None else as_double(aweights)
    return as_double(fweights) if aweights is None else fweights * as_double(aweights)


def as_double(values: Any) -> Any:
    """The values in double precision."""
    return values if values.dtype == np.float64 else values.astype(float)


@composite(
    np.corrcoef,
    cases=(
        "np.corrcoef(An)",
        "np.corrcoef(un, v)",
        "np.corrcoef(An, rowvar=False)",
        "np.corrcoef(An, B)",
    ),
)
def corrcoef(x: Any, y: Any = None, rowvar: Any = True, *, dtype: Any = None) -> Any:
    if dtype is not None:
        return refuse("np.corrcoef with dtype= is not supported: use astype")
    c = np.cov(x, y, rowvar)
    if c.ndim == 0:
        return c / c
    stddev = np.sqrt(np.diag(c))
    return np.clip(c / stddev[:, None] / stddev[None, :], -1, 1)


# ---- counts with weights


def infer_bincount(call: OpCall) -> Type:
    """A sum for each number from 0 to the largest."""
    x, weights = call.types
    if len(x.dims) != 1 or np.dtype(x.dtype).kind not in "iub":
        raise InferError("Cannot cast array data to int64")
    if len(weights.dims) != 1:
        raise InferError("object too deep for desired array")
    if isinstance(call["minlength"], int) is False and call["minlength"] is not None:
        raise NotSupported("minlength has to be known before the program runs")
    return Array("float64", (fresh_dim("bins"),))


no_derivative(
    define(
        "np.bincount(x, weights, minlength=0)",
        infer=infer_bincount,
        cases=(
            "np.bincount([2, 0, 2, 1], un)",
            "np.bincount([2, 0, 2, 1], weights=un, minlength=7)",
            "np.bincount([0, 1, 1], w)",
        ),
    ),
    "x",
    because="it is a position",
)


@pullback("y = np.bincount(x, weights)", wrt="weights")
def bincount_weights(dy: Any, x: Any) -> Any:
    return dy[x]


linear("bincount", "weights")


@composite(np.bincount, cases=("np.sum(np.bincount(k)) * x", "np.bincount([0, 1, 1], w)"))
def bincount(x: Any, weights: Any = None, minlength: Any = 0) -> Any:
    x = np.asarray(x)
    if weights is None:
        return np.bincount(x, np.ones(x.size), minlength).astype(int)
    return np.bincount(x, np.asarray(weights), minlength)


# ---- histograms


def edges_of(a: Any, bins: Any, range: Any) -> Any:
    """The edges of bins of equal width."""
    if range is None:
        low, high = np.min(a), np.max(a)
        flat = np.where(low == high, 0.5, 0.0)
        return np.linspace(low - flat, high + flat, bins + 1)
    low, high = range
    return np.linspace(low, high, bins + 1)


@composite(
    np.histogram,
    cases=(
        "np.histogram([x, y, 0.2], bins=[0.0, 1.0, 3.0])[0] * y",
        "np.histogram([x, y, 0.2], 4, range=(0, 2), weights=w, density=True)[0]",
        "np.histogram([x, y, 0.2, 0.3], bins=3)[1]",
        "np.histogram([x, y, 0.2, 0.3], 3)[0] * x",
    ),
)
def histogram(
    a: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None
) -> Any:
    if isinstance(bins, str):
        return refuse("np.histogram with a rule for the bins: give their number")
    values = np.ravel(np.asarray(a))
    edges = edges_of(values, bins, range) if np.ndim(bins) == 0 else np.asarray(bins)
    n = edges.size - 1
    places = np.searchsorted(edges, values, side="right") - 1
    places = np.where(values == edges[-1], n - 1, places)
    inside = (places >= 0) & (places < n)
    counts_of = np.ones(values.size) if weights is None else np.ravel(np.asarray(weights))
    sums = np.bincount(places[inside], counts_of[inside], 0)
    counts = np.concatenate((sums, np.zeros(n - sums.size)))
    counts = counts.astype(int if weights is None else np.asarray(weights).dtype)
    return (counts / np.diff(edges) / np.sum(counts) if density else counts), edges


@composite(np.histogram_bin_edges, cases=("np.histogram_bin_edges([x, y, 0.2], 4)",))
def histogram_bin_edges(a: Any, bins: Any = 10, range: Any = None, weights: Any = None) -> Any:
    if isinstance(bins, str):
        return refuse("np.histogram_bin_edges with a rule for the bins: give their number")
    values = np.ravel(np.asarray(a))
    return edges_of(values, bins, range) if np.ndim(bins) == 0 else np.asarray(bins)
