"""Which arrays of a loop have to be the program's own, since the loop writes into their memory.

for t in range(n):
    v[1:-1] = f(u)          v is written, and its memory is u's in the next trip:
    u, v = v, u             both have to be the program's own
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ..ir.program import Atom, Eqn, Var, walk
from ..ir.types import Array, List
from ..rules.memory import returns


def carried(eqn: Eqn) -> tuple[Var, ...]:
    """The parameters of a loop's body that it carries."""
    return eqn.blocks[-1].params[1 if eqn.op == "for" else 0 :]


def viewing(body: Iterable[Eqn]) -> Iterator[tuple[Eqn, Atom, tuple[Var, ...]]]:
    """What may share memory with what: an equation, a source of it, and its results; in order.

    A loop copies what it writes into, so that only the other things that it carries are shared.
    """
    for eqn in body:
        if eqn.op in ("for", "while"):
            written = written_slots(eqn)
            inits = eqn.args[3 if eqn.op == "for" else 0 :]
            for place, (init, param) in enumerate(zip(inits, carried(eqn), strict=True)):
                if _is_array(param) and place not in written:
                    yield eqn, init, (param, eqn.outs[place])
        elif eqn.op == "call":
            if returns(eqn) != "fresh":
                yield from ((eqn, a, eqn.outs) for a in eqn.args if _is_array(a))
        elif not eqn.blocks and eqn.args and returns(eqn) != "fresh":
            yield eqn, eqn.args[0], eqn.outs
        for block in eqn.blocks:
            yield from viewing(block.body)
        if eqn.op == "if":
            for place, out in enumerate(eqn.outs):
                if _is_array(out):
                    yield from ((eqn, b.results[place], (out,)) for b in eqn.blocks)


def written_slots(eqn: Eqn) -> set[int]:
    """The carried arrays whose memory a trip may write into, in this trip or a later one."""
    params = carried(eqn)
    reach = {
        i: _reached(eqn, param)
        for i, param in enumerate(params)
        if isinstance(param.type, Array | List)
    }
    found = {i for i, (_, written) in reach.items() if written}
    results = eqn.blocks[-1].results
    while True:
        more = {
            i for i, (group, _) in reach.items() if any(results[j] in group for j in found)
        } - found
        if not more:
            return found
        found |= more


def _reached(eqn: Eqn, param: Var) -> tuple[set[Atom], bool]:
    """The values that may have the memory of a parameter, and whether one of them is written."""
    group: set[Atom] = {param}
    written = False
    for inner in walk(eqn.blocks[-1].body):
        if inner.args and inner.args[0] in group:
            if returns(inner) == "inplace":
                written = True
                group.update(inner.outs)
            elif inner.op == "alias":
                group.update(inner.outs)
        if inner.op == "if":
            for i, out in enumerate(inner.outs):
                if any(b.results[i] in group for b in inner.blocks):
                    group.add(out)
        elif inner.blocks:
            inits = inner.args[3 if inner.op == "for" else 0 :]
            for i, init in enumerate(inits):
                if init in group:
                    group.update({inner.outs[i], carried(inner)[i]})
    for inner in walk(eqn.blocks[-1].body):  # branches come before what is in them
        if inner.op == "if":
            for i, out in enumerate(inner.outs):
                if any(b.results[i] in group for b in inner.blocks):
                    group.add(out)
    return group, written


def roots(atom: Atom, origin: Mapping[Var, Eqn]) -> set[Var]:
    """The values whose memory a value may have: what is not just another name for something."""
    return _followed(atom, origin)[0]


def names_of(atom: Atom, origin: Mapping[Var, Eqn]) -> set[Var]:
    """All values that may have the memory of a value and came before it."""
    return _followed(atom, origin)[1]


def bases(atom: Atom, origin: Mapping[Var, Eqn]) -> set[Var]:
    """The values whose memory a value may have or be a view of."""
    return _followed(atom, origin, views=True)[0]


def _followed(
    atom: Atom, origin: Mapping[Var, Eqn], *, views: bool = False
) -> tuple[set[Var], set[Var]]:
    found: set[Var] = set()
    todo: list[Atom] = [atom]
    seen: set[Var] = set()
    while todo:
        var = todo.pop()
        if not isinstance(var, Var) or var in seen:
            continue
        seen.add(var)
        eqn = origin.get(var)
        if eqn is None:
            found.add(var)
        elif eqn.op == "if":
            todo += [b.results[eqn.outs.index(var)] for b in eqn.blocks]
        elif eqn.blocks:
            place = eqn.outs.index(var)
            todo.append(eqn.args[(3 if eqn.op == "for" else 0) + place])
            todo.append(eqn.blocks[-1].results[place])
        elif eqn.op == "list_pop" and var is not eqn.outs[0]:
            found.add(var)
        elif eqn.op == "alias" or returns(eqn) == "inplace":
            todo.append(eqn.args[0])
        elif views and returns(eqn) == "view":
            todo += filter(_is_array, eqn.args)
        else:
            found.add(var)
    return found, seen


def shared_results(eqn: Eqn, needed: set[int], origin: Mapping[Var, Eqn]) -> set[int]:
    """Slots that get, at the end of a trip, memory which another slot or a value outside has too."""
    params, body = carried(eqn), eqn.blocks[-1]
    inside = {*params, *(o for e in walk(body.body) for o in e.outs)}
    inside |= {p for e in walk(body.body) for b in e.blocks for p in b.params}
    found: set[int] = set()
    memory = {i: bases(r, origin) for i, r in enumerate(body.results) if _is_array(r)}
    for i in sorted(needed & memory.keys()):
        others = [memory[j] for j in memory if j != i and j not in found]
        if memory[i] - inside or any(memory[i] & other for other in others):
            found.add(i)
    return found


def _is_array(atom: Atom) -> bool:
    return isinstance(atom, Var) and isinstance(atom.type, Array | List)
