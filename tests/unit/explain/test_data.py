"""A staged program as plain data."""

import json

import numpy as np

import chainrule as cr
from chainrule.explain.data import as_data, plain


def f(x, w):
    y = w * x  # scaled
    return np.sum(y)


def test_it_is_json() -> None:
    args = (2.0, np.array([1.0, np.inf]))
    staged = cr.stages(f, *args)
    data = as_data(staged, staged.explain(*args))
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert data["arguments"] == {"x": 2.0, "w": [1.0, "inf"]}
    assert data["forward"][0]["comment"] == "scaled"
    assert "values" not in as_data(staged)["forward"][0]


def test_plain() -> None:
    assert plain((np.float64(1), np.array([2]), {"a": None}, "b")) == [1.0, [2], {"a": None}, "b"]
