"""Calls of user functions in the backward pass: a backward function per callee and signature.

The callee's backward function gets the gradients of its results and what its equations read. What
it reads of the callee's arguments and results the caller has anyway; the rest comes out of a second
version of the forward function, `<name>_forward`, as further results.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, final

from ..analysis.activity import useful
from ..analysis.naming import temporary_names
from ..analysis.unset import may_be_none
from ..ir.callees import is_recursive
from ..ir.program import Atom, Eqn, Function, Knot, Var, called, renamed
from . import recursion
from .accumulate import Adjoints
from .custom import backward_custom
from .lazy import lazy_selections
from .record import recorded

if TYPE_CHECKING:
    from .reverse import Backward, Reverse


@final
@dataclass(frozen=True)
class Pair:
    """A callee's forward and backward functions, knots while those of a recursive one are made.

    `saved` are values that `forward` returns besides its results. The parameters of `backward` are
    the gradients of the results in `seeded`, then `reads`: parameters, results and saved values.
    """

    forward: Function | Knot
    backward: Function | Knot
    saved: tuple[Var, ...]
    reads: tuple[Var, ...]


@final
@dataclass
class Pullbacks:
    """The pairs that were made so far, by callee and by what is active, and whether they are compiled."""

    compiled: bool = False
    pairs: dict[Any, Pair] = field(default_factory=dict)


def backward_call(
    reverse: Reverse, backward: Backward, adjoints: Adjoints, eqn: Eqn, active: set[Var]
) -> None:
    """The pullback of a call of a user function."""
    if "custom" in eqn.static:
        backward_custom(reverse, backward, adjoints, eqn, active)
        return
    callee = called(eqn)
    wanted = tuple(i for i, a in enumerate(eqn.args) if isinstance(a, Var) and a in active)
    seeded = tuple(i for i, out in enumerate(eqn.outs) if adjoints.get(out) is not None)
    wanted = _reached(callee, wanted, seeded)
    if not wanted:
        return
    if is_recursive(callee):
        seeded = recursion.all_seeded(callee)
        wanted = _reached(callee, recursion.all_active(callee, wanted), seeded)
    masked = any(out in adjoints.masked for out in eqn.outs)
    pair = _pair(reverse, callee, wanted, seeded, masked)
    saved = _extend_forward(backward, eqn, pair)
    outside: dict[Var, Atom] = dict(zip(callee.params, eqn.args, strict=True))
    outside |= {r: o for r, o in zip(callee.results, eqn.outs, strict=True) if isinstance(r, Var)}
    outside |= dict(zip(pair.saved, saved, strict=True))
    gradients = [_or_zero(adjoints, eqn.outs[i]) for i in seeded]
    args = (*gradients, *(outside[v] for v in pair.reads))
    outs = tuple(
        Var(f"d{a.hint}_part" if isinstance(a := eqn.args[i], Var) and a.hint else "", a.type)
        for i in wanted
    )
    adjoints.builder.append(Eqn(outs, "call", args, {"callee": pair.backward}))
    for position, out in zip(wanted, outs, strict=True):
        arg = eqn.args[position]
        if isinstance(arg, Var) and arg in active:
            adjoints.add(arg, out, masked)


def _or_zero(adjoints: Adjoints, out: Var) -> Atom:
    """The gradient of a result; zeros where a recursive function has one that nothing uses."""
    from .reverse import zero

    gradient = adjoints.get(out)
    return gradient if gradient is not None else zero(adjoints.builder, out)


def _reached(callee: Function, wanted: tuple[int, ...], seeded: tuple[int, ...]) -> tuple[int, ...]:
    """The active arguments that the seeded results do depend on."""
    results = {r for i in seeded if isinstance(r := callee.results[i], Var)}
    needed = useful(callee, results)
    return tuple(i for i in wanted if callee.params[i] in needed)


def _pair(
    reverse: Reverse,
    callee: Function,
    wanted: tuple[int, ...],
    seeded: tuple[int, ...],
    masked: bool,
) -> Pair:
    key = (callee, wanted, seeded, masked)
    pairs = reverse.pullbacks.pairs
    if key in pairs or not is_recursive(callee):
        if key not in pairs:
            pairs[key] = _make_pair(reverse, callee, wanted, seeded, masked)
        return pairs[key]
    forward, backward = Knot(callee.name), Knot(callee.name)
    saved = (Var(recursion.SAVED, recursion.SAVED_TYPE),)
    pairs[key] = Pair(forward, backward, saved, saved)  # for the calls within the function
    pair = _make_pair(reverse, callee, wanted, seeded, masked)
    forward.function, backward.function = pair.forward, pair.backward  # type: ignore[assignment]
    forward.name, backward.name = pair.forward.name, pair.backward.name
    pairs[key] = pair
    return pair


def _make_pair(
    reverse: Reverse,
    callee: Function,
    wanted: tuple[int, ...],
    seeded: tuple[int, ...],
    masked: bool,
) -> Pair:
    from ..simplify import simplified
    from .own import own_results
    from .sizes import bind_sizes

    seeds: list[Atom | None] = [None] * len(callee.results)
    for i in seeded:
        result = callee.results[i]
        hint = f"d{result.hint}" if isinstance(result, Var) and result.hint else f"d{callee.name}"
        seed = Var(hint, result.type, user=True)
        if isinstance(result, Var):
            seed.adjoint_of = result
        seeds[i] = seed
    swept = reverse.sweep(callee, [callee.params[i] for i in wanted], seeds, masked=masked)
    joined = replace(
        callee,
        params=(*callee.params, *(s for s in seeds if isinstance(s, Var))),
        body=recorded(callee, swept.eqns, swept.replaced, compiled=reverse.pullbacks.compiled),
        results=(*callee.results, *swept.gradients),
        captures={**callee.captures, **swept.captures},
    )
    joined = simplified(lazy_selections(joined))
    count = len(callee.results)
    joined = own_results(joined, count, tuple(callee.params[i] for i in wanted))
    joined = bind_sizes(joined, may_be_none(joined))
    forward, backward, saved, reads = split(
        joined, callee, len(callee.results), [s for s in seeds if isinstance(s, Var)]
    )
    if is_recursive(callee):
        forward, backward, packed = recursion.packed(forward, backward, count, len(seeded), reads)
        saved = reads = (packed,)
    name = reverse.unit.function_name(f"{callee.name}_backward")
    if saved:
        forward = replace(forward, name=reverse.unit.function_name(f"{callee.name}_forward"))
    return Pair(forward, replace(backward, name=name), saved, reads)


def split(
    joined: Function, callee: Function, results: int, seeds: list[Var]
) -> tuple[Function, Function, tuple[Var, ...], tuple[Var, ...]]:
    """Cut a joined program into forward and backward; what the latter reads is made explicit."""
    from ..simplify import without_dead_code

    later = tuple(e for e in joined.body if e.backward)
    earlier = tuple(e for e in joined.body if not e.backward)
    gradients = joined.results[results:]
    made = {out for e in later for out in e.outs} | set(seeds) | set(callee.captures)
    reads: list[Var] = []
    for var in [v for e in later for v in e.reads()] + [g for g in gradients if isinstance(g, Var)]:
        if var not in made and var not in reads:
            reads.append(var)
    available = {*callee.params, *(r for r in joined.results[:results] if isinstance(r, Var))}
    order = [*callee.params, *(out for e in earlier for out in e.outs)]
    reads.sort(key=order.index)
    saved = tuple(v for v in reads if v not in available)
    names = temporary_names(joined)
    for var in saved:
        var.hint = var.hint or names.get(var, "")
    forward = without_dead_code(
        replace(joined, params=callee.params, body=earlier,
                results=(*joined.results[:results], *saved))
    )  # fmt: skip
    records = {e.out for e in earlier if e.op == "record"}
    copies = {v: Var(v.hint, v.type, user=True) for v in reads if v in records}
    taken = tuple(Eqn((new,), "own", (old,), backward=True) for old, new in copies.items())
    backward = replace(
        joined, params=(*seeds, *reads), body=(*taken, *renamed(later, copies)), results=gradients
    )
    return forward, backward, saved, tuple(reads)


def _extend_forward(backward: Backward, eqn: Eqn, pair: Pair) -> tuple[Var, ...]:
    """Make the forward call return what the backward call reads besides."""
    saved = tuple(Var(v.hint, v.type) for v in pair.saved)
    if saved:
        before = backward.replaced.get(eqn, eqn)
        static = {**before.static, "callee": pair.forward}
        backward.replaced[eqn] = replace(before, outs=(*before.outs, *saved), static=static)
    return saved
