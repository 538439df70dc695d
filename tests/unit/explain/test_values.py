"""Values as short text."""

import numpy as np
import pytest

from chainrule.explain.values import short, typed


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1 / 3, "0.333333"), (3.0, "3"), (-0.0, "-0"), (1e-12, "1e-12"), (7, "7"), (True, "True"),
        (float("nan"), "nan"), (np.float32(0.1), "0.1"), (np.int64(3), "3"), (None, "None"),
        ("tanh", "'tanh'"), ((1.0, 2.5), "(1, 2.5)"), ([1.0], "[1]"), ({"W": 2.0}, "{W: 2}"),
        (np.array(2.5), "f64[] 2.5"), (np.zeros((0, 2)), "f64[0,2] []"),
        (np.array([1.0, 2.0]), "f64[2] [1, 2]"), (np.array([True, False]), "bool[2] [True, False]"),
        (np.arange(5), "i64[5] [0, 1, …, 4]"),
    ],
)  # fmt: skip
def test_short(value: object, text: str) -> None:
    assert short(value) == text


def test_typed_shows_the_shape_of_an_array() -> None:
    assert typed(np.ones((2, 3), np.float32)) == "f32[2,3]"
    assert typed(1 / 3) == "0.3333"
