"""Numbers and arrays as text that gives back the same value."""

import math

import numpy as np
import pytest

from chainrule.emit.literals import literal_lines

VALUES = [
    0.1, -2, 1e300, math.inf, -math.inf, math.nan, np.float32(0.1), np.float64(1 / 3), np.int32(7),
    np.array(2.5), np.array([0.1, -1 / 3]), np.array([True, False]), np.zeros((0, 3)),
    np.array([np.nan, np.inf, -np.inf]), np.linspace(0, 1, 100), np.arange(6).reshape(1, 2, 3),
    np.linspace(0, 1, 30).reshape(5, 6), np.array([0.1, 0.2], dtype=np.float32),
    np.array([1, 2], dtype=np.int8), np.zeros(0, dtype=bool), np.ones((3, 0), dtype=np.float32),
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=lambda v: repr(v)[:30])
def test_the_same_value_comes_back(value: object) -> None:
    lines = literal_lines("value = ", value)
    scope: dict[str, object] = {"np": np, "math": math}
    exec("\n".join(lines), scope)
    found = scope["value"]
    assert type(found) is type(value)
    np.testing.assert_array_equal(found, value)
    assert np.asarray(found).dtype == np.asarray(value).dtype
    assert np.shape(found) == np.shape(value)
    assert all(len(line) <= 100 for line in lines)
