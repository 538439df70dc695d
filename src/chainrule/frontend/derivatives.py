"""Derivatives inside a function that is differentiated: `cr.grad(g)(x)`, or a gradient made outside.

The function within becomes a program of its own. What it reads of the values around it are further
parameters, and what it is differentiated by are parameters that nothing else refers to, so that an
outer derivative and an inner one in the same variable stay apart. The call is an equation

    values, gradients = vjp(arguments, cotangents; callee, wrt, seeded)

which returns the results of the callee and the gradients of the arguments `wrt` for the cotangents
of the results `seeded`. What is written for it is decided last, in `transform/nested.py`.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, final
from weakref import WeakKeyDictionary

import numpy as np

from ..errors import NeedStatic, PrimalRaises, UnsupportedError
from ..ir.dims import Dim, Sym
from ..ir.program import Atom, Block, Const, Eqn, Function, Var, free, renamed, walk
from ..ir.types import Array, Scalar, is_complex, is_inexact
from ..rules.builder import Builder, const
from ..rules.random_numbers import draws
from . import operands, statics, user_calls
from .describing import describe
from .source import function_source, unwrap
from .values import Closure, Derivative, Size, Static, Struct, Value, leaves, rebuild
from .writes import is_contiguous

if TYPE_CHECKING:
    from .lower import Lowerer

# The derivatives that were made outside, and the functions that make them, filled by the API.
MADE: Final[WeakKeyDictionary[Any, Derivative]] = WeakKeyDictionary()
MAKERS: Final[dict[Any, str]] = {}


def lookup(fun: Any) -> Derivative | None:
    """The derivative that a Python function is."""
    try:
        return MADE.get(fun)
    except TypeError:
        return None


def make(
    lo: Lowerer, kind: str, args: list[Value], kwargs: Mapping[str, Value], node: ast.AST
) -> Derivative:
    """`cr.grad(f, argnums=0, has_aux=False)` in the function, and the like."""
    given = dict(zip(("fun", "argnums"), args, strict=False)) | dict(kwargs)
    if (
        "fun" not in given
        or len(args) > 2
        or given.keys() - {"fun", "argnums", "has_aux", "holomorphic", "engine"}
    ):
        raise PrimalRaises(f"{kind} does not take these arguments", lo.span(node))
    argnums = given.get("argnums")
    known = 0 if argnums is None else statics.python_value(lo, argnums, node)
    aux = given.get("has_aux")
    has_aux = bool(statics.python_value(lo, aux, node)) if aux is not None else False
    option = given.get("holomorphic")
    holomorphic = option is not None and bool(statics.python_value(lo, option, node))
    return Derivative(kind, given["fun"], known, has_aux, holomorphic)


def call(
    lo: Lowerer,
    made: Derivative,
    args: list[Value],
    kwargs: dict[str, Value],
    node: ast.AST,
) -> Value:
    """The derivative of a function at these arguments."""
    from . import pushforwards

    if made.kind not in ("grad", "value_and_grad"):
        return pushforwards.call(lo, made, args, kwargs, node)
    inner = within(lo, made.fun, made.argnums, args, kwargs, node)
    result = inner.result
    value = result.items[0] if made.has_aux and isinstance(result, Struct) else result
    if not isinstance(value, Var | Const) or value.type.dims or not is_inexact(value.type):
        what = describe(value)
        raise PrimalRaises(f"the gradient of {what}, which is not one number", lo.span(node))
    if is_complex(value.type) != made.holomorphic:
        lo.refuse(
            "CR042",
            f"the gradient of {describe(value)}",
            node,
            "holomorphic=True is for complex results, and without it the result has to be real",
        )
    eqn = _equation(inner)
    lo.builder.append(eqn)
    count = len(inner.callee.results)
    shown = inner.shown(eqn.outs[:count])
    dots = dict(zip(inner.params, eqn.outs[count:], strict=True))
    gradient = inner.like_arguments(dots)
    if made.kind == "value_and_grad":
        return Struct(tuple, (shown, gradient))
    if made.has_aux and isinstance(shown, Struct):
        return Struct(tuple, (gradient, shown.items[1]))
    return gradient


@final
@dataclass(frozen=True, eq=False)
class Within:
    """A function within as a program of its own, at arguments.

    `params` are those of the parameters of `callee` that stand for the numbers and arrays of the
    arguments called `names`; `args` are all arguments of the call. `local` are the arguments by name.
    """

    callee: Function
    params: tuple[Var, ...]
    args: tuple[Atom, ...]
    local: Mapping[str, Value]
    names: tuple[str, ...]
    single: bool
    result: Value

    def outs(self) -> list[Var]:
        """New variables for the results of a call; sizes that the callee makes are read from them."""
        body = self.callee.body
        made = {v for e in walk(body) for v in (*e.outs, *(p for b in e.blocks for p in b.params))}
        known: list[tuple[Dim, Dim]] = []

        def outside(dim: Dim, out: Var, axis: int) -> Dim:
            if not any(s.root is not None and s.root[0] in made for s in dim.terms):
                return dim
            for old, new in known:
                if old == dim:
                    return new
            new = Dim.of(Sym("m", (out, axis), single=dim.maybe_one))
            known.append((dim, new))
            return new

        found = [_result(r) for r in self.callee.results]
        for out in found:
            if isinstance(out.type, Array):
                dims = tuple(outside(d, out, axis) for axis, d in enumerate(out.type.dims))
                out.type = Array(out.type.dtype, dims)
        return found

    def shown(self, outs: Sequence[Var]) -> Value:
        """The result of the call, whose numbers and arrays are `outs`."""
        return rebuild(self.result, _results(self.result, iter(outs)))

    def like_arguments(self, values: Mapping[Var, Value]) -> Value:
        """Values in the containers of the arguments that are differentiated."""
        parts = [self.like_argument(name, values) for name in self.names]
        return parts[0] if self.single else Struct(tuple, tuple(parts))

    def like_argument(self, name: str, values: Mapping[Var, Value]) -> Value:
        """Values in the container of one argument."""
        new = [values.get(x, x) if isinstance(x, Var) else x for x in leaves(self.local[name])]
        return rebuild(self.local[name], iter(new))


def within(
    lo: Lowerer,
    fun: Value,
    argnums: Any,
    args: list[Value],
    kwargs: dict[str, Value],
    node: ast.AST,
    among: Collection[str] | None = None,
) -> Within:
    """Walk a function as a program of its own; with `among`, its moving arguments are these."""
    given = bound(lo, fun, args, kwargs, node)
    names, single = _chosen(argnums, list(given), lo, node)
    if among is not None:
        names, single = [n for n in given if n in among], False
    moving: dict[Var, Atom] = {}
    local = {
        name: _moved(lo, value, name, moving, node) if name in names else value
        for name, value in given.items()
    }
    builder = Builder(
        stage=0, span=lo.span(node), known=dict(lo.builder.known), sharing=_sharing(lo)
    )
    params = list(moving)
    try:
        result = _walked(lo, builder, fun, local, node)
    except NeedStatic as error:
        roots = user_calls._callers_roots(error, params, [moving[p] for p in params])
        raise NeedStatic(roots, lo.span(node), error.instead) from None
    sized = [builder.size(x.dim) if isinstance(x, Size) else x for x in leaves(result)]
    result = rebuild(result, iter(sized))
    callee, outer = _lifted(lo, builder, fun, params, result)
    _check_writes(lo, builder, outer, node)
    _check_layouts(lo, moving, node)
    for drawn in draws(callee.body):
        raise UnsupportedError(
            "CR022",
            "random numbers in a function whose derivative is taken inside another one are not "
            "supported",
            drawn.span,
            "draw them outside, and pass them as an argument",
        )
    passed = (*(moving[p] for p in params), *outer)
    return Within(callee, tuple(params), passed, local, tuple(names), single, result)


def bound(
    lo: Lowerer, fun: Value, args: list[Value], kwargs: dict[str, Value], node: ast.AST
) -> dict[str, Value]:
    """The arguments by parameter name."""
    from .calls import bind_closure

    if isinstance(fun, Closure):
        return bind_closure(lo, fun, args, kwargs, node)
    made = lookup(fun.obj) if isinstance(fun, Static) else fun
    if isinstance(made, Derivative):
        if made.kind != "hvp" or not args:
            return bound(lo, made.fun, args, kwargs, node)
        return {**bound(lo, made.fun, args[:-1], kwargs, node), "the direction": args[-1]}
    if isinstance(fun, Static):
        if inspect.isfunction(unwrap(fun.obj)):
            return user_calls.bind(lo, unwrap(fun.obj), args, kwargs, node)
    lo.refuse(
        "CR042", f"the gradient of {describe(fun)} is not supported", node,
        "take the gradient of a function written in Python",
    )  # fmt: skip


def _chosen(
    argnums: Any, names: Sequence[str], lo: Lowerer, node: ast.AST
) -> tuple[list[str], bool]:
    """The parameter names that `argnums` stands for, and whether it is just one."""
    several = isinstance(argnums, tuple | list)
    found: list[str] = []
    for item in argnums if several else (argnums,):
        position = item if isinstance(item, int) and -len(names) <= item < len(names) else None
        name = names[position] if position is not None else str(item)
        if name not in names or name in found:
            raise PrimalRaises(f"argnums {item!r} names no argument", lo.span(node))
        found.append(name)
    return found, not several


def _moved(lo: Lowerer, value: Value, name: str, moving: dict[Var, Atom], node: ast.AST) -> Value:
    """The argument with a parameter for each of its numbers and arrays, which are noted."""

    def new(leaf: Value) -> Value:
        if isinstance(leaf, Const) and isinstance(leaf.value, bool):
            return leaf
        if not isinstance(leaf, Var | Const | Size):
            return leaf
        atom = operands.atom(lo, leaf, node)
        if not is_inexact(atom.type):
            if not isinstance(atom.type, Scalar) or not atom.type.weak or atom.type.dtype == "bool":
                raise PrimalRaises(f"{name} is {atom.type.dtype}: no gradient", lo.span(node))
            if isinstance(atom, Const):
                atom = const(float(atom.value))
            else:
                atom = lo.builder.one("float", [atom])
        var = Var(name, atom.type, user=True)
        moving[var] = atom
        return var

    return rebuild(value, iter([new(leaf) for leaf in leaves(value)]))


def _walked(
    lo: Lowerer, builder: Builder, fun: Value, local: dict[str, Value], node: ast.AST
) -> Value:
    """The result of the function within, its equations appended to the builder."""
    if isinstance(fun, Closure):
        made_in = fun.frame
        return made_in.inline(
            fun.node, made_in.source, local, nested=True, numbered=False, builder=builder
        )
    made = (
        fun if isinstance(fun, Derivative) else lookup(fun.obj) if isinstance(fun, Static) else None
    )
    if made is not None:
        frame = _frame(lo, builder)
        return call(frame, made, list(local.values()), {}, node)
    assert isinstance(fun, Static)
    live = unwrap(fun.obj)
    if user_calls.is_custom(live):
        frame = _frame(lo, builder)
        return user_calls.call(frame, live, list(local.values()), {}, node)
    source = function_source(live)
    return lo.inline(source.node, source, local, nested=False, numbered=False, builder=builder)


def _frame(lo: Lowerer, builder: Builder) -> Lowerer:
    from .lower import Lowerer as Frame

    return Frame(lo.unit, lo.source, builder, {}, parent=lo, numbered=False)


# -- the program of the function within ------------------------------------------------------------


def _sharing(lo: Lowerer) -> Any:
    sharing = lo.builder.sharing
    return sharing.snapshot() if sharing is not None else None


def _check_writes(lo: Lowerer, builder: Builder, outer: Sequence[Var], node: ast.AST) -> None:
    """Refuse a function that writes into arrays from around it."""
    before, after = lo.builder.sharing, builder.sharing
    if before is None or after is None:
        return
    for var in outer:
        old = before.writes.get(before.find(var), 0)
        if after.writes.get(after.find(var), 0) != old:
            lo.refuse(
                "CR042",
                f"a function whose gradient is taken here writes into {var.hint or 'an array'}",
                node,
                "let it write into a copy",
            )


def _check_layouts(lo: Lowerer, moving: dict[Var, Atom], node: ast.AST) -> None:
    """What has to be laid out row by row is the array that the caller hands in."""
    for param, given in moving.items():
        if param not in lo.unit.row_by_row:
            continue
        del lo.unit.row_by_row[param]
        if not isinstance(given, Var) or not is_contiguous(lo, given):
            lo.refuse(
                "CR058",
                f"a reshaped {param.hint} may be a copy, and the function writes into it", node,
                "write into the array itself, or into a copy of the view",
            )  # fmt: skip


def _lifted(
    lo: Lowerer, builder: Builder, fun: Value, params: list[Var], result: Value
) -> tuple[Function, list[Var]]:
    """The equations as a function; what they read from around them are further parameters."""
    body = tuple(builder.eqns)
    results: list[Atom] = []
    for leaf in leaves(result):
        if isinstance(leaf, Var) or (isinstance(leaf, Const) and not isinstance(leaf.value, bool)):
            results.append(leaf)
    block = Block(tuple(params), body, tuple(results))
    outer = list(dict.fromkeys(v for v in free(block)))
    inside = {v: Var(v.hint, v.type, user=True) for v in outer}
    names: dict[Var, Atom] = dict(inside)
    function = Function(
        lo.unit.function_name(_name(fun)),
        (*params, *inside.values()),
        renamed(body, names),
        tuple(inside.get(r, r) if isinstance(r, Var) else r for r in results),
    )
    return function, outer


def _name(fun: Value) -> str:
    if isinstance(fun, Closure):
        return getattr(fun.node, "name", "inner")
    if isinstance(fun, Derivative):
        kind = "grad" if fun.kind == "value_and_grad" else fun.kind
        return f"{_name(fun.fun)}_{kind}"
    assert isinstance(fun, Static)
    made = lookup(fun.obj)
    if made is not None:
        return _name(made)
    name = str(unwrap(fun.obj).__name__)
    return name if name.isidentifier() else "inner"


def _equation(inner: Within) -> Eqn:
    """The call: all results, and the gradients of the first one."""
    outs = [*inner.outs(), *(Var("", p.type) for p in inner.params)]
    wrt = tuple(range(len(inner.params)))
    static = {"callee": inner.callee, "wrt": wrt, "seeded": (0,)}
    effect = any(e.effect for e in walk(inner.callee.body))
    return Eqn(tuple(outs), "vjp", (*inner.args, const(1.0)), static, effect=effect)


def _result(atom: Atom) -> Var:
    out = Var("", atom.type)
    if isinstance(out.type, Scalar) and np.dtype(out.type.dtype).kind in "iu":
        dim = out.type.dim or Dim.of(Sym("i", (out, None), single=True))
        out.type = Scalar(out.type.dtype, out.type.weak, dim)
    return out


def _results(result: Value, feed: Iterator[Var]) -> Iterator[Value]:
    for leaf in leaves(result):
        passed = isinstance(leaf, Var) or (
            isinstance(leaf, Const) and not isinstance(leaf.value, bool)
        )
        yield next(feed) if passed else leaf
