"""Lists in the backward pass: the gradient of a list is a list of gradients.

    xs.append(v)        ->  dv = dxs.pop()
    v = xs.pop()        ->  dxs.append(dv)
    v = xs[i]           ->  dxs[i] += dv
    xs[i] = v           ->  dv = dxs[i]; dxs[i] = 0.0
    A = np.array(xs)    ->  dxs = dA.tolist()
    ys = [xs[i] for i in order]   ->   dxs: the gradients in the order of the places
    s = sum(xs)         ->  dxs = [ds] * len(xs)

Arrays in a list of gradients may be shared, so they are never written in place.
"""

from __future__ import annotations

from typing import Any, Final

from ..ir.dims import Dim
from ..ir.program import Atom, Const, Eqn, Var
from ..ir.types import Array, List, Scalar
from ..rules.builder import Builder, const
from .accumulate import Adjoints


def backward_list(adjoints: Adjoints, eqn: Eqn, active: set[Var]) -> None:
    """Add what the operands of a list operation get."""
    _BACKWARD[eqn.op](adjoints, eqn, active)


def zero_list(builder: Builder, var: Var) -> Var:
    """A zero for each element of a list."""
    return builder.one("list_zeros", [var])


def _is_active(atom: Atom, active: set[Var]) -> bool:
    return isinstance(atom, Var) and atom in active


def _give(adjoints: Adjoints, arg: Atom, gradient: Atom, active: set[Var], masked: bool) -> None:
    """Add a contribution to an operand that carries a gradient."""
    if isinstance(arg, Var) and arg in active:
        adjoints.add(arg, gradient, masked)


def _pass_on(adjoints: Adjoints, arg: Atom, gradient: Var, active: set[Var]) -> None:
    """The list of gradients of the list that was written, after the write is undone."""
    if isinstance(arg, Var) and arg in active:
        adjoints.add(arg, adjoints._called(gradient, arg), masked=True)


def _element_zero(builder: Builder, value: Atom) -> Atom:
    from .reverse import zero

    if isinstance(value, Const):
        return const(0.0)
    return zero(builder, value)


def _append(adjoints: Adjoints, eqn: Eqn, active: set[Var]) -> None:
    xs, v = eqn.args
    gradient = adjoints.get(eqn.out)
    assert gradient is not None
    taken = adjoints.builder.apply("list_pop", [gradient])
    assert isinstance(taken, tuple)
    rest, last = taken
    _pass_on(adjoints, xs, rest, active)
    _give(adjoints, v, last, active, masked=True)


def _pop(adjoints: Adjoints, eqn: Eqn, active: set[Var]) -> None:
    (xs,) = eqn.args
    if not isinstance(xs, Var) or xs not in active:
        return
    builder = adjoints.builder
    rest, last = eqn.outs
    before, value = adjoints.get(rest), adjoints.get(last)
    if before is None:
        before = zero_list(builder, rest)
    if value is None:
        value = _element_zero(builder, last)
    _pass_on(adjoints, xs, builder.one("list_append", [before, value]), active)


def _set(adjoints: Adjoints, eqn: Eqn, active: set[Var]) -> None:
    xs, v = eqn.args[:2]
    gradient = adjoints.get(eqn.out)
    assert gradient is not None
    builder, static = adjoints.builder, {"pattern": eqn.static["pattern"]}
    taken = builder.one("list_get", [gradient], static)
    _give(adjoints, v, taken, active, masked=True)
    if _is_active(xs, active):
        nothing = _element_zero(builder, v)
        _pass_on(adjoints, xs, builder.one("list_set", [gradient, nothing], static), active)


def _get(adjoints: Adjoints, eqn: Eqn, active: set[Var]) -> None:
    (xs,) = eqn.args
    gradient = adjoints.get(eqn.out)
    if not isinstance(xs, Var) or xs not in active or gradient is None:
        return
    _scatter(adjoints, xs, "list_add", gradient, eqn.static["pattern"])


def _slice(adjoints: Adjoints, eqn: Eqn, active: set[Var]) -> None:
    (xs,) = eqn.args
    gradient = adjoints.get(eqn.out)
    if not isinstance(xs, Var) or xs not in active or gradient is None:
        return
    _scatter(adjoints, xs, "list_add_slice", gradient, eqn.static["pattern"])


def _scatter(adjoints: Adjoints, xs: Var, op: str, gradient: Atom, pattern: Any) -> None:
    """Add to elements of the list of gradients, which starts from zeros."""
    builder = adjoints.builder
    before = adjoints.get(xs)
    if before is None:
        before = adjoints._called(zero_list(builder, xs), xs)
    total = builder.one(op, [before, gradient], {"pattern": pattern})
    adjoints.current[xs] = adjoints._called(total, xs)
    adjoints.masked.add(xs)


def _new(adjoints: Adjoints, eqn: Eqn, active: set[Var]) -> None:
    gradient = adjoints.get(eqn.out)
    assert gradient is not None
    for position, arg in enumerate(eqn.args):
        if _is_active(arg, active):
            static = {"pattern": (("int", position),)}
            part = adjoints.builder.one("list_get", [gradient], static)
            _give(adjoints, arg, part, active, masked=True)


def _concat(adjoints: Adjoints, eqn: Eqn, active: set[Var]) -> None:
    xs, ys = eqn.args
    gradient = adjoints.get(eqn.out)
    assert gradient is not None
    builder = adjoints.builder
    cut = _length(builder, xs)
    for arg, part in ((xs, ("slice", None, cut, None)), (ys, ("slice", cut, None, None))):
        if _is_active(arg, active):
            taken = builder.one("list_slice", [gradient], {"pattern": (part,)})
            _give(adjoints, arg, taken, active, masked=True)


def _length(builder: Builder, xs: Atom) -> int | Dim:
    """The length of a list as the bound of a slice."""
    assert isinstance(xs.type, List)
    dim = xs.type.length
    if dim is None:
        length = builder.one("list_len", [xs])
        assert isinstance(length.type, Scalar)
        dim = length.type.dim
    assert dim is not None
    return dim if dim.known is None else dim.known


def _repeat(adjoints: Adjoints, eqn: Eqn, active: set[Var]) -> None:
    xs = eqn.args[0]
    gradient = adjoints.get(eqn.out)
    assert gradient is not None
    if not _is_active(xs, active):
        return
    assert isinstance(xs.type, List)
    builder = adjoints.builder
    if xs.type.length is not None and xs.type.length.known == 1:
        total = builder.one("list_sum", [gradient], {"fun": "sum"})
        folded = builder.one("list_new", [total])
    else:
        folded = builder.one("list_fold", [gradient, xs])
    _give(adjoints, xs, folded, active, masked=True)


def _copy(adjoints: Adjoints, eqn: Eqn, active: set[Var]) -> None:
    gradient = adjoints.get(eqn.out)
    assert gradient is not None
    _give(adjoints, eqn.args[0], gradient, active, masked=eqn.out in adjoints.masked)


def _parts(adjoints: Adjoints, eqn: Eqn, active: set[Var]) -> None:
    gradient, xs = adjoints.get(eqn.out), eqn.args[0]
    if gradient is None or not _is_active(xs, active):
        return
    op = "list_split" if eqn.op == "list_join" else "list_parts"
    parts = adjoints.builder.one(op, [gradient, xs], {"axis": eqn.static["axis"]})
    _give(adjoints, xs, parts, active, masked=eqn.out in adjoints.masked)


def _from(adjoints: Adjoints, eqn: Eqn, active: set[Var]) -> None:
    gradient = adjoints.get(eqn.out)
    assert gradient is not None
    static = {"axis": 0, "dtype": None}
    whole = adjoints.builder.one("list_stack", [gradient], static)
    assert isinstance(whole.type, Array)
    whole.type = Array(whole.type.dtype, eqn.args[0].type.dims)
    _give(adjoints, eqn.args[0], whole, active, masked=True)


def _take(adjoints: Adjoints, eqn: Eqn, active: set[Var]) -> None:
    gradient, (xs, order) = adjoints.get(eqn.out), eqn.args
    assert gradient is not None
    back = adjoints.builder.one("list_order", [order], {"reverse": False})
    _give(adjoints, xs, adjoints.builder.one("list_take", [gradient, back]), active, masked=True)


def _sum(adjoints: Adjoints, eqn: Eqn, active: set[Var]) -> None:
    gradient, xs = adjoints.get(eqn.out), eqn.args[0]
    if gradient is not None:
        filled = adjoints.builder.one("list_fill", [gradient, xs])
        _give(adjoints, xs, filled, active, masked=eqn.out in adjoints.masked)


def _extremum(adjoints: Adjoints, eqn: Eqn, active: set[Var]) -> None:
    gradient, xs = adjoints.get(eqn.out), eqn.args[0]
    if gradient is not None:
        shares = adjoints.builder.one("list_share", [gradient, eqn.out, xs])
        _give(adjoints, xs, shares, active, masked=True)


_BACKWARD: Final[dict[str, Any]] = {
    "list_append": _append,
    "list_extend": _concat,
    "list_pop": _pop,
    "list_set": _set,
    "list_new": _new,
    "list_get": _get,
    "list_slice": _slice,
    "list_concat": _concat,
    "list_copy": _copy,
    "list_repeat": _repeat,
    "list_stack": _parts,
    "list_join": _parts,
    "list_take": _take,
    "list_from": _from,
    "list_sum": _sum,
    "list_max": _extremum,
    "list_min": _extremum,
}
