"""Reverse mode: the backward equations of a program, stage by stage in reverse order.

For every equation whose result has a gradient, the pullback of each active operand is inlined and
its contribution added to the gradient of the operand (Griewank and Walther, *Evaluating
Derivatives*, 2nd ed., 2008, section 3.2). What the backward pass reads of the forward pass is
whatever the texts of the rules read; there is no second list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, final

import numpy as np

from ..analysis.activity import operand_name, passes, useful, varied
from ..analysis.finite import asks, has_power_of_at_least, maybe_infinite
from ..errors import UnsupportedError
from ..frontend.unit import Unit
from ..ir.program import Atom, Const, Eqn, Function, Ref, Var, is_ufunc, walk
from ..ir.types import Array, List, Scalar, is_complex
from ..rules.builder import Builder, const
from ..rules.indexing import repeats, shifted
from ..rules.lists import is_list_op
from ..rules.registry import OPS, NotWritten, Rule
from .accumulate import Adjoints
from .calls import Pullbacks, backward_call
from .control import backward_control
from .custom import backward_custom
from .guard import guarded, safe_equation, safe_value
from .lists import backward_list, zero_list
from .nested import backward_vjp
from .rules_inline import inline_rule

# Operations that pass an exact zero to what they do not select.
SELECTING = frozenset(
    {"amax", "amin", "array_split", "broadcast_arrays", "clip", "delete", "diag", "diagonal",
     "dsplit", "einsum", "fmax", "fmin", "gradient", "hsplit", "linalg.norm", "max", "maximum",
     "meshgrid", "min", "minimum", "nan_to_num", "nanmax", "nanmean", "nanmin", "nanstd",
     "nansum", "nanvar", "ptp", "py_max", "py_min", "select", "sort", "split", "take", "trace",
     "tril", "triu", "unstack", "vsplit", "where"}
)  # fmt: skip


@final
@dataclass
class Backward:
    """The backward pass of a function: its equations and gradients.

    `replaced` are forward calls that have to return more, `captures` what a user's rule reads from
    outside.
    """

    eqns: list[Eqn]
    gradients: list[Atom]
    replaced: dict[Eqn, Eqn] = field(default_factory=dict)
    captures: dict[Var, str] = field(default_factory=dict)


@final
@dataclass
class Reverse:
    """The options of one reverse sweep, shared with the functions that it calls."""

    unit: Unit
    teach: bool = False
    pullbacks: Pullbacks = field(default_factory=Pullbacks)

    def sweep(
        self,
        function: Function,
        wrt: Sequence[Var],
        seeds: Sequence[Atom | None],
        *,
        masked: bool = False,
    ) -> Backward:
        """The backward pass of `function` for the given gradients of its results.

        Gradients come back in the order of `wrt`; zero where a result does not depend on it.
        `masked` says that the seeds may be exactly zero because of a selection in the caller.
        """
        builder = Builder(backward=True)
        builder.known = _known(function)
        adjoints = Adjoints(builder)
        doubted = (*function.params, *function.captures) if masked or asks(function) else ()
        adjoints.infinite = maybe_infinite(function, doubted)
        if masked:
            adjoints.masked.update(r for r in function.results if isinstance(r, Var))
        results = [r for r, seed in zip(function.results, seeds, strict=True) if seed is not None]
        wanted = {r for r in results if isinstance(r, Var)}
        active = varied(function, wrt) & useful(function, wanted)
        for result, seed in zip(function.results, seeds, strict=True):
            if isinstance(result, Var) and seed is not None and result in active:
                self._seed(adjoints, result, seed)
        backward = Backward(builder.eqns, [])
        self.equations(backward, adjoints, function.body, active)
        builder.stage, builder.span = 0, None
        backward.gradients = [_gradient(builder, adjoints, var) for var in wrt]
        return backward

    def equations(
        self, backward: Backward, adjoints: Adjoints, body: Sequence[Eqn], active: set[Var]
    ) -> None:
        """Append the backward equations of equations in a row, the last one first."""
        builder = adjoints.builder
        for eqn in reversed(body):
            if any(adjoints.get(out) is not None for out in eqn.outs):
                builder.stage, builder.span = eqn.stage, eqn.span
                self._equation(backward, adjoints, eqn, active)

    def _seed(self, adjoints: Adjoints, result: Var, seed: Atom) -> None:
        if adjoints.get(result) is not None:
            adjoints.add(result, seed, masked=False)
        elif self.teach and isinstance(seed, Const):
            named = Var("", seed.type)
            adjoints.builder.stage = 0
            adjoints.builder.append(Eqn((named,), "const", (seed,)))
            adjoints.seed(result, adjoints._called(named, result))
        else:
            adjoints.seed(result, seed)

    def _equation(self, backward: Backward, adjoints: Adjoints, eqn: Eqn, active: set[Var]) -> None:
        if eqn.blocks:
            backward_control(self, backward, adjoints, eqn, active)
        elif eqn.op == "call":
            backward_call(self, backward, adjoints, eqn, active)
        elif eqn.op == "external":
            backward_custom(self, backward, adjoints, eqn, active)
        elif eqn.op == "vjp":
            backward_vjp(self, adjoints, eqn, active)
        elif is_list_op(eqn):
            backward_list(adjoints, eqn, active)
        elif eqn.op == "index":
            self._index(adjoints, eqn, active)
        elif eqn.op == "take":
            self._take(adjoints, eqn, active)
        elif eqn.op in ("set_at", "add_at"):
            self._write(adjoints, eqn, active)
        elif eqn.op == "mul" and eqn.args[0] is eqn.args[1]:
            self._square(adjoints, eqn, active)
        else:
            for position, arg in enumerate(eqn.args):
                if isinstance(arg, Var) and arg in active and passes(eqn, position):
                    self._operand(adjoints, eqn, position, arg)

    @staticmethod
    def _index(adjoints: Adjoints, eqn: Eqn, active: set[Var]) -> None:
        base = eqn.args[0]
        gradient = adjoints.get(eqn.out)
        if not isinstance(base, Var) or base not in active or gradient is None:
            return
        pattern = eqn.static["pattern"]
        if not base.type.dims:  # `s[..., None]` of a number
            pattern = tuple(entry for entry in pattern if entry != ("all",))
        squeezed = _without_new_axes(pattern)
        if squeezed is not None and isinstance(gradient.type, Array):
            part = gradient
            if any(entry[0] == "int" for entry in squeezed):
                part = adjoints.builder.one("index", [gradient], {"pattern": squeezed})
            adjoints.add(base, part, masked=eqn.out in adjoints.masked)
        else:
            adjoints.add_at(base, gradient, eqn.static["pattern"], list(eqn.args[1:]))

    @staticmethod
    def _take(adjoints: Adjoints, eqn: Eqn, active: set[Var]) -> None:
        """`np.take(a, i, axis=1)` has the gradient of `a[:, i]`."""
        base, indices = eqn.args
        gradient = adjoints.get(eqn.out)
        if not isinstance(base, Var) or base not in active or gradient is None:
            return
        axis = (eqn.static["axis"] or 0) % len(base.type.dims)
        known = isinstance(indices, Const)
        entry = ("int", indices.value) if isinstance(indices, Const) else ("array", Ref(1))
        pattern = (*(("slice", None, None, None),) * axis, entry)
        adjoints.add_at(base, gradient, pattern, [] if known else [indices])

    @staticmethod
    def _write(adjoints: Adjoints, eqn: Eqn, active: set[Var]) -> None:
        """`A[i] = v` passes the gradient of `A[i]` to `v` and none to what was there before.

        `A[i] += v` passes it to both.
        """
        base, part, *index = eqn.args
        gradient = adjoints.get(eqn.out)
        assert gradient is not None
        builder, pattern = adjoints.builder, eqn.static["pattern"]
        if isinstance(part, Var) and part in active:
            read = {"pattern": shifted(pattern, -1)}
            whole = pattern == (("all",),)
            taken: Atom = gradient if whole else builder.one("index", [gradient, *index], read)
            if eqn.op == "set_at" and repeats(pattern):
                stays = builder.one("last_stores", [gradient, *index], read)
                taken = builder.one("where", [stays, taken, const(0.0)], {}, "np")
            elif eqn.op == "set_at" and isinstance(taken.type, Array) and not whole:
                taken = builder.one("own", [taken])  # before it is zeroed
            adjoints.add(part, taken, masked=False)
        overwritten = eqn.op == "set_at" and pattern == (("all",),)
        if isinstance(base, Var) and base in active and not overwritten:
            if eqn.op == "set_at":
                zeroed = builder.one("set_at", [gradient, const(0.0), *index], {"pattern": pattern})
                gradient = adjoints._called(zeroed, base)
            adjoints.add(base, gradient, masked=False)

    @staticmethod
    def _square(adjoints: Adjoints, eqn: Eqn, active: set[Var]) -> None:
        """`x * x` has the gradient of `x**2`: one contribution instead of two equal ones."""
        arg, gradient = eqn.args[0], adjoints.get(eqn.out)
        if isinstance(arg, Var) and arg in active and gradient is not None:
            builder = adjoints.builder
            doubted = eqn.out in adjoints.masked and arg in adjoints.infinite
            array = isinstance(gradient.type, Array)
            base = safe_value(builder, gradient, arg) if doubted and array else arg
            local = builder.one("mul", [const(2), base])
            part: Atom = builder.one("mul", [local, gradient])
            if doubted and not array:
                part = guarded(builder, gradient, part)
            adjoints.add(arg, part, masked=eqn.out in adjoints.masked)

    def _operand(self, adjoints: Adjoints, eqn: Eqn, position: int, arg: Var) -> None:
        """Add what one operand gets."""
        op, name = OPS[eqn.op], operand_name(eqn, position)
        rule = op.rules.get(name)
        if rule is None or isinstance(rule, NotWritten):
            because = f": {rule.because}" if isinstance(rule, NotWritten) else ""
            raise UnsupportedError(
                "CR024", f"the derivative of {op.name} in {name} is not written{because}", eqn.span
            )
        assert isinstance(rule, Rule)
        k = position - op.operands.index(name) if name == op.variadic else None
        masked = eqn.op in SELECTING or any(adjoints.get(o) in adjoints.masked for o in eqn.outs)
        masked = masked or any(o in adjoints.masked for o in eqn.outs)
        before = len(adjoints.builder.eqns)
        contribution = self._contribution(adjoints, eqn, rule, k)
        if op.elementwise and eqn.out in adjoints.masked:
            read = {v for e in adjoints.builder.eqns[before:] for v in e.uses()}
            if read & adjoints.infinite or (rule.singular and _is_singular(eqn)):
                contribution = self._guarded(adjoints, eqn, rule, before, contribution, read)
        adjoints.add(arg, contribution, masked)

    def _guarded(
        self,
        adjoints: Adjoints,
        eqn: Eqn,
        rule: Rule,
        before: int,
        contribution: Atom,
        read: set[Var],
    ) -> Atom:
        """The contribution, made since position `before`, where the gradient may be a mere zero."""
        builder, gradient = adjoints.builder, adjoints.get(eqn.out)
        assert gradient is not None
        made = builder.eqns[before:]
        del builder.eqns[before:]
        safe = safe_equation(builder, gradient, eqn, rule, read)
        if safe is not None:
            return self._contribution(adjoints, eqn, rule, None, safe)
        builder.eqns += made
        return guarded(builder, gradient, contribution)

    def _contribution(
        self, adjoints: Adjoints, eqn: Eqn, rule: Rule, k: int | None, values: Eqn | None = None
    ) -> Atom:
        """What the rule makes of the gradients of the results, and of the `values` that it reads."""
        from ..frontend.values import Struct

        values = values or eqn
        builder = adjoints.builder
        builder.python, builder.checked = not is_ufunc(eqn), eqn.via == "math"
        cotangents = [_cotangent(builder, adjoints, out) for out in eqn.outs]
        upstream = Struct(tuple, tuple(cotangents)) if eqn.several else cotangents[0]
        local_factor = OPS[eqn.op].elementwise and eqn.op != "conj"  # which conjugates the upstream
        if self.teach and local_factor and isinstance(upstream, Var | Const):
            local = inline_rule(builder, values, rule, const(1), k)
            local_atom = _atom(builder, local, eqn)
            return builder.one("chain", [local_atom, upstream])
        return _atom(builder, inline_rule(builder, values, rule, upstream, k), eqn)


def _without_new_axes(pattern: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """For an index that takes everything and only adds axes: the index that removes them again."""
    full = ("slice", None, None, None)
    if any(entry not in (full, ("new",)) for entry in pattern):
        return None
    return tuple(("int", 0) if entry == ("new",) else entry for entry in pattern)


def _is_singular(eqn: Eqn) -> bool:
    """Can a factor of the rule be infinite? Not for a number as the divisor or as the exponent."""
    if eqn.op == "pow":
        return not has_power_of_at_least(eqn, 1)
    if eqn.op == "div" and isinstance(eqn.args[1], Const):
        return bool(eqn.args[1].value == 0)
    return True


def _atom(builder: Builder, value: object, eqn: Eqn) -> Atom:
    from ..frontend.values import Size

    if isinstance(value, Size):
        return builder.size(value.dim)
    if not isinstance(value, Var | Const):
        raise AssertionError(f"the rule of {eqn.op} returned {value!r}")
    return value


def _cotangent(builder: Builder, adjoints: Adjoints, out: Var) -> Atom:
    """The gradient of a result; zeros for one of several results that nothing uses."""
    gradient = adjoints.get(out)
    return gradient if gradient is not None else zero(builder, out)


def zero(builder: Builder, var: Var) -> Atom:
    """A gradient of zeros for a value."""
    if isinstance(var.type, List):
        return zero_list(builder, var)
    if isinstance(var.type, Scalar):
        number = 0j if is_complex(var.type) else 0.0
        if var.type.weak:
            return const(number)
        return const(np.dtype(var.type.dtype).type(number), repr(number))
    static = {"dims": var.type.dims, "dtype": var.type.dtype}
    return builder.one("filled", [const(0.0)], static)


def _gradient(builder: Builder, adjoints: Adjoints, var: Var) -> Atom:
    gradient = adjoints.get(var)
    if gradient is None:
        made = zero(builder, var)
        return adjoints._called(made, var) if isinstance(made, Var) else made
    return gradient


def _known(function: Function) -> dict[Var, Const]:
    return {
        e.out: e.args[0]
        for e in walk(function.body)
        if e.op == "const" and isinstance(e.args[0], Const)
    }
