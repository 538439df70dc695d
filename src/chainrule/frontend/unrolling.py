"""Loops that cannot be one equation are written out, where it is known how often they run.

A loop that appends tuples to a list, whose keys of a dict are its counter, or whose arrays grow from
trip to trip has no types that are the same in each trip. Where its bounds are known, or are sizes and
integers of the signature, its body is walked once for each trip, and all in it is known by then.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final, NoReturn

from ..errors import NeedStatic, UnsupportedError
from ..rules.builder import const
from . import operands, statics
from .saved import Saved
from .values import Value

if TYPE_CHECKING:
    from .iteration import Source
    from .lower import Lowerer

LONGEST: Final = 200  # trips of one loop
LARGEST: Final = 2000  # equations that the trips of a loop are written out to
# What may be another thing where the trips are known one by one.
_CURABLE: Final = frozenset(
    {"CR012", "CR013", "CR014", "CR015", "CR016", "CR023", "CR024", "CR030", "CR031", "CR032",
     "CR033", "CR052", "CR053", "CR054", "CR055", "CR056", "CR057", "CR058"}
)  # fmt: skip

Ended = tuple[Any, list[ast.stmt]]


def attempted(
    lo: Lowerer, loop: Callable[[], Ended], written_out: Callable[[], Ended | None]
) -> Ended:
    """The loop as one equation, or written out where that is refused."""
    saved = Saved(lo)
    try:
        return loop()
    except UnsupportedError as error:
        if error.code not in _CURABLE or lo.trusted:
            raise
        problem = error
    saved.restore()
    try:
        ended = written_out()
    except NeedStatic as error:
        error.instead = error.instead or problem
        raise
    except UnsupportedError as error:
        # The reason why it is no loop is of use; a reason that is found in a trip says more.
        raise (error if error.code not in _CURABLE else problem) from None
    if ended is None:
        raise problem
    return ended


def trips(lo: Lowerer, source: Source, node: ast.AST) -> Iterator[Value] | None:
    """The items of a loop over data one by one, where their number is known or can be asked for."""
    if source.static:
        return None
    roots: list[tuple[object, int | None]] = []
    for bound in source.bounds:
        if lo.builder.literal(bound) is not None:
            continue
        dim = statics.int_dim_of(bound)
        more = statics.demand_size(lo, dim) if dim is not None else None
        if more is None:
            return None
        roots += more
    if roots:
        raise NeedStatic(roots, lo.span(node))
    known = (lo.builder.literal(b) for b in source.bounds)
    places = range(*(k.value for k in known if k is not None))
    if len(places) > LONGEST:
        return None
    return (source.item(const(place)) for place in places)


def bound(lo: Lowerer, target: ast.expr, items: Iterable[Value], limit: bool) -> Iterator[None]:
    """Bind the target of a loop to one item after the other."""
    start = len(lo.builder.eqns)
    for item in items:
        if limit:
            _check_length(lo, start, target)
        operands.bind(lo, target, item)
        yield


def tested(lo: Lowerer, node: ast.While) -> Iterator[None]:
    """The trips of a `while`, as long as it is known whether there is another one."""
    start = len(lo.builder.eqns)
    for _ in range(LONGEST):
        _check_length(lo, start, node)
        if not statics.truth(lo, node.test):
            return
        yield
    _refuse_long(lo, node)


def _check_length(lo: Lowerer, start: int, node: ast.AST) -> None:
    if len(lo.builder.eqns) - start > LARGEST:
        _refuse_long(lo, node)


def _refuse_long(lo: Lowerer, node: ast.AST) -> NoReturn:
    lo.refuse("CR054", "this loop is too long to be written out", node)
