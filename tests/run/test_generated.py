"""Random straight-line programs as source text, their gradients against numeric differentiation.

`CHAINRULE_PROGRAMS=20000 pytest tests/run/test_generated.py` tries more of them.
With `CHAINRULE_COMPILED_EVERY=1` all of them go through Numba.
"""

import copy
import importlib.util
import inspect
import itertools
import os
import warnings
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
from hypothesis import HealthCheck, given, note, settings

import chainrule as cr
from chainrule.testing.numeric import numeric_gradient_with_error

_spec = importlib.util.spec_from_file_location("support", Path(__file__).parent / "support.py")
support = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(support)

_numbers = itertools.count(1)
PROGRAMS = int(os.environ.get("CHAINRULE_PROGRAMS", "300"))

PRELUDE = """\
import math
import numpy as np

RATE = 0.7
SHIFT = np.array([0.5, -0.25, 0.125])


def affine(a, b):
    return a * b + 0.5 * a


def pair(a, b=0.3):
    c = a + b
    return c * a, c - b


def same(a):
    return a


def nested(a, b):
    u, v = pair(a, b)
    return affine(v, u) + same(b)


def outside(a):
    return np.tanh(a) * RATE


def scaled(a, *, by=None):
    return a * (2.0 if by is None else by)


def apply(fn, a):
    value = fn(a)
    return value * RATE


"""

NAMES = ["a", "b", "c", "x", "y", "dx", "dy", "f", "value", "t", "u", "w", "total", "id", "_", "g"]
SHAPES = [(), (), (3,), (3,), (2, 3), (2, 3), (3, 2), (1, 3), (3, 1), (1,), (2, 2, 3), (3, 3), (2,)]


def broadcast(*shapes):
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        return None


class Program:
    """A program under construction: `values` are the names in scope with their shapes."""

    def __init__(self, draw, inputs):
        self.draw = draw
        self.values = dict(inputs)
        self.integers = {}
        self.lines = []
        self.helpers = {}

    def pick(self, items):
        return self.draw(st.sampled_from(list(items)))

    def chance(self, percent):
        return self.draw(st.integers(0, 99)) < percent

    def value(self, test=lambda shape: True):
        """A name in scope whose shape passes a test, with the shape; recent ones more often."""
        fitting = [(n, s) for n, s in self.values.items() if test(s)]
        if not fitting:
            return None
        return self.pick(fitting[-3:] if self.chance(40) else fitting)

    def operand(self, depth, test=lambda shape: True):
        if depth > 0 and self.chance(45):
            text, shape = self.expression(depth - 1)
            if test(shape):
                return f"({text})" if not text.isidentifier() else text, shape
        return self.value(test)

    def expression(self, depth=2):
        kinds = [
            self.unary, self.binary, self.binary, self.reduction, self.index, self.view, self.product,
            self.joined, self.call, self.selected, self.constant, self.reading,
        ]  # fmt: skip
        for _ in range(4):
            made = self.pick(kinds)(depth)
            if made is not None:
                return made
        return self.unary(depth)

    # -- kinds of expressions: (text, shape), or None where nothing fits ---------------------------

    def unary(self, depth):
        x, shape = self.operand(depth)
        forms = [
            f"np.tanh({x})", f"np.sin({x})", f"np.exp(-({x})**2)", f"np.sqrt(1.0 + {x}**2)",
            f"np.log1p({x}**2)", f"-{x}", f"{x}**2", f"1 / (1 + {x}**2)", f"np.arctan({x})",
            f"abs({x})", f"0.5 * {x}", f"{x} / 2", f"np.square({x}) * 0.1", f"+{x}",
            f"1 / (1 + np.exp(-{x}))", f"np.cos({x} - 1)", f"{x} - {x}", f"{x}**3 * 0.1",
        ]  # fmt: skip
        if shape == ():
            forms += [f"math.sin({x})", f"math.tanh({x})", f"math.exp(-abs({x}))", f"float({x})"]
        return self.pick(forms), shape

    def binary(self, depth):
        x, a = self.operand(depth)
        other = self.operand(depth, lambda s: broadcast(s, a) is not None)
        if other is None:
            return None
        y, b = other
        forms = [
            f"{x} + {y}", f"{x} - {y}", f"{x} * {y}", f"{x} / (1.5 + {y}**2)", f"np.maximum({x}, {y})",
            f"np.minimum({x}, {y})", f"np.hypot({x}, {y})", f"{x} * {y} + {x}", f"{y} - 2 * {x}",
            f"np.multiply({x}, {y})", f"(1.0 + {x}**2)**(0.5 * np.tanh({y}))", f"np.logaddexp({x}, {y})",
        ]  # fmt: skip
        return self.pick(forms), broadcast(a, b)

    def reduction(self, depth):
        found = self.operand(depth, lambda s: len(s) > 0)
        if found is None:
            return None
        x, shape = found
        name = self.pick(["sum", "mean", "max", "min", "sum", "var", "prod"])
        axes = [None, *range(-len(shape), len(shape))]
        if len(shape) > 1:
            axes += [(0, 1), (-1, 0)]
        axis = self.pick(axes)
        keep = self.chance(30)
        options = [] if axis is None else [f"axis={axis}"]
        options += ["keepdims=True"] if keep else []
        reduced = tuple(a % len(shape) for a in (axis if isinstance(axis, tuple) else (axis,))) if (
            axis is not None
        ) else tuple(range(len(shape)))  # fmt: skip
        result = tuple(
            1 if i in reduced else n for i, n in enumerate(shape) if keep or i not in reduced
        )
        if self.chance(10) and not keep and axis is not None and not isinstance(axis, tuple):
            return f"np.linalg.norm({x}, axis={axis}) + 1.0", result
        if self.chance(50):
            return f"{x}.{name}({', '.join(options)})", result
        return f"np.{name}({', '.join([x, *options])})", result

    def index(self, depth):
        found = self.operand(depth, lambda s: len(s) > 0)
        if found is None:
            return None
        x, shape = found
        example = np.zeros(shape)
        n = shape[0]
        forms = [
            "0",
            "-1",
            "::-1",
            "None",
            "..., None",
            "..., 0",
            ":, None",
            "...",
            f"[0, {n - 1}, 0]",
        ]
        forms += [f"np.array([{n - 1}, 0])", f"{x} > 0.1", "1:", ":-1", "::2", f"-{n}:"]
        if len(shape) > 1:
            m = shape[1]
            forms += [
                ":, 0",
                "0, 1:",
                f":, [{m - 1}, 0, 0]",
                "0, -1",
                "::-1, ::-1",
                "[0, 0], [0, 0]",
            ]
            forms += [f"[[0], [{n - 1}]], [0, {m - 1}]", "0, ..., None", "None, 0, :"]
        item = self.pick(forms)
        if ">" in item:
            return f"np.sum({x}[{item}])", ()
        try:
            result = eval(f"example[{item}]", {"example": example, "np": np})
        except IndexError:
            return None
        if result.size == 0:
            return None
        return f"{x}[{item}]", result.shape

    def view(self, depth):
        found = self.operand(depth, lambda s: len(s) > 0)
        if found is None:
            return None
        x, shape = found
        example = np.zeros(shape)
        size = example.size
        forms = [
            "{}.T", "{}.reshape(-1)", "{}.ravel()", "np.expand_dims({}, 0)", "{}.copy()",
            "np.flip({})", "np.roll({}, 1)", "np.cumsum({}, axis=0)", "np.atleast_2d({})",
            "np.repeat({}, 2, axis=0)", "np.tile({}, 2)", "np.squeeze({})", "{}[...]",
            f"{{}}.reshape({size}, 1)", f"np.broadcast_to({{}}, (2, *{shape}))",
            "np.asarray({})", "np.array({})", "np.pad({}, 1)", "np.diff({}, axis=0)",
        ]  # fmt: skip
        if len(shape) > 1:
            forms += ["np.swapaxes({}, 0, 1)", "{}.transpose()", "np.moveaxis({}, 0, -1)"]
            forms += ["{}.swapaxes(-1, 0)", "np.transpose({})", "np.reshape({}, (-1, 1))"]
        if len(shape) == 2:
            forms += ["np.tril({})", "np.triu({}, 1)", "np.diagonal({})"]
            forms += ["np.concatenate([{}, {}], axis=1)"]
        text = self.pick(forms)
        result = eval(text.replace("{}", "example"), {"example": example, "np": np})
        if result.size == 0 or result.size > 60:
            return None
        return text.replace("{}", x), np.shape(result)

    def product(self, depth):
        found = self.operand(depth, lambda s: len(s) in (1, 2, 3))
        if found is None:
            return None
        x, a = found

        def fits(b):
            return len(b) in (1, 2, 3) and a[-1] == (b[0] if len(b) == 1 else b[-2])

        other = self.operand(depth, fits)
        if other is None:
            return None
        y, b = other
        try:
            result = np.zeros(a) @ np.zeros(b)
        except ValueError:
            return None
        forms = [f"{x} @ {y}", f"np.matmul({x}, {y})"]
        if len(a) <= 2 and len(b) <= 2:
            forms.append(f"np.dot({x}, {y})")
        if len(a) == len(b) == 2:
            forms += [f"np.einsum('ij,jk->ik', {x}, {y})", f"np.tensordot({x}, {y}, axes=1)"]
        if len(a) == len(b) == 1:
            return self.pick([*forms, f"np.inner({x}, {y})", f"np.vdot({x}, {y})"]), ()
        return self.pick(forms), result.shape

    def joined(self, depth):
        x, shape = self.operand(depth)
        other = self.value(lambda s: s == shape)
        if other is None or len(shape) > 2:
            return None
        y, _ = other
        if shape == ():
            return f"np.array([{x}, {y}, 0.5 * {x}])", (3,)
        forms = [
            (f"np.concatenate([{x}, {y}])", (2 * shape[0], *shape[1:])),
            (f"np.stack([{x}, {y}])", (2, *shape)),
            (f"np.stack(({x}, {y}), axis=-1)", (*shape, 2)),
            (f"np.vstack([{x}, {y}])[:1]", (1, shape[-1]) if len(shape) == 1 else (1, *shape[1:])),
        ]
        text, result = self.pick(forms)
        return (text, result) if np.prod(result) <= 60 else None

    def call(self, depth):
        x, a = self.operand(depth)
        other = self.operand(depth, lambda s: broadcast(s, a) is not None)
        y, b = other if other is not None else (x, a)
        forms = [
            (f"affine({x}, {y})", broadcast(a, b)), (f"affine(b={x}, a={y})", broadcast(a, b)),
            (f"pair({x}, {y})[0]", broadcast(a, b)), (f"pair({x})[1]", a), (f"same({x})", a),
            (f"nested({x}, {y})", broadcast(a, b)), (f"outside({x})", a),
            (f"scaled({x})", a), (f"scaled({x}, by={y})", broadcast(a, b)),
            (f"affine({x}, {x})", a), (f"apply(lambda v: v * {y}, {x})", broadcast(a, b)),
            (f"apply(np.tanh, {x})", a), (f"apply(same, {x})", a),
        ]  # fmt: skip
        for name, (params, results) in self.helpers.items():
            args = [self.value(lambda s, want=want: s == want) for want in params]
            if all(arg is not None for arg in args):
                made = f"{name}({', '.join(arg[0] for arg in args)})"
                if len(results) == 1:
                    forms += [(made, results[0])] * 3
                else:
                    k = self.pick(range(len(results)))
                    forms += [(f"{made}[{k}]", results[k])] * 3
        return self.pick(forms)

    def selected(self, depth):
        x, a = self.operand(depth)
        other = self.operand(depth, lambda s: broadcast(s, a) is not None)
        if other is None:
            return None
        y, b = other
        shape = broadcast(a, b)
        forms = [
            f"np.where({x} > {y}, {x}, 0.5 * {y})", f"np.where({y} > 0, {x} * {y}, 0.0)",
            f"np.clip({x}, -0.5, {y})", f"np.where(({x} > 0) & ({y} < 1), {x}, {y})",
        ]  # fmt: skip
        if shape == ():
            forms += [f"max({x}, {y})", f"min({x}, {y}, 2.0)", f"sum(({x}, {y}, {x}))"]
        forms.append(f"np.where({x} > 0.2, {x}**2, {y})")
        if a == b:
            forms.append(f"({x} if {y} is not None else {y})")
        return self.pick(forms), shape

    def constant(self, depth):
        x, shape = self.operand(depth)
        forms = [f"np.zeros_like({x}) + {x}", f"np.ones_like({x}) * 0.5", f"np.full_like({x}, 0.3)"]
        if shape:
            forms += [f"np.ones({x}.shape) * {x}", f"np.zeros({x}.shape[0]).sum() + {x}"]
            forms += [f"np.linspace(0.0, 1.0, {x}.size).reshape({x}.shape) * {x}"]
        if shape == (3,):
            forms += [f"{x} + SHIFT", f"np.arange(3) * {x}", f"np.eye(3)[1] * {x}"]
        return self.pick(forms), shape

    def reading(self, depth):
        x, shape = self.operand(depth)
        forms = [f"{x} * 2", f"{x} * RATE"]
        if shape:
            forms += [
                f"{x} / len({x})",
                f"{x} * {x}.ndim",
                f"{x} / {x}.size",
                f"{x} * {x}.shape[-1]",
            ]
        return self.pick(forms), shape

    # -- statements --------------------------------------------------------------------------------

    def name(self):
        return self.pick(NAMES)

    def statement(self):
        kind = self.draw(st.integers(0, 99))
        if kind < 8 and self.values:
            x, a = self.value()
            first, second = self.name(), self.name()
            if first != second:
                self.lines.append(f"{first}, {second} = pair({x})")
                self.values |= {first: a, second: a}
                return
        if kind < 14:
            one, a = self.expression(1)
            two, b = self.expression(1)
            first, second = self.name(), self.name()
            if first != second:
                self.lines.append(f"{first}, {second} = {one}, {two}")
                self.values |= {first: a, second: b}
                return
        if kind < 18:
            text, shape = self.expression(1)
            first, second = self.name(), self.name()
            self.lines.append(f"{first} = {second} = {text}")
            self.values |= {first: shape, second: shape}
            return
        if kind < 24:
            found = self.value(lambda s: s == ())
            if found is not None:
                x, _ = found
                text, shape = self.expression(1)
                if shape == ():
                    self.lines.append(f"{x} {self.pick('+-*')}= {text}")
                    return
        if kind < 28 and self.values:
            x, shape = self.value()
            inner, outer = self.pick(["v", "t"]), self.name()
            self.lines.append(f"{outer} = (lambda {inner}: {inner} * {x} + {inner})({x})")
            self.values[outer] = shape
            return
        if kind < 31:
            x, shape = self.value()
            outer = self.name()
            self.lines.append(f"{outer} = [{x} * k for k in (0.5, 2)][1] + sum([{x}, {x}])")
            self.values[outer] = shape
            return
        text, shape = self.expression()
        name = self.name()
        self.lines.append(f"{name} = {text}")
        self.values[name] = shape

    def total(self):
        """One number of a few of the values."""
        parts = []
        for _ in range(self.pick([1, 2, 3])):
            x, shape = self.value()
            forms = [f"np.sum({x})", f"np.mean({x}**2)", f"np.sum(np.sin({x}))"]
            parts.append(self.pick([x, f"{x} * {x}"] if shape == () else forms))
        return " + ".join(parts)


@st.composite
def helper(draw, number):
    """A function of one to three values that returns one to three."""
    shapes = [draw(st.sampled_from(SHAPES)) for _ in range(draw(st.integers(1, 3)))]
    names = draw(st.permutations(["x", "y", "dx", "a", "value", "_"]))[: len(shapes)]
    inner = Program(draw, dict(zip(names, shapes, strict=True)))
    for _ in range(draw(st.integers(0, 4))):
        inner.statement()
    results = [inner.value() for _ in range(draw(st.integers(1, 3)))]
    lines = [f"def helper{number}({', '.join(names)}):", *(f"    {line}" for line in inner.lines)]
    lines.append(f"    return {', '.join(name for name, _ in results)}")
    return "\n".join(lines) + "\n\n\n", tuple(shapes), [shape for _, shape in results]


@st.composite
def programs(draw):
    """The text of a module with a function f, and arguments for it."""
    count = draw(st.integers(1, 4))
    shapes = [draw(st.sampled_from(SHAPES)) for _ in range(count)]
    names = draw(st.permutations(["x", "y", "W", "b", "dx", "f", "_"]))[:count]
    program = Program(draw, dict(zip(names, shapes, strict=True)))
    text = PRELUDE
    for number in range(draw(st.integers(0, 2))):
        source, params, results = draw(helper(number))
        text += source
        program.helpers[f"helper{number}"] = params, results
    for _ in range(draw(st.integers(1, 8))):
        program.statement()
    total = program.total()
    body = [f"def f({', '.join(names)}):", *(f"    {line}" for line in program.lines)]
    text += "\n".join([*body, f"    return {total}"]) + "\n"
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    args = [argument(draw, rng, shape) for shape in shapes]
    wrt = tuple(i for i in range(count) if draw(st.booleans())) or (0,)
    return text, args, wrt


def argument(draw, rng, shape):
    """A float for rank 0, mostly, and arrays of several layouts."""
    value = rng.uniform(0.3, 1.5, shape) * rng.choice([-1.0, 1.0], shape)
    kind = draw(st.integers(0, 9))
    if shape == ():
        return np.float64(value) if kind == 0 else np.array(value) if kind == 1 else float(value)
    if kind == 0:
        return np.asfortranarray(value)
    if kind == 1:
        return np.repeat(value, 2, axis=-1)[..., ::2]
    return value


@np.errstate(all="ignore")
def check(text, args, wrt):
    fun = support.functions(text)["f"]
    value = fun(*args)
    if not np.isfinite(value) or abs(value) > 1e8:
        return
    before = copy.deepcopy(args)
    try:
        run, emitted = support.built(fun, args, wrt)
    except cr.UnsupportedError as error:
        # arrays of rank 0: Python's max and min of them, writes into them
        assert error.code in ("CR021", "CR031", "CR057", "CR058"), error  # noqa: PT017
        return
    note(emitted)
    found, gradients = run(*args)
    assert support.same_bits(found, value)
    assert support.same_bits(before, args), "an argument was changed"
    for i, gradient in zip(wrt, gradients, strict=True):
        compare(fun, args, i, gradient)
        assert isinstance(args[i], np.ndarray) == isinstance(gradient, np.ndarray)
        assert np.shape(gradient) == np.shape(args[i])
        if isinstance(gradient, np.ndarray):
            assert gradient.dtype == args[i].dtype
            assert gradient.flags.writeable
            assert not any(np.shares_memory(gradient, a) for a in args if isinstance(a, np.ndarray))
            others = [g for g in gradients if isinstance(g, np.ndarray) and g is not gradient]
            assert not any(np.shares_memory(gradient, other) for other in others)
    assert support.same_bits(run(*args), (found, gradients)), "a second call differs"
    plain, _ = support.built(fun, args, wrt, simplify=False)
    close(plain(*args)[1], gradients)
    out, pullback = cr.vjp(fun, *args)
    once, twice = pullback(np.ones_like(out)), pullback(np.ones_like(out))
    close([once[i] for i in wrt], gradients)
    assert support.same_bits(once, twice), "a second pullback differs"
    support.check_tangents(fun, args, wrt, gradients)
    names = list(inspect.signature(fun).parameters)
    support.check_engines(fun, args, tuple(names[i] for i in wrt), next(_numbers))


def close(ours, theirs):
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-10 * max(1.0, np.max(np.abs(b))))


def compare(fun, args, argnum, gradient):
    """Against numeric differentiation, as far as that knows the answer itself."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        numeric, error = numeric_gradient_with_error(fun, args, argnum)
    scale = max(1.0, float(np.max(np.abs(numeric), initial=0.0)))
    sure = np.isfinite(numeric) & (np.asarray(error) < 1e-5 * scale)
    apart = np.abs(np.asarray(gradient) - numeric)
    wrong = sure & ~(apart <= 1e-6 * scale + 100 * np.asarray(error))
    assert not np.any(wrong), f"argument {argnum}: {gradient} but numerically {numeric} +- {error}"


@settings(
    max_examples=PROGRAMS,
    deadline=None,
    derandomize=PROGRAMS <= 1000,
    suppress_health_check=list(HealthCheck),
    database=None,
)
@given(programs())
def test_generated_programs(program):
    text, args, wrt = program
    note(text[len(PRELUDE) :])
    note(f"args = {args!r}, wrt = {wrt}")
    check(text, args, wrt)
