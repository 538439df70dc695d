"""Which temporaries are folded into the expression that uses them, and which get a line.

A value that the user named gets a line, in both passes. A temporary that is used once is folded,
unless the line would become too long; one that is used more often gets a line and a name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, final

from ..ir.program import Const, Eqn, Function, Var, use_counts

_OWN_LINE: Final = frozenset({"accumulate", "add_at", "call"})


@final
@dataclass(frozen=True)
class Folding:
    """The folded variables, the line of each equation, and the last line that uses each variable.

    Lines are numbered by the position of their equation in the body; results are used at the end.
    """

    folded: frozenset[Var]
    line: dict[Eqn, int]
    last_use: dict[Var, int]


def fold(function: Function, forced: frozenset[Var]) -> Folding:
    """Fold every temporary that is used once, except the `forced` ones."""
    counts = use_counts(function)
    results = {r for r in function.results if isinstance(r, Var)}
    folded = frozenset(
        out
        for eqn in function.body
        if len(eqn.outs) == 1 and not eqn.several and eqn.op not in _OWN_LINE
        for out in eqn.outs
        if not out.user and out not in results and out not in forced
        and (counts.get(out) == 1 or _trivial(eqn))
    )  # fmt: skip
    consumers: dict[Var, list[Eqn]] = {}
    for eqn in function.body:
        for var in eqn.uses():
            consumers.setdefault(var, []).append(eqn)
    line: dict[Eqn, int] = {}
    last_use: dict[Var, int] = dict.fromkeys(results, len(function.body))
    for position in reversed(range(len(function.body))):
        eqn = function.body[position]
        if len(eqn.outs) == 1 and eqn.out in folded:
            line[eqn] = max((line[c] for c in consumers.get(eqn.out, [])), default=position)
        else:
            line[eqn] = position
        for var in eqn.uses():
            last_use[var] = max(last_use.get(var, -1), line[eqn])
    return Folding(folded, line, last_use)


def _trivial(eqn: Eqn) -> bool:
    """Repeated rather than named: `x.shape[0]`, `W.T`, `-x` of a name, a constant."""
    if eqn.op == "index":  # a view costs nothing
        return bool(eqn.out.type.dims) and _is_plain(eqn.static["pattern"])
    if eqn.op in ("shape", "array_size", "T", "const", "matrix_transpose"):
        return True
    if eqn.op == "alias":
        return not eqn.out.user
    return eqn.op in ("neg", "expand_dims") and not isinstance(eqn.args[0], Const)


def _is_plain(pattern: tuple[Any, ...]) -> bool:
    """Only ints, slices and None, all of them written out."""
    return all(
        entry[0] in ("int", "slice", "new", "all")
        and all(part is None or isinstance(part, int) for part in entry[1:])
        for entry in pattern
    )
