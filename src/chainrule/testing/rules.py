"""Testing rules: everything that is promised of an operation, checked over its calls.

>>> check_rule("tanh")

An operation that is new in the registry needs nothing but its `sample` (elementwise) or its `cases`
to be tested. For each call, `check_call` compares the value with that of the plain function bit for
bit, the gradient of every argument with numeric differentiation, and looks at what a user would
notice later: shapes, precisions, shared memory, changed arguments, warnings, a second call.
"""

from __future__ import annotations

import ast
import cmath
import contextlib
import linecache
import math
import warnings
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final, final

import numpy as np
import scipy.special

from .. import pipeline
from ..api import value_and_grad, vjp
from ..emit.interface import result_classes
from ..emit.module import emit_module
from ..engines.numpy_engine import load
from ..errors import NeedStatic, UnsupportedError
from ..frontend.root import Primal
from ..frontend.signature import Leaf, spec_of
from ..rules.registry import OPS, Interval, NoDerivative, NotWritten, Op
from ..staging import fused_module, pullback_roots
from .numeric import numeric_vjp
from .pool import pool

NAMES: Final[dict[str, Any]] = {
    "np": np, "math": math, "cmath": cmath, "special": scipy.special, "scipy": scipy,
}  # fmt: skip
RTOL: Final = {"float64": 1e-6, "float32": 1e-4}
ATOL: Final = {"float64": 1e-8, "float32": 1e-5}  # of the largest entry or 1


@final
@dataclass(frozen=True)
class Call:
    """An expression and the values of the names in it, in the order of the parameters.

    `constant` are arguments without a derivative, where numeric differentiation has nothing to say
    about a step: their gradient is exactly zero.
    """

    text: str
    args: Mapping[str, Any]
    note: str = ""
    constant: frozenset[str] = frozenset()

    @property
    def fun(self) -> Callable[..., Any]:
        """The plain function of this expression."""
        return function(self.text, tuple(self.args))

    @property
    def values(self) -> list[Any]:
        """The arguments by position."""
        return list(self.args.values())

    def __str__(self) -> str:
        shown = ", ".join(f"{name}: {_kind(value)}" for name, value in self.args.items())
        return f"{self.text} with {shown}" + (f" ({self.note})" if self.note else "")


def _kind(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"{value.dtype}[{','.join(map(str, value.shape))}]"
    return f"{type(value).__name__} {value}"


@cache
def function(text: str, names: tuple[str, ...]) -> Callable[..., Any]:
    """A function `f(names)` that returns an expression, with source that can be found.

    >>> function("x * y", ("x", "y"))(2.0, 3.0)
    6.0
    """
    source = f"def f({', '.join(names)}):\n    return {text}\n"
    path = f"<call {text} of {', '.join(names)}>"
    linecache.cache[path] = (len(source), None, source.splitlines(keepends=True), path)
    namespace = dict(NAMES)
    exec(compile(source, path, "exec"), namespace)
    fun: Callable[..., Any] = namespace["f"]
    return fun


# -- the calls of an operation -------------------------------------------------------------------


def calls(op: Op | str) -> Iterator[Call]:
    """The calls that an operation is tested with: its cases, and generated ones if elementwise."""
    op = OPS[op] if isinstance(op, str) else op
    for case in op.cases:
        for dtype in ("float64", "float32", *(("complex128",) if op.complex_too else ())):
            yield case_call(case, dtype)
    if op.elementwise and not op.formed:
        yield from generated(op)


def case_call(case: str, dtype: str = "float64") -> Call:
    """A case of the registry with the values that it names.

    >>> str(case_call("np.sum(A, axis=0)"))
    'np.sum(A, axis=0) with A: float64[3,4]'
    """
    known = pool(dtype)
    used = [node.id for node in ast.walk(ast.parse(case)) if isinstance(node, ast.Name)]
    args = {name: known[name] for name in known if name in used}
    return Call(case, args or {"x": known["x"]})


def resized(call: Call) -> Iterator[Call]:
    """The same call of smaller arrays: one of the sizes that occur becomes 1, or 0.

    >>> for smaller in list(resized(case_call("u * w[:, None]")))[:2]:
    ...     print(smaller)
    u * w[:, None] with u: float64[4], w: float64[1] (3 -> 1)
    u * w[:, None] with u: float64[4], w: float64[0] (3 -> 0)
    """
    sizes = {n for value in arrays(call.values) for n in value.shape}
    for size in sorted(sizes - {0, 1}):
        for new in (1, 0):
            args = {name: _cut(value, size, new) for name, value in call.args.items()}
            yield replace(call, args=args, note=f"{size} -> {new}")


def _cut(value: Any, size: int, new: int) -> Any:
    """Every axis of that size cut to a new one."""
    if not isinstance(value, np.ndarray):
        return value
    return value[tuple(slice(new if n == size else None) for n in value.shape)].copy()


@final
@dataclass(frozen=True)
class _Draw:
    """Random operands of an elementwise operation, the same at every run."""

    op: Op
    rng: np.random.Generator

    def interval(self, position: int) -> Interval:
        sample = self.op.sample
        if sample is None:
            raise ValueError(f"{self.op.name} is elementwise and has no sample")
        return sample if isinstance(sample, Interval) else sample[position]

    def floats(self, position: int, shape: tuple[int, ...], dtype: str = "float64") -> Any:
        """Values in the interval; whole numbers where the operand is one."""
        found = self.interval(position)
        if found.ints:
            return self.whole(position, shape)
        return np.asarray(self.rng.uniform(found.low, found.high, shape), dtype)

    def whole(self, position: int, shape: tuple[int, ...]) -> Any:
        """Integers in the interval; other numbers where it has none."""
        found = self.interval(position)
        low, high = math.ceil(found.low), math.floor(found.high)
        if low > high:
            return np.asarray(self.rng.uniform(found.low, found.high, shape))
        return np.asarray(self.rng.integers(low, high + 1, shape))


MATRIX, ROW, COLUMN, VECTOR = (3, 4), (1, 4), (3, 1), (4,)


def generated(op: Op) -> Iterator[Call]:
    """Calls of an elementwise operation, by its `sample` and at its `probe` points."""
    draw = _Draw(op, np.random.default_rng(zlib.crc32(op.name.encode())))
    for via, template in op.spellings.items():
        if op.complex_too:
            yield from _complex(op, via, draw)
        if via == "cmath" or (not via and isinstance(template, ast.Attribute | ast.Call)):
            continue  # of complex numbers only, as `z.real`
        numbers = [draw.floats(i, ()) for i in range(len(op.operands))]
        yield from _scalars(op, via, numbers)
        for point in op.probe:
            for position in range(len(op.operands)):
                yield _call(op, via, _with(numbers, position, point, float), f"{point} at a probe")
            yield _call(op, via, [point] * len(op.operands), f"{point} at a probe everywhere")
        if via != "math" and not isinstance(template, ast.IfExp):
            yield from _arrays(op, via, draw)


def _with(values: Sequence[Any], position: int, new: Any, convert: Any) -> list[Any]:
    """Python numbers, one of them replaced."""
    changed = [v.item() for v in values]
    changed[position] = convert(new)
    return changed


def _call(op: Op, via: str, operands: Sequence[Any], note: str = "") -> Call:
    text = ast.unparse(op.spellings[via])
    args = dict(zip(op.operands, operands, strict=True))
    constant = {o for o in op.operands if isinstance(op.rules.get(o), NoDerivative)}
    if not any(np.asarray(value).dtype.kind in "fc" for value in operands):
        args["unused"] = 0.5
        constant.add("unused")
    return Call(text, args, note, frozenset(constant))


def _scalars(op: Op, via: str, numbers: Sequence[Any]) -> Iterator[Call]:
    yield _call(op, via, [n.item() for n in numbers])
    yield _call(op, via, [n[()] for n in numbers])
    yield _call(op, via, [n.copy() for n in numbers], "rank 0")
    single = [n.astype("float32") if n.dtype.kind == "f" else n for n in numbers]
    if via != "math":
        yield _call(op, via, [n[()] for n in single])
    if len(numbers) > 1:
        for i in range(len(numbers)):
            mixed: list[Any] = [n.item() for n in numbers]
            mixed[i] = numbers[i].copy()
            yield _call(op, via, mixed)
            if via != "math":
                yield _call(op, via, [single[j][()] if i == j else m for j, m in enumerate(mixed)])


def _complex(op: Op, via: str, draw: _Draw) -> Iterator[Call]:
    """Calls with complex operands, some of them beside real ones."""
    count = len(op.operands)
    if via == "math" or isinstance(op.spellings[via], ast.IfExp):
        return

    def complex_(i: int, shape: tuple[int, ...], dtype: str = "complex128") -> Any:
        found = draw.floats(i, shape)
        if draw.interval(i).ints:
            return found
        return np.asarray(found + 1j * draw.rng.uniform(-0.8, 0.8, shape), dtype)

    places = range(count)
    yield _call(op, via, [complex_(i, ()).item() for i in places], "complex")
    yield _call(op, via, [complex_(i, ())[()] for i in places], "complex")
    if count > 1:
        for i in places:
            mixed = [complex_(j, ()) if i == j else draw.floats(j, ()) for j in places]
            yield _call(op, via, [m.item() for m in mixed], "complex")
    if via == "cmath":
        return
    yield _call(op, via, [complex_(i, ()) for i in places], "complex, rank 0")
    yield _call(op, via, [complex_(i, MATRIX) for i in places], "complex")
    yield _call(op, via, [complex_(i, VECTOR, "complex64") for i in places], "complex")
    yield _call(op, via, [complex_(i, (0, 3)) for i in places], "complex, empty")
    for i in places if count > 1 else ():
        for shape in (MATRIX, ROW, COLUMN, ()):
            one = [complex_(j, shape) if i == j else draw.floats(j, MATRIX) for j in places]
            yield _call(op, via, one, "complex")
            other = [draw.floats(j, shape) if i == j else complex_(j, MATRIX) for j in places]
            yield _call(op, via, other, "complex")
        whole = [complex_(j, MATRIX).item(0) if i == j else draw.floats(j, ROW) for j in places]
        yield _call(op, via, whole, "complex")
        narrow = [
            complex_(j, VECTOR) if i == j else draw.floats(j, VECTOR, "float32") for j in places
        ]
        yield _call(op, via, narrow, "complex")


def _arrays(op: Op, via: str, draw: _Draw) -> Iterator[Call]:
    count = len(op.operands)

    def operands(
        shapes: Sequence[tuple[int, ...]], dtypes: Sequence[str] = ("float64",) * count
    ) -> list[Any]:
        both = enumerate(zip(shapes, dtypes, strict=True))
        return [
            draw.whole(i, shape) if dtype == "int64" else draw.floats(i, shape, dtype)
            for i, (shape, dtype) in both
        ]

    yield _call(op, via, operands([MATRIX] * count))
    yield _call(op, via, operands([VECTOR] * count), "vector")
    yield _call(op, via, operands([VECTOR] * count, ["float32"] * count))
    yield _call(op, via, operands([(0, 3)] * count), "empty")
    yield _call(op, via, operands([(1, 1)] * count))
    if op.probe:
        points = np.array(op.probe)
        yield _call(op, via, [points] * count, "probes")
        yield _call(op, via, [points.astype("float32")] * count, "probes")
    for i in range(count if count > 1 else 0):

        def but(other: Any, usual: Any, i: int = i) -> list[Any]:
            return [other if j == i else usual for j in range(count)]

        for shape in (ROW, COLUMN, VECTOR, ()):
            yield _call(op, via, operands(but(shape, MATRIX)))
        yield _call(op, via, operands(but(ROW, COLUMN)))
        yield _call(op, via, operands(but((1, 1), VECTOR)))
        whole = operands(but(VECTOR, VECTOR), but("int64", "float64"))
        narrow = operands(but(VECTOR, VECTOR), but("float32", "float64"))
        yield _call(op, via, narrow)
        yield _call(op, via, operands(but(ROW, MATRIX), but("float32", "float64")))
        yield _call(op, via, whole)
        yield _call(op, via, operands(but(VECTOR, VECTOR), but("int64", "float32")))
        matrices = operands([MATRIX] * count)
        for number in (float, np.float64, np.float32):
            value = draw.floats(i, ())
            if value.dtype.kind == "f":
                yield _call(
                    op, via, [number(value) if j == i else matrices[j] for j in range(count)]
                )
        singles = operands([MATRIX] * count, ["float32"] * count)
        value = draw.floats(i, ()).item()
        yield _call(op, via, [value if j == i else singles[j] for j in range(count)])
        value = draw.whole(i, ()).item()
        yield _call(op, via, [value if j == i else matrices[j] for j in range(count)])


# -- the checks ----------------------------------------------------------------------------------


def check_rule(op: Op | str) -> None:
    """Check all calls of an operation; AssertionError with a line for each that fails."""
    op = OPS[op] if isinstance(op, str) else op
    unwritten = [isinstance(op.rules[o], NotWritten) for o in op.operands]

    def check(call: Call) -> None:
        if any(unwritten) and not all(unwritten):
            check_partly(call)
        else:
            check_call(call, not any(unwritten))

    check_all(calls(op), lambda call: right_or_refused(call, check))


def check_partly(call: Call) -> None:
    """Check a call of an operation that lacks some rules: right, or refused where it needs one."""
    try:
        check_call(call)
    except UnsupportedError as error:
        if error.code != "CR024":
            raise


def right_or_refused(call: Call, check: Callable[[Call], None]) -> None:
    """Run a check; complex operands may be refused, or be none that NumPy allows."""
    if not is_complex(call.values):
        check(call)
    elif not raises_type_error(call):
        with contextlib.suppress(NotImplementedError):
            try:
                check(call)
            except UnsupportedError as error:
                if error.code not in ("CR020", "CR021"):
                    raise


def raises_type_error(call: Call) -> bool:
    """Does the plain function not take such operands, as a comparison takes no complex ones?"""
    try:
        watched(call.fun, *copied(call.values))
    except TypeError:
        return True
    return False


def is_complex(values: Sequence[Any]) -> bool:
    """Is one of the values complex?"""
    return any(np.iscomplexobj(leaf) for leaf in leaves(values))


def check_sizes(op: Op | str) -> None:
    """Check the cases of an operation with sizes cut to 1 and 0: right, or refused."""
    check_resized(op, check_call)


def check_resized(op: Op | str, check: Callable[[Call], Any]) -> None:
    """Run a check on the cases of an operation with sizes cut to 1 and 0: right, or refused."""
    op = OPS[op] if isinstance(op, str) else op

    def right_or_refused(call: Call) -> None:
        try:
            check(call)
        except UnsupportedError as error:
            assert error.code == "CR021", str(error)

    check_all((c for case in op.cases for c in resized(case_call(case))), right_or_refused)


def check_all(calls: Iterable[Call], check: Callable[[Call], None]) -> None:
    """Run a check for each call; AssertionError with a line for each that fails, or for none."""
    failures: list[str] = []
    count = 0
    for call in calls:
        count += 1
        try:
            check(call)
        except Exception as error:
            text = (str(error).strip() or repr(error)).splitlines()[0]
            kind = "" if isinstance(error, AssertionError) else f"{type(error).__name__}: "
            failures.append(f"{call}\n        {kind}{text}")
    if failures:
        raise AssertionError("\n    ".join([f"{len(failures)} of {count} calls fail", *failures]))
    assert count, "there are no calls to check"


def check_call(call: Call, differentiable: bool = True) -> None:
    """Check one call; AssertionError says what is wrong.

    `differentiable` is False where a rule is not written: then only the refusal is checked.
    """
    if not differentiable:
        _check_refused(call)
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _check(call)


def _check(call: Call) -> None:
    try:
        expected, said = watched(call.fun, *copied(call.values))
    except Exception as error:
        _check_raised(call, error)
        return
    cotangent = cotangent_of(expected)
    gradients = _check_pullback(call, expected, cotangent, said)
    _check_numbers(call, expected, cotangent, gradients)
    _, pullback = vjp(call.fun, *copied(call.values))
    for text, ones in scalar_parts(call.text, expected):
        _check_fused(replace(call, text=text), pullback(ones))


def _check_refused(call: Call) -> None:
    try:
        vjp(call.fun, *call.values)
    except UnsupportedError as error:
        assert error.code == "CR024", str(error)
    else:
        raise AssertionError("a derivative that is not written is not refused")


def _check_raised(call: Call, expected: Exception) -> None:
    """What the plain function raises, `vjp` raises."""
    try:
        vjp(call.fun, *copied(call.values))
    except Exception as error:
        assert type(error) is type(expected), f"{error!r} instead of {expected!r}"
        assert str(error) == str(expected), f"{error!r} instead of {expected!r}"
    else:
        raise AssertionError(f"{expected!r} is not raised")


def _check_pullback(call: Call, expected: Any, cotangent: Any, said: set[Any]) -> list[Any]:
    """`vjp`: value, warnings, what is left alone, a second call. Returns the gradients."""
    args = copied(call.values)
    (value, pullback), more = watched(vjp, call.fun, *args)
    _quiet(more, said, "the forward pass")
    same(value, expected, "value")
    gradients, more = watched(pullback, cotangent)
    _quiet(more, said, "the backward pass")
    same(args, call.values, "arguments afterwards")
    _check_kinds(call, gradients)
    _check_memory([args, value, cotangent], gradients)
    same(pullback(cotangent), gradients, "gradients of a second pullback")
    again, second = vjp(call.fun, *args)
    same(again, expected, "value of a second call")
    same(second(cotangent), gradients, "gradients of a second call")
    return list(gradients)


def _quiet(more: set[tuple[type, str]], said: set[tuple[type, str]], what: str) -> None:
    """AssertionError for warnings of a kind that the plain function does not give."""
    new = sorted(text for kind, text in more if kind not in {k for k, _ in said})
    assert not new, f"{what} warns: {', '.join(new)}"


def _check_fused(call: Call, wanted: Sequence[Any]) -> None:
    """`value_and_grad` of one number: the same as the pullback, which is compiled on its own."""
    expected, said = watched(call.fun, *copied(call.values))
    chosen = tuple(i for i, v in enumerate(call.values) if is_float(v))
    args = copied(call.values)
    both = value_and_grad(call.fun, argnums=chosen)
    (value, gradients), more = watched(both, *args)
    _quiet(more, said, "value_and_grad")
    same(value, expected, "value of value_and_grad")
    same(args, call.values, "arguments after value_and_grad")
    spread: list[Any] = [None] * len(args)
    for i, gradient in zip(chosen, gradients, strict=True):
        spread[i] = gradient
    _check_kinds(call, spread)
    _check_memory([args, value], spread)
    value_again, again = both(*args)
    same(value_again, expected, "value of a second value_and_grad")
    same(again, gradients, "gradients of a second value_and_grad")
    names = [name for name, value in call.args.items() if is_float(value)]
    _agree(call, names, gradients, wanted)


def _check_kinds(call: Call, gradients: Sequence[Any]) -> None:
    """Every gradient has the type, shape and dtype of its argument."""
    for (name, arg), gradient in zip(call.args.items(), gradients, strict=True):
        if not is_float(arg):
            assert gradient is None, f"a gradient in {name}, which is no floating point number"
            continue
        assert gradient is not None, f"no gradient in {name}"
        assert np.shape(gradient) == np.shape(arg), (
            f"gradient in {name} of shape {np.shape(gradient)} for {np.shape(arg)}"
        )
        assert isinstance(gradient, np.ndarray) == isinstance(arg, np.ndarray), (
            f"gradient in {name} is a {type(gradient).__name__} for a {type(arg).__name__}"
        )
        assert np.asarray(gradient).dtype == np.asarray(arg).dtype, (
            f"gradient in {name} of {np.asarray(gradient).dtype} for {np.asarray(arg).dtype}"
        )


def _check_memory(others: Any, gradients: Sequence[Any]) -> None:
    """Gradients are arrays of their own: they can be written to and nothing else changes."""
    seen = list(arrays(others))
    for gradient in arrays(gradients):
        assert gradient.flags.writeable, "a gradient is read-only"
        assert not any(np.shares_memory(gradient, other) for other in seen), (
            "a gradient shares memory with an argument, the value, the cotangent or another gradient"
        )
        repeated = any(
            s == 0 < n - 1 for s, n in zip(gradient.strides, gradient.shape, strict=True)
        )
        assert not repeated or not gradient.size, "elements of a gradient share memory"
        seen.append(gradient)


def _check_numbers(call: Call, expected: Any, cotangent: Any, gradients: Sequence[Any]) -> None:
    """Every gradient against numeric differentiation, in double precision."""
    kind = precision([*call.values, expected])
    undefined = bool(np.isnan(flat(expected)).any())
    wide = [doubled(value) for value in call.values]
    weights = flat(cotangent)

    def flattened(*args: Any) -> Any:
        return flat(call.fun(*args))

    for position, (name, gradient) in enumerate(zip(call.args, gradients, strict=True)):
        if gradient is None:
            continue
        if name in call.constant or not weights.size:
            assert not np.any(gradient), f"gradient in {name}, which has no derivative"
            continue
        wanted = numeric_vjp(flattened, wide, position, weights)
        scale = max(1.0, float(np.max(np.abs(wanted), initial=0.0))) if kind == "float32" else 1.0
        close(gradient, wanted, RTOL[kind], ATOL[kind] * scale, f"gradient in {name}", undefined)


# -- other ways to compile -----------------------------------------------------------------------


def check_options(call: Call, options: pipeline.Options, *, known_sizes: bool = False) -> None:
    """Compiled with other options, or for sizes that are known, a call has the same gradients.

    Up to rounding: 1e-12 of the largest entry.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _check_options(call, options, known_sizes)


def _check_options(call: Call, options: pipeline.Options, known_sizes: bool) -> None:
    args = call.values
    value, pullback = vjp(call.fun, *copied(args))
    cotangent = cotangent_of(value)
    primal, wrt = specialised(call, known_sizes)
    program = pipeline.pullback(primal, wrt, options)
    forward, backward = pullback_roots(program)
    classes = result_classes(primal.result)
    namespace = load(emit_module([forward, backward]).text, "f", classes)
    again, saved = namespace[forward.function.name](*copied(args))
    same(again, value, "value")
    given = typed_cotangent(cotangent, value)
    _agree(call, wrt, namespace[backward.function.name](given, saved), pullback(cotangent))
    if not (is_float(value) and np.ndim(value) == 0 and not isinstance(value, np.ndarray)):
        return
    if np.iscomplexobj(value):
        return
    fused = pipeline.gradient(primal, wrt, options)
    name = fused.function.name
    again, gradients = load(fused_module(fused).text, "f")[name](*copied(args))
    same(again, value, "value of the fused function")
    _agree(call, wrt, gradients if len(wrt) > 1 else (gradients,), pullback(1.0))


def typed_cotangent(cotangent: Any, value: Any) -> Any:
    """The cotangent as the emitted backward function gets it from `vjp`."""
    if not isinstance(value, tuple):
        return cotangent
    return type(value)(*cotangent) if hasattr(value, "_fields") else tuple(cotangent)


def specialised(call: Call, known_sizes: bool = False) -> tuple[Primal, tuple[str, ...]]:
    """The program of a call, and the arguments that are differentiated."""
    fixed: dict[Any, bool] = {}
    while True:
        specs = {name: spec_of(value, name, fixed) for name, value in call.args.items()}
        if known_sizes:
            for name, value in call.args.items():
                if isinstance(value, np.ndarray):
                    specs[name] = Leaf(value.dtype.name, sizes=value.shape)
        try:
            primal = pipeline.specialise(call.fun, specs, fixed)
        except NeedStatic as error:
            assert not all(root in fixed for root in error.roots), str(error)
            fixed |= dict.fromkeys(error.roots, True)
            continue
        return primal, tuple(name for name, value in call.args.items() if is_float(value))


def _agree(call: Call, wrt: Sequence[str], got: Sequence[Any], wanted: Sequence[Any]) -> None:
    rtol = 1e-12 if precision(call.values) == "float64" else 1e-5
    by_name = dict(zip(call.args, wanted, strict=True))
    for name, gradient in zip(wrt, got, strict=True):
        want = by_name[name]
        scale = float(np.max(np.abs(want), initial=0.0, where=np.isfinite(want)))
        close(gradient, want, rtol, max(rtol * scale, 1e-15), f"gradient in {name}", undefined=True)


# -- values --------------------------------------------------------------------------------------


def watched(fun: Callable[..., Any], *args: Any) -> tuple[Any, set[tuple[type, str]]]:
    """The result of a call, and the warnings that it gave."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = fun(*args)
    return result, {(w.category, str(w.message)) for w in caught}


def copied(value: Any) -> Any:
    """The value with copies of its arrays, laid out in the same way."""
    if isinstance(value, list | tuple):
        return [copied(item) for item in value]
    return value.copy(order="K") if isinstance(value, np.ndarray) else value


def doubled(value: Any) -> Any:
    """A float32 value in double precision."""
    if isinstance(value, np.ndarray | np.generic):
        wide = {"float32": np.float64, "complex64": np.complex128}.get(value.dtype.name)
        return value if wide is None else value.astype(wide)
    return value


def is_float(value: Any) -> bool:
    """Is it floating point or complex: a number or an array?"""
    known = isinstance(value, float | complex | np.ndarray | np.generic)
    return known and np.asarray(value).dtype.kind in "fc"


def precision(value: Any) -> str:
    """The lowest precision among the floating-point values."""
    found = {np.asarray(leaf).dtype.name for leaf in leaves(value)}
    return "float32" if found & {"float32", "complex64"} else "float64"


def leaves(value: Any) -> Iterator[Any]:
    """The numbers and arrays in a nest of lists and tuples."""
    if isinstance(value, list | tuple):
        for item in value:
            yield from leaves(item)
    elif value is not None:
        yield value


def arrays(value: Any) -> Iterator[Any]:
    """The arrays in a nest of lists and tuples."""
    return (leaf for leaf in leaves(value) if isinstance(leaf, np.ndarray))


def flat(value: Any) -> Any:
    """All floating-point numbers of a value, one after the other."""
    parts = [np.ravel(leaf) for leaf in leaves(value) if is_float(leaf)]
    return np.concatenate(parts) if parts else np.zeros(0)


def cotangent_of(value: Any, rng: np.random.Generator | None = None) -> Any:
    """Fixed random weights of both signs for a value, in its container and its precision."""
    rng = rng or np.random.default_rng(1)
    if isinstance(value, list | tuple):
        return [cotangent_of(item, rng) for item in value]
    if not is_float(value):
        return None
    weights = rng.uniform(0.5, 1.5, np.shape(value)) * rng.choice([-1.0, 1.0], np.shape(value))
    if np.iscomplexobj(value):
        weights = weights + 1j * rng.uniform(-1.5, 1.5, np.shape(value))
    if isinstance(value, np.ndarray):
        return np.asarray(weights, value.dtype)
    return type(value)(weights)


def scalar_parts(text: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Expressions of one number that contain a call: itself, its sum, its first and last result.

    Each with the cotangent of the call that it stands for.
    """
    if isinstance(value, list | tuple):
        for i in sorted({0, len(value) - 1} if value else set()):
            for part, ones in scalar_parts(f"({text})[{i}]", value[i]):
                yield part, [ones if j == i else weighted(v, 0.0) for j, v in enumerate(value)]
    elif is_float(value):
        number = np.ndim(value) == 0 and not isinstance(value, np.ndarray)
        one = text if number else f"np.sum({text})"
        yield f"({one}).real" if np.iscomplexobj(value) else one, weighted(value, 1.0)


def weighted(value: Any, weight: float) -> Any:
    """The same weight for every number of a value; None for what carries no gradient."""
    if isinstance(value, list | tuple):
        return [weighted(item, weight) for item in value]
    return np.full_like(value, weight) if is_float(value) else None


def same(got: Any, want: Any, what: str) -> None:
    """AssertionError unless both are equal to the last bit, of one type, dtype and shape."""
    if isinstance(want, list | tuple):
        assert isinstance(got, list | tuple), f"{what}: {type(got).__name__} instead of several"
        assert len(got) == len(want), f"{what}: {len(got)} of {len(want)}"
        for i, (g, w) in enumerate(zip(got, want, strict=True)):
            same(g, w, f"{what} [{i}]")
        return
    assert type(got) is type(want), (
        f"{what}: a {type(got).__name__} instead of a {type(want).__name__}"
    )
    if want is None:
        return
    a, b = np.asarray(got), np.asarray(want)
    assert a.dtype == b.dtype, f"{what}: {a.dtype} instead of {b.dtype}"
    assert a.shape == b.shape, f"{what}: shape {a.shape} instead of {b.shape}"
    equal = (a == b) | ((a != a) & (b != b))
    if a.dtype.kind in "fc":
        equal &= (np.signbit(a.real) == np.signbit(b.real)) | (a != a)
    if a.dtype.kind == "c":
        equal &= (np.signbit(a.imag) == np.signbit(b.imag)) | (a != a)
    assert np.all(equal), f"{what}: {got} instead of {want}"


def close(
    got: Any, want: Any, rtol: float, atol: float, what: str, undefined: bool = False
) -> None:
    """AssertionError unless `|got - want| <= atol + rtol * |want|`; equal infinities agree.

    With `undefined` so do two NaN.
    """
    dtype = complex if np.iscomplexobj(got) or np.iscomplexobj(want) else float
    a, b = np.asarray(got, dtype), np.asarray(want, dtype)
    assert a.shape == b.shape, f"{what}: shape {a.shape} instead of {b.shape}"
    with np.errstate(invalid="ignore"):
        fine = (np.abs(a - b) <= atol + rtol * np.abs(b)) | (a == b)
    if undefined:
        fine |= np.isnan(a) & np.isnan(b)
    if not np.all(fine):
        worst = tuple(int(i) for i in np.argwhere(~fine)[0])
        raise AssertionError(f"{what} at {list(worst)}: {a[worst]} instead of {b[worst]}")
