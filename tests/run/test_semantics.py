"""What a source transformer gets wrong silently: names, closures, aliases, caches, order, exceptions."""

import functools
import importlib.util
import math
import sys
import types
from collections import OrderedDict, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy
import numpy as np
import pytest

import chainrule as cr

_spec = importlib.util.spec_from_file_location("support", Path(__file__).parent / "support.py")
support = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(support)

RATE = 2.0
WEIGHTS = np.array([1.0, 2.0])
COUNT = 2
MODE = "double"
PAIR = (2.0, 3.0)


def gradient(fun, *args, argnums=0, **kwargs):
    return cr.grad(fun, argnums)(*args, **kwargs)


# -- closures, globals, helpers: what is read when --------------------------------------------------


def make(scale):
    def inner(x):
        return scale * x

    return inner


def test_two_closures_of_one_code_object():
    one, two = make(2.0), make(3.0)
    assert gradient(one, 1.0) == 2.0
    assert gradient(two, 1.0) == 3.0
    assert gradient(one, 1.0) == 2.0


def test_a_closure_cell_that_changes_between_calls():
    scale = 2.0

    def f(x):
        return scale * x

    derived = cr.grad(f)
    assert derived(1.0) == 2.0
    scale = 3.0
    assert derived(1.0) == 3.0
    scale = np.array([1.0, 2.0])
    with pytest.raises(TypeError, match="shape"):
        derived(1.0)
    scale = 4
    assert derived(1.0) == 4.0


def test_a_global_that_changes_between_calls(monkeypatch):
    def f(x):
        return RATE * x

    derived = cr.grad(f)
    assert derived(1.0) == 2.0
    monkeypatch.setitem(globals(), "RATE", 5.0)
    assert derived(1.0) == 5.0
    monkeypatch.setitem(globals(), "RATE", np.float32(1.5))
    assert derived(1.0) == 1.5


def test_a_global_array_that_changes_in_place_or_in_rank(monkeypatch):
    def f(x):
        return np.sum(WEIGHTS * x)

    derived = cr.grad(f)
    assert derived(1.0) == 3.0
    weights = np.array([5.0, 6.0])
    monkeypatch.setitem(globals(), "WEIGHTS", weights)
    assert derived(1.0) == 11.0
    weights[0] = 0.0
    assert derived(1.0) == 6.0
    monkeypatch.setitem(globals(), "WEIGHTS", np.ones((3, 2)))
    assert derived(1.0) == 6.0
    monkeypatch.setitem(globals(), "WEIGHTS", 7.0)
    assert derived(1.0) == 7.0


def test_a_global_int_that_is_used_as_a_number_of_steps(monkeypatch):
    def f(x):
        return sum(x**k for k in range(COUNT)) + x[:COUNT].sum() if x.ndim else x

    def g(x):
        return sum(x**k for k in range(COUNT + 1)) * COUNT

    derived = cr.grad(g)
    assert derived(1.0) == 2 * (1 + 2)
    monkeypatch.setitem(globals(), "COUNT", 3)
    assert derived(1.0) == 3 * (1 + 2 + 3)


def test_a_flag_and_a_text_that_change(monkeypatch):
    def f(x):
        return x * 2 if MODE == "double" else x * 3

    derived = cr.grad(f)
    assert derived(1.0) == 2.0
    monkeypatch.setitem(globals(), "MODE", "triple")
    assert derived(1.0) == 3.0


def test_a_global_tuple_that_is_replaced(monkeypatch):
    def f(x):
        return x * PAIR[0] + PAIR[1]

    derived = cr.grad(f)
    assert derived(1.0) == 2.0
    monkeypatch.setitem(globals(), "PAIR", (7.0, 1.0))
    assert derived(1.0) == 7.0


def helper(x):
    return 2.0 * x


def test_a_helper_that_is_replaced_between_calls(monkeypatch):
    def f(x):
        return helper(x) * x

    derived = cr.grad(f)
    assert derived(3.0) == 12.0
    monkeypatch.setitem(globals(), "helper", lambda x: 5.0 * x)
    assert derived(3.0) == 30.0
    monkeypatch.setitem(globals(), "helper", np.sin)
    assert derived(3.0) == math.sin(3.0) + 3.0 * math.cos(3.0)


def test_a_module_attribute_and_a_function_of_a_module_that_change():
    module = types.ModuleType("settings")
    namespace = support.functions(
        "def gain(x):\n    return 2.0 * x\n\n\ndef loss(x):\n    return -x\n"
    )
    module.rate, module.gain = 2.0, namespace["gain"]

    def f(x):
        return module.gain(x) * module.rate

    derived = cr.grad(f)
    assert derived(1.0) == 4.0
    module.rate = 3.0
    assert derived(1.0) == 6.0
    module.gain = namespace["loss"]
    assert derived(1.0) == -3.0


class Settings:
    rate = 2.0
    mode = "double"


class Special(Settings):
    pass


def test_a_class_attribute_that_changes(monkeypatch):
    def f(x):
        return x * Settings.rate + (x if Special.mode == "double" else 0.0) * Special.rate

    derived = cr.grad(f)
    assert derived(1.0) == 4.0
    monkeypatch.setattr(Settings, "rate", 3.0)
    assert derived(1.0) == 6.0
    monkeypatch.setattr(Special, "rate", 1.0, raising=False)
    assert derived(1.0) == 4.0
    monkeypatch.setattr(Special, "mode", "single", raising=False)
    assert derived(1.0) == 3.0


def test_a_builtin_that_gets_shadowed(monkeypatch):
    def f(x):
        return abs(x) + x

    derived = cr.grad(f)
    assert derived(-1.0) == 0.0
    monkeypatch.setitem(globals(), "abs", lambda x: 3.0 * x)
    assert derived(-1.0) == 4.0


def test_numbers_of_an_import_inside_the_function(monkeypatch):
    module = types.ModuleType("constants_of_a_test")
    module.number = 2.0
    monkeypatch.setitem(sys.modules, "constants_of_a_test", module)

    def f(x):
        from constants_of_a_test import number

        return number * x

    derived = cr.grad(f)
    assert derived(1.0) == 2.0
    module.number = 3.0
    assert derived(1.0) == 3.0


# fmt: off
two, three = (lambda x: 2.0 * x), (lambda x: 3.0 * x)
same_one, same_two = (lambda x: x * x), (lambda x: x * x)
# fmt: on


def test_lambdas_on_one_line_are_told_apart_or_refused():
    assert gradient(two, 1.0) == 2.0
    assert gradient(three, 1.0) == 3.0
    for one in (same_one, same_two):
        assert gradient(one, 3.0) == 6.0


def doubled(fun):
    @functools.wraps(fun)
    def wrapper(*args, **kwargs):
        return 2.0 * fun(*args, **kwargs)

    return wrapper


@doubled
def product(x, y=3.0, *, z=1.0):
    return x * y * z


def test_a_decorated_function_is_what_runs_not_what_it_wraps():
    assert cr.value_and_grad(product, ("x", "y", "z"))(5.0) == (30.0, (6.0, 10.0, 30.0))
    assert cr.value_and_grad(product, 1)(5.0, y=2.0, z=2.0) == (40.0, 20.0)

    def f(x):
        return product(x, z=x) + product.__wrapped__(x)

    with pytest.raises(cr.UnsupportedError, match="__wrapped__"):
        gradient(f, 1.0)

    def g(x):
        return product(x, z=x)

    assert gradient(g, 5.0) == 2 * 3 * 2 * 5


def test_late_binding_and_captured_defaults():
    def late(x):
        a = 2.0
        times = lambda t: a * t  # noqa: E731
        a = 5.0
        return times(x)

    def captured(x):
        a = 2.0
        times = lambda t, a=a: a * t  # noqa: E731
        a = 5.0
        return times(x)

    def in_a_comprehension(x):
        functions = [lambda t: i * t for i in range(4)]  # noqa: B023
        return sum(f(x) for f in functions)

    def in_a_comprehension_captured(x):
        functions = [lambda t, i=i: i * t for i in range(4)]
        return sum(f(x) for f in functions)

    for fun, wanted in (
        (late, 5.0), (captured, 2.0), (in_a_comprehension, 12.0), (in_a_comprehension_captured, 6.0),
    ):  # fmt: skip
        assert fun(1.0) == wanted
        assert gradient(fun, 1.0) == wanted


def test_functions_that_return_functions():
    def scaled_by(a):
        return lambda t: a * t * t

    def f(x):
        return scaled_by(x)(3.0) + scaled_by(2.0)(x)

    assert gradient(f, 5.0) == 9.0 + 20.0


def test_functions_that_call_themselves():
    def power(x, n):
        def times(k):
            return 1.0 if k == 0 else x * times(k - 1)

        return times(n)

    assert gradient(power, 2.0, 3) == 12.0

    def endless(x):
        def again(t):
            return again(2 * t)

        return again(x)

    with pytest.raises(cr.UnsupportedError, match="calls itself"):
        gradient(endless, 1.0)


def test_a_comprehension_has_its_own_names_and_a_walrus_has_not():
    def f(x):
        i = 10.0
        squares = [(last := x * i) for i in (1.0, 2.0)]
        return last * i + sum(squares)

    assert f(1.0) == 23.0
    assert gradient(f, 1.0) == 23.0


def test_iterators_are_used_up():
    def f(x):
        pairs = zip((1.0, 2.0), (3.0, 4.0))
        once = sum(a * b * x for a, b in pairs)
        return once + sum(a * x for a, b in pairs) + len(list(pairs))

    assert f(1.0) == 11.0
    assert gradient(f, 1.0) == 11.0

    def late(x):
        a = 1.0
        parts = (a * x for _ in range(2))
        a = 5.0
        return sum(parts)

    assert late(1.0) == 10.0
    with pytest.raises(cr.UnsupportedError, match="generator"):
        gradient(late, 1.0)


def test_keywords_of_builtins_count():
    def f(x):
        ranked = sorted((1, 3, 2), reverse=True)
        total = sum(i * v for i, v in enumerate((x, x * x), start=2))
        return total + sum((x, x), 1.0) + sum([x], start=x) + ranked[0] * x

    assert f(1.0) == 13.0
    assert gradient(f, 1.0) == 2 + 6 + 2 + 2 + 3

    def strict(x):
        return sum(a * b for a, b in zip((x, x), (1.0,), strict=True))

    with pytest.raises(ValueError, match="zip"):
        gradient(strict, 1.0)


def test_a_name_that_is_local_has_no_value_before_its_assignment():
    def f(x):
        y = x * RATE  # noqa: F823
        RATE = 3.0  # noqa: F841
        return y

    with pytest.raises(UnboundLocalError):
        f(1.0)
    with pytest.raises(UnboundLocalError):
        gradient(f, 1.0)


# -- names that collide with emitted ones -----------------------------------------------------------


def both(x):
    return 2.0 * x, 3.0 * x


def apply(fn, x):
    return fn(x) * RATE


def test_names_of_gradients_and_of_helpers_of_the_emitted_code():
    def f(x, dx, grad_x, f, value, check, dvalue, saved, sum_to_shape):
        df = x * dx + grad_x
        helper = df * f + value
        f_value_and_grad = helper * check
        return f_value_and_grad + dvalue * saved - sum_to_shape

    args = [float(i) for i in range(2, 11)]
    _, gradients = cr.value_and_grad(f, tuple(range(9)))(*args)
    x, dx, grad_x, inner, value, check, dvalue, saved, _ = args
    outer = check * inner
    wanted = (
        dx * outer, x * outer, outer, (x * dx + grad_x) * check, check,
        (x * dx + grad_x) * inner + value, saved, dvalue, -1.0,
    )  # fmt: skip
    assert gradients == wanted


def test_an_underscore_is_a_name():
    def f(x):
        _ = x * 5.0
        y, unused = both(x)
        return _ * y

    assert f(2.0) == 40.0
    assert cr.value_and_grad(f)(2.0) == (40.0, 40.0)

    def g(_):
        y, unused = both(_)
        both(y)
        return _ * y

    assert cr.value_and_grad(g)(2.0) == (8.0, 8.0)


def test_a_number_from_outside_with_the_name_of_an_argument_or_a_local():
    def argument(x, RATE):
        return apply(lambda t: t * RATE, x)

    assert cr.value_and_grad(argument, (0, 1))(2.0, 5.0) == (20.0, (10.0, 4.0))

    def local(x):
        y = apply(lambda t: t * t, x)
        RATE = 7.0 * y
        return RATE * x + apply(lambda t: t, x)

    assert gradient(local, 2.0) == pytest.approx(3 * 14 * 4 + 2)

    def helper_reads_it(RATE):
        return apply(np.sin, RATE) + scaled_by_rate(RATE)

    assert gradient(helper_reads_it, 1.0) == 2 * math.cos(1.0) + 2


def scaled_by_rate(x):
    return RATE * x


def test_names_of_modules():
    def alias(x):
        import math as m

        return m.sin(x) * numpy.cos(x) * np.exp(x)

    x = 0.5
    wanted = (math.cos(2 * x) + 0.5 * math.sin(2 * x)) * math.exp(x)
    assert gradient(alias, x) == pytest.approx(wanted)

    def shadowed(x):
        np = x * 2.0
        math = np * x
        return math

    assert gradient(shadowed, 3.0) == 12.0

    def hidden(np, x):
        return np * x

    with pytest.raises(cr.UnsupportedError, match="hides the module"):
        gradient(hidden, 1.0, 2.0)


def test_builtins_as_names():
    def f(sum, max, float):
        list = sum * max
        return list * float + abs(sum)

    assert cr.grad(f, (0, 1, 2))(2.0, 3.0, 4.0) == (13.0, 8.0, 6.0)

    def masked(x, bool):
        return np.sum(np.where(x > bool, x * x, 0.0))

    np.testing.assert_array_equal(gradient(masked, np.array([1.0, 3.0]), 2.0), [0.0, 6.0])


# -- aliases, memory, order --------------------------------------------------------------------------


def test_the_same_array_given_twice():
    def f(x, y):
        return np.sum(x * x * y)

    x = np.array([1.0, 2.0])
    one, two = cr.grad(f, (0, 1))(x, x)
    np.testing.assert_array_equal(one, 2 * x * x)
    np.testing.assert_array_equal(two, x * x)
    assert not np.shares_memory(one, two)
    one[:] = 0.0
    np.testing.assert_array_equal(x, [1.0, 2.0])


def test_gradients_share_no_memory():
    def f(x, y, z):
        return np.sum(x + y) + np.sum(z.T @ z) + np.sum(x[::-1])

    args = np.ones(3), np.ones(3), np.ones((3, 3))
    gradients = cr.grad(f, (0, 1, 2))(*args)
    everything = [*args, *gradients]
    for i, one in enumerate(everything):
        for other in everything[i + 1 :]:
            assert not np.shares_memory(one, other)
    assert all(g.flags.writeable for g in gradients)


def test_results_that_are_arguments_or_views_of_them():
    x = np.arange(6.0).reshape(2, 3)
    for fun in (lambda x: x, lambda x: x.T, lambda x: x[::-1, 1:], lambda x: x.ravel()):
        out, pullback = cr.vjp(fun, x)
        plain = fun(x)
        np.testing.assert_array_equal(out, plain)
        cotangent = np.ones_like(plain)
        (dx,) = pullback(cotangent)
        assert not np.shares_memory(dx, cotangent)
        assert not np.shares_memory(dx, x)
        np.testing.assert_array_equal(dx.sum(), plain.size)


def test_a_pullback_twice_and_after_changes():
    weights = np.array([3.0, 4.0])

    def f(x, y):
        return x**2 * y * weights, np.sum(np.tanh(WEIGHTS * x))

    x, y = np.array([1.0, 2.0]), np.array([3.0, 5.0])
    out, pullback = cr.vjp(f, x, y)
    first = pullback((np.ones(2), 1.0))
    kept = [g.copy() for g in first]
    for array in (x, y, weights, out[0], *first):
        array[:] = 100.0
    cr.vjp(f, np.zeros(2), np.zeros(2))[1]((np.ones(2), 1.0))
    second = pullback((np.ones(2), 1.0))
    for ours, wanted in zip(second, kept, strict=True):
        np.testing.assert_array_equal(ours, wanted)
    np.testing.assert_allclose(kept[1], [3.0, 16.0])


def test_a_pullback_after_a_global_was_rebound(monkeypatch):
    def f(x):
        return x * WEIGHTS + deeper(x)

    def deeper(x):
        return WEIGHTS * x

    _, pullback = cr.vjp(f, np.ones(2))
    monkeypatch.setitem(globals(), "WEIGHTS", np.array([50.0, 50.0]))
    cr.vjp(f, np.ones(2))
    np.testing.assert_array_equal(pullback(np.ones(2))[0], [2.0, 4.0])


def test_results_of_earlier_calls_stay_as_they_are():
    derived = cr.value_and_grad(lambda x: np.sum(x**2))
    one = derived(np.array([1.0, 2.0]))
    kept = one[1].copy()
    derived(np.array([5.0, 6.0]))
    np.testing.assert_array_equal(one[1], kept)


def test_read_only_and_strided_arguments():
    x = np.arange(8.0).reshape(4, 2).T[:, ::-2]
    x.flags.writeable = False
    value, dx = cr.value_and_grad(lambda x: np.sum(x * x))(x)
    assert value == np.sum(x * x)
    np.testing.assert_array_equal(dx, 2 * x)


def test_prints_and_effects_happen_once_and_in_order(capsys):
    def f(x):
        y = x * 2.0
        text = f"y={y:.1f}"
        print("first", text, sep="|")
        z = y * y
        print(f"{z=}", [x, y], {"k": (z, None)}, end="!\n")
        print("%s and {}" % x, "{:>{w}.1f}".format(y, w=6), str(z) + "?", repr(text))
        return z

    plain = f(1.5)
    printed = capsys.readouterr().out
    value, slope = cr.value_and_grad(f)(1.5)
    assert (value, slope) == (plain, 12.0)
    assert capsys.readouterr().out == printed


def test_format_of_text_with_widths_and_quotes(capsys):
    def f(x):
        width = 3
        width = width + 4
        y = x * x
        print(f"{y:{width}.{width - 5}f}|{'its'}|{x!r:>8}|{'a' if width else 'b'}")
        return y

    f(1.5)
    printed = capsys.readouterr().out
    assert gradient(f, 1.5) == 3.0
    assert capsys.readouterr().out == printed


# -- the API ----------------------------------------------------------------------------------------


def three_arguments(x, y, z=2.0):
    return x * y**2 * z


def test_forms_of_argnums():
    both_of = (8.0 * 2, 2 * 3.0 * 4 * 2)
    assert cr.grad(three_arguments)(3.0, 4.0) == 32.0
    assert cr.grad(three_arguments, 1)(3.0, 4.0) == 48.0
    assert cr.grad(three_arguments, -1)(3.0, 4.0) == 48.0
    assert cr.grad(three_arguments, "y")(3.0, 4.0) == 48.0
    assert cr.grad(three_arguments, (0, "y"))(3.0, 4.0) == (32.0, both_of[1])
    assert cr.grad(three_arguments, ("z", 0))(3.0, 4.0) == (48.0, 32.0)
    assert cr.grad(three_arguments, (0,))(3.0, 4.0) == (32.0,)
    assert cr.grad(three_arguments, np.int64(1))(3.0, 4.0) == 48.0


@pytest.mark.parametrize(
    ("argnums", "text"),
    [
        (3, "out of range"), (-4, "out of range"), ("w", "no argument 'w'"), (1.0, "has to be"),
        (True, "has to be"), ((0, 0), "twice"), ((0, "x"), "twice"), ((), "no argument"),
    ],
)  # fmt: skip
def test_wrong_argnums(argnums, text):
    with pytest.raises(TypeError, match=text):
        cr.grad(three_arguments, argnums)


def test_keyword_calls():
    assert cr.grad(three_arguments, "z")(y=4.0, x=3.0) == 48.0
    assert cr.grad(three_arguments, 2)(3.0, y=4.0, z=5.0) == 48.0

    def only(x, *, k=2.0, **rest):
        return x * k + rest.get("b", 0.0) * x

    assert cr.grad(only, ("x", "k", "rest"))(3.0, b=5.0) == (7.0, 3.0, {"b": 3.0})
    for bad in ({}, {"x": 1.0, "q": 2.0, "y": 1.0}):
        with pytest.raises(TypeError, match="argument"):
            cr.grad(three_arguments)(**bad)
    with pytest.raises(TypeError, match="argument"):
        cr.grad(three_arguments)(1.0, 2.0, 3.0, 4.0)


def test_variadic_arguments_are_named():
    def f(x, *rest):
        return x * sum(rest)

    assert cr.grad(f, "rest")(2.0, 3.0, 4.0) == (2.0, 2.0)
    assert cr.grad(f)(2.0, 3.0, 4.0) == 7.0
    with pytest.raises(TypeError, match=r"\*rest"):
        cr.grad(f, 1)


def test_has_aux():
    def f(x):
        return np.sum(x**2), {"twice": 2 * x, "n": len(x), "name": "text", "none": None, "ok": True}

    x = np.array([1.0, 2.0])
    (value, aux), dx = cr.value_and_grad(f, has_aux=True)(x)
    assert value == 5.0
    assert aux["n"] == 2
    assert (aux["name"], aux["none"], aux["ok"]) == ("text", None, True)
    np.testing.assert_array_equal(aux["twice"], [2.0, 4.0])
    np.testing.assert_array_equal(dx, [2.0, 4.0])
    dx, aux = cr.grad(f, has_aux=True)(x)
    np.testing.assert_array_equal(dx, [2.0, 4.0])
    with pytest.raises(TypeError, match=r"\(value, aux\)"):
        cr.grad(lambda x: {"a": x, "b": x}, has_aux=True)(1.0)


@pytest.mark.parametrize(
    ("fun", "args", "text"),
    [
        (lambda x: x * 2, (np.ones(3),), r"shape \(3,\)"),
        (lambda x: x[None], (np.ones((2, 2)),), r"shape \(1, 2, 2\)"),
        (lambda x: (x, x), (1.0,), "returns a tuple"),
        (lambda x: {"a": x}, (1.0,), "returns a dict"),
        (lambda x: None, (1.0,), "returns None"),
        (lambda x: "text", (1.0,), "returns 'text'"),
        (lambda x: x > 1, (1.0,), "bool"),
        (lambda x: 3, (1.0,), "an int"),
        (lambda x: np.sum(x), (np.arange(3),), "array of int64"),
        (lambda x: x[0] * 1.0, ({0: np.array([1, 2])},), r"x\[0\] is an array of int64"),
        (lambda x: x * 1.0, (np.int64(2),), "int64"),
        (lambda x: x * 1.0, (True,), "bool"),
        (lambda x: x * 1.0, (np.array([True]),), "bool"),
        (lambda x: x * 1.0, (1j,), "holomorphic=True"),
        (lambda x: x * 1.0, (np.array(["a"]),), "x: <U1"),
        (lambda x: x * 1.0, (np.array([1, None]),), "x: object"),
        (lambda x: x * 1.0, (np.longdouble(1.0),), "x: "),
        (lambda x: np.sum(x), (np.ones(2, dtype=">f8"),), "foreign byte order"),
        (lambda x: np.sum(x * x), (np.ones((1, 2)).view(np.matrix),), "matrix"),
        (lambda x: np.sum(x), (np.ma.array([1.0, 2.0], mask=[0, 1]),), "MaskedArray"),
    ],
)  # fmt: skip
def test_clear_type_errors(fun, args, text):
    with pytest.raises(TypeError, match=text):
        cr.grad(fun)(*args)


def test_python_ints_count_as_floats():
    assert cr.value_and_grad(three_arguments, (0, 1))(3, 4) == (96.0, (32.0, 48.0))
    value, found = cr.value_and_grad(lambda p: p["a"] ** p["n"])({"a": 2, "n": 3})
    assert value == 8.0
    assert found == pytest.approx({"a": 12.0, "n": 8 * math.log(2)})
    for x in (3, 3.0):
        assert type(cr.grad(three_arguments)(x, 4.0)) is float


def test_specialisations_are_told_apart():
    def f(x, n=2, flag=True, mode=None):
        return x**n * (1.0 if flag else 2.0) * (3.0 if mode == "c" else 1.0)

    derived = cr.grad(f)
    assert derived(2.0) == 4.0
    assert derived(2.0, 3) == 12.0
    assert derived(2.0, 3, False) == 24.0
    assert derived(2.0, 3, False, "c") == 72.0
    assert derived(2.0, 1.0) == 1.0
    assert derived(2.0) == 4.0
    assert derived(np.float32(2.0)).dtype == np.float32

    def rank(x):
        return np.sum(x) * x.ndim + np.sum(x * x.shape[0])

    derived = cr.grad(rank)
    for shape in ((3,), (1,), (3, 1), (1, 3), (2, 3), (3,)):
        np.testing.assert_array_equal(
            derived(np.ones(shape)), np.full(shape, len(shape) + shape[0])
        )


def test_is_and_none_and_bools():
    def f(x, flag=True, weights=None):
        if flag is True:
            y = x * 2
        elif flag is not False:
            y = x * 5
        else:
            y = x * 3
        if weights is not None:
            y = y * weights
        return y

    derived = cr.grad(f)
    assert derived(1.0) == 2.0
    assert derived(1.0, False) == 3.0
    assert derived(1.0, True, 4.0) == 8.0
    assert derived(1.0, None) == 5.0
    assert derived(1.0, np.True_) == 5.0

    def numbers(x, y):
        return x if x is y else y

    with pytest.raises(cr.UnsupportedError, match="is"):
        derived = cr.grad(numbers)(1.0, 1.0)


def test_containers_come_back_as_they_are():
    class Pair(NamedTuple):
        a: float
        b: np.ndarray

    @dataclass
    class Model:
        w: np.ndarray
        pair: Pair
        name: str = "model"

    def f(model, extra):
        return np.sum(model.w * model.pair.b) * model.pair.a + extra["k"][0] * extra["k"][1]

    model = Model(np.ones(2), Pair(2.0, np.array([3.0, 4.0])))
    dmodel, dextra = cr.grad(f, (0, 1))(model, {"k": [5.0, 6.0], "text": "t"})
    assert type(dmodel) is Model
    assert type(dmodel.pair) is Pair
    assert dmodel.pair.a == 7.0
    np.testing.assert_array_equal(dmodel.w, [6.0, 8.0])
    assert dextra == {"k": [6.0, 5.0], "text": "t"}
    for kind in (OrderedDict, lambda **k: defaultdict(float, **k)):
        found = cr.grad(lambda p: p["a"] * p["b"] + sum(p.values()))(kind(a=2.0, b=3.0))
        assert dict(found) == {"a": 4.0, "b": 3.0}


def test_the_order_of_a_dict_does_not_matter():
    derived = cr.grad(lambda p: p["a"] * 2 + p["b"] * 3)
    assert derived({"a": 1.0, "b": 2.0}) == {"a": 2.0, "b": 3.0}
    assert derived({"b": 1.0, "a": 2.0}) == {"a": 2.0, "b": 3.0}


def test_classes_whose_constructor_does_more():
    @dataclass
    class Checked:
        x: float

        def __post_init__(self):
            self.x = abs(self.x)

    @dataclass
    class Derived:
        x: float
        y: float = field(init=False, default=1.0)

    class Scaled(NamedTuple("Scaled", [("x", float)])):
        def __new__(cls, x):
            return super().__new__(cls, 10 * x)

    for value in (Checked(1.0), Derived(1.0), Scaled(1.0)):
        with pytest.raises(TypeError, match="constructor"):
            cr.grad(lambda p: -2 * p.x)(value)
        assert cr.grad(lambda s, p: s * p.x)(2.0, value) == value.x


def test_integer_options_from_arguments():
    def f(x, k, axis):
        y = (
            np.roll(x, k, axis=axis) * x
            + np.tril(x, k)
            + np.std(x, axis=axis, ddof=k, keepdims=True)
        )
        z = np.diff(x, n=k, axis=axis) if k > 0 else x
        d = (
            np.diag(x, k).sum()
            + np.repeat(x, k + 1, axis=axis).sum()
            + np.cumsum(x, axis=axis)[-1, 0]
        )
        return (
            np.sum(y)
            + np.sum(z**2)
            + d
            + np.expand_dims(x, axis)[0, 0, 0]
            + np.tile(x, k + 1).sum()
        )

    x = np.arange(9.0).reshape(3, 3) ** 1.5
    derived = cr.grad(f)
    for k, axis in ((1, 0), (1, 1), (0, 0), (2, -1), (1, 0)):
        ours = derived(x, k, axis)
        step = 1e-6 * np.eye(9).reshape(9, 3, 3)
        numeric = [(f(x + h, k, axis) - f(x - h, k, axis)) / 2e-6 for h in step]
        np.testing.assert_allclose(ours.ravel(), numeric, rtol=1e-5, atol=1e-6)
        run, _ = support.built(f, (x, k, axis), (0,))
        np.testing.assert_array_equal(run(x, k, axis)[1][0], ours)


# -- marks, custom rules -----------------------------------------------------------------------------


def test_stop_gradient():
    from chainrule import stop_gradient as stopped

    def f(x):
        y = cr.stop_gradient(x * x)
        return y * x + stopped(x)

    assert cr.value_and_grad(f)(3.0) == (30.0, 9.0)

    def of_a_container(p):
        a, b = cr.stop_gradient(p[0]), p[1]
        return a * b

    assert gradient(of_a_container, (3.0, 4.0)) == (0.0, 3.0)


def slow_sine(x, k):
    return np.sin(k * x)


@cr.derivative(slow_sine)
def slow_sine_pullback(dy, x, k):
    return 100.0 * dy * np.cos(k * x), None


def test_a_custom_rule_used_twice_and_in_a_helper():
    def once(x):
        return slow_sine(x, 2.0)

    def twice(x):
        return slow_sine(x, 2.0) + slow_sine(x * x, 3.0) * within(x)

    def within(x):
        return slow_sine(x, 1.0) * 2

    slope = lambda x, k: 100.0 * math.cos(k * x)  # noqa: E731
    assert gradient(once, 0.3) == pytest.approx(slope(0.3, 2.0))
    inner, outer = math.sin(3 * 0.09), 2 * math.sin(0.3)
    wanted = slope(0.3, 2) + slope(0.09, 3) * 0.6 * outer + inner * 2 * slope(0.3, 1)
    assert gradient(twice, 0.3) == pytest.approx(wanted)
    ours = gradient(lambda x: np.sum(slow_sine(x, 2.0)), np.array([0.1, 0.2]))
    np.testing.assert_allclose(ours, 100 * np.cos(2 * np.array([0.1, 0.2])))


# -- exceptions of the primal -------------------------------------------------------------------------


class Unfit(Exception):
    pass


def raising(x, kind):
    if kind == "custom" and x < 0:
        raise Unfit(f"x is {x}", 3)
    if kind == "linalg" and x < 0:
        raise np.linalg.LinAlgError("negative")
    if kind == "class" and x < 0:
        raise ValueError
    if kind == "again" and x < 0:
        raise
    if kind == "text" and x < 0:
        raise ValueError("%g %s" % (x, kind) + " no")
    if kind == "log":
        return math.log(x)
    if kind == "divide":
        return 1.0 / (x + 1.0)
    if kind == "sqrt":
        return math.sqrt(x)
    if kind == "index":
        return x * (1.0, 2.0)[5]
    if kind == "key":
        return x * {"a": 1.0}["b"]
    if kind == "name":
        return x * undefined  # noqa: F821
    if kind == "attribute":
        return np.no_such_function(x)
    if kind == "arguments":
        return helper(x, x)
    if kind == "unpack":
        a, b = (x, x, x)
        return a * b
    if kind == "always":
        raise Unfit("always")
    assert x > 0, f"{x!r} <= 0"
    return x


KINDS = [
    "custom", "linalg", "class", "again", "text", "log", "divide", "sqrt", "index", "key", "name",
    "attribute", "arguments", "unpack", "always", "assert",
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_exceptions_of_the_primal(kind):
    with pytest.raises(Exception) as plain:  # noqa: PT011
        raising(-1.0, kind)
    derived = cr.grad(raising)
    for _ in range(2):
        with pytest.raises(type(plain.value)) as ours:
            derived(-1.0, kind)
        assert type(ours.value) is type(plain.value)
        first = str(plain.value).split("\n")[0]  # pytest adds to the messages of asserts
        assert str(ours.value) == first
        if kind != "assert":
            assert ours.value.args == plain.value.args


@pytest.mark.parametrize(
    ("fun", "args"),
    [
        (lambda x, y: np.sum(x * y), (np.ones(2), np.ones(3))),
        (lambda x, y: np.sum(x @ y), (np.ones((2, 3)), np.ones(2))),
        (lambda x, k: x[k], (np.ones(3), 7)),
        (lambda x, k: np.sum(x[k]), (np.ones(3), np.array([0, 5]))),
        (lambda x, m: np.sum(x[m]), (np.ones(3), np.array([True, False]))),
        (lambda x: np.sum(x.reshape(2, 2)), (np.ones(3),)),
        (lambda x: np.linalg.inv(x)[0, 0], (np.zeros((2, 2)),)),
        (lambda x: np.linalg.cholesky(x)[0, 0], (-np.eye(2),)),
        (lambda x: np.linalg.inv(x)[0, 0], (np.ones((2, 3)),)),
        (lambda x: np.sum(x, axis=3), (np.ones(3),)),
        (lambda x: np.concatenate([x, x[None]]).sum(), (np.ones(3),)),
        (lambda x: sum(x, 1.0) + x[0] + len(x[0]), (np.ones(2),)),
        (lambda x: x.no_such_method(), (np.ones(2),)),
        (lambda x: x + "text", (1.0,)),
        (lambda x: x(1.0), (1.0,)),
        (lambda x: math.sin(x), (np.ones(2),)),
        (lambda x: np.stack({"a": x}.values()).sum(), (np.ones(2),)),
        (lambda x: ((x, x) + [x])[0], (1.0,)),
    ],
)
def test_exceptions_of_numpy_and_python(fun, args):
    with pytest.raises(Exception) as plain:  # noqa: PT011
        fun(*args)
    with pytest.raises(type(plain.value)) as ours:
        cr.grad(fun)(*args)
    assert type(ours.value) is type(plain.value)
    assert str(ours.value) == str(plain.value)


def test_a_deep_expression_and_a_long_chain():
    text = "def f(x):\n    return " + " + ".join(["x"] * 700) + "\n"
    assert gradient(support.functions(text)["f"], 1.0) == 700.0
    text = "def f(x):\n" + "    x = x * 1.0 + 1.0\n" * 1500 + "    return x\n"
    assert gradient(support.functions(text)["f"], 1.0) == 1.0


def test_derivatives_of_derivatives():
    def f(x):
        return x**3

    assert cr.grad(cr.grad(f))(1.0) == 6.0

    def g(x):
        return cr.grad(f)(x)

    assert gradient(g, 1.0) == 6.0
    assert cr.grad(cr.hessian(f))(1.0) == 6.0

    def h(x):
        return cr.hessian(f)(x)

    assert gradient(h, 1.0) == 6.0


def test_labels_that_are_bools_or_small_integers():
    def f(w, y):
        z = w * 2.0
        return np.sum(np.log1p(np.exp(z)) - y * z)

    w = np.array([0.3, -0.5, 0.1])
    wanted = cr.grad(f)(w, np.array([1.0, 0.0, 1.0]))
    for dtype in (bool, np.uint8, np.int8, np.int64, np.float32):
        y = np.array([1, 0, 1]).astype(dtype)
        np.testing.assert_allclose(cr.grad(f)(w, y), wanted)

    def threshold(w):
        return np.sum((w > 0) * -w) - np.sum(w * (w < 0))

    np.testing.assert_array_equal(cr.grad(threshold)(w), [-1.0, -1.0, -1.0])
