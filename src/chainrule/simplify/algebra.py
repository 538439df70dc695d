"""Algebra on backward equations: factors of one, signs, and broadcasts that happen anyway.

    dm = neg(1.0)                           dlogp = mul(Y, div(-1.0, n))
    ds = broadcast_to(div(dm, n), (n,))  ->
    dlogp = mul(Y, broadcast_to(expand_dims(ds, 1), (n, k)))

The forward pass is left as the user wrote it. An equation whose result has a name stays, as a copy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final, final

import numpy as np

from ..ir.dims import Dim, unify
from ..ir.program import Atom, Block, Const, Eqn, Function, Var, in_blocks
from ..ir.types import Scalar, Type, is_inexact
from ..rules.builder import Builder, const
from ..rules.registry import OPS
from ..rules.shapes import size_of
from .common import hand_over_sizes

Rewrite = Callable[["Rewriter", Eqn], "Atom | None"]


def simplify_algebra(function: Function) -> Function:
    """Rewrite the backward equations until each is as short as the rules below make it."""
    rewriter = Rewriter()
    for eqn in function.body:
        rewriter.visit(eqn)
    results = tuple(rewriter.replaced(r) for r in function.results)
    return function.with_body(tuple(rewriter.builder.eqns), results)


@final
@dataclass
class Rewriter:
    """The program written so far, and what its old variables have become."""

    builder: Builder = field(default_factory=Builder)
    became: dict[Var, Atom] = field(default_factory=dict)

    def replaced(self, atom: Atom) -> Atom:
        """What an atom of the old program is in the new one."""
        return self.became.get(atom, atom) if isinstance(atom, Var) else atom

    def definition(self, atom: Atom, op: str) -> Eqn | None:
        """The equation of an atom when it is an application of `op`."""
        eqn = self.builder.origin.get(atom) if isinstance(atom, Var) else None
        return eqn if eqn is not None and eqn.op == op else None

    def known(self, atom: Atom) -> Atom:
        """The number behind a gradient that is one: `dxy = 1.0` is used as `1.0`."""
        made = self.definition(atom, "const") or self.definition(atom, "alias")
        if made is None or not made.derived or not isinstance(made.args[0], Const):
            return atom
        return made.args[0]

    def visit(self, eqn: Eqn) -> None:
        """Write one equation, simplified."""
        args = tuple(map(self.replaced, eqn.args))
        if eqn.derived and eqn.op not in ("accumulate", "add_at", "chain"):
            args = tuple(map(self.known, args))
        changed = any(a is not b for a, b in zip(args, eqn.args, strict=True))
        eqn = eqn.with_args(args)
        self._stamp(eqn)
        if eqn.blocks:
            simpler = in_blocks(eqn, self.block)
            self._stamp(eqn)
            self.builder.append(simpler)
            return
        if not eqn.derived or len(eqn.outs) != 1 or eqn.op == "pop":
            self.builder.append(eqn)
            return
        old = eqn.out
        if changed:
            eqn = self._retyped(eqn)
        result = self._rewritten(eqn)
        if result is not None:
            _same_sizes(result.type, old.type)
            if isinstance(result, Var) and len(result.type.dims) == len(old.type.dims):
                hand_over_sizes(old, result)
        if result is None:
            self.builder.append(eqn)
        elif isinstance(result, Var) and self._takes_name(result, eqn):
            result.hint, result.user = eqn.out.hint, eqn.out.user
            result.adjoint_of, result.tangent = eqn.out.adjoint_of, eqn.out.tangent
            self.became[old] = result
        elif eqn.out.user:
            op = "const" if isinstance(result, Const) else "alias"
            out = _copy(eqn.out, result.type)
            self.became[old] = out
            self.builder.append(replace(eqn, outs=(out,), op=op, args=(result,), static={}, via=""))
        else:
            self.became[old] = result

    def _stamp(self, eqn: Eqn) -> None:
        """What is written next belongs to this equation."""
        self.builder.stage, self.builder.span = eqn.stage, eqn.span
        self.builder.backward, self.builder.tangent = eqn.backward, eqn.tangent

    def block(self, block: Block) -> Block:
        """A block with its equations simplified."""
        outer, self.builder.eqns = self.builder.eqns, []
        for eqn in block.body:
            self.visit(eqn)
        inner, self.builder.eqns = self.builder.eqns, outer
        return Block(block.params, tuple(inner), tuple(map(self.replaced, block.results)))

    def _rewritten(self, eqn: Eqn) -> Atom | None:
        for rewrite in (_BROADCAST, _RULES.get(eqn.op, ())):
            for rule in rewrite:
                result = rule(self, eqn)
                if result is not None:
                    return result
        return None

    def _takes_name(self, result: Var, eqn: Eqn) -> bool:
        """Is the result an equation that was made just now, without a name of its own?"""
        origin = self.builder.origin.get(result)
        last = self.builder.eqns[-1] if self.builder.eqns else None
        return (
            origin is not None and origin is last and result.adjoint_of is None and not result.user
        )

    def _retyped(self, eqn: Eqn) -> Eqn:
        """Infer the type again: a broadcast that went away may have been the only wide operand.

        The precision stays: where only a Python number is left beside float32, it becomes a double.
        """
        op = OPS.get(eqn.op)
        if op is None or not op.elementwise:
            return eqn
        type_ = _type_of(eqn)
        if type_.dtype != eqn.out.type.dtype:
            eqn = eqn.with_args(tuple(self.strong(a) for a in eqn.args))
            type_ = _type_of(eqn)
        _same_sizes(type_, eqn.out.type)
        if type_ == eqn.out.type:
            return eqn
        out = _copy(eqn.out, type_)
        self.became[eqn.out] = out
        if len(type_.dims) == len(eqn.out.type.dims):
            hand_over_sizes(eqn.out, out)
        return replace(eqn, outs=(out,))

    def strong(self, atom: Atom) -> Atom:
        """A Python float as a NumPy one, which does not give way to float32."""
        if not (isinstance(atom.type, Scalar) and atom.type.weak and is_inexact(atom.type)):
            return atom
        if isinstance(atom, Const):
            return const(np.float64(atom.value))
        return self.builder.one("number", [atom], {"dtype": "float64"})

    def apply(
        self, op: str, args: list[Atom], static: dict[str, Any] | None = None, via: str = ""
    ) -> Atom:
        """Append an equation, simplified in turn, and return its result."""
        folded = _constant(op, args)
        if folded is not None:
            return folded
        eqn_out = self.builder.one(op, args, static, via)
        made = self.builder.eqns.pop()
        result = self._rewritten(made)
        if result is not None:
            return result
        self.builder.eqns.append(made)
        return eqn_out


def _type_of(eqn: Eqn) -> Type:
    return Builder().one(eqn.op, eqn.args, eqn.static, eqn.via).type


def _same_sizes(new: Type, old: Type) -> None:
    """What is written now has the sizes of what it stands for, where its own are unknown."""
    if len(new.dims) == len(old.dims):
        for a, b in zip(new.dims, old.dims, strict=True):
            unify(a, b)


def _copy(var: Var, type_: Type) -> Var:
    return Var(var.hint, type_, user=var.user, adjoint_of=var.adjoint_of, tangent=var.tangent)


# -- arithmetic --------------------------------------------------------------------------------


def _number(atom: Atom) -> float | None:
    """The value of a Python number constant."""
    if isinstance(atom, Const) and isinstance(atom.value, int | float):
        return atom.value
    return None


def _constant(op: str, args: list[Atom]) -> Const | None:
    values = [_number(a) for a in args]
    if any(v is None for v in values):
        return None
    match op, values:
        case "neg", [a]:
            return const(-a)  # type: ignore[operator]
        case "mul", [a, b]:
            return const(a * b)  # type: ignore[operator]
        case "div", [a, b] if b:
            return const(a / b)  # type: ignore[operator]
        case "add" | "accumulate", [a, b]:
            return const(a + b)  # type: ignore[operator]
        case "sub", [a, b]:
            return const(a - b)  # type: ignore[operator]
    return None


def _fold(rw: Rewriter, eqn: Eqn) -> Atom | None:
    return _constant(eqn.op, list(eqn.args))


def _times_one(rw: Rewriter, eqn: Eqn) -> Atom | None:
    a, b = eqn.args
    if _number(b) == 1 and a.type == eqn.out.type:
        return a
    if eqn.op == "mul" and _number(a) == 1 and b.type == eqn.out.type:
        return b
    return None


def _times_minus_one(rw: Rewriter, eqn: Eqn) -> Atom | None:
    a, b = eqn.args
    if _number(b) == -1 and a.type == eqn.out.type:
        return rw.apply("neg", [a])
    if eqn.op == "mul" and _number(a) == -1 and b.type == eqn.out.type:
        return rw.apply("neg", [b])
    return None


def _constant_factors(rw: Rewriter, eqn: Eqn) -> Atom | None:
    """Constant factors are multiplied: `(2 * x) * (0.5 * y)` is `x * y`."""
    left, right = (_coefficient(rw, a) for a in eqn.args)
    found = [part for part in (left, right) if part is not None]
    numbers = [a for a in eqn.args if _number(a) is not None]
    if len(found) + len(numbers) < 2:
        return None
    factor = 1.0
    for number in (*(f[0] for f in found), *(n for a in numbers if (n := _number(a)) is not None)):
        factor *= number
    rest = [p[1] if p is not None else a for p, a in zip((left, right), eqn.args, strict=True)]
    rest = [a for a in rest if _number(a) is None]
    first, *others = rest
    if others and Builder().one("mul", rest).type != eqn.out.type:
        return None
    if not others and first.type != eqn.out.type:
        return None
    product = first if factor == 1 else rw.apply("mul", [_plain(factor), first])
    return rw.apply("mul", [product, *others]) if others else product


def _coefficient(rw: Rewriter, atom: Atom) -> tuple[float, Atom] | None:
    """The constant factor of a temporary that is a product, and the rest."""
    made = rw.definition(atom, "mul")
    if made is None or made.out.user or not made.derived:
        return None
    number = _number(made.args[0])
    return None if number is None else (number, made.args[1])


def _plain(number: float) -> Const:
    """`2` for 2.0, as a person writes a factor."""
    return const(int(number) if number == int(number) and abs(number) < 1e6 else number)


def _times_reciprocal(rw: Rewriter, eqn: Eqn) -> Atom | None:
    """`a * (1 / b)` is `a / b`, `a * (c / b)` with a number `c` is `c * a / b`."""
    for position, arg in enumerate(eqn.args):
        made = rw.definition(arg, "div")
        if made is None or made.out.user or not made.derived:
            continue
        number, other = _number(made.args[0]), eqn.args[1 - position]
        if number is None or _number(other) is not None:
            continue
        top = other if number == 1 else rw.apply("mul", [_plain(number), other])
        result = rw.apply("div", [top, made.args[1]])
        return result if result.type == eqn.out.type else None
    return None


def _plus_broadcast(rw: Rewriter, eqn: Eqn) -> Atom | None:
    """Adding to a whole array broadcasts by itself."""
    base, part = eqn.args
    made = rw.definition(part, "broadcast_to")
    if made is None or not base.type.dims or base.type.dims != part.type.dims:
        return None
    return rw.apply("accumulate", [base, made.args[0]])


def _negative_negative(rw: Rewriter, eqn: Eqn) -> Atom | None:
    made = rw.definition(eqn.args[0], "neg")
    return made.args[0] if made is not None else None


def _power_one(rw: Rewriter, eqn: Eqn) -> Atom | None:
    base, exponent = eqn.args
    return base if _number(exponent) == 1 and base.type == eqn.out.type else None


def _sign_outward(rw: Rewriter, eqn: Eqn) -> Atom | None:
    """`a * -b` is `-(a * b)`, so that a sign ends up where a person writes it."""
    for position, arg in enumerate(eqn.args):
        made = rw.definition(arg, "neg")
        if made is None or made.out.user or not made.derived:
            continue
        if eqn.op in _LINEAR_IN_FIRST and position > 0:
            continue
        args = [made.args[0] if i == position else a for i, a in enumerate(eqn.args)]
        return rw.apply("neg", [rw.apply(eqn.op, args, dict(eqn.static), eqn.via)])
    return None


_LINEAR_IN_FIRST: Final = frozenset({"sum", "expand_dims", "T", "reshape", "index"})


def _same_twice(rw: Rewriter, eqn: Eqn) -> Atom | None:
    base, part = eqn.args
    return rw.apply("mul", [const(2), base]) if base is part else None


def _first_and_second(rw: Rewriter, eqn: Eqn) -> Atom | None:
    """An array that is first another one and then added to, in one stage: `dx = dy + part`."""
    base, part = eqn.args
    made = rw.definition(base, "alias")
    if made is None or not made.out.type.dims or made.stage != eqn.stage:
        return None
    return rw.apply("accumulate", [made.args[0], part])


def _plus_negative(rw: Rewriter, eqn: Eqn) -> Atom | None:
    a, b = eqn.args
    made = rw.definition(b, "neg")
    return rw.apply("sub", [a, made.args[0]]) if made is not None else None


def _double_transpose(rw: Rewriter, eqn: Eqn) -> Atom | None:
    made = rw.definition(eqn.args[0], "T")
    return made.args[0] if made is not None else None


def _index_of_sum(rw: Rewriter, eqn: Eqn) -> Atom | None:
    """`d.sum(axis=0, keepdims=True)[0]` is `d.sum(axis=0)`."""
    made = rw.definition(eqn.args[0], "sum")
    if made is None or made.static.get("keepdims") is not True or len(eqn.args) > 1:
        return None
    if made.static["axis"] is None:
        return None
    rank = len(made.args[0].type.dims)
    axes = tuple(axis % rank for axis in _tuple(made.static["axis"]))
    pattern = eqn.static["pattern"]
    full = ("slice", None, None, None)
    for axis, entry in enumerate(pattern):
        if entry != (("int", 0) if axis in axes else full):
            return None
    if max(axes) >= len(pattern):
        return None
    return rw.apply("sum", [made.args[0]], {**made.static, "keepdims": False}, made.via)


def _same_dtype(rw: Rewriter, eqn: Eqn) -> Atom | None:
    (a,) = eqn.args
    return a if a.type == eqn.out.type else None


def _copy_of_temporary(rw: Rewriter, eqn: Eqn) -> Atom | None:
    return None if eqn.out.user else eqn.args[0]


# -- broadcasts --------------------------------------------------------------------------------

_SHAPE_ONLY: Final = frozenset(
    {"expand_dims", "reshape", "T", "transpose", "swapaxes", "moveaxis", "squeeze", "ravel", "flip",
     "broadcast_to", "roll", "matrix_transpose"}
)  # fmt: skip


def _dims_of(eqn: Eqn) -> tuple[Dim, ...]:
    return eqn.out.type.dims


def _drop_broadcasts(rw: Rewriter, eqn: Eqn) -> Atom | None:
    """An elementwise operation broadcasts by itself."""
    if eqn.op not in OPS or not OPS[eqn.op].elementwise:
        return None
    sources = [rw.definition(a, "broadcast_to") for a in eqn.args]
    if not any(sources):
        return None
    plain = [s.args[0] if s is not None else a for s, a in zip(sources, eqn.args, strict=True)]
    for position, source in enumerate(sources):
        if source is None:
            continue
        args = [
            p if i == position else a for i, (p, a) in enumerate(zip(plain, eqn.args, strict=True))
        ]
        type_ = _type_of(eqn.with_args(tuple(args)))
        if type_.dims != _dims_of(eqn):
            continue
        if type_.dtype != eqn.out.type.dtype:
            if eqn.op == "mul" and _number(plain[position]) == 1:
                return rw.apply("cast", [args[1 - position]], {"dtype": eqn.out.type.dtype})
            args[position] = rw.strong(args[position])
        return rw.apply(eqn.op, args, dict(eqn.static), eqn.via)
    if all(not p.type.dims for p in plain):  # all scalars: broadcast the result instead
        inner = rw.apply(eqn.op, plain, dict(eqn.static), eqn.via)
        return rw.apply("broadcast_to", [inner], {"shape": _dims_of(eqn)}, "np")
    return None


def _shape_of_broadcast(rw: Rewriter, eqn: Eqn) -> Atom | None:
    """Rearranging a broadcast scalar gives a broadcast scalar."""
    if eqn.op not in _SHAPE_ONLY or not eqn.args:
        return None
    if eqn.op == "broadcast_to" and eqn.args[0].type.dims == _dims_of(eqn) and _dims_of(eqn):
        return eqn.args[0]
    made = rw.definition(eqn.args[0], "broadcast_to")
    if made is None:
        return None
    if made.args[0].type.dims and eqn.op != "broadcast_to":
        return None
    return rw.apply("broadcast_to", [made.args[0]], {"shape": _dims_of(eqn)}, "np")


def _sum_of_broadcast(rw: Rewriter, eqn: Eqn) -> Atom | None:
    """Summing a broadcast scalar multiplies it by the number of elements."""
    made = rw.definition(eqn.args[0], "broadcast_to")
    if made is None or made.args[0].type.dims:
        return None
    before, after = made.out.type.dims, _dims_of(eqn)
    axis, keepdims = eqn.static.get("axis"), eqn.static.get("keepdims")
    axes = range(len(before)) if axis is None else [a % len(before) for a in _tuple(axis)]
    count = size_of(tuple(before[a] for a in axes))
    if keepdims or not all(d.sym is None or d.sym.root for d in before):
        return None
    total = rw.apply("mul", [made.args[0], rw.builder.size(count)])
    return rw.apply("broadcast_to", [total], {"shape": after}, "np") if after else total


def _tuple(axis: Any) -> tuple[int, ...]:
    return axis if isinstance(axis, tuple) else (axis,)


_BROADCAST: Final[tuple[Rewrite, ...]] = (_drop_broadcasts, _shape_of_broadcast)
_RULES: Final[dict[str, tuple[Rewrite, ...]]] = {
    "mul": (
        _fold,
        _times_one,
        _times_minus_one,
        _constant_factors,
        _times_reciprocal,
        _sign_outward,
    ),
    "div": (_fold, _times_one, _sign_outward),
    "matmul": (_sign_outward,),
    "expand_dims": (_sign_outward,),
    "T": (_double_transpose, _sign_outward),
    "index": (_index_of_sum, _sign_outward),
    "reshape": (_sign_outward,),
    "accumulate": (_same_twice, _plus_broadcast, _first_and_second),
    "neg": (_fold, _negative_negative),
    "add": (_fold, _plus_negative),
    "sub": (_fold,),
    "pow": (_power_one,),
    "cast": (_same_dtype,),
    "alias": (_copy_of_temporary,),
    "sum": (_sum_of_broadcast, _sign_outward),
}
