"""Programs as people write them every day: checks, tables, accumulators, small helpers."""

import enum
import functools
import math
import operator

import numpy as np

EXAMPLES = []
X = np.array([0.5, -1.5, 2.0])
COUNT = 3


class Kind(enum.Enum):
    A = 1
    B = 2


def int_that_becomes_float(x):
    """Docstring."""
    total = 0
    for i in range(3):
        total += x * i
    return total


EXAMPLES += [(int_that_becomes_float, (1.5,))]


def name_that_changes_rank(x):
    y = x
    y = np.sum(y)
    y = y * 2
    y = np.array([y, y**2])
    y = y[0] + y[1]
    return float(y)


EXAMPLES += [(name_that_changes_rank, (X,))]


def global_that_is_read(x):
    global COUNT
    y = x * COUNT
    del y
    y = x**2
    assert y > 0, f"bad {y}"
    pass
    return y


EXAMPLES += [(global_that_is_read, (1.5,))]


def nested_step(x, n):
    def step(v, k=2, *, s=1.0):
        return v * k * s + x

    for i in range(n):
        x = step(x, s=0.5)
    return x


EXAMPLES += [
    (
        nested_step,
        (
            1.5,
            2,
        ),
    )
]


def checks_of_arguments(x):
    if not isinstance(x, (int, float)):
        raise TypeError(f"need a float, got {type(x).__name__}")
    if x < 0:
        raise ValueError(f"negative: {x:.3f}")
    return math.sqrt(x)


EXAMPLES += [(checks_of_arguments, (1.5,))]


def quotient_and_remainder(x):
    q, r = divmod(x, 2.0)
    return q * x + r


EXAMPLES += [(quotient_and_remainder, (7.5,))]


def functions_of_math(x, y):
    if math.isclose(x, y, rel_tol=1e-3):
        return x
    return (
        math.hypot(x, y, 1.0)
        + math.dist([x, y], [0.5, 0.1])
        + math.prod([x, y, 2])
        + math.fsum([x, y])
    )


EXAMPLES += [
    (
        functions_of_math,
        (
            1.5,
            2.5,
        ),
    )
]


def signs(x):
    return np.sign(x) * x + np.abs(x) + np.maximum(x, 0) + math.copysign(2.0, x) * x + math.fabs(x)


EXAMPLES += [(signs, (-1.5,))]


def head_and_rest(x):
    a, *rest = x
    return a + sum(r * i for i, r in enumerate(rest))


EXAMPLES += [(head_and_rest, (X,))]


def stars_in_a_call(x):
    args = (x, 2.0)
    kw = {"axis": 0}
    f = lambda a, b: a * b
    return np.sum(f(*args), **kw)


EXAMPLES += [(stars_in_a_call, (X,))]


def keywords_passed_on(x):
    def apply(f, *args, **kwargs):
        return f(*args, **kwargs)

    def g(a, b=1.0, *, c=2.0):
        return a * b + c * x

    return apply(g, x, b=3.0) + apply(g, x, c=1.0)


EXAMPLES += [(keywords_passed_on, (1.5,))]


def rows_and_items(A):
    s = 0.0
    for row in A:
        for v in row:
            s += v**2
    return s


EXAMPLES += [(rows_and_items, (np.arange(6.0).reshape(2, 3) / 3 + 0.3,))]


def horner_of_a_list(x):
    coeffs = [1, -2, 0.5]
    result = 0
    for c in reversed(coeffs):
        result = result * x + c
    return result


EXAMPLES += [(horner_of_a_list, (1.5,))]


def products_of_pairs(x, y):
    return sum(a * b for a, b in zip(x, y))


EXAMPLES += [
    (
        products_of_pairs,
        (
            X,
            X * 2,
        ),
    )
]


def items_of_a_dict(d):
    total = 0.0
    for k, v in d.items():
        if k.startswith("a"):
            total += v**2
        else:
            total += v
    return total


EXAMPLES += [(items_of_a_dict, ({"a": 1.5, "b": 2.0},))]


def while_with_an_index(x):
    i = 0
    s = 0.0
    while i < len(x):
        if x[i] > 0:
            s += x[i]
        i += 1
    return s


EXAMPLES += [(while_with_an_index, (X,))]


def newton_with_a_limit(x):
    try_ = 0
    while abs(x * x - 2) > 1e-10:
        x = 0.5 * (x + 2 / x)
        try_ += 1
        if try_ > 50:
            break
    return x


EXAMPLES += [(newton_with_a_limit, (2.0,))]


def recurrence(x):
    out = np.zeros(len(x) + 1)
    out[0] = 1
    for i, v in enumerate(x):
        out[i + 1] = out[i] * v
    return out[-1] + out.mean()


EXAMPLES += [(recurrence, (X,))]


def table_of_functions(x, kind="linear"):
    table = {"linear": lambda t: t, "cubic": lambda t: t**3}
    return table[kind](x)


EXAMPLES += [
    (
        table_of_functions,
        (
            1.5,
            "cubic",
        ),
    )
]


def all_and_any(x):
    if (x > 0).all():
        return np.sum(np.log(x))
    elif np.any(x > 1):
        return np.sum(x**2)
    return np.sum(x)


EXAMPLES += [(all_and_any, (X,))]


def whole_numbers(x, n):
    return math.factorial(n) * x + math.comb(n, 2) * x**2 + math.gcd(n, 6) * x


EXAMPLES += [
    (
        whole_numbers,
        (
            1.5,
            3,
        ),
    )
]


def scaled_in_place(x):
    x = np.asarray(x, dtype=float)
    x = x.copy()
    x -= x.mean()
    x /= np.sqrt((x**2).sum())
    return x[0]


EXAMPLES += [(scaled_in_place, (X,))]


def kernel_both_sides(x):
    n = x.shape[0]
    K = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1):
            K[i, j] = K[j, i] = math.exp(-0.5 * (x[i] - x[j]) ** 2)
    return np.sum(K)


EXAMPLES += [(kernel_both_sides, (X,))]


def two_names_of_a_number(x):
    a = b = x * 2
    a += 1
    return a * b


EXAMPLES += [(two_names_of_a_number, (1.5,))]


def swapped(x, y):
    x, y = y, x
    x, y = y + x, x * y
    return x - y


EXAMPLES += [
    (
        swapped,
        (
            1.5,
            2.5,
        ),
    )
]


def folded(x):
    return functools.reduce(operator.mul, x) + functools.reduce(
        lambda a, b: a + b * 2, list(x), 1.0
    )


EXAMPLES += [(folded, (X,))]


def loop_with_else(x):
    for _ in range(10):
        x = math.cos(x)
    else:
        x = x * 2
    return x


EXAMPLES += [(loop_with_else, (1.5,))]


def running_best(x):
    best = -math.inf
    for v in x:
        if v > best:
            best = v
    return best * 2


EXAMPLES += [(running_best, (X,))]


def powers(x, k):
    return x**k + k**x + 2**-k * x + (-x) ** 2 + x**-1.0


EXAMPLES += [
    (
        powers,
        (
            1.5,
            2,
        ),
    )
]


def enum_compared(x, k):
    if k is Kind.A:
        return x**2
    elif k == Kind.B:
        return x
    match k:
        case Kind.A:
            return 0.0
    return x


EXAMPLES += [
    (
        enum_compared,
        (
            1.5,
            Kind.A,
        ),
    )
]


def enum_matched(x, k):
    match k:
        case Kind.A:
            return x
        case Kind.B:
            return x * k.value


EXAMPLES += [
    (
        enum_matched,
        (
            1.5,
            Kind.B,
        ),
    )
]


def lambdas_with_defaults(x):
    fs = [lambda t, k=k: t * k for k in range(3)]
    return sum(f(x) for f in fs)


EXAMPLES += [(lambdas_with_defaults, (1.5,))]


def text_decides(x):
    s = "abc".upper()
    n = s.count("A")
    if s in ("ABC", "X"):
        return x * n
    return 0.0


EXAMPLES += [(text_decides, (1.5,))]


def two_names_of_an_array(x):
    a = b = np.zeros(3)
    a[0] = x[0]
    return np.sum(b) + x[1]


EXAMPLES += [(two_names_of_an_array, (X,))]


def inner_function_twice(x):
    def inner(t):
        if t > 1:
            return t * 2
        return t * 3

    y = inner(x)
    z = inner(x - 1)
    return y * z


EXAMPLES += [(inner_function_twice, (1.5,))]


def inner_recursion(x):
    def fact(n):
        return 1 if n <= 1 else n * fact(n - 1)

    return x * fact(4)


EXAMPLES += [(inner_recursion, (1.5,))]


def neighbours(x):
    total = 0.0
    for i, (a, b) in enumerate(zip(x[:-1], x[1:])):
        total += (b - a) ** 2 * i
    return total


EXAMPLES += [(neighbours, (X,))]


def first_from_the_end(x):
    for i in range(len(x) - 1, 0, -1):
        if x[i] < 0:
            continue
        return x[i] * 2
    return x[0]


EXAMPLES += [(first_from_the_end, (X,))]


def repeated(x, n):
    y = x
    for _ in [None] * n:
        y = y * x
    return y


EXAMPLES += [
    (
        repeated,
        (
            1.5,
            3,
        ),
    )
]


def masked_write(x):
    y = np.array(x)
    y[y < 0] = 0.0
    return np.sum(y**2)


EXAMPLES += [(masked_write, (X,))]


def conditionals(x):
    x = x if x > 0 else -x
    x = min(x, 1.0) if x > 0.5 else max(x, 0.1)
    return x * 2 if not x == 3 else 1.0


EXAMPLES += [(conditionals, (1.5,))]


def flag_as_a_number(x, flag):
    scale = 2.0 * flag + (not flag)
    return x * scale + x * (flag and 1.0 or 3.0)


EXAMPLES += [
    (
        flag_as_a_number,
        (
            1.5,
            True,
        ),
    )
]


def sizes_and_items(x):
    if x.size == 0:
        return 0.0
    if len(x) > 2 and x[0] > 0:
        y = x[0]
    elif x[1] > 0:
        y = x[1]
    else:
        y = x[2]
    return y**2


EXAMPLES += [(sizes_and_items, (X,))]


def operators_in_place(x):
    y = +x
    y = -y
    y **= 2
    y //= 1
    y %= 3
    return x * y


EXAMPLES += [(operators_in_place, (1.5,))]


def int_on_one_path(x):
    if x > 1:
        y = 1
    else:
        y = x
    return y * x


EXAMPLES += [(int_on_one_path, (1.5,))]


def pairs_of_items(x):
    s = 0.0
    for i in range(len(x)):
        for j in range(i):
            if i == j:
                continue
            s += abs(x[i] - x[j])
            if s > 100:
                break
    return s


EXAMPLES += [(pairs_of_items, (X,))]


def function_of_a_function(x):
    def outer():
        y = x * 2

        def inner():
            return y * x

        return inner

    return outer()()


EXAMPLES += [(function_of_a_function, (1.5,))]
