"""The values that test cases of rules are written with: `np.sum(A, axis=0)` uses the `A` below.

Floats, vectors, matrices and stacks of them, distinct positive entries away from kinks; names with
a trailing `n` have entries of both signs. Sizes 2 to 5 all differ, so a mixed-up axis is an error.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def pool(dtype: str = "float64") -> dict[str, Any]:
    """Fresh test values by name, the same at every call; arrays, `z` and `x` of a complex dtype.

    >>> pool()["A"].shape
    (3, 4)
    """
    rng = np.random.default_rng(20)
    complex_too = np.dtype(dtype).kind == "c"

    def positive(*shape: int) -> Any:
        parts = rng.uniform(0.5, 2.5, shape)
        if complex_too:
            parts = parts + 1j * rng.uniform(-0.8, 0.8, shape)
        return np.asarray(parts, dtype=dtype)

    def signed(*shape: int) -> Any:
        return positive(*shape) * rng.choice([-1, 1], shape).astype(dtype)

    values = {
        "x": 0.7 - 0.4j if complex_too else 0.7, "y": 1.3,
        "u": positive(4), "v": positive(4), "w": positive(3), "un": signed(4), "wn": signed(3),
        "A": positive(3, 4), "B": positive(3, 4), "C": positive(4, 5), "An": signed(3, 4),
        "S": positive(4, 4) + 4 * np.eye(4, dtype=dtype), "R": signed(4, 4),
        "T": positive(2, 3, 4), "U": positive(2, 4, 5), "Tn": signed(2, 3, 4),
        "row": positive(1, 4), "col": positive(3, 1),
        "z": np.asarray(1.7 + 0.3j if complex_too else 1.7, dtype),
        "k": np.array([2, 0, 2, 1]), "mask": np.arange(12).reshape(3, 4) % 3 > 0,
    }  # fmt: skip
    # for products of matrices, and contractions with repeated axes
    values |= {
        "T1": positive(1, 3, 4), "Q": positive(3, 2, 5, 4), "V": positive(4, 3),
        "M": positive(2, 4, 4) + 4 * np.eye(4, dtype=dtype),
        "E443": signed(4, 4, 3), "E434": signed(4, 3, 4), "E333": signed(3, 3, 3),
        "E3322": signed(3, 3, 2, 2), "E3232": signed(3, 2, 3, 2),
    }  # fmt: skip
    factor = np.tril(values["M"])
    other = factor.conj().swapaxes(-1, -2)
    values |= {"PP": factor @ other, "P": factor[0] @ other[0]}
    return values
