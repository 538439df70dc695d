"""Forward mode: beside each equation the equation of its tangent, from the same rules.

    y = np.sin(x)          ->    y = np.sin(x)
    z = y * w                    y_dot = np.cos(x) * x_dot
                                 z = y * w
                                 z_dot = w * y_dot + y * w_dot

The tangent of `v` is called `v_dot` (the dotted values of Griewank and Walther, *Evaluating
Derivatives*, 2nd ed., 2008, section 3.1), so that it stays apart from the gradient `dv`. The text of
an elementwise pullback, with the tangent of the operand for the cotangent, is what the operand
contributes; a linear operation is applied to tangents; the rest has tangent rules. A value without
a tangent is constant.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, final

import numpy as np

from ..analysis.activity import operand_name, passes, varied
from ..analysis.finite import asks, maybe_infinite
from ..errors import UnsupportedError
from ..frontend.unit import Unit
from ..ir.dims import Dim
from ..ir.program import Atom, Const, Eqn, Function, Var, is_ufunc
from ..ir.types import Array, List, Scalar, is_complex, is_inexact
from ..rules.builder import Builder, const
from ..rules.lists import is_list_op
from ..rules.registry import OPS, Linear, NoDerivative, Op, Rule, tangent_of
from .accumulate import cast_to, number, real_part
from .nested import tangent_vjp
from .reverse import _atom, _is_singular, _known, zero
from .rules_inline import inline_rule
from .sizes import Like
from .tangent_calls import Dual, tangent_call
from .tangent_control import is_list, tangent_control, tangent_of_list
from .tangent_lists import list_zero, tangent_of_list_op

# Operations whose result is constant in places although an operand is not.
_SELECTING = frozenset(
    {"where", "set_at", "add_at", "concatenate", "stack", "hstack", "vstack", "array", "append",
     "insert", "maximum", "minimum", "fmax", "fmin", "clip", "select", "tril", "triu", "diag", "pad",
     "py_max", "py_min", "nan_to_num", "heaviside"}
)  # fmt: skip


@final
@dataclass
class Tangents:
    """The tangents so far, and where their equations go."""

    builder: Builder
    active: set[Var]
    current: dict[Var, Atom] = field(default_factory=dict)
    masked: set[Var] = field(default_factory=set)  # may be exactly zero because of a selection
    infinite: set[Var] = field(default_factory=set)

    def get(self, atom: Atom) -> Atom | None:
        """The tangent of a value; None for what is constant."""
        return self.current.get(atom) if isinstance(atom, Var) else None

    def or_zero(self, atom: Atom) -> Atom:
        """The tangent of a value, written out where it is zero."""
        known = self.get(atom)
        return known if known is not None else zero_like(self.builder, atom)


@final
@dataclass(frozen=True)
class Swept:
    """A body with tangents, the tangent of each result (None where it is constant).

    `masked` says which of them may be exactly zero because of a selection.
    """

    body: tuple[Eqn, ...]
    dots: list[Atom | None]
    masked: list[bool]


@final
@dataclass
class Forward:
    """The options of one forward pass, shared with the functions that it calls."""

    unit: Unit
    duals: dict[Any, Dual] = field(default_factory=dict)
    captures: dict[Var, str] = field(default_factory=dict)

    def sweep(
        self,
        function: Function,
        seeds: dict[Var, Atom],
        *,
        masked: Collection[Var] = (),
        infinite: Collection[Var] = (),
    ) -> Swept:
        """The body with tangents, and the tangent of each result.

        `seeds` are the tangents of parameters; those in `masked` may be exactly zero in places,
        such as those that pick a column of a Jacobian, those in `infinite` may be infinite.
        """
        builder = Builder()
        builder.known = _known(function)
        active = varied(function, list(seeds))
        tangents = Tangents(builder, active, dict(seeds))
        doubted = (*function.params, *function.captures) if asks(function) else infinite
        tangents.infinite = maybe_infinite(function, doubted)
        tangents.masked.update(masked)
        self.equations(tangents, function.body)
        dots = [tangents.get(r) for r in function.results]
        selected = [r in tangents.masked for r in function.results]
        return Swept(tuple(builder.eqns), dots, selected)

    def equations(self, tangents: Tangents, body: Sequence[Eqn]) -> None:
        """Append equations in a row, each with that of its tangent."""
        for eqn in body:
            builder = tangents.builder
            builder.stage, builder.span, builder.backward = eqn.stage, eqn.span, eqn.backward
            builder.tangent = True
            _as_stated(eqn)
            if eqn.blocks:
                tangent_control(self, tangents, eqn)
            elif eqn.op in ("call", "external"):
                tangent_call(self, tangents, eqn)
            elif eqn.op == "vjp":
                tangent_vjp(self, tangents, eqn)
            elif is_list(eqn):
                tangent_of_list(tangents, eqn)
            elif is_list_op(eqn):
                tangent_of_list_op(tangents, eqn)
            elif any(out in tangents.active for out in eqn.outs):
                self._equation(tangents, eqn)
            else:
                keep(builder, eqn)

    def _equation(self, tangents: Tangents, eqn: Eqn) -> None:
        """The equation and its tangent; the tangent first where the statement takes over a name."""
        builder = tangents.builder
        start = len(builder.eqns)
        keep(builder, eqn)
        builder.python = not is_ufunc(eqn)
        found = self._tangent(tangents, eqn)
        if eqn.via == "aug":
            _augment(builder, eqn, tangents.get(eqn.args[0]), found[0])
        written = builder.eqns[start + 1 :]
        read = _read_for(builder, eqn.stage, written)
        over = {out.hint for out in eqn.outs if out.user}
        if over & {v.hint for v in read if v.user} and not read & set(eqn.outs):
            builder.eqns[start:] = [*written, eqn]
        _note_mask(tangents, eqn)
        for out, part in zip(eqn.outs, found, strict=True):
            if part is not None and out in tangents.active:
                tangents.current[out] = part

    def _tangent(self, tangents: Tangents, eqn: Eqn) -> list[Atom | None]:
        """The tangents of the results."""
        shapes = {part.arg for part in eqn.static.values() if isinstance(part, Like)}
        places = [i for i in range(len(eqn.args)) if i not in shapes and passes(eqn, i)]
        positions = [i for i in places if tangents.get(eqn.args[i]) is not None]
        together = [i for i in positions if _is_together(eqn, i)]
        terms: list[list[Atom]] = []
        if together:
            terms.append(self._together(tangents, eqn, together))
        if eqn.op == "mul" and eqn.args[0] is eqn.args[1] and positions:
            twice = tangents.builder.one("mul", [const(2), eqn.args[0]])
            dot = tangents.get(eqn.args[0])
            assert dot is not None
            terms.append([tangents.builder.one("mul", [twice, dot])])
            positions = []
        for position in positions:
            if position not in together:
                terms.append(self._operand(tangents, eqn, position))
        if not terms:
            return [None] * len(eqn.outs)
        return [
            _total(tangents, out, [term[i] for term in terms], eqn)
            for i, out in enumerate(eqn.outs)
        ]

    def _operand(self, tangents: Tangents, eqn: Eqn, position: int) -> list[Atom]:
        """What the tangent of one operand contributes to each result."""
        op, name = OPS[eqn.op], operand_name(eqn, position)
        rule = tangent_of(op, name)
        dot = tangents.get(eqn.args[position])
        assert dot is not None
        if isinstance(rule, Linear):
            args = [dot if i == position else a for i, a in enumerate(eqn.args)]
            return linear(tangents.builder, eqn, args, rule)
        if not isinstance(rule, Rule):
            because = f": {rule.because}" if rule and not isinstance(rule, NoDerivative) else ""
            raise UnsupportedError(
                "CR025", f"the tangent of {op.name} in {name} is not written{because}", eqn.span
            )
        return self._by_rule(tangents, eqn, rule, position, dot)

    @staticmethod
    def _by_rule(tangents: Tangents, eqn: Eqn, rule: Rule, position: int, dot: Atom) -> list[Atom]:
        """The text of a rule, with the tangent of the operand for its first parameter."""
        from ..frontend.values import Struct

        builder = tangents.builder
        op, name = OPS[eqn.op], operand_name(eqn, position)
        k = position - op.operands.index(name) if name == op.variadic else None
        before = len(builder.eqns)
        value = inline_rule(builder, eqn, rule, dot, k)
        if eqn.several:
            assert isinstance(value, Struct)
            return [_atom(builder, item, eqn) for item in value.items]
        part = _atom(builder, value, eqn)
        if op.elementwise and eqn.args[position] in tangents.masked:
            read = {v for e in builder.eqns[before:] for v in e.uses()}
            if read & tangents.infinite or (rule.singular and _is_singular(eqn)):
                part = _guarded(builder, dot, part)
        return [part]

    @staticmethod
    def _together(tangents: Tangents, eqn: Eqn, positions: list[int]) -> list[Atom]:
        """The operation applied to the tangents of all operands that it is linear in."""
        builder = tangents.builder
        rule = tangent_of(OPS[eqn.op], operand_name(eqn, positions[0]))
        assert isinstance(rule, Linear)
        if eqn.op in ("add_at", "accumulate") and len(positions) == 1:
            (position,) = positions
            dot = tangents.get(eqn.args[position])
            assert dot is not None
            if position == 0 or eqn.op == "accumulate":
                return [dot]
        args: list[Atom] = []
        for i, arg in enumerate(eqn.args):
            if i in positions:
                args.append(tangents.or_zero(arg))
            elif not _is_together(eqn, i):
                args.append(arg)
            elif eqn.op in ("set_at", "add_at") and i == 1:
                args.append(const(0.0))
            else:
                args.append(zero_like(builder, arg))
        return linear(builder, eqn, args, rule)


def _augment(builder: Builder, eqn: Eqn, before: Atom | None, dot: Atom | None) -> None:
    """`s_dot += x_dot` where the user wrote `s += x`."""
    last = builder.eqns[-1]
    if last.outs == (dot,) and last.args[:1] == (before,) and last.op == eqn.op:
        if last.op in ("add", "sub") and not last.out.type.dims:
            last = builder.eqns[-1] = replace(last, via="aug")
            builder.origin[last.out] = last


def _read_for(builder: Builder, stage: int, eqns: Sequence[Eqn]) -> set[Var]:
    """What equations read, also by way of temporaries of the same stage."""
    found: set[Var] = set()
    todo = [v for e in eqns for v in e.reads()]
    while todo:
        var = todo.pop()
        if var in found:
            continue
        found.add(var)
        made = builder.origin.get(var)
        if not var.user and made is not None and made.stage == stage:
            todo += made.reads()
    return found


def keep(builder: Builder, eqn: Eqn) -> None:
    """Append an equation of the function as it is."""
    builder.eqns.append(eqn)
    builder.origin.update(dict.fromkeys(eqn.outs, eqn))


def linear(builder: Builder, eqn: Eqn, args: Sequence[Atom], rule: Linear) -> list[Atom]:
    """The equation applied to other arguments of the same types."""
    outs = tuple(Var("", out.type) for out in eqn.outs)
    args = [_as_double(builder, eqn, new, old) for new, old in zip(args, eqn.args, strict=True)]
    static = {k: v for k, v in eqn.static.items() if k != "remark"}
    for option, value in rule.constants.items():
        if static.get(option) is not None:
            static[option] = value
    builder.append(
        replace(eqn, outs=outs, args=tuple(args), static=static, tangent=True, effect=False)
    )
    return list(outs)


def _as_double(builder: Builder, eqn: Eqn, dot: Atom, arg: Atom) -> Atom:
    """The tangent of a NumPy number as one, where a Python float lacks the method."""
    have, want = dot.type, arg.type
    if not (isinstance(have, Scalar) and isinstance(want, Scalar)) or want.weak or not have.weak:
        return dot
    needed = eqn.via == "method" or eqn.op in ("index", "item", "T", "astype")
    return _number(builder, dot, want) if needed else dot


def _is_together(eqn: Eqn, position: int) -> bool:
    """Is the operation linear in this operand and others at once?"""
    op: Op | None = OPS.get(eqn.op)
    if op is None or position >= len(eqn.args) or not op.operands:
        return False
    if eqn.op in ("set_at", "add_at") and position > 1:
        return False
    rule = tangent_of(op, operand_name(eqn, position))
    return isinstance(rule, Linear) and rule.together


def zero_like(builder: Builder, atom: Atom) -> Atom:
    """A tangent of zeros in the type of a value; a whole number has a whole zero."""
    kind = np.dtype(atom.type.dtype).kind
    if isinstance(atom, Var) and isinstance(atom.type, List):
        return list_zero(builder, atom)
    made = builder.origin.get(atom) if isinstance(atom, Var) else None
    if made is not None and made.op == "filled" and made.backward:
        # its sizes as they are read there: those in its type may be read in the forward pass only
        static = {"dims": made.static["dims"], "dtype": atom.type.dtype}
        args = (const(0.0), *made.args[1:])
        out = Var("", atom.type)
        builder.append(Eqn((out,), "filled", args, static))
        return out
    if isinstance(atom, Var) and (kind in "fc" or isinstance(atom.type, Array)):
        return zero(builder, atom)
    if isinstance(atom.type, Scalar) and atom.type.weak:
        return const(0j if kind == "c" else 0.0 if kind == "f" else False if kind == "b" else 0)
    return const(np.dtype(atom.type.dtype).type(0))


def _total(tangents: Tangents, out: Var, terms: list[Atom], eqn: Eqn) -> Atom:
    """The sum of what operands contribute, in the type of the result and named after it."""
    builder = tangents.builder
    total = terms[0]
    for term in terms[1:]:
        total = builder.one("add", [total, term])
    if OPS[eqn.op].elementwise and any(_is_own(dim, out) for dim in out.type.dims):
        return called(builder, cast_to(builder, _spread(builder, total, eqn), out), out)
    return called(builder, fitted(builder, total, out), out)


def _is_own(dim: Dim, out: Var) -> bool:
    """Can a size only be read from the result itself, which is not there yet?"""
    return any(
        s.root is not None and s.find().root == (out, i)
        for s in dim.terms
        for i in range(len(out.type.dims))
    )


def _spread(builder: Builder, total: Atom, eqn: Eqn) -> Atom:
    """The total in the shape that the operands have together."""
    have: set[tuple[Dim, ...]] = set()
    todo: list[Atom] = [total]
    while todo:
        atom = todo.pop()
        have.add(atom.type.dims)
        made = builder.origin.get(atom) if isinstance(atom, Var) else None
        if made is not None and made.op in OPS and OPS[made.op].elementwise:
            todo += made.args
    for arg in eqn.args:
        if arg.type.dims and arg.type.dims not in have:
            total = builder.one("add", [total, zero_like(builder, arg)])
    return total


def _as_stated(eqn: Eqn) -> None:
    """A size that a new array states can be read here; the type may have it by another name."""
    stated = eqn.static.get("dims")
    if eqn.op != "filled" or not isinstance(stated, tuple) or not isinstance(eqn.out.type, Array):
        return
    if all(isinstance(d, int | Dim) for d in stated):
        eqn.out.type = Array(eqn.out.type.dtype, tuple(map(Dim.of, stated)))


def fitted(builder: Builder, dot: Atom, out: Var) -> Atom:
    """A tangent in the shape, precision and kind of its value."""
    want = out.type
    if isinstance(want, List):
        return dot
    if is_complex(dot.type) and not is_complex(want):
        dot = real_part(builder, dot)
    if isinstance(want, Array):
        if not want.dims:
            if isinstance(dot.type, Array) and dot.type.dtype == want.dtype:
                return dot
            dtype = None if want.dtype == "float64" else want.dtype
            static = {"dims": want.dims, "dtype": dtype, "copy": False}
            return builder.one("rank0", [dot], static)
        if dot.type.dims != want.dims and not _same_dims(dot, want):
            dot = builder.one("broadcast_to", [dot], {"shape": want.dims}, "np")
        return cast_to(builder, dot, out)
    have = dot.type
    assert isinstance(want, Scalar)
    if isinstance(have, Array) or is_complex(have) != is_complex(want):
        return number(builder, dot, want)
    assert isinstance(have, Scalar)
    if have.dtype == want.dtype:  # a Python float serves as a NumPy double, and the other way round
        return dot
    if want.weak:
        return builder.one("float", [dot]) if isinstance(dot, Var) and not have.weak else dot
    return _number(builder, dot, want)


def _number(builder: Builder, dot: Atom, want: Scalar) -> Atom:
    if isinstance(dot, Const):
        return const(np.dtype(want.dtype).type(dot.value))
    return builder.one("number", [dot], {"dtype": want.dtype})


def _same_dims(dot: Atom, want: Array) -> bool:
    """Do all axes have the result's lengths whatever they are: none of them can be 1?"""
    have = dot.type.dims
    return len(have) == len(want.dims) and all(
        a == b or not (a.maybe_one or a.known == 1) for a, b in zip(have, want.dims, strict=True)
    )


def called(builder: Builder, dot: Atom, out: Var) -> Atom:
    """Name a tangent after its value; that of a value with a name gets a line."""
    if isinstance(dot, Var) and dot.adjoint_of is None and dot in builder.origin:
        if builder.origin[dot].tangent:
            return _renamed(dot, out)
    if not out.user:
        return dot
    if isinstance(dot, Const):
        named = Var("", dot.type)
        builder.append(Eqn((named,), "const", (dot,)))
        return _renamed(named, out)
    return _renamed(builder.one("alias", [dot]), out)


def _renamed(dot: Var, out: Var) -> Var:
    dot.adjoint_of, dot.tangent = out, True
    dot.user = out.user
    dot.hint = f"{out.hint}_dot" if out.hint else dot.hint
    return dot


def tangent_var(out: Var) -> Var:
    """A new variable for the tangent of a value."""
    hint = f"{out.hint}_dot" if out.hint else ""
    return Var(hint, out.type, user=out.user, adjoint_of=out, tangent=True)


def _guarded(builder: Builder, dot: Atom, part: Atom) -> Atom:
    """A contribution that is zero wherever the tangent is: `inf * 0` would be NaN."""
    used = builder.one("ne", [dot, const(0.0)])
    numbers = all(isinstance(a.type, Scalar) for a in (used, part))
    zero = const(0j if numbers and is_complex(part.type) else 0.0)
    return builder.one("where", [used, part, zero], {}, "" if numbers else "np")


def _note_mask(tangents: Tangents, eqn: Eqn) -> None:
    """Note results whose tangents may be exactly zero because of a selection."""
    moving = [a for a in eqn.uses() if a in tangents.current]
    still = [a for a in eqn.args if is_inexact(a.type) and a not in moving]
    chosen = eqn.op in _SELECTING and (bool(still) or eqn.op != "where")
    if moving and (chosen or all(v in tangents.masked for v in moving)):
        tangents.masked.update(out for out in eqn.outs if is_inexact(out.type))
