"""Random loops over elements of an array: what is final is read from it, all else recorded.

The gradients are those of the same program with everything recorded.
"""

import importlib.util
import linecache
import math
import random
from pathlib import Path

import numpy as np
import pytest

import chainrule as cr
from chainrule.transform.final import Finals

_spec = importlib.util.spec_from_file_location("support", Path(__file__).parent / "support.py")
support = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(support)

PROGRAMS, GROUPS = 30, 6


class Generator:
    """Writes nested loops that read and write elements of an array at counters plus constants."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.lines = ["def f(A, x):", "    n = 5"]
        self.block(0, [])
        self.lines += ["    return np.sum(A * A) * x", ""]

    def index(self, counters):
        shift = self.rng.choice(["", "", "", " + 1", " + 2", " - 1"])
        return f"{self.rng.choice([*counters, '0', 'n'])}{shift}"

    def element(self, counters):
        return f"A[{self.index(counters)}, {self.index(counters)}]"

    def loop(self, depth, counters):
        start = self.rng.choice(["0", "1", "2", *counters, *(f"{c} + 1" for c in counters)])
        stop = self.rng.choice(["n", "n", "n - 1", "4", *counters, *(f"{c} + 2" for c in counters)])
        counter = "ijkl"[depth]
        self.lines.append(f"{'    ' * (depth + 1)}for {counter} in range({start}, {stop}):")
        self.block(depth + 1, [*counters, counter])

    def statement(self, depth, counters):
        a, b, c = (self.element(counters) for _ in range(3))
        pad = "    " * (depth + 1)
        if self.rng.random() < 0.2:
            self.lines.append(f"{pad}if {self.rng.choice(counters)} > 1:")
            pad += "    "
        text = self.rng.choice(
            [f"{a} = math.sin({b}) * {c}", f"{a} -= {b} * {c}", f"{a} /= 3.0 + {b} * {b}",
             f"x = x * math.cos({a})", f"{a} = x * {b} + 0.1"]
        )  # fmt: skip
        self.lines.append(pad + text)

    def block(self, depth, counters):
        for _ in range(self.rng.randint(1, 3)):
            if not counters or (depth < 3 and self.rng.random() < 0.35):
                self.loop(depth, counters)
            else:
                self.statement(depth, counters)


def define(source, name):
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    scope = {"np": np, "math": math}
    exec(compile(source, name, "exec"), scope)
    return scope["f"]


@pytest.mark.parametrize("group", range(GROUPS))
def test_elements_that_are_final(group, monkeypatch) -> None:
    used = 0
    for seed in range(group, PROGRAMS, GROUPS):
        source = "\n".join(Generator(seed).lines)
        array = np.random.default_rng(seed).normal(size=(9, 9))
        ours = cr.stages(define(source, f"<final {seed}>"), array, 0.9)
        with monkeypatch.context() as patch:
            patch.setattr(Finals, "find", lambda *_: None)
            theirs = cr.stages(define(source, f"<recorded {seed}>"), array, 0.9)
        used += len(ours.storage()) < len(theirs.storage())
        (value, gradients), expected = ours.function(array, 0.9), theirs.function(array, 0.9)
        assert value == expected[0]
        for one, other in zip(gradients, expected[1], strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12, err_msg=source)
        support.check_engines(define(source, f"<both {seed}>"), (array, 0.9), ("A", "x"), seed)
    assert used
