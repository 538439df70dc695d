"""What a write into a view of an array is as a write into the array."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..ir.program import Atom, Eqn, Ref, Var
from ..rules.indexing import expanded

if TYPE_CHECKING:
    from .lower import Lowerer

Pattern = tuple[Any, ...]
_FULL = ("slice", None, None, None)


def combined(
    view: Eqn, pattern: Pattern, part: Atom, index: Sequence[Atom]
) -> tuple[Pattern, list[Atom]] | None:
    """The index into the base of a view that names what `pattern` names in the view, if simple.

    A position in a slice is not: that it lies outside the slice would go unnoticed.
    """
    if view.op == "alias":
        return pattern, list(index)
    rank = len(view.outs[0].type.dims)
    if any(entry[0] in ("mask", "array", "new") for entry in pattern):
        return None
    inner = expanded(pattern, rank, lambda _: 1)
    if view.op == "T" or (view.op == "transpose" and not view.static.get("axes")):
        several = sum(entry[0] != "int" for entry in inner) > 1 and len(part.type.dims) > 1
        return None if several else (inner[::-1], list(index))
    if view.op != "index":
        return None
    base = view.args[0]
    rest, entries = list(inner), []
    for entry in expanded(view.static["pattern"], len(base.type.dims), lambda _: 1):
        if entry[0] == "new":
            return None
        if entry[0] == "int":
            entries.append(entry)
            continue
        wanted = rest.pop(0)
        if entry == _FULL:
            entries.append(wanted)
        elif wanted == _FULL:
            entries.append(entry)
        else:
            return None
    return tuple(entries), list(index)


def written_back(lo: Lowerer, view: Eqn, changed: Var) -> tuple[Pattern, Atom, list[Atom]] | None:
    """Where the changed contents of a view belong in its base: an index, and what to store there."""
    builder, base = lo.builder, view.args[0]
    assert isinstance(base, Var)
    if view.op == "index":
        return _shifted(view.static["pattern"]), changed, list(view.args[1:])
    static = dict(view.static)
    if view.op in ("T", "matrix_transpose", "swapaxes", "flip", "flipud", "fliplr"):
        back = builder.one(view.op, [changed], static, view.via)
    elif view.op == "moveaxis":
        turned = {"source": static["destination"], "destination": static["source"]}
        back = builder.one("moveaxis", [changed], turned, view.via)
    elif view.op == "transpose":
        axes = static.get("axes")
        if axes:
            rank = len(base.type.dims)
            order = [a % rank for a in axes]
            axes = tuple(order.index(i) for i in range(rank))
        back = builder.one("transpose", [changed], {**static, "axes": axes}, view.via)
    elif view.op in ("reshape", "ravel", "squeeze", "expand_dims", "atleast_1d"):
        shape = tuple(d.known if d.known is not None else d for d in base.type.dims)
        back = builder.one("reshape", [changed], {"shape": shape, "order": "C", "copy": None})
    else:
        return None
    return (("all",),), back, []


def _shifted(pattern: Pattern) -> Pattern:
    """References to index arguments of a read, as those of a write."""
    return tuple(
        tuple(Ref(p.arg + 1) if isinstance(p, Ref) else p for p in entry) for entry in pattern
    )
