"""Helpers of lowered programs for SciPy: slopes by parameters, as in `rules.special_probability`."""

from __future__ import annotations

from typing import Final

_SMALLER: Final = """
    total = 0.0
    for k in range(1, 5):
        weight = 672.0 if k == 1 else -168.0 if k == 2 else 32.0 if k == 3 else -3.0
        if left:
            total += weight * (special_NAME(a + k * step, REST) - special_NAME(a - k * step, REST))
        else:
            total -= weight * (
                special_NAMEc(a + k * step, REST) - special_NAMEc(a - k * step, REST)
            )
    return total / (840.0 * step)
"""


def _by_smaller(name: str, rest: str) -> str:
    """The differences of a function, or of its complement where that is smaller."""
    return _SMALLER.replace("NAME", name).replace("REST", rest)


SPECIAL_HELPERS: Final[dict[str, str]] = {
    "gammainc_slope": '''def gammainc_slope(a, x):
    """The derivative of the incomplete gamma function by a."""
    a = float(a)
    root = math.sqrt(a)
    width = root * abs(math.log(min(max(x / a, 1e-300), 1e300)))
    step = 0.02 * a / (1.0 + root) / (1.0 + width)
    left = x < a'''
    + _by_smaller("gammainc", "x"),
    "betainc_slope": '''def betainc_slope(a, b, x):
    """The derivative of the incomplete beta function by a."""
    a = float(a)
    root = math.sqrt(a)
    width = root * abs(math.log(min(max(x + x * b / a, 1e-300), 1e300)))
    step = 0.02 * a / (1.0 + root) / (1.0 + width)
    left = x < a / (a + b)'''
    + _by_smaller("betainc", "b, x"),
    "stdtr_slope": '''def stdtr_slope(df, t):
    """The derivative of Student's distribution function by its degrees of freedom."""
    df = float(df)
    step = 0.03 * df / (1.0 + df * math.log1p(t * t / df))
    tail = -abs(t)
    total = 0.0
    for k in range(1, 5):
        weight = 672.0 if k == 1 else -168.0 if k == 2 else 32.0 if k == 3 else -3.0
        total += weight * (special_stdtr(df + k * step, tail) - special_stdtr(df - k * step, tail))
    return -np.sign(t) * total / (840.0 * step)
''',
    "solve_triangular": '''def solve_triangular(a, b, trans, lower, unit):
    """The solution of equations with a triangular matrix, column by column of the right-hand side."""
    n = a.shape[0]
    x = b.copy()
    forwards = lower != trans
    for step in range(n):
        i = step if forwards else n - 1 - step
        for j in range(0 if forwards else i + 1, i if forwards else n):
            factor = a[j, i] if trans else a[i, j]
            for k in range(x.shape[1]):
                x[i, k] -= factor * x[j, k]
        if not unit:
            if a[i, i] == 0.0:
                raise np.linalg.LinAlgError("singular matrix")
            for k in range(x.shape[1]):
                x[i, k] /= a[i, i]
    return x
''',
}
