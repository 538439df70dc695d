"""Arguments, closures, helpers, unpacking and the rest of the language."""

import functools
import math
from functools import reduce

import numpy
import numpy as np
import numpy.linalg as la

EXAMPLES = []

rng = np.random.default_rng(7)
GAIN = 1.7
OFFSETS = np.array([0.1, -0.2, 0.3])
ORDER = 3
VERBOSE = False
MODE = "smooth"
COEFFICIENTS = (1.0, -0.5, 0.25)


def keyword_only(x, *, scale=2.0, shift=0.0):
    return scale * x**2 + shift


EXAMPLES += [(keyword_only, (0.7,)), (keyword_only, (0.7,), {"scale": 3.0, "shift": 1.0})]


def positional_only(x, y, /, z=1.5):
    return x * y**2 + z * x


EXAMPLES += [(positional_only, (0.7, 0.3)), (positional_only, (0.7, 0.3), {"z": 2.0})]


def weighted_sum(x, *weights):
    return sum(w * x**k for k, w in enumerate(weights))


EXAMPLES += [(weighted_sum, (0.7, 1.0, 2.0, 3.0))]


def with_options(x, **options):
    return x * options.get("gain", 1.0) + options["bias"]


EXAMPLES += [
    (with_options, (0.7,), {"bias": 0.5}),
    (with_options, (0.7,), {"gain": 3.0, "bias": 0.5}),
]


def forwards(x, *args, **kwargs):
    return keyword_only(x, **kwargs) + weighted_sum(x, *args)


EXAMPLES += [(forwards, (0.7, 1.0, 2.0), {"shift": 0.3})]


square_plus = lambda x, y=2.0: x**2 + y  # noqa: E731

EXAMPLES += [(square_plus, (0.7,)), (square_plus, (0.7, 0.1))]


def make_polynomial(*coefficients):
    def polynomial(x):
        return sum(c * x**k for k, c in enumerate(coefficients))

    return polynomial


def make_scaled(scale):
    return lambda x: np.sum(np.tanh(scale * x))


EXAMPLES += [
    (make_scaled(2.0), (np.array([0.1, 0.2]),)),
    (make_scaled(np.array([1.0, 3.0])), (np.array([0.1, 0.2]),)),
]


def local_polynomial(x, a, b):
    p = make_polynomial(1.0, a, b)
    return p(x) * p(0.5)


EXAMPLES += [(local_polynomial, (0.7, 0.3, -0.2))]


def compose(*functions):
    return lambda x: reduce(lambda value, fn: fn(value), functions, x)


def composed(x):
    return compose(np.sin, lambda t: t * GAIN, np.exp)(x)


EXAMPLES += [(composed, (0.4,))]


def nested_functions(x, y):
    scale = x * y

    def inner(t):
        def innermost(s):
            return s * scale + x

        return innermost(t) ** 2

    scale = scale + 1.0
    return inner(y)


EXAMPLES += [(nested_functions, (0.7, 0.3))]


def level3(x):
    return np.tanh(x) * GAIN


def level2(x, y):
    a = level3(x + y)
    b = level3(x - y)
    return a, b


def level1(x, y):
    a, b = level2(x, y)
    return a * b, a + b, {"kept": a}


def helpers_that_call_helpers(x, y):
    product, total, extra = level1(x, y)
    _, again, _ = level1(y, x)
    return product + total**2 + again + extra["kept"]


EXAMPLES += [(helpers_that_call_helpers, (0.7, 0.3))]


def globals_of_kinds(x):
    return np.sum(GAIN * x**ORDER + OFFSETS) * len(OFFSETS)


EXAMPLES += [(globals_of_kinds, (np.array([0.1, 0.2, 0.3]),))]


def static_flags(x, power=2, centered=False, reduction="mean", weights=None):
    """Branches on flags, strings, None, ranks and shapes."""
    if centered:
        x = x - x.mean()
    y = x**power
    if weights is not None:
        y = y * weights
    if VERBOSE:
        print("y:", y)
    if reduction == "mean":
        return y.mean()
    elif reduction == "sum":
        return y.sum()
    raise ValueError(f"unknown reduction {reduction!r}")


EXAMPLES += [
    (static_flags, (np.array([0.3, 0.5, -0.2]),)),
    (static_flags, (np.array([0.3, 0.5, -0.2]), 3, True, "sum")),
    (static_flags, (np.array([0.3, 0.5]),), {"weights": np.array([1.0, 2.0]), "reduction": "sum"}),
]


def by_rank(x):
    if x.ndim == 0:
        return x * 2
    if x.ndim == 1:
        return x @ x
    n, d = x.shape
    if d == 1:
        return np.sum(x) / n
    return np.sum(x @ x.T) if n < d else np.trace(x.T @ x)


EXAMPLES += [
    (by_rank, (np.float64(0.3),)),
    (by_rank, (np.array([0.3, 0.5]),)),
    (by_rank, (np.array([[0.3], [0.5]]),)),
    (by_rank, (rng.normal(size=(2, 3)),)),
    (by_rank, (rng.normal(size=(3, 2)),)),
]


def conditional_expressions(x, flag=True, n=None):
    k = n if n is not None else 2
    scale = 1.0 if flag else -1.0
    return scale * x**k


EXAMPLES += [(conditional_expressions, (0.7,)), (conditional_expressions, (0.7, False, 3))]


def unpacking(p):
    (a, b), [c, *rest], d = p
    first, *_, last = rest
    a, b = b, a
    return a * b**2 + c * d + first * last


EXAMPLES += [(unpacking, (((1.0, 2.0), [3.0, 4.0, 5.0, 6.0], 7.0),))]


def swap_and_rotate(x, y, z):
    x, y, z = y, z, x * y
    x, y = y, x + y
    return x * y**2 * z


EXAMPLES += [(swap_and_rotate, (0.7, 0.3, 1.2))]


def walrus(x):
    if (n := len(x)) > 1 and (d := x.ndim) == 1:
        return (total := np.sum(x)) * total / n / d
    return np.sum(x)


EXAMPLES += [(walrus, (np.array([0.1, 0.4, 0.2]),)), (walrus, (np.array([0.1]),))]


def chained_comparison(x, lo=0.0, hi=1.0):
    assert lo <= x <= hi, f"{x} is outside [{lo}, {hi}]"
    return math.sqrt(x) * (hi - lo)


EXAMPLES += [(chained_comparison, (0.25,)), (chained_comparison, (0.25, -1.0, 2.0))]


def checks(x, sigma):
    if sigma <= 0:
        raise ValueError(f"sigma must be positive, not {sigma:.3g}")
    if not np.all(np.isfinite(x)):
        raise FloatingPointError(f"x is not finite: {x}")
    if x.shape[0] < 2:
        raise IndexError("too few: %d" % len(x))
    return np.sum(x**2) / sigma


EXAMPLES += [(checks, (np.array([0.3, 0.4]), 0.5))]


def comprehensions(x):
    powers = [x**k for k in range(1, 4)]
    named = {f"p{k}": p for k, p in enumerate(powers)}
    pairs = tuple(a * b for a, b in zip(powers, COEFFICIENTS))
    flags = [p for k, p in enumerate(powers) if k != 1]
    return sum(pairs) + named["p2"] + sum(flags) + max(1.0, 2.0)


EXAMPLES += [(comprehensions, (0.7,))]


def sums_of_tuples(x, y):
    terms = (x, y, x * y)
    total = sum(terms) + sum([x, 2, y], 1.0) + sum(t * t for t in terms)
    return total + min(terms[1:]) * max(x, y, 0.0)


EXAMPLES += [(sums_of_tuples, (0.7, 0.3))]


def modules_by_any_name(x):
    import scipy.special as sp

    a = numpy.tanh(x) + la.norm(x) * math.pi
    return numpy.sum(a * sp.erf(x)) + np.e


EXAMPLES += [(modules_by_any_name, (np.array([0.1, -0.4]),))]


def annotated(x: float, n: int = 2, *, k: "float | None" = None) -> float:
    y: float = x**n
    z: float
    z = y * (k or 1.0)
    return z


EXAMPLES += [(annotated, (0.7,)), (annotated, (0.7, 3))]


def augmented(x, y):
    total = x
    total += y
    total *= x
    total -= y / 2
    total /= 1 + x**2
    total **= 2
    return total


EXAMPLES += [(augmented, (0.7, 0.3))]


def early_return(x, kind="a"):
    """A docstring with a "quote" and a backslash \\ in it."""
    if kind == "a":
        return x**2
    y = x**3
    if kind in {"b", "c"}:
        return y
    pass
    return -y


EXAMPLES += [(early_return, (0.7,)), (early_return, (0.7, "b")), (early_return, (0.7, "z"))]


def timed(fn):
    @functools.wraps(fn)
    def wrapper(*args, **kwargs):
        return fn(*args, **kwargs)

    return wrapper


@timed
def decorated(x, y=2.0):
    return x * y**2


EXAMPLES += [(decorated, (0.7,)), (decorated, (0.7, 0.3))]


def calls_decorated(x):
    return decorated(x, y=x) + decorated(x)


EXAMPLES += [(calls_decorated, (0.7,))]


def shadowed_names(x, y):
    """Names that look like those of gradients, and builtins as names."""
    dx = x * y
    dy = dx + 1
    sum = dx * dy
    grad_x = sum**2
    d = grad_x + dy
    id = d * x
    return id + grad_x


EXAMPLES += [(shadowed_names, (0.7, 0.3))]


def f(f, value, dvalue=0.5):
    g = f * value
    df = g + f
    return df * dvalue


EXAMPLES += [(f, (0.7, 0.3))]


def unicode_names(α, β):
    Δ = α - β
    σ2 = Δ**2
    return σ2 * α


EXAMPLES += [(unicode_names, (0.7, 0.3))]


def long_line(x, y):
    return (x + y) * (x - y) + (x * y + 1.0) * (x / y + 2.0) + (x**2 + y**2) * (x**3 - y**3) * math.exp(-x * y) + math.sin(x + y) * math.cos(x - y)  # fmt: skip


EXAMPLES += [(long_line, (0.7, 0.3))]


def unused_results(x, y):
    unused = x**5
    a, _ = level2(x, y)
    level2(y, y)
    return a * 2


EXAMPLES += [(unused_results, (0.7, 0.3))]


def constant_of_some(x, y, z):
    return x * 0 + y - y + 3.0 * z


EXAMPLES += [(constant_of_some, (0.7, 0.3, 0.1))]


def same_argument_twice(x):
    def product(a, b, c=None):
        return a * b if c is None else a * b * c

    return product(x, x) + level2(x, x)[0] + product(x, x, c=x)


EXAMPLES += [(same_argument_twice, (0.7,))]


def dispatch_table(x, name="relu"):
    table = {"relu": lambda t: np.maximum(t, 0.0), "tanh": np.tanh, "id": lambda t: t}
    return np.sum(table[name](x) ** 2)


EXAMPLES += [
    (dispatch_table, (np.array([0.3, -0.4]),)),
    (dispatch_table, (np.array([0.3, -0.4]), "tanh")),
]


def getattr_and_isinstance(x, fn="sin"):
    y = getattr(np, fn)(x)
    if isinstance(x, float):
        return y * 1.0
    return np.sum(y)


EXAMPLES += [
    (getattr_and_isinstance, (0.7,)),
    (getattr_and_isinstance, (np.array([0.7, 0.1]), "cos")),
]


def horner(x, coefficients):
    a, b, c, d = coefficients
    return ((a * x + b) * x + c) * x + d


EXAMPLES += [(horner, (0.7, [1.0, 2.0, 3.0, 4])), (horner, (0.7, np.array([1.0, 2.0, 3.0, 4.0])))]


def divmod_parts(x, y):
    q, r = divmod(x, y)
    return q * 2 + r**2 + x % 0.3


EXAMPLES += [(divmod_parts, (7.3, 2.1))]


def math_functions(x):
    a = math.log2(x) + math.log10(x) + math.log(x, 3) + math.log1p(x)
    b = math.atan2(x, 0.5) + math.hypot(x, 1.5) + math.copysign(x, -1.0)
    c = math.sinh(x) * math.cosh(x) * math.tanh(x) + math.asinh(x) + math.atan(x)
    d = math.gamma(x) + math.lgamma(x) + math.erf(x) + math.erfc(x)
    e = math.fabs(-x) + math.pow(x, 1.5) + math.degrees(x) + math.radians(x) + math.cbrt(x)
    return a + b * c + d + e + math.fsum([x, 2 * x]) + math.prod([x, x, 2.0])


EXAMPLES += [(math_functions, (1.7,))]
