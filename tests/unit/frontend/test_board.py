"""Expression mode: what is let through, how stages are named, and what is refused."""

import ast
import math

import numpy as np
import pytest

import chainrule as cr
from chainrule.errors import UnsupportedError
from chainrule.frontend.board import FUNCTIONS, expression_function, staged_text

SEED = "(x + sigmoid(y)) / (sigmoid(x) + (x + y)**2)"


def names(expression: str, *arrays: str) -> list[str]:
    """The names of the stages, in order."""
    (function,) = ast.parse(staged_text(expression, arrays)[0]).body
    return [n.targets[0].id for n in function.body if isinstance(n, ast.Assign)]


def test_the_seed_has_the_names_of_the_board() -> None:
    assert names(SEED) == ["sigy", "num", "sigx", "xpy", "xpysqr", "den", "invden", "f"]
    text, name = staged_text(SEED)
    assert name == "f"
    assert "    sigy = 1.0 / (1 + math.exp(-y))  # sigmoid in the numerator\n" in text
    assert "    sigx = 1.0 / (1 + math.exp(-x))  # sigmoid in the denominator\n" in text


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("x", "f"),
        ("x * y", "f"),
        ("2*x + 1", "twox f"),
        ("(x + y) * (x - y)", "xpy xmy f"),
        ("exp(-x) * log(y)", "negx expnegx logy f"),
        ("x**2 + sqrt(y)", "xsqr sqrty f"),
        ("x**3 + x**-1", "xcubed invx f"),
        ("(x + y) / z", "num f"),
        ("x / (y + 1)", "den invden f"),
        ("1 / (y + 1)", "den f"),
        ("x / exp(y)", "expy f"),
        ("(x + y)**2 + (x + y)", "xpy xpysqr f"),  # equal parts share a stage
        ("(x + y) / (x + y)", "num invnum f"),
        ("(x + y) * z + x", "xpy a f"),  # xpyz could be x + y*z
        ("x**2 + y**2 + z**2", "xsqr ysqr a zsqr f"),
        ("exp(x*y*z*u*v*w*p*q*r)", "xy xyz xyzu xyzuv xyzuvw xyzuvwp xyzuvwpq a f"),
        ("max(x, y) * relu(x)", "maxxy relux f"),
        ("f * x", "g"),  # f is an argument
        ("df + x", "g"),  # and df would be the gradient of f
        ("d * x + x", "a f"),  # dx is the gradient of x
        ("i * f + x", "a g"),  # if is a keyword
        ("num / (x + y) + num", "den invden a f"),
        ("2 * pi * x", "f"),
        ("exp(1) * x", "exp1 f"),
    ],
)
def test_names(expression: str, expected: str) -> None:
    assert names(expression) == expected.split()


def test_no_name_is_a_number_of_a_temporary() -> None:
    letters = "abcdfghijklmnopqrsuvwxyz"
    wide = " + ".join(f"{a}*{b}" for a in letters for b in letters[:6])
    assert not any(name.startswith("t") and name[1:].isdigit() for name in names(wide))
    assert len(set(names(wide))) == len(names(wide))


def test_arrays_use_numpy_and_numbers_math() -> None:
    text, _ = staged_text("sum(exp(W @ x) * y) / exp(k)", ["W", "x", "y"])
    assert "np.exp(Wx)" in text
    assert "math.exp(k)" in text
    assert "np.sum(" in text


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_runs_and_is_differentiated(name: str) -> None:
    known = FUNCTIONS[name]
    for array in (False, True):
        x = np.array([1.5, 2.5]) if array else 1.5 if name.endswith("cosh") else 0.5
        if array and name in ("arcsin", "asin", "arccos", "acos", "arctanh", "atanh"):
            x = np.array([0.25, 0.5])
        if not (known.array if array else known.number) and name not in ("dot",):
            continue
        call = f"{name}({', '.join(['x', '2 * x'][: known.arity])})"
        reduced = array and name not in ("sum", "mean", "prod", "max", "min", "var", "std")
        if name == "dot" and not array:
            continue
        reduced = reduced and name not in ("dot", "norm")
        fun = expression_function(f"sum({call})" if reduced else call, ["x"] if array else [])
        cr.check_grads(fun, (x,))


def test_the_function_computes_the_expression() -> None:
    fun = expression_function(SEED)
    x, y = 3.0, -4.0

    def s(z: float) -> float:
        return 1 / (1 + math.exp(-z))

    assert fun(x, y) == pytest.approx((x + s(y)) / (s(x) + (x + y) ** 2), rel=1e-15)
    assert fun(x=x, y=y) == fun(x, y)


@pytest.mark.parametrize(
    "expression",
    ["-2**x", "(-2)**2 * x", "x - (y - 1)", "x / (y / 2)", "x**y**0.5", "-(x + y)", "x - -y",
     "(x*y)**-1", "x/y/2", "sigmoid(1 + 2) * x", "exp(-(1 + 2)) * x", "(1 - 3)**2 * x", "x * -2"],
)  # fmt: skip
def test_the_meaning_stays_python_s(expression: str) -> None:
    def sigmoid(z: float) -> float:
        return 1 / (1 + math.exp(-z))

    scope = {"x": 1.75, "y": 3.5, "exp": math.exp, "sigmoid": sigmoid}
    fun = expression_function(expression)
    given = {n: scope[n] for n in fun.__code__.co_varnames[: fun.__code__.co_argcount]}
    assert fun(**given) == pytest.approx(eval(expression, {}, scope), rel=1e-15)


@pytest.mark.parametrize(
    ("expression", "code", "said", "at"),
    [
        ("", "CR070", "empty", ""),
        ("x +", "CR070", "not an expression", ""),
        ("(x", "CR070", "never closed", "("),
        ("x; y", "CR070", "not an expression", ";"),
        ("x = 3", "CR070", "not an expression", "="),
        ("x^2", "CR071", "^ is not a power", "x^2"),
        ("x < y", "CR071", "a comparison", "x < y"),
        ("x if y else z", "CR071", "a conditional expression", "x if y else z"),
        ("x and y", "CR071", "a boolean operator", "x and y"),
        ("lambda: x", "CR071", "a lambda", "lambda: x"),
        ("(y := x)", "CR071", "an assignment", "y := x"),
        ("x[0]", "CR071", "an index", "x[0]"),
        ("x.T", "CR071", "an attribute", "x.T"),
        ("x.__class__", "CR071", "an attribute", "x.__class__"),
        ("np.exp(x)", "CR071", "by name", "np.exp"),
        ("'a' * x", "CR071", "no number", "'a'"),
        ("True * x", "CR071", "no number", "True"),
        ("1j * x", "CR071", "no number", "1j"),
        ("f'{x}'", "CR071", "not allowed", "f'{x}'"),
        ("[x, y]", "CR071", "a list", "[x, y]"),
        ("~x", "CR071", "not allowed", "~x"),
        ("x // y", "CR071", "not allowed", "x // y"),
        ("__import__('os').system('true')", "CR071", "an attribute", "__import__('os').system"),
        ("open(x)", "CR072", "open is not a known function", "open"),
        ("exp", "CR072", "exp is a function", "exp"),
        ("exp(x, y)", "CR072", "exp takes 1 argument", "exp(x, y)"),
        ("hypot(x)", "CR072", "hypot takes 2 arguments", "hypot(x)"),
        ("exp(*x)", "CR072", "plain arguments", "exp(*x)"),
        ("exp(x=y)", "CR072", "plain arguments", "exp(x=y)"),
        ("sum(x)", "CR072", "sum needs an array", "sum(x)"),
        ("2 + 3", "CR073", "no variable", "2 + 3"),
        ("9**9**9 * x", "CR074", "not finite", "9**9**9"),
        ("x * 1e999", "CR074", "not finite", "1e999"),
        ("x / 0 + 1 / 0", "CR074", "not finite", "1 / 0"),
        ("(-8)**0.5 * x", "CR074", "not finite", "(-8)**0.5"),
        ("x" + " + x" * 5000, "CR074", "too deep", ""),
    ],
)  # fmt: skip
def test_refusals(expression: str, code: str, said: str, at: str) -> None:
    with pytest.raises(UnsupportedError) as caught:
        expression_function(expression)
    error = caught.value
    assert error.code == code
    assert said in error.message
    if at:
        assert error.text is not None
        assert error.offset is not None
        assert error.end_offset is not None
        assert error.text[error.offset - 1 : error.end_offset - 1] == at


def test_nothing_outside_can_be_reached() -> None:
    fun = expression_function("x * open")
    assert set(fun.__globals__["__builtins__"]) == {"abs", "max", "min"}
    assert fun(2.0, 3.0) == 6.0  # a name is an argument, whatever else is called so


def test_the_same_expression_gives_the_same_text_and_place() -> None:
    assert staged_text(SEED) == staged_text(SEED)
    places = {expression_function(SEED).__code__.co_filename for _ in range(2)}
    assert len(places) == 1
