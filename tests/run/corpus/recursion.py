"""Functions that call themselves, as deep as an argument or the data says."""

import math

import numpy as np

EXAMPLES = []
V = np.array([0.7, -1.3, 2.1, 0.4, 1.9])
M = np.array([[0.9, -0.4], [0.3, 1.2]])


def fibonacci(x, n):
    return x if n < 2 else fibonacci(x, n - 1) + fibonacci(x * 0.5, n - 2)


def power(x, n):
    if n == 0:
        return 1.0
    half = power(x, n // 2)
    return half * half if n % 2 == 0 else half * half * x


def matrix_power(A, n):
    """By squaring: the rank of the result is known from the path that does not recurse."""
    if n == 1:
        return A
    half = matrix_power(A, n // 2)
    full = half @ half
    if n % 2 == 1:
        full = full @ A
    return full


def trace_of_power(A, n):
    return np.trace(matrix_power(A, n))


def product_of_squares(a):
    """Halves of an array down to one element."""
    if len(a) == 1:
        return a[0] ** 2
    m = len(a) // 2
    return product_of_squares(a[:m]) * product_of_squares(a[m:])


def pairwise_sum(a):
    n = a.shape[0]
    if n <= 2:
        s = 0.0
        for i in range(n):
            s = s + np.sin(a[i])
        return s
    return pairwise_sum(a[: n // 2]) + pairwise_sum(a[n // 2 :])


def until_small(x, tolerance):
    """The depth depends on a float."""
    if abs(x) < tolerance:
        return np.sin(x) + x
    return 2.0 * until_small(x * 0.5, tolerance)


def double_angle(x):
    """The sine by the triple-angle formula."""
    if abs(x) < 1e-2:
        return x - x**3 / 6.0
    s = double_angle(x / 3.0)
    return 3.0 * s - 4.0 * s**3


def ackermann_like(x, m, n):
    if m == 0:
        return x + 0.1 * n
    if n == 0:
        return ackermann_like(x * 1.1, m - 1, 1)
    return np.tanh(ackermann_like(x, m, n - 1)) + ackermann_like(0.5 * x, m - 1, n)


def is_even(x, n):
    """Two functions that call each other."""
    return x * x if n == 0 else is_odd(1.1 * x, n - 1)


def is_odd(x, n):
    return math.exp(x) if n == 0 else is_even(0.9 * x, n - 1)


def integrand(t):
    return np.exp(-t * t) * np.cos(3.0 * t)


def simpson(f, a, fa, b, fb):
    m = 0.5 * (a + b)
    fm = f(m)
    return m, fm, abs(b - a) / 6.0 * (fa + 4.0 * fm + fb)


def refine(f, a, fa, b, fb, eps, whole, m, fm):
    lm, flm, left = simpson(f, a, fa, m, fm)
    rm, frm, right = simpson(f, m, fm, b, fb)
    delta = left + right - whole
    if abs(delta) <= 15.0 * eps:
        return left + right + delta / 15.0
    return refine(f, a, fa, m, fm, eps / 2.0, left, lm, flm) + refine(
        f, m, fm, b, fb, eps / 2.0, right, rm, frm
    )


def adaptive_simpson(a, b):
    fa, fb = integrand(a), integrand(b)
    m, fm, whole = simpson(integrand, a, fa, b, fb)
    return refine(integrand, a, fa, b, fb, 1e-6, whole, m, fm)


def extremes(a):
    """Divide and conquer that returns a pair."""
    if len(a) == 1:
        return a[0], a[0]
    m = len(a) // 2
    low, high = extremes(a[:m])
    low2, high2 = extremes(a[m:])
    return (low if low < low2 else low2), (high if high > high2 else high2)


def spread(a):
    low, high = extremes(a)
    return (high - low) ** 2


def merge_sort(a):
    """Returns arrays whose length differs from call to call."""
    n = len(a)
    if n <= 1:
        return a
    left = merge_sort(a[: n // 2])
    right = merge_sort(a[n // 2 :])
    out = np.zeros(n)
    i = 0
    j = 0
    for k in range(n):
        if j >= len(right) or (i < len(left) and left[i] <= right[j]):
            out[k] = left[i]
            i = i + 1
        else:
            out[k] = right[j]
            j = j + 1
    return out


def weighted_order(a):
    s = merge_sort(a)
    return np.sum(s * np.arange(1.0, len(s) + 1.0) ** 2)


def tree_fold(a, w):
    """A tree of layers: the same weights at each node."""
    if a.shape[0] == 1:
        return a[0]
    m = a.shape[0] // 2
    left, right = tree_fold(a[:m], w), tree_fold(a[m:], w)
    return np.tanh(w[0] * left + w[1] * right)


def polynomial(c, x):
    """Horner's rule: the last coefficient first."""
    if len(c) == 0:
        return 0.0
    return c[0] + x * polynomial(c[1:], x)


def branches_of_a_tree(x, depth):
    """A loop that calls the function."""
    if depth == 0:
        return x * x
    total = 0.0
    for k in range(depth):
        total = total + branches_of_a_tree(np.sin(x) + 0.1 * k, depth - 1) / (k + 1.0)
    return total


def determinant(A):
    """Along the first row; the minors are smaller."""
    n = A.shape[0]
    if n == 1:
        return A[0, 0]
    total = 0.0
    for k in range(n):
        minor = np.concatenate((A[1:, :k], A[1:, k + 1 :]), axis=1)
        total = total + (-1.0) ** k * A[0, k] * determinant(minor)
    return total


def bisect_inside(x, low, high, steps):
    """The argument that is differentiated becomes active in others too."""
    middle = 0.5 * (low + high)
    if steps == 0:
        return middle * x
    if middle * middle < x:
        return bisect_inside(x, middle, high, steps - 1)
    return bisect_inside(x, low, middle + 0.01 * x, steps - 1)


def from_a_loop(x):
    s = 0.0
    for n in range(6):
        s = s + power(x, n) / (n + 1.0)
    return s


def depth_of_data(x, n):
    """Stops at an exception that is not reached."""
    if n > 50:
        raise ValueError("too deep")
    if x > 3.0:
        return x * n
    return depth_of_data(x * 1.5, n + 1)


EXAMPLES += [
    (fibonacci, (1.3, 7)),
    (fibonacci, (1.3, 1)),
    (power, (1.3, 11)),
    (power, (1.3, 0)),
    (trace_of_power, (M, 6)),
    (trace_of_power, (M, 1)),
    (product_of_squares, (V,)),
    (product_of_squares, (V[:1],)),
    (pairwise_sum, (V,)),
    (until_small, (1.7, 0.1)),
    (double_angle, (0.8,)),
    (ackermann_like, (0.3, 2, 3)),
    (is_even, (0.7, 5)),
    (is_even, (0.7, 0)),
    (adaptive_simpson, (0.1, 1.4)),
    (spread, (V,)),
    (weighted_order, (V,)),
    (tree_fold, (V, np.array([0.8, -0.6]))),
    (polynomial, (V, 0.7)),
    (branches_of_a_tree, (0.4, 3)),
    (determinant, (np.array([[1.0, 2.0, 0.5], [0.3, 1.5, -1.0], [2.0, 0.1, 0.7]]),)),
    (bisect_inside, (2.0, 0.0, 2.0, 4)),
    (from_a_loop, (0.8,)),
    (depth_of_data, (0.9, 0)),
]


def strassen_blocks(A, B):
    """Matrices multiplied block by block."""
    n = A.shape[0]
    if n == 1:
        return A * B
    m = n // 2
    C = np.zeros((n, n))
    C[:m, :m] = strassen_blocks(A[:m, :m], B[:m, :m]) + strassen_blocks(A[:m, m:], B[m:, :m])
    C[:m, m:] = strassen_blocks(A[:m, :m], B[:m, m:]) + strassen_blocks(A[:m, m:], B[m:, m:])
    C[m:, :m] = strassen_blocks(A[m:, :m], B[:m, :m]) + strassen_blocks(A[m:, m:], B[m:, :m])
    C[m:, m:] = strassen_blocks(A[m:, :m], B[:m, m:]) + strassen_blocks(A[m:, m:], B[m:, m:])
    return C


def product_norm(A, B):
    return np.sum(strassen_blocks(A, B) ** 2)


def fourier(re, im):
    """Cooley and Tukey: real and imaginary part."""
    n = len(re)
    if n == 1:
        return re, im
    even_re, even_im = fourier(re[::2], im[::2])
    odd_re, odd_im = fourier(re[1::2], im[1::2])
    k = np.arange(n // 2)
    c, s = np.cos(2.0 * np.pi * k / n), -np.sin(2.0 * np.pi * k / n)
    t_re = c * odd_re - s * odd_im
    t_im = c * odd_im + s * odd_re
    return (
        np.concatenate([even_re + t_re, even_re - t_re]),
        np.concatenate([even_im + t_im, even_im - t_im]),
    )


def spectral_centre(x):
    re, im = fourier(x, np.zeros(len(x)))
    power = re**2 + im**2
    return np.sum(power * np.arange(len(x))) / np.sum(power)


def taylor(x, term, n):
    return term if abs(term) < 1e-8 else term + taylor(x, term * x / n, n + 1)


def exponential(x):
    """Starts with an int where later calls pass a float."""
    return taylor(x, 1, 1)


def no_test_at_all(x, d):
    """The loop ends the recursion."""
    s = np.sin(x)
    for k in range(d):
        s = s * no_test_at_all(x + k, d - 1)
    return s


def returns_from_the_loop(x, n):
    for _ in range(n):
        y = returns_from_the_loop(x * 0.5, n - 1)
        if y > 0.3:
            return y * x
    return x * x


def turns(x, n, mode="up"):
    """Text that alternates: two programs that call each other."""
    if n == 0:
        return x * x if mode == "up" else x
    return turns(x * 1.1, n - 1, "down" if mode == "up" else "up")


def newton_root(x, y):
    return y if abs(y * y - x) < 1e-12 else newton_root(x, 0.5 * (y + x / y))


def called_twice(x):
    """Two calls of one program, with numbers that are known."""
    return fibonacci(x, 5) + fibonacci(x * x, 7) * newton_root(x, 1.0)


def known_options(A, k, axis):
    """What is the same at every depth may be needed as a known number."""
    return np.sum(np.sum(A, axis=axis) ** 2) if k == 0 else known_options(A * 1.1, k - 1, axis)


def best_half(xs):
    """A name that is None until the first call."""
    if len(xs) == 1:
        return xs[0]
    best = None
    m = len(xs) // 2
    for part in range(2):
        v = best_half(xs[:m]) if part == 0 else best_half(xs[m:])
        if best is None or v > best:
            best = v
    assert best is not None
    return best * 1.1


def list_argument(x, n, terms):
    """A list of known length."""
    if n == 0:
        return sum(terms)
    return list_argument(x, n - 1, [t * x for t in terms])


def with_a_list(x, n):
    return list_argument(x, n, [x, 2.0 * x])


B = np.arange(16.0).reshape(4, 4) / 7.0
EXAMPLES += [
    (product_norm, (B, B.T.copy())),
    (spectral_centre, (np.array([1.0, 0.5, -2.0, 0.3, 0.7, 1.1, -0.4, 0.9]),)),
    (exponential, (1.1,)),
    (no_test_at_all, (0.3, 3)),
    (returns_from_the_loop, (1.3, 2)),
    (turns, (1.2, 3)),
    (newton_root, (2.3, 1.0)),
    (called_twice, (1.4,)),
    (known_options, (M, 3, 0)),
    (best_half, (V,)),
    (with_a_list, (0.9, 3)),
]
