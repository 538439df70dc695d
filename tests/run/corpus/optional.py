"""Names that are None until something sets them."""

import numpy as np

EXAMPLES = []
V = np.array([1.1, 3.3, 2.2, 4.4, 0.7, 2.5])
M = np.array([[1.0, 2.0], [3.0, 4.0], [0.5, 0.7]])
EMPTY = np.zeros(0)


def smallest(xs):
    best = None
    for x in xs:
        if best is None or x < best:
            best = x
    return best**2


def smallest_or_zero(xs):
    best = None
    for x in xs:
        if best is None or x * x < best:
            best = x * x
    if best is None:
        return 0.0
    return best * 3.0


def roughness(xs):
    prev = None
    s = 0.0
    for x in xs:
        if prev is not None:
            s += (x - prev) ** 2
        prev = x
    return s


def roughness_of_rows(A):
    prev = None
    s = 0.0
    for row in A:
        if prev is not None:
            s += np.sum((row - prev) ** 3)
        prev = row
    return s


def weighted(x, w=None):
    """A default that is replaced."""
    if w is None:
        w = np.ones(len(x))
    return np.sum(x * x * w)


def runs(xs):
    """Set to None again."""
    run = None
    s = 0.0
    for x in xs:
        if x < 2.0:
            run = x if run is None else run * x
        else:
            if run is not None:
                s += run
            run = None
    if run is not None:
        s += run**2
    return s


def largest_by_index(xs):
    where = None
    for i in range(len(xs)):
        if where is None or xs[i] > xs[where]:
            where = i
    assert where is not None
    return xs[where] ** 2


def spread(xs):
    low = None
    high = None
    for x in xs:
        if low is None or x < low:
            low = x
        if high is None or x > high:
            high = x
    if low is None or high is None:
        return 0.0
    return (high - low) ** 2


def three_ways(xs):
    b = None
    for x in xs:
        if b is None:
            b = x * x
        elif x < b:
            b = b * x
        else:
            b = b + x
    return b if b is not None else 0.0


def skips_the_first(xs):
    p = None
    s = 0.0
    for x in xs:
        if p is None:
            p = x
            continue
        s += (x - p) ** 2 * p
        p = x
    return s


def first_above(xs):
    found = None
    for x in xs:
        if x > 1.5:
            found = x * x
            break
    if found is None:
        return xs[0]
    return found


def until_it_stands(x):
    last = None
    y = x
    while last is None or abs(y - last) > 1e-9:
        last = y
        y = 0.5 * (y + 2.0 * x / y)
    return y


def with_a_break(x):
    last = None
    y = x
    while True:
        new = 0.5 * (y + 2.0 * x / y)
        if last is not None and abs(new - last) < 1e-9:
            break
        last = new
        y = new
    return y


def set_in_a_branch(x):
    y = None
    if x > 0:
        y = np.sin(x)
    if y is None:
        return x
    return y * x


def unset_in_a_branch(x):
    y = x * x
    if x > 1:
        y = None
    return x if y is None else y


def must_be_there(xs):
    best = None
    for x in xs:
        if not (best is not None and best > x):
            best = x
    if best is None:
        raise ValueError("no numbers")
    return best * 2.0


def largest_of_each_row(A):
    s = 0.0
    for row in A:
        most = None
        for x in row:
            if most is None or x > most:
                most = x
        s += most * most
    return s


def sum_of_rows(A):
    """An array that is written in place once it is there."""
    total = None
    for row in A:
        if total is None:
            total = row.copy()
        else:
            total += row
    return np.sum(total**2) if total is not None else 0.0


def written_when_set(A):
    acc = None
    s = 0.0
    for row in A:
        if acc is not None:
            acc[0] = row[1] * acc[1]
            s += np.sum(acc * row)
        else:
            acc = np.zeros(2)
            acc[1] = row[0]
    return s


def recorded_beside_writes(A):
    acc = None
    t = np.zeros(2)
    for row in A:
        t[0] = t[0] + row[1]
        if acc is not None:
            t[1] += np.sum(acc * row) * t[0]
        acc = row * t
    return np.sum(t**2)


def one_after_the_other(xs):
    """A second name that is set once the first is."""
    q = None
    p = None
    s = 0.0
    for x in xs:
        if q is not None:
            s += q * x
        if p is not None:
            q = p * x
        p = x
    return s


def second_largest(xs):
    b = None
    for x in xs:
        if b is None or x > b:
            b = x
    c = None
    for x in xs:
        if b is not None and x < b:
            if c is None or x > c:
                c = x
    return b * c


def three_tests(xs):
    b = None
    s = 0.0
    for x in xs:
        if x > 0 and b is not None and x > b:
            s += x * b
        b = x
    return s


EXAMPLES += [
    (smallest, (V,)),
    (smallest_or_zero, (V,)),
    (smallest_or_zero, (EMPTY,)),
    (roughness, (V,)),
    (roughness_of_rows, (M,)),
    (weighted, (V,)),
    (runs, (V,)),
    (largest_by_index, (V,)),
    (spread, (V,)),
    (spread, (EMPTY,)),
    (three_ways, (V,)),
    (skips_the_first, (V,)),
    (first_above, (V,)),
    (first_above, (V[:1],)),
    (until_it_stands, (1.9,)),
    (with_a_break, (1.9,)),
    (set_in_a_branch, (1.2,)),
    (set_in_a_branch, (-1.2,)),
    (unset_in_a_branch, (0.5,)),
    (unset_in_a_branch, (1.5,)),
    (must_be_there, (V,)),
    (largest_of_each_row, (M,)),
    (sum_of_rows, (M,)),
    (written_when_set, (M,)),
    (recorded_beside_writes, (M,)),
    (one_after_the_other, (V,)),
    (second_largest, (V,)),
    (three_tests, (V,)),
]
