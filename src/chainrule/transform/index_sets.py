"""Which numbers does each number depend on: a program of tangents becomes one of index sets.

    y_dot = np.cos(x) * x_dot          ->   y_dot = sets.union(x_dot)
    s_dot = np.sum(y_dot)              ->   s_dot = sets.total(y_dot)
    z_dot[1:] = y_dot[:-1]                  (as it is)

A tangent is linear in the tangents that it is made of, so the set of a result is the union of the sets
of what is read. The program runs on arrays of objects, see `chainrule.sparse.sets`; loops, branches
and indices run as they would on numbers, so the sets are those of these very arguments. An operation
that is not known here depends on all elements of its operands: a set may be too large, never too small.
(Forward propagation of index domains, Griewank and Walther, *Evaluating Derivatives*, 2nd ed., 2008,
section 7.1. That of Hessians is the same on the tangent of the gradient.)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, final

from ..ir.program import Atom, Eqn, Function, Var
from ..ir.types import Array, List, Scalar, Type, is_inexact
from ..rules.lists import is_list_op
from ..rules.registry import OPS
from .lifted import Lift, NotLifted

# What moves elements about, or adds them, does so with sets.
_MOVING: Final = frozenset(
    {"alias", "copy", "own", "index", "reshape", "ravel", "flatten", "T", "transpose",
     "matrix_transpose", "swapaxes", "moveaxis", "concatenate", "stack", "hstack", "vstack",
     "broadcast_to", "expand_dims", "squeeze", "take", "roll", "flip", "flipud", "fliplr", "rot90",
     "tril", "triu", "diag", "diagonal", "trace", "pad", "cumsum", "repeat", "tile",
     "take_along_axis", "where", "atleast_1d", "atleast_2d", "array", "filled"}
)  # fmt: skip
_ONE_NUMBER: Final = frozenset({"cast", "float", "number", "item", "rank0", "astype"})


def index_sets(function: Function, seeds: Sequence[Var], results: int) -> Function:
    """The program with sets for the seeds, and for the results from `results` on."""
    sets = IndexSets()
    params = tuple(sets.param(p) if p in seeds else p for p in function.params)
    sets.sequence(function.body)
    if any(map(sets.moves, function.results[:results])):
        raise NotLifted
    ends = tuple(r if i < results else sets.new(r) for i, r in enumerate(function.results))
    return replace(function, params=params, body=tuple(sets.builder.eqns), results=ends)


@final
class IndexSets(Lift):
    """Values that are sets, or arrays and lists of sets."""

    def like(self) -> IndexSets:
        """An empty one."""
        return IndexSets()

    def form(self, type_: Type) -> Type:
        """The type with objects for numbers."""
        if isinstance(type_, List):
            element = type_.element
            return List(None if element is None else self.form(element), type_.length)  # type: ignore[arg-type]
        if isinstance(type_, Array):
            return Array("object", type_.dims)
        return Scalar("object", weak=True)

    def whole(self, atom: Atom) -> Atom:
        """An array that sets can be written into; zeros in it are empty sets."""
        if self.moves(atom) or not isinstance(atom.type, Array):
            return self.new(atom)
        out = Var("", self.form(atom.type))
        self.builder.append(Eqn((out,), "cast", (atom,), {"dtype": "object"}))
        return out

    def operation(self, eqn: Eqn) -> None:
        """An operation that reads sets."""
        if not any(is_inexact(out.type) for out in eqn.outs):
            if eqn.op not in ("ne", "eq", "list_len"):  # is this tangent zero?
                raise NotLifted
            self.builder.append(eqn.with_args(tuple(map(self.new, eqn.args))))
        elif eqn.op in ("set_at", "add_at"):
            self.as_it_is(eqn, (self.whole(eqn.args[0]), *map(self.new, eqn.args[1:])))
        elif eqn.op == "index" and not eqn.args[0].type.dims:  # new axes of a number
            self.step(eqn, "reshaped", {"dims": eqn.out.type.dims})
        elif eqn.op in _MOVING or (is_list_op(eqn) and eqn.op not in _LISTS):
            self.as_it_is(eqn, tuple(map(self.new, eqn.args)))
        elif eqn.op in _STEPS and _is_plain(eqn):
            self.step(eqn, *_STEPS[eqn.op](eqn))
        elif eqn.op in _ONE_NUMBER:
            self.step(eqn, "item" if not isinstance(eqn.out.type, Array) else "copy", {})
        elif OPS[eqn.op].elementwise or eqn.op in ("accumulate", "chain"):
            self.union(eqn)
        else:
            self.mix(eqn)

    def as_it_is(self, eqn: Eqn, args: tuple[Atom, ...]) -> None:
        """The same operation on objects."""
        static = dict(eqn.static)
        if static.get("dtype") is not None or eqn.op in ("array", "filled"):
            static["dtype"] = "object"
        outs = tuple(self.param(o) if is_inexact(o.type) else o for o in eqn.outs)
        self.builder.append(replace(eqn, outs=outs, args=args, static=static))

    def step(self, eqn: Eqn, how: str, options: dict[str, Any]) -> None:
        """An operation that is written for sets."""
        static = {"how": how, **options}
        args = tuple(map(self.new, eqn.args))
        self.builder.append(Eqn((self.param(eqn.out),), "sets", args, static))

    def union(self, eqn: Eqn) -> None:
        """The sets of the operands, element by element."""
        args = [self.new(a) for a in eqn.args if self.moves(a)]
        dims = eqn.out.type.dims
        if not any(a.type.dims == dims for a in args):
            args += [a for a in eqn.args if not self.moves(a) and a.type.dims]
        static = {"how": "union"}
        self.builder.append(Eqn((self.param(eqn.out),), "sets", tuple(args), static))

    def mix(self, eqn: Eqn) -> None:
        """Each element of the results depends on all of the operands."""
        args = tuple(self.new(a) for a in eqn.args if self.moves(a))
        for out in eqn.outs:
            if isinstance(out.type, List):
                raise NotLifted
            if is_inexact(out.type):
                static = {"how": "mix", "dims": out.type.dims}
                self.builder.append(Eqn((self.param(out),), "sets", args, static))


def _is_plain(eqn: Eqn) -> bool:
    """Is it an `einsum` that names all axes, or no einsum?"""
    if eqn.op != "einsum":
        return True
    subscripts: str = eqn.static["subscripts"]
    inputs = subscripts.partition("->")[0].split(",")
    often = any(term.count(c) > 2 for term in inputs for c in term)
    return "." not in subscripts and "->" in subscripts and not often


def _reduced(eqn: Eqn) -> tuple[str, dict[str, Any]]:
    return "total", {"axis": eqn.static["axis"], "keepdims": eqn.static["keepdims"]}


_STEPS: Final[dict[str, Any]] = {
    "sum": _reduced,
    "mean": _reduced,
    "sum_to": lambda eqn: ("sum_to", {"dims": eqn.static["dims"]}),
    "matmul": lambda eqn: ("matmul", {}),
    "dot": lambda eqn: ("dot", {}),
    "outer": lambda eqn: ("outer", {}),
    "einsum": lambda eqn: ("einsum", {"subscripts": eqn.static["subscripts"]}),
    "list_sum": lambda eqn: ("list_total", {}),
    "list_stack": lambda eqn: ("list_stack", {"axis": eqn.static["axis"]}),
}
_LISTS: Final = frozenset({"list_sum", "list_stack", "list_max", "list_min", "list_share"})
