"""Distances of points in `scipy.spatial.distance`."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.spatial import distance

from .language import refuse
from .registry import composite


def by_metric(difference: Any, metric: Any, p: Any) -> Any:
    """The distance along the last axis."""
    if metric == "sqeuclidean":
        return np.sum(difference**2, axis=-1)
    if metric == "euclidean" or (metric == "minkowski" and p == 2):
        return np.sqrt(np.sum(difference**2, axis=-1))
    if metric == "cityblock" or (metric == "minkowski" and p == 1):
        return np.sum(np.abs(difference), axis=-1)
    if metric == "chebyshev":
        return np.max(np.abs(difference), axis=-1)
    if metric == "minkowski":
        return np.linalg.norm(difference, ord=p, axis=-1)
    return refuse("this metric is not supported")


def cosines(a: Any, b: Any) -> Any:
    """The cosines of the angles between rows."""
    lengths = np.linalg.norm(a, axis=1)[:, None] * np.linalg.norm(b, axis=1)
    return a @ b.T / lengths


@composite(distance.cdist)
def cdist(XA: Any, XB: Any, metric: Any = "euclidean", *, out: Any = None, p: Any = 2) -> Any:
    if metric == "cosine":
        return 1 - cosines(XA, XB)
    return by_metric(XA[:, None, :] - XB, metric, p)


@composite(distance.pdist)
def pdist(X: Any, metric: Any = "euclidean", *, out: Any = None, p: Any = 2) -> Any:
    above = np.tri(X.shape[0]) == 0  # each pair once
    return cdist(X, X, metric, p=p)[above]


def weighted(w: Any) -> Any:
    """Refuse weights."""
    if w is not None:
        refuse("weights are not supported")


@composite(distance.euclidean)
def euclidean(u: Any, v: Any, w: Any = None) -> Any:
    weighted(w)
    return np.linalg.norm(u - v)


@composite(distance.sqeuclidean)
def sqeuclidean(u: Any, v: Any, w: Any = None) -> Any:
    weighted(w)
    return np.sum((u - v) ** 2)


@composite(distance.cityblock)
def cityblock(u: Any, v: Any, w: Any = None) -> Any:
    weighted(w)
    return np.sum(np.abs(u - v))


@composite(distance.chebyshev)
def chebyshev(u: Any, v: Any, w: Any = None) -> Any:
    weighted(w)
    return np.max(np.abs(u - v))


@composite(distance.minkowski)
def minkowski(u: Any, v: Any, p: Any = 2, w: Any = None) -> Any:
    weighted(w)
    return np.linalg.norm(u - v, ord=p)


@composite(distance.cosine)
def cosine(u: Any, v: Any, w: Any = None) -> Any:
    weighted(w)
    return 1 - np.dot(u, v) / np.sqrt(np.dot(u, u) * np.dot(v, v))
