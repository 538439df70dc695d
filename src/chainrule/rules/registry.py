"""The registry of operations: how each is spelled, typed, differentiated and written.

An operation is declared by the text of its call, and that text is everything: the callable that
users write, the names and order of its operands, the options with their defaults, and the way
emitted code spells it. Its pullbacks are declared beside it, one per operand::

    elementwise("np.tanh(x)", "math.tanh(x)", sample=interval(-3, 3), probe=(0.0, 20.0))

    @pullback("y = np.tanh(x)", wrt="x")
    def tanh_x(dy, y):
        return (1 - y**2) * dy

A pullback is plain NumPy. The compiler parses it and inlines it into the backward pass; it also
runs on arrays, so a rule is tested without the compiler. Its parameters say what it needs kept:
the cotangent first (called `d` + the name of the result), then any of the result, the operands
and the options, by name. A parameter used only through `.shape`, `.ndim`, `.size` or `.dtype`
keeps nothing alive. Local names become names in the emitted code, so they are chosen for readers.

A rule never handles broadcasting of operands, accumulation, dtype or zeros: it returns the
gradient in the shape of the *broadcast* operand, and `transform.accumulate` does the rest.
Branches in a rule test only what is known when specialising: options, ranks, literals.

Forward mode uses the same declarations. The pullback of an elementwise operation is its tangent
too, the cotangent replaced by the tangent of the operand. An operation that is `linear` in operands
is applied to their tangents. For the rest a tangent is written beside the pullback, in its style::

    @tangent("y = np.prod(a, axis)", wrt="a")
    def prod_dot(a_dot, a, axis, keepdims): ...

Complex operands are refused unless `complex_too` says that the rules hold for them. The gradient of
a real L by z = x + iy is dL/dx - i dL/dy, as in JAX, so the pullback of a holomorphic function is
the same text as for real numbers: no conjugate. In general the pullback returns g with
Re(g dz) = Re(dy f'[dz]) for all dz. A real operand gets the real part of what the rule returns, and
so does the tangent of a real result; so the pullback of a function with real results (`np.abs`) is
its tangent too. What is elementwise and neither holomorphic nor real (`np.conj`) has a tangent of
its own.
"""

from __future__ import annotations

import ast
import cmath
import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar, final

import numpy as np
import scipy.special

from ..ir.types import Type

F = TypeVar("F", bound=Callable[..., Any])
Infer = Callable[["OpCall"], "Type | tuple[Type, ...]"]

MODULES: Final[dict[str, Any]] = {
    "np": np,
    "math": math,
    "cmath": cmath,
    "special": scipy.special,
    "scipy": scipy,
}


class InferError(Exception):
    """The operation cannot be applied to these types: the user's function would raise."""


class NotSupported(Exception):
    """The operation is known, but not in this form; the text says which form."""


@final
@dataclass(frozen=True)
class OpCall:
    """What type inference sees of an application: operand types, options, and the spelling."""

    types: tuple[Type, ...]
    static: Mapping[str, Any]
    via: str = ""

    def __getitem__(self, option: str) -> Any:
        return self.static.get(option)


@final
@dataclass(frozen=True)
class Interval:
    """Sample points for tests of a rule: uniform in [low, high]; `ints` makes them whole numbers."""

    low: float
    high: float
    ints: bool = False


def interval(low: float, high: float) -> Interval:
    """Uniform samples in [low, high]."""
    return Interval(low, high)


@final
@dataclass(frozen=True)
class Rule:
    """A pullback: `fun(d<result>, ...)`, with the names of its parameters.

    `singular` says where a factor of the rule is infinite or undefined although the result of the
    operation is finite, so that a zero cotangent has to be kept apart from `0 * inf`.
    """

    fun: Callable[..., Any]
    result: str
    params: tuple[str, ...]
    singular: bool = False


@final
@dataclass(frozen=True)
class NoDerivative:
    """The operand has no derivative, or one that is zero wherever it exists."""

    because: str = ""


@final
@dataclass(frozen=True)
class NotWritten:
    """There is a derivative but no rule yet: differentiating is refused with this reason."""

    because: str


@final
@dataclass(frozen=True)
class Built:
    """The pullback is not a text: a transform builds it, as `how` says."""

    how: str


Decision = Rule | NoDerivative | NotWritten | Built


@final
@dataclass(frozen=True)
class Linear:
    """The tangent is the operation itself, applied to the tangent of the operand.

    With `together` it is linear in all such operands at once (`np.concatenate`), so that it is
    applied once to all their tangents; else in each of them (`a @ b`), and gives a term for each.
    `constants` are options that add something constant, and what they are for tangents.
    """

    together: bool = False
    constants: Mapping[str, Any] = field(default_factory=dict)


Tangent = Rule | Linear | NoDerivative | NotWritten


@final
@dataclass(eq=False)
class Op:
    """One operation. `name` is unique; `spellings` maps a `via` to the template of its text.

    `variadic` names the operand that is a sequence (`np.concatenate((a, b))`): each item is an
    argument of the equation, and its pullback gets `k`, the position of the item. With `varargs`
    the items are separate arguments instead (`np.einsum("ij,j->i", A, x)`).
    `returns` is `"fresh"` when the result shares no memory with operands, `"view"` when it may.
    `sample` are intervals for tests (one for all operands, or one each), `probe` are points where
    the rule is tested besides, such as kinks and tails. `cases` are calls for tests, written with
    the names of `testing.pool` (`"np.sum(A, axis=0)"`); an elementwise operation needs none.
    A `formed` operation stands for no call: a transform makes it of an expression.
    `complex_too` says that its inference and its rules hold for complex operands.
    """

    name: str
    operands: tuple[str, ...]
    options: dict[str, Any]
    spellings: dict[str, ast.expr]
    infer: Infer
    variadic: str | None = None
    elementwise: bool = False
    returns: str = "fresh"
    order: tuple[str, ...] = ()
    rules: dict[str, Decision] = field(default_factory=dict)
    tangents: dict[str, Tangent] = field(default_factory=dict)
    sample: Interval | tuple[Interval, ...] | None = None
    probe: tuple[float, ...] = ()
    cases: tuple[str, ...] = ()
    ufunc: Any = None
    varargs: bool = False
    formed: bool = False
    complex_too: bool = False


REQUIRED: Final = object()  # the default of an option that has none

OPS: Final[dict[str, Op]] = {}
CALLABLES: Final[dict[Any, tuple[str, str]]] = {}  # a callable -> (operation, via)
HELPERS: Final[dict[str, Callable[..., Any]]] = {}  # functions that emitted modules contain
METHODS: Final[dict[str, str]] = {}  # the name of an array method -> operation
MACROS: Final[dict[Any, Callable[..., Any]]] = {}  # a callable -> rule-language definition
COMPLEX_MACROS: Final[set[Any]] = set()  # those that take complex operands
MACRO_CASES: Final[dict[Any, tuple[str, ...]]] = {}  # a callable -> calls for tests


def resolve(dotted: ast.expr) -> Any:
    """The object that `np.linalg.norm` and the like stand for."""
    if isinstance(dotted, ast.Attribute):
        return getattr(resolve(dotted.value), dotted.attr)
    assert isinstance(dotted, ast.Name)
    return MODULES[dotted.id]


def resolve_name(dotted: str) -> Any:
    """The object of a dotted name.

    >>> resolve_name("np.linalg.norm") is np.linalg.norm
    True
    """
    return resolve(ast.parse(dotted, mode="eval").body)


def root_name(node: ast.expr) -> str:
    """`np` of `np.linalg.norm`."""
    while isinstance(node, ast.Attribute):
        node = node.value
    assert isinstance(node, ast.Name)
    return node.id


def define(
    text: str,
    *also: str,
    infer: Infer,
    name: str | None = None,
    method: bool | str = False,
    static: Sequence[str] = (),
    elementwise: bool = False,
    returns: str = "fresh",
    sample: Interval | tuple[Interval, ...] | None = None,
    probe: tuple[float, ...] = (),
    cases: tuple[str, ...] = (),
    varargs: bool = False,
) -> Op:
    """Declare an operation by the text of its call, see the module docstring.

    `also` are further spellings with the same operand names: a `math` function, another alias, an
    operator. `method` makes it an array method too (`x.sum(axis=0)`), under its own or the given
    name. `static` lists options that have no default. A `*name` in the call stands for a sequence
    operand, with `varargs` for any number of positional arguments.
    """
    call = ast.parse(text, mode="eval").body
    operands, options, variadic = _signature(call, static)
    op = Op(
        name or _default_name(call),
        operands,
        options,
        {},
        infer,
        variadic,
        elementwise,
        returns,
        sample=sample,
        probe=probe,
        cases=cases,
        varargs=varargs,
    )
    op.order = _order(call)
    if op.name in OPS:
        raise ValueError(f"operation {op.name} is declared twice")
    OPS[op.name] = op
    for spelling in (text, *also):
        _add_spelling(op, ast.parse(spelling, mode="eval").body)
    if method:
        METHODS[method if isinstance(method, str) else op.name.rsplit(".", 1)[-1]] = op.name
    return op


def internal(
    name: str,
    operands: str,
    infer: Infer,
    *,
    text: str | None = None,
    static: Sequence[str] = (),
    returns: str = "fresh",
    elementwise: bool = False,
    cases: tuple[str, ...] = (),
) -> Op:
    """Declare an operation that no callable stands for: an operator, a builtin, an adjoint step.

    `text` is its spelling; without one the emitter knows how to write it.
    """
    names = tuple(o.strip() for o in operands.split(",") if o.strip())
    spellings = {} if text is None else {"": ast.parse(text, mode="eval").body}
    options: dict[str, Any] = dict.fromkeys(static, REQUIRED)
    op = Op(name, names, options, spellings, infer, None, elementwise, returns, cases=cases)
    op.order = names
    OPS[name] = op
    return op


def helper(infer: Infer) -> Callable[[F], F]:
    """Declare a function that rules call and that is written into modules which need it.

    It is an operation of its own: it has no rule unless one is declared. Its parameters are the
    operands, and its text has no annotations but `Any`.
    """

    def register(fun: F) -> F:
        name = fun.__name__
        operands = ", ".join(inspect.signature(fun).parameters)
        op = internal(name, operands, infer, text=f"{name}({operands})", elementwise=True)
        op.formed = True
        CALLABLES[fun] = (name, "")
        HELPERS[name] = fun
        return fun

    return register


def builtin(op: Op, text: str) -> Op:
    """Give an operation the spelling of a Python builtin, `abs(x)`, where no module is named."""
    op.spellings[""] = ast.parse(text, mode="eval").body
    return op


def _signature(
    call: ast.expr, static: Sequence[str]
) -> tuple[tuple[str, ...], dict[str, Any], str | None]:
    operands: list[str] = []
    options: dict[str, Any] = dict.fromkeys(static, REQUIRED)
    variadic = None
    if isinstance(call, ast.Call):
        for arg in call.args:
            node = arg.value if isinstance(arg, ast.Starred) else arg
            assert isinstance(node, ast.Name)
            if isinstance(arg, ast.Starred):
                variadic = node.id
            if node.id not in options:
                operands.append(node.id)
        for keyword in call.keywords:
            assert keyword.arg
            options[keyword.arg] = ast.literal_eval(keyword.value)
    else:
        operands = list(dict.fromkeys(n.id for n in ast.walk(call) if isinstance(n, ast.Name)))
    return tuple(operands), options, variadic


def _order(call: ast.expr) -> tuple[str, ...]:
    """The names in the order in which positional arguments bind to them."""
    if not isinstance(call, ast.Call):
        return tuple(dict.fromkeys(n.id for n in ast.walk(call) if isinstance(n, ast.Name)))
    names = [
        arg.value.id if isinstance(arg, ast.Starred) else arg.id  # type: ignore[attr-defined]
        for arg in call.args
    ]
    return (*names, *(k.arg for k in call.keywords if k.arg))


def _default_name(call: ast.expr) -> str:
    assert isinstance(call, ast.Call), "an operator needs an explicit name"
    return ast.unparse(call.func).removeprefix("np.").removeprefix("math.")


def _add_spelling(op: Op, node: ast.expr) -> None:
    if isinstance(node, ast.Call):
        via = root_name(node.func)
        fun = resolve(node.func)
        CALLABLES.setdefault(fun, (op.name, via))
        if isinstance(fun, np.ufunc):
            op.ufunc = fun
    else:
        via = ""
    op.spellings.setdefault(via, node)


def pullback(
    header: str, wrt: str, *, singular: bool = False, name: str | None = None
) -> Callable[[F], F]:
    """Register the pullback of one operand; `header` is the primal statement, `y = np.tanh(x)`.

    `wrt` may name several operands, separated by commas, that share one text; the rule then gets
    the cotangent of each by the same formula. `name` picks an operation that is no plain call.
    """
    result, op = _header(header, name)

    def register(fun: F) -> F:
        params = tuple(inspect.signature(fun).parameters)
        if params[0] != f"d{result}":
            raise ValueError(f"{fun.__name__}: the first parameter must be d{result}")
        _check_parameters(fun, op, result, params)
        for operand in wrt.split(","):
            _decide(op, operand.strip(), Rule(fun, result, params, singular))
        return fun

    return register


def _header(header: str, name: str | None) -> tuple[str, Op]:
    """The name of the result and the operation in `y = np.tanh(x)`."""
    statement = ast.parse(header).body[0]
    assert isinstance(statement, ast.Assign)
    target = statement.targets[0]
    assert isinstance(target, ast.Name)
    return target.id, OPS[name or _lookup(statement.value)]


def _check_parameters(fun: Any, op: Op, result: str, params: tuple[str, ...]) -> None:
    """Rules take the result, operands and options of their operation, and nothing else."""
    if unknown := set(params[1:]) - {result, *op.operands, *op.options, "k"}:
        raise ValueError(f"{fun.__name__}: no such value: {', '.join(sorted(unknown))}")


def _lookup(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        return CALLABLES[resolve(node.func)][0]
    text = ast.unparse(node)
    for op in OPS.values():
        if "" in op.spellings and ast.unparse(op.spellings[""]) == text:
            return op.name
    raise KeyError(text)


def _decide(op: Op, operand: str, decision: Decision) -> None:
    if operand not in op.operands:
        raise ValueError(f"{op.name} has no operand {operand}")
    if operand in op.rules:
        raise ValueError(f"{op.name}: {operand} is decided twice")
    op.rules[operand] = decision


def no_derivative(op: Op, *operands: str, because: str = "") -> Op:
    """Declare that these operands (all undecided ones by default) pass no gradient."""
    for operand in operands or [o for o in op.operands if o not in op.rules]:
        _decide(op, operand, NoDerivative(because))
    return op


def not_written(op: Op, *operands: str, because: str) -> Op:
    """Declare that these operands have a derivative, but no rule yet, and why."""
    for operand in operands or [o for o in op.operands if o not in op.rules]:
        _decide(op, operand, NotWritten(because))
    return op


def complex_too(*names: str) -> None:
    """Declare that the inference and the rules of operations hold for complex operands."""
    for name in names:
        OPS[name].complex_too = True


def linear(
    ops: Op | str | Sequence[str],
    *operands: str,
    together: bool = False,
    constants: Mapping[str, Any] | None = None,
) -> None:
    """Declare that operations are linear in these operands (all of them by default), see `Linear`."""
    for found in [ops] if isinstance(ops, Op | str) else ops:
        op = OPS[found] if isinstance(found, str) else found
        for operand in operands or op.operands:
            _tangent(op, operand, Linear(together, constants or {}))


def same_text(*ops: str) -> None:
    """Declare that the pullbacks are the tangents too, as they are of elementwise operations."""
    for op in map(OPS.__getitem__, ops):
        for operand, rule in op.rules.items():
            if isinstance(rule, Rule):
                _tangent(op, operand, rule)


def tangent(header: str, wrt: str, *, name: str | None = None) -> Callable[[F], F]:
    """Register the tangent that one operand gives to the result; the parameters as of a pullback.

    The first one is the tangent of the operand, called as the operand with `_dot`.
    """
    result, op = _header(header, name)

    def register(fun: F) -> F:
        params = tuple(inspect.signature(fun).parameters)
        if params[0] != f"{wrt}_dot":
            raise ValueError(f"{fun.__name__}: the first parameter must be {wrt}_dot")
        _check_parameters(fun, op, result, params)
        _tangent(op, wrt, Rule(fun, result, params))
        return fun

    return register


def no_tangent(op: Op, *, because: str) -> None:
    """Declare that the tangents of an operation are not written yet, and why."""
    for operand in op.operands:
        if not isinstance(op.rules.get(operand), NoDerivative):
            _tangent(op, operand, NotWritten(because))


def _tangent(op: Op, operand: str, decision: Tangent) -> None:
    if operand not in op.operands:
        raise ValueError(f"{op.name} has no operand {operand}")
    if operand in op.tangents:
        raise ValueError(f"{op.name}: the tangent of {operand} is decided twice")
    op.tangents[operand] = decision


def tangent_of(op: Op, operand: str) -> Tangent | None:
    """How an operand's tangent reaches the result; None when that was not decided."""
    known = op.tangents.get(operand)
    if known is not None:
        return known
    rule = op.rules.get(operand)
    if isinstance(rule, NoDerivative | NotWritten):
        return rule
    return rule if op.elementwise and isinstance(rule, Rule) else None


def built(op: Op, *operands: str, how: str) -> Op:
    """Declare that a transform builds the pullback of these operands."""
    for operand in operands:
        _decide(op, operand, Built(how))
    return op


def composite(
    *callables: Any, cases: tuple[str, ...] = (), complex_too: bool = False
) -> Callable[[F], F]:
    """Define a function by others: calls to `callables` are inlined as this plain NumPy text.

    `cases` are calls for tests, as those of `Op`. `complex_too` says that the text stands for what
    the function does with complex operands, which are refused otherwise.
    """

    def register(fun: F) -> F:
        if complex_too:
            COMPLEX_MACROS.update(callables)
        for target in callables:
            MACROS[target] = fun
            MACRO_CASES[target] = cases
        return fun

    return register


def literal(value: Any) -> bool:
    """In a rule: is this operand a number written in the source? (Run on arrays: False.)"""
    return False


def inexact(value: Any) -> bool:
    """In a rule: is the operand floating point or complex?"""
    return np.asarray(value).dtype.kind in "fc"


def absent(gradient: Any) -> bool:
    """In a rule: does nothing use this one of several results? (Run on arrays: False.)"""
    return False


def scattered(a: Any, where: Any, parts: Any) -> Any:
    """In a rule: zeros in the shape of `a`, with parts added at an index that may repeat places."""
    total = np.zeros_like(a)
    np.add.at(total, where, parts)
    return total
