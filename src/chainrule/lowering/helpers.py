"""Functions that lowered programs call: plain text, which compiles too. A helper may call earlier ones.

`digamma` and `zeta` follow the Cephes library (S. Moshier), whose series are good to a few units in
the last place; `i0` has NumPy's Chebyshev coefficients, which are Cephes' too.
"""

from __future__ import annotations

from typing import Final

from .special_helpers import SPECIAL_HELPERS

HELPERS: Final[dict[str, str]] = {
    "grown": '''def grown(data, needed):
    """A copy of a record with room for more."""
    larger = np.empty(max(2 * data.size, needed), data.dtype)
    for i in range(data.size):
        larger[i] = data[i]
    return larger
''',
    "plus": '''def plus(total, term):
    """The sum of both; of several such sums the order may be changed."""
    return total + term
''',
    "sorted_order": '''def sorted_order(x):
    """The positions of the elements in order, NaN last; equal ones keep their order."""
    n = x.size
    order = np.empty(n, np.int64)
    other = np.empty(n, np.int64)
    for i in range(n):
        order[i] = i
    width = 1
    while width < n:
        for start in range(0, n, 2 * width):
            i, middle, stop = start, min(start + width, n), min(start + 2 * width, n)
            j = middle
            for k in range(start, stop):
                take = j < stop
                if take and i < middle:
                    a, b = x[order[i]], x[order[j]]
                    take = b < a or (a != a and b == b)
                if take:
                    other[k] = order[j]
                    j += 1
                else:
                    other[k] = order[i]
                    i += 1
        order, other = other, order
        width *= 2
    return order
''',
    "slice_first": '''def slice_first(start, given, step, size):
    """The first position of a slice."""
    if step == 0:
        raise ValueError("slice step cannot be zero")
    if not given:
        return 0 if step > 0 else size - 1
    if start < 0:
        start += size
    return min(max(start, 0), size) if step > 0 else min(max(start, -1), size - 1)
''',
    "slice_length": '''def slice_length(first, stop, given, step, size):
    """The length of a slice that begins at `first`."""
    if stop < 0:
        stop += size
    if step > 0:
        last = min(max(stop, 0), size) if given else size
        return max(0, (last - first + step - 1) // step)
    last = min(max(stop, -1), size - 1) if given else -1
    return max(0, (first - last - step - 1) // -step)
''',
    "digamma": '''def digamma(x):
    """The logarithmic derivative of the gamma function."""
    if x == 0.0:
        return math.copysign(np.inf, -x)
    result = 0.0
    if x < 0.0:
        if x == np.floor(x):
            return np.nan
        result = -math.pi / math.tan(math.pi * x)
        x = 1.0 - x
    while x < 10.0:
        result -= 1.0 / x
        x += 1.0
    z = 1.0 / (x * x)
    series = z * (1 / 12 - z * (1 / 120 - z * (1 / 252 - z * (1 / 240 - z * (
        1 / 132 - z * (691 / 32760 - z * (1 / 12)))))))
    return result + (math.log(x) - 0.5 / x - series)
''',
    "zeta": '''def zeta(s, q):
    """The Hurwitz zeta function for a whole s > 1."""
    if q <= 0.0 and q == np.floor(q):
        return np.inf
    factors = (
        12.0, -720.0, 30240.0, -1209600.0, 47900160.0, -1.8924375803183791606e9, 7.47242496e10,
        -2.950130727918164224e12, 1.1646782814350067249e14, -4.5979787224074726105e15,
        1.8152105401943546773e17, -7.1661652561756670113e18,
    )
    total, a, b, i = q**-s, q, 0.0, 0
    while i < 9 or a <= 9.0:
        i += 1
        a += 1.0
        b = a**-s
        total += b
        if abs(b) < 1.1e-16 * abs(total):
            return total
    w = a
    total += b * w / (s - 1.0) - 0.5 * b
    a, k = 1.0, 0.0
    for i in range(12):
        a *= s + k
        b /= w
        term = a * b / factors[i]
        total += term
        if abs(term) < 1.1e-16 * abs(total):
            return total
        k += 1.0
        a *= s + k
        b /= w
        k += 1.0
    return total
''',
    "polygamma": '''def polygamma(n, x):
    """The derivative of order n of digamma."""
    sign = 1.0 if n % 2 == 1 else -1.0
    return sign * math.gamma(n + 1.0) * zeta(n + 1.0, x)
''',
    "i0": '''def i0(x):
    """The modified Bessel function of order 0."""
    x = abs(float(x))
    small = (
        -4.4153416464793395e-18, 3.3307945188222384e-17, -2.431279846547955e-16, 1.715391285555133e-15,
        -1.1685332877993451e-14, 7.676185498604936e-14, -4.856446783111929e-13, 2.95505266312964e-12,
        -1.726826291441556e-11, 9.675809035373237e-11, -5.189795601635263e-10, 2.6598237246823866e-09,
        -1.300025009986248e-08, 6.046995022541919e-08, -2.670793853940612e-07, 1.1173875391201037e-06,
        -4.4167383584587505e-06, 1.6448448070728896e-05, -5.754195010082104e-05, 0.00018850288509584165,
        -0.0005763755745385824, 0.0016394756169413357, -0.004324309995050576, 0.010546460394594998,
        -0.02373741480589947, 0.04930528423967071, -0.09490109704804764, 0.17162090152220877,
        -0.3046826723431984, 0.6767952744094761,
    )
    large = (
        -7.233180487874754e-18, -4.830504485944182e-18, 4.46562142029676e-17, 3.461222867697461e-17,
        -2.8276239805165836e-16, -3.425485619677219e-16, 1.7725601330565263e-15, 3.8116806693526224e-15,
        -9.554846698828307e-15, -4.150569347287222e-14, 1.54008621752141e-14, 3.8527783827421426e-13,
        7.180124451383666e-13, -1.7941785315068062e-12, -1.3215811840447713e-11, -3.1499165279632416e-11,
        1.1889147107846439e-11, 4.94060238822497e-10, 3.3962320257083865e-09, 2.266668990498178e-08,
        2.0489185894690638e-07, 2.8913705208347567e-06, 6.889758346916825e-05, 0.0033691164782556943,
        0.8044904110141088,
    )
    b0, b1, b2 = 0.0, 0.0, 0.0
    if x <= 8.0:
        y = x / 2.0 - 2.0
        for i in range(30):
            b0, b1, b2 = y * b0 - b1 + small[i], b0, b1
        return math.exp(x) * 0.5 * (b0 - b2)
    y = 32.0 / x - 2.0
    for i in range(25):
        b0, b1, b2 = y * b0 - b1 + large[i], b0, b1
    return math.exp(x) * 0.5 * (b0 - b2) / math.sqrt(x)
''',
    "remainder": '''def remainder(x, y):
    """The difference from the nearest multiple, the even one of two."""
    if np.isinf(y) and not np.isinf(x):
        return x
    m = np.fmod(abs(x), abs(y))
    c = abs(y) - m
    if m < c:
        r = m
    elif m > c:
        r = -c
    else:
        r = m - 2.0 * np.fmod(0.5 * (abs(x) - m), abs(y))
    return math.copysign(1.0, x) * r
''',
    "factorial": '''def factorial(n):
    """The product of 1 to n."""
    if n < 0:
        raise ValueError("factorial() not defined for negative values")
    if n > 20:
        raise OverflowError("factorial: a number beyond 64 bits")
    result = 1
    for i in range(2, n + 1):
        result *= i
    return result
''',
    "comb": '''def comb(n, k):
    """How many ways there are to choose k of n."""
    if n < 0 or k < 0:
        raise ValueError("comb() of a negative integer")
    if k > n:
        return 0
    result = 1
    for i in range(min(k, n - k)):
        if result > 9223372036854775807 // (n - i):
            raise OverflowError("comb: a number beyond 64 bits")
        result = result * (n - i) // (i + 1)
    return result
''',
    "snapshot_count": '''def snapshot_count(trips):
    """The fewest snapshots with which each trip is run at most three times before its last run."""
    count = 1
    while comb(count + 3, 3) < trips:
        count += 1
    return count
''',
    "snapshot_places": '''def snapshot_places(start, stop, free):
    """Where to store the state between two trips: the places of Revolve, in order."""
    places = np.empty(max(free, 0), np.int64)
    count = 0
    while free > 0 and stop - start > 2:
        sweeps = 1
        while comb(free + 1 + sweeps, sweeps) < stop - start:
            sweeps += 1
        shortest = comb(free + sweeps - 1, free + 1)
        start += max(1, shortest, stop - start - comb(free + sweeps, free))
        free -= 1
        if start < stop - 1:
            places[count] = start
            count += 1
    return places[:count].copy()
''',
    "is_among": '''def is_among(places, trip):
    """Is a trip one of these places?"""
    for i in range(places.size):
        if places[i] == trip:
            return True
    return False
''',
    "perm": '''def perm(n, k):
    """How many ways there are to choose k of n in order."""
    if n < 0 or k < 0:
        raise ValueError("perm() of a negative integer")
    if k > n:
        return 0
    result = 1
    for i in range(k):
        if result > 9223372036854775807 // (n - i):
            raise OverflowError("perm: a number beyond 64 bits")
        result *= n - i
    return result
''',
    "isqrt": '''def isqrt(n):
    """The root of an integer, rounded down."""
    if n < 0:
        raise ValueError("isqrt() argument must be nonnegative")
    root = int(math.sqrt(n))
    while root * root > n:
        root -= 1
    while (root + 1) * (root + 1) <= n:
        root += 1
    return root
''',
    "eigh_parts": '''def eigh_parts(a):
    """Eigenvalues, then the matrix of eigenvectors row by row."""
    w, v = np.linalg.eigh(a)
    return np.concatenate((w, np.ascontiguousarray(v).ravel()))
''',
    "svd_parts": '''def svd_parts(a, full):
    """Left singular vectors, values and right vectors, row by row."""
    u, s, vh = np.linalg.svd(a, full)
    left, right = np.ascontiguousarray(u), np.ascontiguousarray(vh)
    return np.concatenate((left.ravel(), s, right.ravel()))
''',
    "singular_values": '''def singular_values(a):
    """Singular values alone."""
    _, s, _ = np.linalg.svd(a, False)
    return s
''',
    "qr_parts": '''def qr_parts(a):
    """The orthogonal factor, then the triangular one, row by row."""
    q, r = np.linalg.qr(a)
    return np.concatenate((np.ascontiguousarray(q).ravel(), np.ascontiguousarray(r).ravel()))
''',
    "unwrapped": '''def unwrapped(p, discont, period):
    """Phases without jumps of more than half a period."""
    result = p.copy()
    half, shift = period / 2.0, 0.0
    for i in range(1, p.size):
        step = p[i] - p[i - 1]
        short = (step + half) % period - half
        if short == -half and step > 0.0:
            short = half
        if abs(step) >= discont:
            shift += short - step
        result[i] = p[i] + shift
    return result
''',
    "not_negative": '''def not_negative(x):
    """The same numbers, none of them below 0."""
    for i in range(x.size):
        if x[i] < 0:
            raise ValueError("'list' argument must have no negative elements")
    return x
''',
    **SPECIAL_HELPERS,
}
