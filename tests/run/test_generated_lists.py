"""Random programs with lists as source text: right, or refused.

`CHAINRULE_PROGRAMS=20000 pytest tests/run/test_generated_lists.py` tries more of them.
With `CHAINRULE_COMPILED_EVERY=1` all of them go through Numba.
"""

import importlib.util
import linecache
import math
import os
import random
from pathlib import Path

import numpy as np
import pytest

import chainrule as cr

_spec = importlib.util.spec_from_file_location("support", Path(__file__).parent / "support.py")
support = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(support)

PROGRAMS = int(os.environ.get("CHAINRULE_PROGRAMS", "160"))
GROUPS = 4
ARGUMENTS = {
    "numbers": (0.7, -0.4, 2),
    "arrays": (np.array([0.7, -0.3, 0.5]), np.array([-0.4, 0.6, 0.2]), 2),
}


class Generator:
    """Writes statements over two lists, `a` and `b`, of numbers or of arrays."""

    def __init__(self, seed, kind):
        self.rng, self.arrays = random.Random(seed), kind == "arrays"
        self.lines, self.depth, self.loops = [], 1, 0
        self.values = ["x", "y", "z"]

    def write(self, text):
        self.lines.append("    " * self.depth + text)

    def pick(self):
        return self.rng.choice("ab")

    def place(self, name):
        inside = [f"i % len({name})"] if self.loops else []
        return self.rng.choice(["0", "-1", f"len({name}) // 2", *inside])

    def value(self):
        name = self.pick()
        known = [*self.values] * 3
        return self.rng.choice(
            [*known, f"{name}[-1]", f"{name}[{self.place(name)}]", f"sum({name})", "x * 0.5"]
        )

    def expression(self):
        a, b = self.value(), self.value()
        return self.rng.choice([f"{a} * {b}", f"{a} + {b}", f"np.sin({a})", f"{a} - {b} * 0.5", a])

    def block(self, count):
        self.depth += 1
        for _ in range(count):
            self.statement()
        self.depth -= 1

    def statement(self):
        rng, name, other = self.rng, self.pick(), self.pick()
        place = self.place(name)
        choices = [
            f"{name}.append({self.expression()})",
            f"{name}.append({self.expression()})",
            f"{name}[{place}] = {self.expression()}",
            f"{name}[{place}] = {name}[{place}] + {self.value()}",
            f"{name} += [{self.value()}, {self.expression()}]",
            f"{name}[0], {name}[-1] = {name}[-1], {self.value()}",
            f"{name} = {other}.copy()",
            f"{name} = {other}",
            f"{name} = [v * 0.5 + {rng.choice(self.values)} for v in {other}]",
            f"{name} = {name}[:3] + [{self.value()}]",
            f"{name} = [{self.value()}, {self.expression()}]",
            f"{rng.choice('yz')} = {self.expression()}",
        ]
        kind = rng.random()
        if kind < 0.12 and self.depth < 4:
            self.write(f"if np.sum({self.value()}) > {rng.choice(['0', '0.3'])}:")
            self.block(rng.randint(1, 2))
            if rng.random() < 0.6:
                self.write("else:")
                self.block(rng.randint(1, 2))
        elif kind < 0.24 and self.depth < 3:
            self.loops += 1
            source = rng.choice(["range(n)", f"range(n + len({name}))"])
            self.write(f"for i in {source}:")
            self.block(rng.randint(2, 4))
            self.loops -= 1
        elif kind < 0.32:
            self.write(f"if len({name}) > 1:")
            self.write(f"    z = {name}.pop()")
        elif kind < 0.4 and self.arrays:
            self.write(f"u = {self.value()} * 1.0")
            self.write("u[0] = x[0] * y[1]")
            self.write(f"{name}.append(u)")
        else:
            self.write(rng.choice(choices))

    def text(self):
        self.write("a, b, z = [x, y * x], [y * 0.5], x * y")
        for _ in range(self.rng.randint(4, 7)):
            self.statement()
        self.write("y = np.tanh(y)")
        ends = ["sum(a) + 2 * sum(b) * y", "a[-1] * b[0] + z", "np.array(a) ** 2 + b[-1] * y"]
        self.write(f"return np.sum({self.rng.choice(ends)})")
        return "def f(x, y, n):\n" + "\n".join(self.lines) + "\n"


def program(text, name):
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    scope = {"np": np, "math": math}
    exec(compile(text, name, "exec"), scope)
    return scope["f"]


def along(fun, args, position, direction):
    """The derivative in a direction, None at a kink or where the program raises."""
    step = 1e-6

    def at(t):
        moved = [a * 1.0 if isinstance(a, np.ndarray) else a for a in args]
        moved[position] = moved[position] + t * step * direction
        return fun(*moved)

    middle, after, before = at(0), at(1), at(-1)
    if abs(after - 2 * middle + before) > 1e-2 * step:
        return None
    return (after - before) / (2 * step)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("kind", ARGUMENTS)
@pytest.mark.parametrize("group", range(GROUPS))
def test_random_programs(kind, group):
    accepted = 0
    args = ARGUMENTS[kind]
    for seed in range(group, PROGRAMS, GROUPS):
        text = Generator(seed, kind).text()
        fun = program(text, f"<lists {kind} {seed}>")
        try:
            value = fun(*[a * 1.0 if isinstance(a, np.ndarray) else a for a in args])
        except (IndexError, ValueError):
            continue
        if not np.isfinite(value) or abs(value) > 1e4:
            continue
        try:
            ours, gradients = cr.value_and_grad(fun, ("x", "y"))(*args)
        except cr.UnsupportedError:
            continue
        accepted += 1
        assert ours == value, text
        try:
            support.check_engines(fun, args, ("x", "y"), seed)
        except Exception as error:
            raise AssertionError(text) from error
        direction = np.array([0.3, 1.0, -0.7]) if kind == "arrays" else 1.0
        for position, gradient in enumerate(gradients):
            expected = along(fun, args, position, direction)
            if expected is not None:
                found = np.sum(gradient * direction)
                assert abs(found - expected) <= 1e-4 * (1 + abs(expected)), text
    assert accepted >= PROGRAMS // GROUPS // 3
