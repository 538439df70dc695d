"""Standalone files: they run without us, check their arguments, and always have the same bytes."""

import ast
import math
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import UnsupportedError
from chainrule.pipeline import Options
from chainrule.staging import primal_for, standalone_module
from chainrule.testing.numeric import numeric_gradient, numeric_vjp

RATE = 0.5
TABLE = np.array([[1.0, 2.0], [0.5, -1.0]])
LARGE = np.zeros((40, 40))
check = 3.0  # the helper of the file has to be called something else


def staged(x, y):
    """Return (x + s(y)) / (s(x) + (x + y)^2)."""
    sigy = 1.0 / (1 + math.exp(-y))  # sigmoid in the numerator
    num = x + sigy
    sigx = 1.0 / (1 + math.exp(-x))
    xpy = x + y
    return num / (sigx + xpy**2)


def product(W, X):
    return W @ X


def network(params, X, Y):
    H = np.tanh(X @ params["W"] + params["b"])
    return np.mean((H - Y) ** 2)


def helper(a, b):
    return np.exp(a) * b


def nested(x, y):
    return helper(x, y) * RATE + helper(y, x) * np.sum(TABLE)


def two_results(x, w):
    h = w * x
    return {"h": h, "total": np.sum(h**2), "count": 3}


def powers(x, mode="cube"):
    return x**3 if mode == "cube" else x**2


def shadowed(check, saved):
    return check * saved**2


def from_outside(x):
    return x * check


def large(x):
    return np.sum(LARGE * x)


def mixed(x, y):
    return np.sum(x * y)


def many(first_of_many_arguments, second_of_many_arguments, third_of_many_arguments, fourth):
    return first_of_many_arguments * second_of_many_arguments * third_of_many_arguments * fourth


class Pair(NamedTuple):
    a: float
    b: float


def pair(x):
    return Pair(x, x**2)


def of_pair(p):
    return p.a * p.b**2


def reads_by_path(p):
    W, b = p["W"], p["b"]
    p = W * b
    return np.sum(p**2 + b)


def text_of(
    fun: Any, *args: Any, wrt: Any = None, style: Any = "lean", signature: Any = None
) -> str:
    primal, names = primal_for(fun, args, {}, signature, wrt)
    return standalone_module(primal, names, Options(style=style)).text


def load(text: str) -> dict[str, Any]:
    namespace: dict[str, Any] = {"__name__": "built"}
    exec(compile(text, "<built>", "exec"), namespace)
    return namespace


W, X = np.array([[0.5, -1.0], [2.0, 0.25]]), np.array([[0.1, 0.2], [0.3, -0.4]])
SCALAR_CASES = [
    (staged, (3.0, -4.0)),
    (network, ({"W": W, "b": np.array([0.1, 0.2])}, X, np.ones((2, 2)))),
    (nested, (0.3, 0.7)),
    (powers, (2.0, "cube")),
    (shadowed, (2.0, 3.0)),
    (from_outside, (2.0,)),
    (of_pair, (Pair(2.0, 3.0),)),
    (many, (1.0, 2.0, 3.0, 4.0)),
    (reads_by_path, ({"W": np.array([1.0, 2.0]), "b": np.array([3.0, 4.0])},)),
]


@pytest.mark.parametrize("style", ["lean", "teach"])
@pytest.mark.parametrize(("fun", "args"), SCALAR_CASES, ids=lambda v: getattr(v, "__name__", ""))
def test_value_and_gradients(fun: Any, args: tuple[Any, ...], style: str) -> None:
    built = load(text_of(fun, *args, style=style))
    value, gradients = built[f"{fun.__name__}_value_and_grad"](*args)
    assert value == fun(*args)
    forward, saved = built[f"{fun.__name__}_forward"](*args)
    assert forward == fun(*args)
    apart = built[f"{fun.__name__}_backward"](1.0, saved)
    gradients = gradients if len(apart) > 1 else (gradients,)
    for one, other in zip(leaves(gradients), leaves(apart), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-14)
    for ours, numeric in zip(leaves(gradients), numeric_leaves(fun, args), strict=True):
        np.testing.assert_allclose(ours, numeric, rtol=1e-6, atol=1e-9)


def leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [x for v in value.values() for x in leaves(v)]
    if isinstance(value, tuple):
        return [x for v in value for x in leaves(v)]
    return [value]


def numeric_leaves(fun: Any, args: tuple[Any, ...]) -> list[Any]:
    flat = [a for a in leaves(args) if not isinstance(a, str)]

    def rebuilt(value: Any, feed: Any) -> Any:
        if isinstance(value, dict):
            return {k: rebuilt(v, feed) for k, v in value.items()}
        if isinstance(value, tuple):
            made = [rebuilt(v, feed) for v in value]
            return type(value)(*made) if hasattr(value, "_fields") else tuple(made)
        return value if isinstance(value, str) else next(feed)

    def called(*new: Any) -> Any:
        return fun(*rebuilt(args, iter(new)))

    return [numeric_gradient(called, flat, i) for i in range(len(flat))]


def test_a_product_of_matrices_has_a_forward_and_a_backward_function() -> None:
    text = text_of(product, signature="W: f64[h,d], X: f64[d,n]")
    assert "dW = dvalue @ X.T" in text or "dW = dD @ X.T" in text
    assert "W: f64[h,d]\n    X: f64[d,n]\n    value: f64[h,n]\n" in text
    assert "value_and_grad" not in text
    built = load(text)
    value, saved = built["product_forward"](W, X)
    cotangent = np.array([[1.0, 2.0], [3.0, 4.0]])
    for i, gradient in enumerate(built["product_backward"](cotangent, saved)):
        np.testing.assert_allclose(gradient, numeric_vjp(product, (W, X), i, cotangent), rtol=1e-9)
    np.testing.assert_array_equal(value, W @ X)


def test_the_cotangent_of_several_results_has_their_container() -> None:
    built = load(text_of(two_results, 2.0, np.array([1.0, 3.0])))
    value, saved = built["two_results_forward"](2.0, np.array([1.0, 3.0]))
    assert value["count"] == 3
    dx, dw = built["two_results_backward"]({"h": np.array([1.0, 0.0]), "total": 0.5}, saved)
    np.testing.assert_allclose(dx, 1.0 + 0.5 * 2 * (2.0 * 1 + 6.0 * 3))
    np.testing.assert_allclose(dw, [2.0 + 0.5 * 2 * 2.0 * 2, 0.5 * 2 * 6.0 * 2])


@pytest.mark.parametrize(("fun", "args"), SCALAR_CASES, ids=lambda v: getattr(v, "__name__", ""))
def test_the_same_bytes_twice(fun: Any, args: tuple[Any, ...]) -> None:
    assert text_of(fun, *args) == text_of(fun, *args)


def test_the_file_says_where_it_comes_from_and_does_not_mention_us_again() -> None:
    text = text_of(staged, 3.0, -4.0, wrt="x")
    head, rest = text.split("\n\n", 1)
    assert head.startswith("# Generated by chainrule ")
    assert "from test_standalone.py:staged" in head
    assert "# options: wrt=x style=lean\n# signature: x: float, y: float" in head
    assert "/" not in head
    assert "chainrule" not in rest
    assert "staged: Return (x + s(y)) / (s(x) + (x + y)^2)." in rest
    assert "# (1) sigmoid in the numerator" in rest


@pytest.mark.parametrize(("fun", "args"), SCALAR_CASES, ids=lambda v: getattr(v, "__name__", ""))
def test_the_text_is_tidy(fun: Any, args: tuple[Any, ...]) -> None:
    text = text_of(fun, *args)
    assert text.endswith("\n")
    assert "\n\n\n\n" not in text
    lines = [line for line in text.splitlines() if not line.startswith("# ")]
    assert all(len(line) <= 100 and line == line.rstrip() for line in lines)
    functions = [n for n in ast.parse(text).body if isinstance(n, ast.FunctionDef)]
    public = [n for n in functions if n.name.startswith(fun.__name__)]
    assert all(ast.get_docstring(n) for n in public)
    imported = [n for n in ast.parse(text).body if isinstance(n, ast.Import)]
    assert {a.name for n in imported for a in n.names} <= {"math", "numpy"}


@pytest.mark.parametrize(
    ("fun", "args", "wrong", "said"),
    [
        (staged, (3.0, -4.0), ([3.0], -4.0), "x: this was written for float, not for list"),
        (network, SCALAR_CASES[1][1], ({"W": W[0], "b": X[0]}, X, X), r'params\["W"\]: .*f64'),
        (network, SCALAR_CASES[1][1], ({"W": W, "b": X[0]}, X[:1], X[:1]), "X: .*f64"),
        (powers, (2.0, "cube"), (2.0, "square"), "mode: this was written for 'cube', not for 'sq"),
    ],
)
def test_other_arguments_are_refused(fun: Any, args: Any, wrong: Any, said: str) -> None:
    built = load(text_of(fun, *args))
    for suffix in ("forward", "value_and_grad"):
        with pytest.raises(TypeError, match=said):
            built[f"{fun.__name__}_{suffix}"](*wrong)


def test_a_gradient_of_the_value_is_checked_too() -> None:
    built = load(text_of(product, W, X))
    _, saved = built["product_forward"](W, X)
    with pytest.raises(TypeError, match=r"d\w+: this was written for f64\[n,k\]"):
        built["product_backward"](np.ones(2), saved)


def test_a_python_float_does_not_narrow_a_gradient() -> None:
    built = load(text_of(mixed, np.ones(3, np.float32), np.ones(3)))
    _, saved = built["mixed_forward"](np.ones(3, np.float32), np.ones(3))
    dx, dy = built["mixed_backward"](1.0, saved)
    assert (dx.dtype, dy.dtype) == (np.float32, np.float64)


def test_a_fixed_argument_is_the_default() -> None:
    built = load(text_of(powers, 2.0, "cube"))
    assert built["powers_value_and_grad"](2.0) == (8.0, 12.0)


def test_numbers_from_outside_are_constants_of_the_module() -> None:
    text = text_of(nested, 0.3, 0.7)
    assert "\nRATE = 0.5\nTABLE = np.array([[1.0, 2.0], [0.5, -1.0]])\n" in text
    built = load(text_of(from_outside, 2.0))
    assert built["check"] == 3.0


def test_a_large_array_from_outside_is_refused() -> None:
    with pytest.raises(UnsupportedError, match=r"LARGE is an array of 1600 numbers") as caught:
        text_of(large, 2.0)
    assert caught.value.code == "CR061"
    assert caught.value.help == "make LARGE an argument"


def test_a_class_of_the_user_s_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="returns a Pair") as caught:
        text_of(pair, 2.0)
    assert caught.value.code == "CR060"


def test_vjp_takes_the_cotangent_in_the_container_of_the_value() -> None:
    value, pullback = cr.vjp(pair, 2.0)
    assert value == Pair(2.0, 4.0)
    assert pullback(Pair(1.0, 1.0)) == pullback((1.0, 1.0)) == (5.0,)
    _, pullback = cr.vjp(two_results, 2.0, np.array([1.0, 3.0]))
    given = {"total": 0.5, "count": None, "h": np.array([1.0, 0.0])}  # by key, in any order
    np.testing.assert_allclose(pullback(given)[0], 21.0)
    with pytest.raises(TypeError, match="has to be a dict"):
        pullback((np.zeros(2), 0.5, None))


def test_it_runs_where_only_numpy_is(tmp_path: Path) -> None:
    args = SCALAR_CASES[1][1]
    (tmp_path / "built.py").write_text(text_of(network, *args))
    script = """
import sys
for name in ("chainrule", "scipy", "numba", "typer"):
    sys.modules[name] = None
sys.path.insert(0, sys.argv[1])
import numpy as np
import built
params = {"W": np.array([[0.5, -1.0], [2.0, 0.25]]), "b": np.array([0.1, 0.2])}
value, grads = built.network_value_and_grad(
    params, np.array([[0.1, 0.2], [0.3, -0.4]]), np.ones((2, 2))
)
print(repr(float(value)), [g.shape for g in (*grads[0].values(), *grads[1:])])
"""
    command = [sys.executable, "-I", "-c", script, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    value, shapes = done.stdout.split(" ", 1)
    assert float(value) == network(*args)
    assert shapes.strip() == "[(2, 2), (2,), (2, 2), (2, 2)]"
