"""Tangents, pullbacks and Jacobians inside a function that is differentiated.

As for gradients there (`frontend/derivatives.py`), the function within is a program of its own. Three
equations stand for what is made of it:

    values, tangents = jvp(arguments, tangents; callee, wrt)
    values, jacobians = jac(arguments; callee, wrt)        of all results in one argument
    values, gradients = vjp(arguments, cotangents; callee, wrt, seeded)

The first two become calls before anything is differentiated, see `transform/inner.py`. A Hessian is
the Jacobian of a gradient, a product with it the tangent of a gradient. A pullback runs the function
again, for the arguments that it was made with.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..errors import PrimalRaises
from ..ir.program import Atom, Const, Eqn, Var, walk
from ..ir.types import Array, Scalar, is_complex, is_inexact
from ..rules.builder import const
from . import derivatives, operands, statics
from .describing import describe
from .values import Derivative, LinearMap, Size, Static, Struct, Value, leaves, rebuild

if TYPE_CHECKING:
    from .derivatives import Within
    from .lower import Lowerer

NOTHING: Final = Static(None)

# What users call with a function and its arguments at once, filled by the API.
DIRECT: Final[dict[Any, str]] = {}


# -- derivatives that are functions ----------------------------------------------------------------


def call(
    lo: Lowerer, made: Derivative, args: list[Value], kwargs: dict[str, Value], node: ast.AST
) -> Value:
    """A Jacobian, a Hessian, or a Hessian times a vector, at these arguments."""
    if made.kind == "hvp":
        return _product(lo, made, args, kwargs, node)
    fun = made.fun
    if made.kind == "hessian":
        fun = Derivative("grad", made.fun, made.argnums, made.has_aux)
    inner = derivatives.within(lo, fun, made.argnums, args, kwargs, node)
    _require_real(lo, inner, made.kind, node)
    value, found = _jacobian(lo, inner, made.has_aux)
    if made.kind == "value_and_jacobian":
        return Struct(tuple, (value, found))
    if made.has_aux and isinstance(value, Struct):
        return Struct(tuple, (found, value.items[1]))
    return found


def _require_real(lo: Lowerer, inner: Within, kind: str, node: ast.AST) -> None:
    """Refuse complex numbers, whose conventions are those of `grad` only so far."""
    if any(is_complex(a.type) for a in (*inner.params, *inner.callee.results)):
        lo.refuse(
            "CR042",
            f"{kind} of complex numbers inside a function that is differentiated is not supported",
            node,
            "take real and imaginary parts",
        )


def _product(
    lo: Lowerer, made: Derivative, args: list[Value], kwargs: dict[str, Value], node: ast.AST
) -> Value:
    """`cr.hvp(f)(x, v)`: the tangent of the gradient."""
    if not args:
        raise PrimalRaises("the direction of hvp is missing", lo.span(node))
    gradient = Derivative("grad", made.fun, made.argnums, made.has_aux)
    inner = derivatives.within(lo, gradient, made.argnums, args[:-1], kwargs, node)
    _require_real(lo, inner, made.kind, node)
    given = (args[-1],) if inner.single else _items(lo, args[-1], node)
    dots = [
        dot
        for name, direction in zip(inner.names, given, strict=True)
        for dot in _dots(lo, inner, name, direction, node)
    ]
    value, tangent = _pushed(lo, inner, dots, node)
    if made.has_aux and isinstance(value, Struct) and isinstance(tangent, Struct):
        return Struct(tuple, (tangent.items[0], value.items[1]))
    return tangent


def _jacobian(lo: Lowerer, inner: Within, has_aux: bool) -> tuple[Value, Value]:
    """The value, and a Jacobian for each of its leaves in each of the arguments' leaves."""
    count = len(inner.callee.results)
    inexact = [i for i, r in enumerate(inner.callee.results) if is_inexact(r.type)]
    blocks: dict[tuple[int, Var], Value] = {}
    shown: Value = NOTHING
    for place, param in enumerate(inner.params):
        eqn = _block_equation(inner, place, inexact)
        lo.builder.append(eqn)
        shown = inner.shown(eqn.outs[:count])
        blocks.update(((i, param), out) for i, out in zip(inexact, eqn.outs[count:], strict=True))
    wanted = inner.result.items[0] if has_aux and isinstance(inner.result, Struct) else inner.result
    numbers = iter(range(count))
    rows: list[Value] = []
    for leaf in leaves(wanted):
        passed = isinstance(leaf, Var) or (
            isinstance(leaf, Const) and not isinstance(leaf.value, bool)
        )
        i = next(numbers) if passed else -1
        known = {p: blocks[i, p] for p in inner.params if (i, p) in blocks}
        rows.append(inner.like_arguments(known) if known else NOTHING)
    return shown, rebuild(wanted, iter(rows))


def _block_equation(inner: Within, place: int, inexact: Sequence[int]) -> Eqn:
    callee, param = inner.callee, inner.params[place]
    outs = inner.outs()
    for i in inexact:
        dims = (*outs[i].type.dims, *param.type.dims)
        dtype = param.type.dtype
        outs.append(Var("", Array(dtype, dims) if dims else Scalar(dtype, _is_weak(param))))
    return Eqn(tuple(outs), "jac", inner.args, {"callee": callee, "wrt": (place,)})


def _is_weak(var: Var) -> bool:
    return isinstance(var.type, Scalar) and var.type.weak


# -- derivatives that are taken at once ------------------------------------------------------------


def direct(
    lo: Lowerer, kind: str, args: list[Value], kwargs: dict[str, Value], node: ast.AST
) -> Value:
    """`cr.jvp(f, primals, tangents)`, `cr.vjp(f, *primals)`, `cr.linearize(f, *primals)`."""
    options = {k: v for k, v in kwargs.items() if k not in ("engine", "has_aux")}
    if kind == "jvp":
        given = dict(zip(("fun", "primals", "tangents"), args, strict=False)) | options
        aux = kwargs.get("has_aux")
        has_aux = bool(statics.python_value(lo, aux, node)) if aux is not None else False
        if set(given) != {"fun", "primals", "tangents"}:
            raise PrimalRaises("jvp takes a function, primals and tangents", lo.span(node))
        return _jvp(lo, given["fun"], given["primals"], given["tangents"], has_aux, node)
    if not args or options:
        raise PrimalRaises(f"{kind} takes a function and its arguments", lo.span(node))
    fun, *primals = args
    bound = derivatives.bound(lo, fun, primals, {}, node)
    names = [name for name, value in bound.items() if _carries(value)]
    inner = derivatives.within(lo, fun, (), primals, {}, node, names)
    _require_real(lo, inner, kind, node)
    shown = _value(lo, inner)
    return Struct(tuple, (shown, LinearMap(kind, inner)))


def _items(lo: Lowerer, value: Value, node: ast.AST) -> tuple[Value, ...]:
    if not isinstance(value, Struct) or not value.is_sequence:
        raise PrimalRaises("a tuple with an item per argument is expected", lo.span(node))
    return value.items


def _jvp(
    lo: Lowerer, fun: Value, primals: Value, tangents: Value, has_aux: bool, node: ast.AST
) -> Value:
    given, dots = _items(lo, primals, node), _items(lo, tangents, node)
    if len(given) != len(dots):
        raise PrimalRaises("there is not one tangent per primal", lo.span(node))
    directions = derivatives.bound(lo, fun, list(dots), {}, node)
    names = [n for n, v in directions.items() if any(not _is_none(x) for x in leaves(v))]
    inner = derivatives.within(lo, fun, (), list(given), {}, node, names)
    _require_real(lo, inner, "jvp", node)
    parts = [dot for n in inner.names for dot in _dots(lo, inner, n, directions[n], node)]
    value, tangent = _pushed(lo, inner, parts, node)
    if has_aux and isinstance(value, Struct) and isinstance(tangent, Struct):
        return Struct(tuple, (value.items[0], tangent.items[0], value.items[1]))
    return Struct(tuple, (value, tangent))


def apply(lo: Lowerer, made: LinearMap, args: list[Value], node: ast.AST) -> Value:
    """Call what `vjp` or `linearize` returned."""
    inner: Within = made.inner
    sharing = lo.builder.sharing
    for atom in inner.args:
        if isinstance(atom, Var) and sharing is not None and sharing.is_stale(atom):
            lo.builder.refuse_stale(atom)
    if made.kind == "linearize":
        if len(args) != len(inner.local):
            raise PrimalRaises("there is not one tangent per argument", lo.span(node))
        given = dict(zip(inner.local, args, strict=True))
        dots = [dot for n in inner.names for dot in _dots(lo, inner, n, given[n], node)]
        return _pushed(lo, inner, dots, node)[1]
    if len(args) != 1:
        raise PrimalRaises("a pullback takes one cotangent", lo.span(node))
    return _pulled(lo, inner, args[0], node)


def _value(lo: Lowerer, inner: Within) -> Value:
    """The value of the function, computed by a call of it."""
    outs = tuple(inner.outs())
    effect = any(e.effect for e in walk(inner.callee.body))
    static = {"callee": inner.callee, "own": frozenset()}
    lo.builder.append(Eqn(outs, "call", inner.args, static, effect=effect))
    return inner.shown(outs)


def _pulled(lo: Lowerer, inner: Within, cotangent: Value, node: ast.AST) -> Value:
    """The gradients of the arguments for a cotangent of the value, None where there is none."""
    seeded: list[int] = []
    seeds: list[Atom] = []
    position = 0
    for leaf, given in zip(leaves(inner.result), _spread(inner.result, cotangent), strict=True):
        passed = isinstance(leaf, Var) or (
            isinstance(leaf, Const) and not isinstance(leaf.value, bool)
        )
        if passed:
            if isinstance(leaf, Var | Const) and is_inexact(leaf.type) and not _is_none(given):
                seeded.append(position)
                seeds.append(_fitting(lo, given, leaf, "cotangent", node))
            position += 1
    outs = inner.outs()
    outs += [Var("", p.type) for p in inner.params]
    static = {
        "callee": inner.callee,
        "wrt": tuple(range(len(inner.params))),
        "seeded": tuple(seeded),
    }
    lo.builder.append(Eqn(tuple(outs), "vjp", (*inner.args, *seeds), static))
    gradients = dict(zip(inner.params, outs[len(inner.callee.results) :], strict=True))
    return Struct(
        tuple,
        tuple(
            inner.like_argument(name, gradients) if name in inner.names else NOTHING
            for name in inner.local
        ),
    )


# -- tangents --------------------------------------------------------------------------------------


def _pushed(lo: Lowerer, inner: Within, dots: Sequence[Atom], node: ast.AST) -> tuple[Value, Value]:
    """The value, and its tangent for those of the arguments."""
    callee = inner.callee
    outs = inner.outs()
    moved = [Var("", out.type) for out in outs if is_inexact(out.type)]
    static = {"callee": callee, "wrt": tuple(range(len(inner.params)))}
    lo.builder.append(Eqn((*outs, *moved), "jvp", (*inner.args, *dots), static))
    feed = iter(moved)

    def tangent(leaf: Value) -> Value:
        numbers = isinstance(leaf, Var | Const)
        return next(feed) if numbers and is_inexact(leaf.type) else NOTHING  # type: ignore[union-attr]

    parts = [tangent(leaf) for leaf in leaves(inner.result)]
    return inner.shown(outs), rebuild(inner.result, iter(parts))


def _dots(lo: Lowerer, inner: Within, name: str, direction: Value, node: ast.AST) -> list[Atom]:
    """The tangents of the numbers and arrays of one argument."""
    value = inner.local[name]
    return [
        _fitting(lo, dot, leaf, "tangent", node)
        for leaf, dot in zip(leaves(value), _spread(value, direction), strict=True)
        if isinstance(leaf, Var) and leaf in inner.params
    ]


def _spread(value: Value, direction: Value) -> list[Value]:
    """The parts of a direction for the leaves of a value; None stands for all that is below it."""
    if _is_none(direction):
        return [NOTHING for _ in leaves(value)]
    if isinstance(value, Struct):
        if not isinstance(direction, Struct) or len(direction.items) != len(value.items):
            raise PrimalRaises("a direction has to be a container like the value", None)
        items = direction.items
        if value.keys is not None and direction.keys is not None:
            known = dict(zip(direction.keys, items, strict=True))
            if set(known) != set(value.keys):
                raise PrimalRaises("a direction has to have the keys of the value", None)
            items = tuple(known[key] for key in value.keys)
        return [p for v, d in zip(value.items, items, strict=True) for p in _spread(v, d)]
    return [direction]


def _fitting(lo: Lowerer, given: Value, leaf: Var | Const, what: str, node: ast.AST) -> Atom:
    """A tangent or cotangent in the kind and precision of its value."""
    want = leaf.type
    if _is_none(given):
        if isinstance(want, Array):
            static = {"dims": want.dims, "dtype": want.dtype}
            return lo.builder.one("filled", [const(0.0)], static)
        return const(0.0) if _weak(want) else const(np.dtype(want.dtype).type(0.0))
    if not isinstance(given, Var | Const | Size):
        raise PrimalRaises(f"{describe(given)} as a {what}", lo.span(node))
    atom = operands.atom(lo, given, node)
    if len(atom.type.dims) != len(want.dims) or isinstance(atom.type, Array) != isinstance(
        want, Array
    ):
        raise PrimalRaises(f"the {what} has another shape than its value", lo.span(node))
    if atom.type.dtype == want.dtype and _weak(atom.type) == _weak(want):
        return atom
    if isinstance(want, Array):
        return lo.builder.one("cast", [atom], {"dtype": want.dtype})
    if isinstance(atom, Const):
        number = float(atom.value)
        return const(number) if _weak(want) else const(np.dtype(want.dtype).type(number))
    if _weak(want):
        return lo.builder.one("float", [atom])
    return lo.builder.one("number", [atom], {"dtype": want.dtype})


def _weak(type_: Any) -> bool:
    return isinstance(type_, Scalar) and type_.weak


def _is_none(value: Value) -> bool:
    return isinstance(value, Static) and value.obj is None


def _carries(value: Value) -> bool:
    """Is there a floating-point number in it, which a derivative can be taken in?"""
    return any(isinstance(leaf, Var | Const) and is_inexact(leaf.type) for leaf in leaves(value))


__all__ = ["DIRECT", "apply", "call", "direct"]
