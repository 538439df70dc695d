"""Loops whose trips are known only at run time: `for` and `while`.

A loop becomes one equation. What a trip may read from the trip before, and what may be read after the
loop, is *carried*; so is every array that the loop writes into, under whatever name or view. The body
is walked again until the types of what is carried, and the arrays that are written, are stable.

`break` and `return` end the loop by a carried bool (the option `until` names its parameter): the loop
goes on while it is True. A loop of which it is known what it goes through is unrolled.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from ..ir.dims import Dim
from ..ir.program import Atom, Block, Const, Eqn, Var, walk
from ..ir.types import Array, Scalar, Type
from ..rules.builder import const
from ..rules.shapes import fresh_dim
from ..rules.sharing import LIST_WRITES, WRITES
from . import (
    growing,
    list_loops,
    list_writes,
    listing,
    operands,
    optional,
    ranks,
    unrolling,
    written_out,
)
from .aliasing import Slots
from .blocks import (
    DIVERGES,
    FALSE,
    TRUE,
    UNSET,
    Exit,
    Unknown,
    Walked,
    anew,
    as_joined,
    is_carried,
    is_number,
    join,
    opened,
    own_sizes,
    same_object,
    same_shape,
    size_in,
    walk_in_block,
)
from .iteration import Source, bind, iterated
from .liveness import assigned, jumps, live_after_loops, read_before_set
from .saved import Saved
from .values import Maybe, Size, Static, Struct, Unset, Value, leaves, rebuild, structs
from .written_out import GOING, RESULT, RETURNED

if TYPE_CHECKING:
    from .lower import Lowerer

LEAVES = (ast.Break, ast.Return)


def loop(lo: Lowerer, node: ast.For | ast.While) -> tuple[Any, list[ast.stmt]]:
    """A loop: how it ended, and statements to be walked before those after it."""
    return _for(lo, node) if isinstance(node, ast.For) else _while(lo, node)


def _for(lo: Lowerer, node: ast.For) -> tuple[Any, list[ast.stmt]]:
    going = len(lo.unit.going)
    try:
        return _through(lo, node)
    finally:
        del lo.unit.going[going:]


def _through(lo: Lowerer, node: ast.For) -> tuple[Any, list[ast.stmt]]:
    source = iterated(lo, node)
    if not isinstance(source, Source):
        return written_out.over(lo, node, iter(source), limit=False)

    def one_by_one() -> tuple[Any, list[ast.stmt]] | None:
        items = unrolling.trips(lo, source, node.iter)
        return None if items is None else written_out.over(lo, node, items, limit=True)

    return unrolling.attempted(lo, lambda: _counted(lo, node, source), one_by_one)


def _counted(lo: Lowerer, node: ast.For, source: Source) -> tuple[Any, list[ast.stmt]]:
    """A loop with a counter, as one equation."""
    list_loops.before_loop(lo, node.body, node)
    name = node.target.id if isinstance(node.target, ast.Name) and source.plain else "i"
    if name == "_" and source.static:  # the backward pass reads it
        name = "trip"
    index = own_sizes(Var(name, Scalar("int64", weak=True), user=True))
    lo.unit.inner.add(index)

    def trip() -> Any:
        bind(lo, node.target, source.item(index))
        return lo.body(node.body)

    bound = _bound(lo, [node.target, *node.body])
    exposed = read_before_set(node.body) - frozenset(assigned([node.target]))
    loop = _Loop(lo, node, bound, exposed, live_after(lo, node))
    loop.run(trip, (index,), source.bounds, "for", options=source.static)
    return _after(lo, node, loop)


def _while(lo: Lowerer, node: ast.While) -> tuple[Any, list[ast.stmt]]:
    return unrolling.attempted(
        lo,
        lambda: _conditional(lo, node),
        lambda: written_out.trips(lo, node, unrolling.tested(lo, node), lambda: [node]),
    )


def _conditional(lo: Lowerer, node: ast.While) -> tuple[Any, list[ast.stmt]]:
    """A loop with a test, as one equation."""
    if list_loops.writes(node.test) or any(
        isinstance(n, ast.NamedExpr) for n in ast.walk(node.test)
    ):
        return _with_test(lo, _test_in_body(node), node)
    saved = Saved(lo)
    try:
        return _with_test(lo, node, node)
    except _TestChanges:
        saved.restore()
        return _with_test(lo, _test_in_body(node), node)


class _TestChanges(Exception):
    """The test of a loop binds names or writes: it has to be a statement of the body."""


def _with_test(lo: Lowerer, node: ast.While, given: ast.While) -> tuple[Any, list[ast.stmt]]:
    """The loop, which is `given` in the user's source."""
    list_loops.before_loop(lo, node.body, node)
    exposed = read_before_set(node.body, node.test)
    bound = _bound(lo, node.body)
    loop = _Loop(lo, node, bound, exposed, live_after(lo, given))
    loop.run(lambda: lo.body(node.body), (), (), "while", node.test)
    return _after(lo, node, loop)


def _bound(lo: Lowerer, statements: Sequence[ast.AST]) -> list[str]:
    """The names that a trip may bind to something else: `A += v` leaves `A` the array that it is."""
    anew = set(assigned(statements, updated=False))
    names = [n for n in assigned(statements) if n in anew or not _is_array(lo.locals.get(n))]
    return [*names, *list_loops.written_dicts(lo, statements)]


def _is_array(value: Value | None) -> bool:
    return isinstance(value, Var) and isinstance(value.type, Array) and bool(value.type.dims)


def live_after(lo: Lowerer, node: ast.For | ast.While) -> frozenset[str]:
    """The names that may be read after a loop."""
    found = live_after_loops(lo.node).get(node, frozenset()) if lo.node is not None else frozenset()
    return found | lo.shared


def _test_in_body(node: ast.While) -> ast.While:
    """`while (x := f()) > 0:` with the test as the first statement of the body."""
    negated = ast.UnaryOp(ast.Not(), node.test)
    leave = ast.If(negated, [ast.Break()], [])
    for part in (negated, leave, leave.body[0]):
        ast.copy_location(part, node.test)
    always = ast.copy_location(ast.Constant(True), node.test)
    return ast.copy_location(ast.While(always, [leave, *node.body], node.orelse), node)


def _after(lo: Lowerer, node: ast.For | ast.While, loop: _Loop) -> tuple[Any, list[ast.stmt]]:
    """What follows a loop: the function returns where the loop did; `else` where it did not break."""
    from .lower import FALLS_THROUGH

    return FALLS_THROUGH, _following(node, loop.returns, _is_forever(node))


def _following(node: ast.For | ast.While, returns: bool, forever: bool) -> list[ast.stmt]:
    """The statements that return what a loop returned, and those of its `else`."""
    follow: list[ast.stmt] = []
    if returns:
        back = ast.Return(ast.Name(RESULT, ast.Load()))
        if forever:
            follow.append(back)  # there is no other way out
        else:
            follow.append(ast.If(ast.Name(RETURNED, ast.Load()), [back], []))
    if node.orelse and jumps(node.body, (ast.Break,)):
        follow.append(ast.If(ast.Name(GOING, ast.Load()), node.orelse, []))
    elif node.orelse:
        follow += node.orelse
    for statement in follow:
        if isinstance(statement, ast.If) and statement not in node.orelse:
            for part in ast.walk(statement.test):
                ast.copy_location(part, node)
            ast.copy_location(statement, node)
    if returns:
        for part in ast.walk(back):
            ast.copy_location(part, node)
    return follow


def _is_forever(node: ast.For | ast.While) -> bool:
    """Is it `while True:` without a `break`?"""
    if not (isinstance(node, ast.While) and isinstance(node.test, ast.Constant)):
        return False
    return bool(node.test.value) and not jumps(node.body, (ast.Break,))


class _Loop:
    """A loop that is walked until the types of what it carries are stable.

    `names` are carried with their `before`, None for what the loop is the first to set. The flags
    of `break` and `return`, and the returned value, are carried after them.
    """

    def __init__(
        self,
        lo: Lowerer,
        node: ast.For | ast.While,
        bound: list[str],
        exposed: frozenset[str],
        live: frozenset[str],
    ) -> None:
        self.lo, self.node = lo, node
        self.bound, self.exposed, self.live = bound, exposed, live
        self._begin()

    def _begin(self) -> None:
        """What is carried, and what it is before the loop."""
        lo, node, bound = self.lo, self.node, self.bound
        exposed, live = self.exposed, self.live
        wanted = [n for n in dict.fromkeys(bound) if n in live or n in exposed]
        self.names: list[str] = []
        self.before: dict[str, Value | None] = {}
        for name in wanted:
            value = lo.locals.get(name)
            if value is None or isinstance(value, Unset):
                self.names.append(name)
                self.before[name] = None
            elif is_carried(value) or optional.is_none(value) or isinstance(value, Maybe):
                self.names.append(name)
                self.before[name] = value
        others = [n for n in wanted if n not in self.names]
        self.kept = {n: lo.locals[n] for n in others if n in exposed}
        self.unset = [n for n in bound if n not in self.names and n not in self.kept]
        self.shape: dict[str, Value] = {
            n: v for n, v in self.before.items() if v is not None and not optional.is_none(v)
        }
        self.given: Value | None = None  # what a trip returns
        self.unknown: set[str] = set()  # returned arrays whose size is not known outside
        self.leaves = jumps(node.body, LEAVES)
        self.returns = jumps(node.body, (ast.Return,))

    # -- walking -------------------------------------------------------------------------------

    def run(
        self,
        body: Callable[[], Any],
        index: tuple[Var, ...],
        bounds: tuple[Atom, ...],
        op: str,
        test: ast.expr | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        """Walk and append the equation; again where a list turns out to change its length."""
        self.bounds = bounds
        lo, sharing = self.lo, self.lo.builder.sharing
        state = sharing.snapshot() if sharing is not None else None
        counter, stages = list(lo.counter), dict(lo.stages)
        while True:
            try:
                return self._run(body, index, bounds, op, test, options or {})
            except (listing.Grows, listing.Rebinds) as error:
                if sharing is not None and state is not None:
                    sharing.restore(state)
                lo.counter[:] = counter
                lo.stages.clear()
                lo.stages.update(stages)
                if isinstance(error, listing.Grows):
                    listing.as_variable(lo, error.name, self.node)
                else:
                    self.bound = [*self.bound, error.name]
                    self.exposed |= {error.name}
                state = sharing.snapshot() if sharing is not None else None
                self._begin()

    def _run(
        self,
        body: Callable[[], Any],
        index: tuple[Var, ...],
        bounds: tuple[Atom, ...],
        op: str,
        test: ast.expr | None,
        options: Mapping[str, Any],
    ) -> None:
        lo = self.lo
        slots = self.slots = Slots(lo, self.node, index)
        for name in self.names:
            self._add(name)
        slots.ready()
        slots.carried = {
            part for v in self.shape.values() for part in structs(v) if list_loops.is_rebound(part)
        }
        saved = (list(lo.counter), dict(lo.stages))
        for _ in range(12):
            slots.begin()
            lo.counter[:] = saved[0]
            lo.stages.clear()
            lo.stages.update(saved[1])
            try:
                walked = self._trip(body)
            except Unknown as error:
                if error.name:
                    raise
                self._leave_out()
                return
            if self._settled(walked):
                break
        else:
            lo.refuse("CR053", "the types of this loop do not settle", self.node)
        params = list(slots.params)
        types = [p.type for p in params]
        exits = [as_joined(walked.eqns, e, t) for e, t in zip(slots.exits, types, strict=True)]
        starts = [as_joined(lo.builder.eqns, i, t) for i, t in zip(slots.inits, types, strict=True)]
        until = self._flags(walked, params, exits)
        inits = [*starts, *self.flag_inits]
        blocks = [Block((*index, *params), tuple(walked.eqns), tuple(exits))]
        if test is not None:
            blocks.insert(0, self._test(params, test))
        outs = self._results(params)
        slots.end(outs)
        static = {**options, **({"until": until} if until is not None else {})}
        if once := self._returned_once(params):
            static["once"] = once
        args = (*bounds, *inits)
        outer, lo.builder.span = lo.builder.span, lo.span(self.node)
        lo.builder.append(Eqn(tuple(outs), op, args, static, blocks=tuple(blocks)))
        lo.builder.span = outer
        self._leave(outs)

    def _returned_once(self, params: list[Var]) -> tuple[Var, ...]:
        """The parameters for what is returned, which have no value before the trip that returns."""
        flags = params[len(self.slots.params) + 2 :] if self.returns else []
        pairs = zip(self.slots.names, self.slots.params, strict=True)
        arrays = [p for n, p in pairs if n.startswith(_place("")[:-1]) and n not in self.unknown]
        return (*arrays, *flags)

    def _results(self, params: list[Var]) -> list[Var]:
        """What comes out of the loop; arrays have the sizes of the start or of the end."""
        outs = _copies(params)
        for i, type_ in enumerate(self.slots.out_types()):
            if isinstance(type_, Array):
                outs[i] = own_sizes(Var(params[i].hint, type_, user=params[i].user))
        return outs

    def _add(self, name: str) -> None:
        """Carry a name, as far as its type is known."""
        value = self.before[name]
        if value is None or optional.is_none(value):
            return
        if isinstance(value, Maybe):
            value = value.value
        for hint, leaf in zip(_hints(name, value), leaves(value), strict=True):
            atom = leaf if isinstance(leaf, Var) else operands.atom(self.lo, leaf, self.node)
            init = self.lo.builder.up_to_date(atom)
            self.slots.add(name, hint, init, init.type)

    def _trip(self, body: Callable[[], Any]) -> Walked:
        """Walk the body once, what is carried bound to parameters."""
        lo, slots = self.lo, self.slots
        self.going = Var("going", Scalar("bool", weak=True), user=True)
        self.returned = Var("returned", Scalar("bool", weak=True), user=True)

        def run() -> Any:
            self._enter(slots.params)
            lo.exits.append(self._usual())
            try:
                ended = body()
            finally:
                lo.exits.pop()
            self.ended = ended
            return ended

        try:
            walked = walk_in_block(lo, run)
        except Unknown as error:
            if error.name not in self.names:
                raise
            why = f"{error.name} may have no value in the first trip"
            lo.refuse("CR055", why, error.node, "set it before the loop")
        slots.walked(walked)
        return walked

    def _usual(self) -> Exit:
        """How a trip ends that does not end early."""
        before = None
        if self.given is not None and self.unknown:
            found = dict(zip(self.slots.names, self.slots.params, strict=True))
            before = rebuild(
                self.given,
                iter([found[n] if (n := _place(i)) in self.unknown else v
                      for i, v in enumerate(leaves(self.given))]),
            )  # fmt: skip
        return Exit(self.going, self.returned if self.returns else FALSE, None, before)

    def _enter(self, params: list[Var]) -> None:
        lo = self.lo
        for name in self.unset:
            if isinstance(lo.locals.get(name), Unset):
                del lo.locals[name]
        for name in self.names:
            if name in self.shape:
                found = (p for p, n in zip(params, self.slots.names, strict=True) if n == name)
                lo.locals[name] = self._rebuilt(name, found)
            elif (before := self.before[name]) is not None:
                lo.locals[name] = before  # None in the first walk
            else:
                lo.locals[name] = Unset("unknown", UNSET)

    def _settled(self, walked: Walked) -> bool:
        """Note what the trip ends with; False when it has to be walked again."""
        if walked.returned is DIVERGES:
            self.lo.refuse("CR053", "every trip of this loop raises", self.node)
        again = False
        slots = self.slots
        ends: dict[str, list[Atom]] = {}
        listing.check_names(walked, self.names, self.shape, slots)
        for name in sorted(self.lo.unit.rebound - set(self.bound)):
            if walked.names.get(name) is not self.lo.locals.get(name):
                raise listing.Rebinds(name)
        for name, kept in self.kept.items():
            now = walked.names.get(name)
            if now is None or not same_object(now, kept):
                listing.check_length(name, kept, now)
                self._changes(name)
        for name in list(self.names):
            value = walked.names.get(name)
            if self._widens(walked, name):
                again = True
                continue
            if name not in self.shape:
                again = self._first_type(name, value) or again
                continue
            if isinstance(self.shape[name], Maybe):
                ends[name] = [self._maybe_end(walked, name, value)]
                continue
            if isinstance(value, Unset) and value.like is not None:
                self.lo.refuse("CR055", value.why, self.node, "set it before the loop")
            if value is not None:
                listing.freeze(self.lo, value, slots.known)
                value = listing.leaving(self.lo, walked, value, self.shape[name], slots)
            if value is None or not same_shape(value, self.shape[name]):
                listing.check_length(name, self.shape[name], value)
                self._changes(name)
            ends[name] = []
            for leaf in leaves(value):
                if not is_number(leaf):
                    self._changes(name)
                ends[name].append(size_in(walked.eqns, leaf) if isinstance(leaf, Size) else leaf)  # type: ignore[arg-type]
        again = self._returned_arrays(walked, ends) or again
        return not again and slots.settle(ends, self._wider)

    def _returned_arrays(self, walked: Walked, ends: dict[str, list[Atom]]) -> bool:
        """Carry the arrays that a trip returns; True when it has to be walked again.

        One whose size is known outside is unset until then, any other is empty.
        """
        ended, slots = walked.returned, self.slots
        self.given = ended.value if isinstance(ended, Exit) else None
        again = False
        for i, leaf in enumerate(leaves(self.given) if self.given is not None else ()):
            if not _is_array(leaf):
                continue
            assert isinstance(leaf, Var)
            name = _place(i)
            if name not in slots.names:
                init: Atom = UNSET
                type_ = leaf.type
                if not slots.seen_outside(type_):
                    dims = (Dim(0),) * len(type_.dims)
                    static = {"dims": dims, "dtype": type_.dtype}
                    init = self.lo.builder.one("filled", [const(0.0)], static)
                    type_ = Array(type_.dtype, tuple(fresh_dim("m", True) for _ in dims))
                    self.unknown.add(name)
                slots.add(name, self.lo.result_name or "value", init, type_)
                again = True
            ends[name] = [leaf]
        return again

    def _widens(self, walked: Walked, name: str) -> bool:
        """Does a number become an array in the loop? Then it is one from the start."""
        if not isinstance(self.shape.get(name), Var | Const | Size):
            return False
        return ranks.widened(self.lo, self.slots, walked, name, self.bounds, self.node)

    def _first_type(self, name: str, value: Value | None) -> bool:
        """The type of a name that the loop is the first to set; True when it is one to carry."""
        if optional.is_none(self.before[name]):
            return self._first_set(name, value)
        if isinstance(value, Unset):
            value = value.like
        if value is None or not is_carried(value):
            self.names.remove(name)
            if value is not None:
                self.unset.append(name)
            return True
        self.shape[name] = value
        parts = list(leaves(value))
        for i, leaf in enumerate(parts):
            type_ = Scalar("int64", weak=True) if isinstance(leaf, Size) else leaf.type  # type: ignore[union-attr]
            self.slots.add(name, name if len(parts) == 1 else f"{name}_{i}", UNSET, type_)
        return True

    def _first_set(self, name: str, value: Value | None) -> bool:
        """The type of a name that is None before the loop, once a trip sets it."""
        if optional.is_none(value):
            return False
        if isinstance(value, Maybe):
            value = value.value
        if isinstance(value, Size):
            value = Var(name, Scalar("int64", weak=True))
        if not isinstance(value, Var | Const):
            self._changes(name)
        self.shape[name] = Maybe(Var(name, value.type))
        self.slots.add(name, name, UNSET, value.type)
        return True

    def _maybe_end(self, walked: Walked, name: str, value: Value | None) -> Atom:
        """What a name that may be None is at the end of a trip."""
        if isinstance(value, Maybe):
            return value.value
        if optional.is_none(value):
            return UNSET
        if not isinstance(value, Var | Const | Size):
            self._changes(name)
        return size_in(walked.eqns, value) if isinstance(value, Size) else value

    def _rebuilt(self, name: str, found: Iterator[Var]) -> Value:
        """A name in terms of variables that are carried for it."""
        shape = self.shape[name]
        if isinstance(shape, Maybe):
            return Maybe(next(found))
        return list_loops.again(self.lo, shape, rebuild(shape, found))

    def _changes(self, name: str) -> NoReturn:
        self.lo.refuse("CR054", f"{name} becomes another kind of thing in this loop", self.node)

    def _wider(self, a: Type, b: Type) -> Type:
        joined = join(a, b)
        if joined is None:
            self.lo.refuse("CR054", "a value changes its rank in this loop", self.node)
        return joined

    # -- early ends ----------------------------------------------------------------------------

    def _flags(self, walked: Walked, params: list[Var], exits: list[Atom]) -> Var | None:
        """The flags of `break` and `return`, and the returned value; the parameter of `until`."""
        from .lower import FALLS_THROUGH

        self.flag_inits: list[Atom] = []
        ended = walked.returned
        if not self.leaves:
            return None
        if not isinstance(ended, Exit):
            ended = Exit(self.going, self.returned if self.returns else FALSE)
        assert ended is not FALLS_THROUGH
        params.append(self.going)
        exits.append(ended.going)
        self.flag_inits.append(TRUE)
        if self.returns:
            params.append(self.returned)
            exits.append(ended.returned)
            self.flag_inits.append(FALSE)
            self.given = ended.value if ended.value is not None else Static(None)
            for leaf in leaves(self.given):
                if isinstance(leaf, Var | Const | Size) and not _is_array(leaf):
                    atom = size_in(walked.eqns, leaf) if isinstance(leaf, Size) else leaf
                    hint = self.lo.result_name or "value"
                    params.append(own_sizes(Var(hint, opened(atom.type), user=True)))
                    exits.append(atom)
                    self.flag_inits.append(UNSET)
        return self.going

    def _test(self, params: list[Var], test: ast.expr) -> Block:
        lo = self.lo
        mine = _copies(params)
        lo.unit.inner.update(mine)
        state = lo.builder.sharing.snapshot() if lo.builder.sharing is not None else None
        self.slots.enter(mine)

        def run() -> Any:
            self._enter(mine[: len(self.slots.params)])
            names = dict(lo.locals)
            truth = operands.atom(lo, growing.truth(lo, lo.expr(test)), test)
            if any(lo.locals.get(name) is not names.get(name) for name in lo.unit.rebound):
                raise _TestChanges  # not what a test whether a value is None tells of it
            return truth

        walked = walk_in_block(lo, run)
        if any(e.op in (*WRITES, *LIST_WRITES) for e in walk(walked.eqns)):
            raise _TestChanges
        if lo.builder.sharing is not None and state is not None:
            lo.builder.sharing.restore(state)
        return Block(tuple(mine), tuple(walked.eqns), (walked.returned,))

    def _check_size(self, name: str) -> None:
        """The size of an array that may be None has to be that of something else."""
        value = self.lo.locals[name]
        if not isinstance(value, Maybe):
            return
        params = {*self.slots.params, *self.slots.past, value.value}
        for sym in (s for dim in value.value.type.dims for s in dim.terms):
            if sym.root is None or sym.root[0] in params:
                why = f"{name} may be None, or an array of a size that is known only when it is set"
                self.lo.refuse("CR055", why, self.node, "set it before the loop")

    def _leave_out(self) -> None:
        """A loop that cannot be walked yet, since the function calls itself in it: no trips."""
        lo = self.lo
        for name in (n for n, v in self.before.items() if v is None or optional.is_none(v)):
            lo.locals[name] = Unset("unknown", UNSET)
        lo.locals[GOING], lo.locals[RETURNED] = TRUE, FALSE

    def _leave(self, outs: list[Var]) -> None:
        """Bind the names after the loop."""
        lo = self.lo
        count = len(self.slots.params)
        for name in self.unset:
            lo.locals[name] = Unset(f"{name} is set inside the loop only")
        for name in self.names:
            if name not in self.shape:  # no trip sets it
                continue
            found = (o for o, n in zip(outs, self.slots.names, strict=False) if n == name)
            lo.locals[name] = self._rebuilt(name, found)
            self._check_size(name)
            list_writes.follow(lo, self.shape[name], lo.locals[name])
        if not self.leaves:
            return
        lo.locals[GOING] = outs[count]
        if self.returns:
            lo.locals[RETURNED] = outs[count + 1]
            assert self.given is not None
            lo.locals[RESULT] = self._refilled(self.given, outs)

    def _refilled(self, value: Value, outs: list[Var]) -> Value:
        """The returned value with the loop's results for its numbers; known objects stay."""
        named = dict(zip(self.slots.names, outs, strict=False))
        feed = iter(outs[len(self.slots.params) + 2 :])
        new: list[Value] = []
        for i, leaf in enumerate(leaves(value)):
            if _is_array(leaf):
                new.append(named[_place(i)])
            else:
                new.append(next(feed) if isinstance(leaf, Var | Const | Size) else leaf)
        return rebuild(value, iter(new))


def _hints(name: str, value: Value) -> list[str]:
    """Names for the parts of what a name stands for: `x` of an object, `p_0` of a tuple."""
    if not isinstance(value, Struct):
        return [name]
    keys = value.keys or range(len(value.items))
    alone = len(value.items) == 1 and value.keys is None
    pairs = zip(keys, value.items, strict=True)
    own = list_loops.is_rebound(value) and not value.is_dict
    return [
        h for k, v in pairs for h in _hints(name if alone else str(k) if own else f"{name}_{k}", v)
    ]


def _place(number: int | str) -> str:
    """Under which name a returned array is carried."""
    return f"{RESULT[:-1]} {number}>"


def _copies(params: list[Var]) -> list[Var]:
    return anew(params, [(p.hint, opened(p.type), p.user) for p in params])
