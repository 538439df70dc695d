"""Random programs with loops, branches and writes as source text, against numeric differentiation.

`CHAINRULE_PROGRAMS=20000 pytest tests/run/test_generated_control.py` tries more of them.
With `CHAINRULE_COMPILED_EVERY=1` all of them go through Numba.
"""

import copy
import importlib.util
import linecache
import math
import os
import random
import warnings
from pathlib import Path

import numpy as np
import pytest

import chainrule as cr
from chainrule.testing.numeric import numeric_gradient_with_error

_spec = importlib.util.spec_from_file_location("support", Path(__file__).parent / "support.py")
support = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(support)

PROGRAMS = int(os.environ.get("CHAINRULE_PROGRAMS", "160"))
GROUPS = 8

HELPER = """\
def helper(p, q):
    r = p * q
    if p > 0.2:
        r = r + np.sin(q)
    return r * p


def overwrite(v, p):
    v[1] = np.sin(p * v[0])
    v[2:] *= p


def f(x, y, u, n):
"""


class Generator:
    """Writes statements over scalars and vectors that are in scope."""

    def __init__(self, rng):
        self.rng, self.lines, self.depth, self.count = rng, [], 0, 0
        self.scalars, self.vectors, self.views = ["x", "y"], ["u"], []
        self.loops = 0

    def new(self, prefix):
        self.count += 1
        return f"{prefix}{self.count}"

    def scalar(self, level=0):
        rng, kind = self.rng, self.rng.random()
        if kind < 0.35 or level > 2:
            return rng.choice(self.scalars)
        if kind < 0.42:
            return rng.choice(["0.5", "1.3", "-0.7", "2"])
        if kind < 0.45 and self.views:
            return f"{rng.choice(self.views)}[{rng.choice([0, 1, -1])}]"
        if kind < 0.5:
            return f"{rng.choice(self.vectors)}[{rng.choice([0, 1, 2, -1])}]"
        if kind < 0.56:
            return f"np.sum({self.vector(level + 1)})"
        if kind < 0.66:
            return f"np.{rng.choice(['sin', 'tanh'])}({self.scalar(level + 1)})"
        if kind < 0.7:
            return f"({self.scalar(level + 1)} if {self.test()} else {self.scalar(level + 1)})"
        if kind < 0.74:
            return f"helper({self.scalar(level + 1)}, {self.scalar(level + 1)})"
        return f"({self.scalar(level + 1)} {rng.choice('+-*')} {self.scalar(level + 1)})"

    def vector(self, level=0):
        rng, kind = self.rng, self.rng.random()
        if kind < 0.4 or level > 2:
            return rng.choice(self.vectors)
        if kind < 0.5:
            return f"np.cos({self.vector(level + 1)})"
        if kind < 0.58:
            return f"({self.vector(level + 1)} * {self.scalar(level + 1)})"
        if kind < 0.66:
            parts = (self.vector(level + 1) for _ in range(3))
            return "np.where({} > 0.1, {}, {})".format(*parts)
        if kind < 0.72:
            return f"{rng.choice(self.vectors)}[::-1]"
        return f"({self.vector(level + 1)} {rng.choice('+-*')} {self.vector(level + 1)})"

    def test(self):
        limit = self.rng.choice(["0.13", "0.77", "-0.31", "1.21"])
        return f"{self.rng.choice(self.scalars)} {self.rng.choice('<>')} {limit}"

    def write(self, text):
        self.lines.append("    " * (self.depth + 1) + text)

    def assign(self, known, prefix, text):
        name = self.new(prefix) if self.rng.random() < 0.5 and not self.depth else ""
        name = name or self.rng.choice(known)
        self.write(f"{name} = {text}")
        if name not in known:
            known.append(name)

    def statement(self, budget):
        rng, kind = self.rng, self.rng.random()
        if kind < 0.3:
            self.assign(self.scalars, "a", f"np.tanh({self.scalar()})")
        elif kind < 0.42:
            name = rng.choice(self.scalars)
            self.write(f"{name} {rng.choice(['+=', '-=', '*='])} np.sin({self.scalar()})")
        elif kind < 0.58:
            self.assign(self.vectors, "v", f"np.sin({self.vector()})")
        elif kind < 0.62:
            self.store()
        elif kind < 0.65:
            self.view()
        elif kind < 0.68 and self.loops:
            self.jump()
        elif kind < 0.71:
            a, b = rng.sample(
                self.vectors if len(self.vectors) > 1 and kind < 0.69 else self.scalars, 2
            )
            self.write(f"{a}, {b} = {b}, {a}")
        elif budget and kind < 0.8:
            self.write(f"if {self.test()}:")
            self.block(budget - 1)
            if rng.random() < 0.6:
                self.write("else:")
                self.block(budget - 1)
        elif budget and kind < 0.9:
            bounds = rng.choice(["3", "2", "len(u)", "n", "0", "4, 0, -1", "1, 4"])
            index = self.new("i")
            self.write(f"for {index} in range({bounds}):")
            self.loop(budget - 1)
            if rng.random() < 0.2:
                self.write("else:")
                self.block(budget - 1)
            if rng.random() < 0.2 and not self.depth:
                self.scalars.append(index)
        elif budget:
            name = self.new("w")
            self.write(f"{name} = {rng.choice(self.scalars)} * 0 + 2.5")
            self.write(f"while {name} > 0.7:")
            self.depth += 1
            self.write(f"{name} = {name} - 0.8 - 0.01*{rng.choice(self.scalars)}**2")
            self.depth -= 1
            self.loop(budget - 1)
            self.scalars.append(name)
        else:
            self.write(f"{rng.choice(self.scalars)} = np.cos({self.scalar()})")

    def loop(self, budget):
        """The body of a loop; sometimes it is the first to set a name that is read after it."""
        self.loops += 1
        self.block(budget)
        self.loops -= 1
        if self.rng.random() < 0.3 and not self.depth:
            name = self.new("t")
            self.lines.append(f"        {name} = np.cos({self.scalar()})")
            self.scalars.append(name)

    def jump(self):
        rng = self.rng
        self.write(f"if {self.test()}:")
        self.depth += 1
        if rng.random() < 0.5:
            self.write(f"{rng.choice(self.scalars)} = np.tanh({self.scalar()})")
        returned = f"return {self.scalar()} * {self.scalar()}"
        self.write(rng.choice(["break", "continue", returned]))
        self.depth -= 1

    def view(self):
        """A view of an array, or a write through one."""
        rng = self.rng
        if self.views and rng.random() < 0.6:
            name = rng.choice(self.views)
            forms = [
                f"{name}[0] = np.sin({self.scalar()})",
                f"{name}[1:] *= {rng.choice(self.scalars)}",
                f"{name} += 0.3 * {name}",
                f"overwrite({rng.choice(self.vectors)}, {rng.choice(self.scalars)})",
            ]
            self.write(rng.choice(forms))
            return
        cut = rng.choice(
            ["[1:]", "[:3]", "[::-1]", "[-2:]", ".reshape(2, 2)[1]", "[None, :].T[1:, 0]"]
        )
        name = self.new("b") if not self.depth else (self.views and rng.choice(self.views))
        if name:
            self.write(f"{name} = {rng.choice(self.vectors)}{cut}")
            if name not in self.views:
                self.views.append(name)
        else:
            self.write("pass")

    def store(self):
        """A write into an array: an element, a slice, a mask, the whole array; or a second name."""
        rng, name, place = (
            self.rng,
            self.rng.choice(self.vectors),
            self.rng.choice(["0", "-1", "2"]),
        )
        sign = rng.choice(["+=", "-=", "*="])
        forms = [
            f"{name}[{place}] = np.sin({self.scalar()})",
            f"{name}[{place}] {sign} np.tanh({self.scalar()})",
            f"{name}[1:] = np.sin({self.vector()}[:-1])",
            f"{name}[:-1] += 0.3 * {self.vector()}[1:]",
            f"{name}[{self.vector()} > 0.2] = {rng.choice(self.scalars)}",
            f"{name}[::2] *= {rng.choice(self.scalars)}",
            f"{name} {sign} np.sin({self.vector()})",
            f"{name} = {rng.choice(self.vectors)}",
            f"{name} = {rng.choice(self.vectors)}.copy()",
            f"overwrite({name}, {rng.choice(self.scalars)})",
            f"{name}[[0, 2, 0]] = np.sin({self.vector()}[1:])",
            f"{name}[[1, 1]] {sign} {rng.choice(self.scalars)}",
            f"np.add.at({name}, [0, 3, 0], np.tanh({self.scalar()}))",
        ]
        self.write(rng.choice(forms))

    def block(self, budget):
        self.depth += 1
        scalars, vectors, views = list(self.scalars), list(self.vectors), list(self.views)
        for _ in range(self.rng.randint(1, 3)):
            self.statement(budget)
        self.scalars = [v for v in self.scalars if v in scalars]
        self.views = [v for v in self.views if v in views]
        self.vectors = [v for v in self.vectors if v in vectors]
        self.depth -= 1


def program(seed):
    generator = Generator(random.Random(seed))
    for _ in range(generator.rng.randint(2, 6)):
        generator.statement(2)
    last = f"{generator.scalar()} + {generator.rng.choice(generator.scalars)} * np.sum("
    return "\n".join(
        [HELPER.rstrip(), *generator.lines, f"    return {last}{generator.vectors[-1]})", ""]
    )


def check(seed):
    source, name = program(seed), f"<generated {seed}>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    scope = {"np": np, "math": math}
    exec(compile(source, name, "exec"), scope)
    fun = scope["f"]
    rng = np.random.default_rng(seed)
    args = (float(rng.normal()), float(rng.normal()), rng.normal(size=4), 2)
    try:
        expected, before = fun(*copy.deepcopy(args)), args[2].copy()
    except (UnboundLocalError, NameError):  # a loop without trips sets nothing
        return
    if not np.isfinite(expected) or abs(expected) > 1e6:
        return
    try:
        value, gradients = cr.value_and_grad(fun, (0, 1, 2))(*args)
    except cr.UnsupportedError as error:
        assert error.code in ("CR055", "CR056", "CR058", "CR014"), source  # noqa: PT017  an array seen in two ways
        return
    np.testing.assert_array_equal(args[2], before)
    np.testing.assert_allclose(value, expected, rtol=1e-12, err_msg=source)
    for position, gradient in enumerate(gradients):
        try:
            numeric, error = numeric_gradient_with_error(fun, args, position)
        except (UnboundLocalError, NameError):  # another path is taken not far away
            return
        close = np.abs(gradient - numeric) <= 1e-6 * np.maximum(1, np.abs(numeric)) + 20 * error
        sure = np.isfinite(numeric) & (np.asarray(error) < 1e-4)
        assert np.all(close | ~sure), f"argument {position}\n{source}"
    _, pullback = cr.vjp(fun, *args)
    first, second = pullback(1.0), pullback(1.0)
    for one, two, gradient in zip(first, second, gradients, strict=False):
        np.testing.assert_array_equal(one, two)
        np.testing.assert_allclose(one, gradient, rtol=1e-9, atol=1e-9)
    try:
        support.check_tangents(fun, args, (0, 1, 2), gradients)
        support.check_engines(fun, args, ("x", "y", "u"), seed)
        if seed % 4 == 0:
            check_derivatives_of_derivatives(source, args, gradients)
    except Exception as error:
        raise AssertionError(source) from error


SLOPE = """

def slope(x, y, u, n):
    dx, dy, du = cr.grad(f, (0, 1, 2))(x, y, u, n)
    return 0.5 * (dx * dx + dy * dy + np.sum(du * du))
"""


def check_derivatives_of_derivatives(source, args, gradients):
    """The gradient of half the squared gradient is the Hessian times the gradient.

    The left side is reverse mode of what forward mode wrote, the right side forward mode of what
    reverse mode wrote. Jacobians take all directions in one sweep.
    """
    scope = support.functions(source + SLOPE, np=np, math=math, cr=cr)
    f, slope = scope["f"], scope["slope"]
    try:
        product = support.flat(cr.hvp(f, (0, 1, 2))(*args, gradients))
        found = support.flat(cr.grad(slope, (0, 1, 2))(*args))
        matrix = support.flat(cr.jacfwd(f, (0, 1, 2))(*args))
    except cr.UnsupportedError as error:
        assert error.code == "CR055", error  # noqa: PT017  a value that may be unset
        return
    gradient = support.flat(gradients)
    if np.all(np.isfinite(product)) and np.all(np.isfinite(gradient)):
        scale = max(1.0, float(np.max(np.abs(product))))
        np.testing.assert_allclose(found, product, rtol=1e-6, atol=1e-8 * scale)
        np.testing.assert_allclose(matrix, gradient, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("group", range(GROUPS))
def test_random_programs_with_control_flow(group):
    checked = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        for seed in range(group, PROGRAMS, GROUPS):
            check(seed)
            checked += 1
    assert checked
