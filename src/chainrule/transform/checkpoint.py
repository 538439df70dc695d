"""Loops that are run again in the backward pass instead of being recorded: `cr.checkpoint`.

    for t in checkpoint(range(n)):        snapshots.append((0, x))
        x = f(x)                          for t in range(n):
                                              if t in places:
                                                  snapshots.append((t, x))
                                              x = f(x)
                                          ...
                                          for t in range(n - 1, -1, -1):
                                              start, x = snapshots[-1]
                                              for s in range(start, t):
                                                  x = f(x)
                                              dx = pullback of f at this x

The state is stored before some of the trips. For each trip, from the last to the first, it is taken
from the nearest snapshot and computed again up to this trip, which is then run with the records that
its own pullback needs. Snapshots that are used up make room for others, nearer to what is still to be
done: with `every=None` their places are those of Revolve (Griewank and Walther 2000, ACM TOMS 26(1),
algorithm 799), written here without its actions: where the next snapshots go depends only on the last
one that is there, the trip that is next, and how many are free. The trip that is run with records is
not stored. With `every=k` the state is stored at each k-th trip, and at each trip of one stretch of
k while that is run backward.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, final

from ..errors import UnsupportedError
from ..frontend.blocks import UNSET, own_sizes
from ..ir.program import Atom, Block, Eqn, Var, free, in_blocks, renamed
from ..ir.types import List, Scalar
from ..rules.builder import const
from ..rules.random_numbers import draws
from .renew import Renewer

if TYPE_CHECKING:
    from .record import Recorder, Scope

_SHOWN: Final = frozenset({"assert", "raise_if", "print"})  # done when the loop ran first


@final
@dataclass
class Snapshots:
    """What is stored of a loop: the list, how many there may be, and the slots of the state."""

    kept: Var
    count: Var | None
    slots: tuple[int, ...]


def is_checkpointed(eqn: Eqn) -> bool:
    """Is it a loop that is run again?"""
    return eqn.op == "for" and "checkpoint" in eqn.static


def backward_loop(recorder: Recorder, eqn: Eqn, args: tuple[Atom, ...], scope: Scope) -> Eqn:
    """The backward loop: the state of a trip, the trip with its records, its pullback."""
    from ..simplify.dead import swept

    mirror: Eqn = eqn.static["mirror"]
    for drawn in draws(mirror.blocks[0].body):
        raise UnsupportedError(
            "CR022",
            "random numbers in a loop that is run again are not supported",
            drawn.span,
            "draw them before the loop, as an array",
        )
    (body,), (later,) = mirror.blocks, eqn.blocks
    with_records = _without_shown(recorder.apart(body.body, later.body))
    results = {r for r in later.results if isinstance(r, Var)}
    live = set(results)
    trip = list(swept(with_records, live))
    slots = _state(body, live)
    place = (mirror, 0)
    inner = scope.inside(place)
    if slots:
        snapshots = _snapshots(recorder, mirror, slots)
        trip = [*_restored(mirror, snapshots, inner, args[1]), *trip]
    outside = Block((body.params[0], *later.params[1:]), tuple(trip), later.results)
    names = {v: inner.get(v) for v in dict.fromkeys(free(outside))}
    moved = {v: a for v, a in names.items() if a is not v}
    run = _sized(renamed(outside.body, moved), inner)
    ends = tuple(moved.get(r, r) if isinstance(r, Var) else r for r in outside.results)
    block = Block(outside.params, (*inner.fetched, *run), ends)
    return replace(eqn, args=args, static={"reversed": True}, blocks=(block,))


def _sized(body: Sequence[Eqn], scope: Scope) -> tuple[Eqn, ...]:
    """Equations whose sizes are made of integers that can be read in the scope."""

    def block(old: Block) -> Block:
        return replace(old, body=_sized(old.body, scope))

    return tuple(in_blocks(replace(e, static=scope.static(e.static)), block) for e in body)


def forward_loop(recorder: Recorder, eqn: Eqn) -> list[Eqn]:
    """The loop of the forward pass, with the snapshots that the backward pass needs."""
    snapshots = recorder.snapshots.get(eqn)
    body = Renewer().block(eqn.blocks[0])
    if snapshots is None:
        return [replace(eqn, blocks=(body,))]
    inits = [eqn.args[3 + i] for i in snapshots.slots]
    if any(init is UNSET for init in inits):
        hint = eqn.outs[snapshots.slots[[i is UNSET for i in inits].index(True)]].hint
        why = f"{hint} may have no value in the first trip of a checkpointed loop"
        raise UnsupportedError("CR055", why, eqn.span, "set it before the loop")
    before = [Eqn((snapshots.kept,), "record", ())]
    places = Var("places", Scalar("object"), user=True)
    step = eqn.static["checkpoint"]
    if snapshots.count is not None:
        less = _integer("")
        before.append(Eqn((snapshots.count,), "snapshot_count", (eqn.args[1],)))
        before.append(Eqn((less,), "sub", (snapshots.count, const(1))))
        args: tuple[Atom, ...] = (const(0), eqn.args[1], less)
        before.append(Eqn((places,), "snapshot_places", args))
    else:
        before.append(Eqn((places,), "places_every", (const(step), eqn.args[1], const(step))))
    first = Eqn((), "push", (snapshots.kept, const(0), *inits), effect=True)
    index, *params = body.params
    state = [params[i] for i in snapshots.slots]
    body = replace(body, body=(*_stored(snapshots, places, index, state), *body.body))
    made = [replace(e, span=eqn.span) for e in (*before, first)]
    recorded = recorder.pushed([v for v in (snapshots.kept, snapshots.count) if v is not None], eqn)
    return [*made, replace(eqn, blocks=(body,)), *recorded]


def _snapshots(recorder: Recorder, mirror: Eqn, slots: tuple[int, ...]) -> Snapshots:
    """The snapshots of a loop, whose list the backward pass can reach."""
    if any(isinstance(mirror.outs[i].type, List) for i in slots):
        why = "a list that changes in a checkpointed loop is not supported yet"
        raise UnsupportedError("CR033", why, mirror.span, "use an array")
    kept = Var("snapshots", Scalar("object"), user=True)
    count = _integer("most") if not mirror.static["checkpoint"] else None
    recorder.snapshots[mirror] = Snapshots(kept, count, slots)
    recorder.home[kept] = recorder.home[mirror.outs[0]]
    if count is not None:
        recorder.home[count] = recorder.home[mirror.outs[0]]
    return recorder.snapshots[mirror]


def _restored(mirror: Eqn, snapshots: Snapshots, scope: Scope, stop: Atom) -> list[Eqn]:
    """The state at the start of a trip, from the last snapshot; the parameters of the body."""
    from ..simplify.dead import swept

    (body,) = mirror.blocks
    trip, *params = body.params
    wanted = [params[i] for i in snapshots.slots]
    kept = snapshots.kept
    start, last = _integer("start"), Var("", Scalar("bool", weak=True))
    stored = [Renewer().new(p) for p in wanted]
    result = [
        Eqn((start, *stored), "peek", (kept,), several=True),
        Eqn((last,), "eq", (start, trip)),
        _if(last, Eqn((), "drop", (kept,), effect=True)),
    ]
    places = Var("places", Scalar("object"), user=True)
    if snapshots.count is not None:
        end, there, left = _integer(""), _integer(""), _integer("")
        result += [
            Eqn((end,), "add", (trip, const(1))),
            Eqn((there,), "length", (kept,)),
            Eqn((left,), "sub", (snapshots.count, there)),
            Eqn((places,), "snapshot_places", (start, end, left)),
        ]
    else:
        after = _integer("")
        result += [
            Eqn((after,), "add", (start, const(1))),
            Eqn((places,), "places_every", (after, trip, const(1))),
        ]
    chosen = {i: r for i, r in enumerate(body.results) if i in snapshots.slots}
    ends = tuple(chosen[i] for i in snapshots.slots)
    needed = {r for r in ends if isinstance(r, Var)}
    again = Block((trip, *wanted), tuple(swept(_without_shown(body.body), needed)), ends)
    again = Renewer().block(again)
    index, *state = again.params
    index.hint = f"{index.hint}2"
    again = replace(again, body=(*_stored(snapshots, places, index, state), *again.body))
    loop = Eqn(tuple(wanted), "for", (start, trip, const(1), *stored), blocks=(again,))
    return [replace(e, span=mirror.span) for e in (*result, loop)]


def _stored(snapshots: Snapshots, places: Var, trip: Var, state: Sequence[Var]) -> tuple[Eqn, Eqn]:
    """`if trip in places: snapshots.append((trip, ...))`."""
    here = Var("", Scalar("bool", weak=True))
    push = Eqn((), "push", (snapshots.kept, trip, *state), effect=True)
    return Eqn((here,), "contains", (places, trip)), _if(here, push)


def _if(test: Var, eqn: Eqn) -> Eqn:
    return Eqn((), "if", (test,), blocks=(Block((), (eqn,), ()), Block((), (), ())))


def _integer(hint: str) -> Var:
    return own_sizes(Var(hint, Scalar("int64", weak=True), user=bool(hint)))


def _state(body: Block, live: set[Var]) -> tuple[int, ...]:
    """The slots that have to be known at the start of a trip, and those that they depend on."""
    from ..simplify.dead import swept

    params = body.params[1:]
    found = {i for i, p in enumerate(params) if p in live}
    run = _without_shown(body.body)
    while True:
        needed = {r for i in found if isinstance(r := body.results[i], Var)}
        swept(run, needed)
        more = found | {i for i, p in enumerate(params) if p in needed}
        if more == found:
            return tuple(sorted(found))
        found = more


def _without_shown(body: Sequence[Eqn]) -> tuple[Eqn, ...]:
    """Equations without prints and assertions, which are done once."""
    kept = (e for e in body if e.op not in _SHOWN)
    return tuple(in_blocks(e, lambda b: replace(b, body=_without_shown(b.body))) for e in kept)
