"""Long functions that become several."""

import linecache

import numba
import numpy as np
import pytest

from chainrule import pipeline
from chainrule.frontend.signature import spec_of
from chainrule.lowering import lowered_module
from chainrule.lowering import module as lowering_module
from chainrule.lowering import split as splitting


@pytest.fixture(params=[1, 6, 20])
def short(request, monkeypatch):
    """Parts of so many equations, however short the function."""

    def split(function):
        return splitting.split(function, longest=2 * request.param, part=request.param)

    monkeypatch.setattr(lowering_module, "split", split)
    return request.param


def lowered(f, args):
    specs = {n: spec_of(a, n, {}) for n, a in zip(f.__code__.co_varnames, args, strict=False)}
    primal = pipeline.specialise(f, specs)
    return lowered_module(pipeline.gradient(primal, [next(iter(specs))]).function)


def run(module, args, compiled=False):
    scope = {}
    exec(module.text, scope)
    if compiled:
        for name in module.functions:
            scope[name] = numba.njit(error_model="numpy")(scope[name])
    return scope[module.entry](*args)


def straight(x, w):
    a = np.sin(x) * w
    s = np.sum(a)
    b = np.cumsum(a) / (1.0 + s * s)
    c = np.where(b > 0, b, 0.1 * x)
    d = np.outer(c, w) @ a
    return np.sum(d * d) + s


def loops(x, w):
    u = x.copy()
    total = 0.0
    for _ in range(4):
        v = np.tanh(u) * w
        m = v.mean()
        u = u + 0.1 * (v - m)
        for i in range(1, len(u)):
            u[i] += 0.5 * u[i - 1]
        total += np.sum(u * v)
        if total > 50.0:
            break
    return total * np.max(u)


def growing(x, w):
    s = 1.0
    n = 0
    while s < 40.0:
        s = s + np.sum(x * x) + np.sum(w)
        n += 1
    return s * n


@pytest.mark.parametrize("f", [straight, loops, growing])
def test_parts_give_the_same_bits(f, short, monkeypatch):
    args = (np.array([0.3, -1.2, 0.8]), np.array([1.1, 0.4, 0.9]))
    module = lowered(f, args)
    if short < 20:
        assert len([n for n in module.functions if "_part" in n]) > 1
    found = run(module, args)
    monkeypatch.undo()
    whole = lowered(f, args)
    assert not any("_part" in n for n in whole.functions)
    for mine, wanted in zip(found, run(whole, args), strict=True):
        assert np.array_equal(mine, wanted)


def test_parts_compile(short):
    args = (np.array([0.3, -1.2, 0.8]), np.array([1.1, 0.4, 0.9]))
    module = lowered(loops, args)
    for mine, wanted in zip(run(module, args, compiled=True), run(module, args), strict=True):
        np.testing.assert_allclose(mine, wanted, rtol=1e-14)


def test_long_functions_are_cut_by_themselves():
    lines = ["def f(x):", "    v0 = np.sin(x)"]
    for i in range(120):
        lines.append(f"    v{i + 1} = np.cumsum(v{i}) / (2.0 + v{i} * v{max(0, i - 3)})")
    lines.append("    return np.sum(v120)")
    scope = {"np": np}
    text = "\n".join(lines) + "\n"
    linecache.cache["<long>"] = (len(text), None, text.splitlines(keepends=True), "<long>")
    exec(compile(text, "<long>", "exec"), scope)
    module = lowered(scope["f"], (np.linspace(0.1, 0.9, 4),))
    parts = [n for n in module.functions if "_part" in n]
    assert len(parts) > 3
    value, gradient = run(module, (np.linspace(0.1, 0.9, 4),))
    assert np.isclose(value, scope["f"](np.linspace(0.1, 0.9, 4)), rtol=1e-14)
    step = np.array([0.0, 1e-6, 0.0, 0.0])
    x = np.linspace(0.1, 0.9, 4)
    slope = (scope["f"](x + step) - scope["f"](x - step)) / 2e-6
    assert np.isclose(gradient[1], slope, rtol=1e-5)
