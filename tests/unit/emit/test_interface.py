"""The check that standalone files begin with: what it lets through, and what it says."""

from typing import Any

import numpy as np
import pytest

from chainrule.emit.interface import CHECK, CHECK_NUMBER

SCOPE: dict[str, Any] = {"np": np}
exec(CHECK, SCOPE)
NUMBERS: dict[str, Any] = {}
exec(CHECK_NUMBER, NUMBERS)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (2.0, "float"), (2, "float"), (np.float64(2), "float"), (np.float32(2), "f32"), (3, "int"),
        (np.int32(3), "int"), (True, "bool"), (np.ones(2), "f64[n]"), (np.ones((3, 1)), "f64[n,1]"),
        (np.ones((3, 2), np.float32), "f64[h,d]"), (np.arange(3), "i64[n]"),
        (np.array(1.0), "f64[]"), (np.ones(4), "f64[4]"), (np.zeros(0), "f64[0]"),
    ],
)  # fmt: skip
def test_what_fits_passes(value: object, wanted: str) -> None:
    SCOPE["check"]("x", value, wanted)


@pytest.mark.parametrize(
    ("value", "wanted", "what"),
    [
        ([1.0, 2.0], "f64[n]", "list of float64[2]"),
        (np.ones((2, 2)), "f64[n]", "ndarray of float64[2, 2]"),
        (np.arange(3), "f64[n]", "ndarray of int64[3]"),
        (np.ones(1), "f64[n]", "ndarray of float64[1]"),
        (np.ones(0), "f64[n]", "ndarray of float64[0]"),
        (np.ones((3, 2)), "f64[n,1]", "ndarray of float64[3, 2]"),
        (np.ones(5), "f64[4]", "ndarray of float64[5]"),
        (2.0, "int", "float of float64[]"),
        (np.ones(2), "float", "ndarray of float64[2]"),
        ("2", "float", "str of <U1[]"),
        (None, "float", "NoneType of object[]"),
    ],
)
def test_what_does_not_fit_is_named(value: object, wanted: str, what: str) -> None:
    with pytest.raises(TypeError) as caught:
        SCOPE["check"]("x", value, wanted)
    assert str(caught.value) == f"x: this was written for {wanted}, not for {what}"


def test_numbers() -> None:
    for value in (2.0, 2, np.float64(2.0)):
        NUMBERS["check"]("x", value, float)
    with pytest.raises(TypeError, match="x: this was written for float, not for ndarray"):
        NUMBERS["check"]("x", np.ones(2), float)
    with pytest.raises(TypeError, match="n: this was written for int, not for float"):
        NUMBERS["check"]("n", 2.0, int)
