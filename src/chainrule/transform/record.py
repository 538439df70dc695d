"""What the backward pass needs from inside loops and branches, and how it gets it.

A value that a forward block computes is out of reach when the mirrored backward block needs it. In
this order: the counter of a loop is the counter of the backward loop; a cheap value is computed again
from what is there; a value of a branch comes out of the branch; a value in a loop is recorded, once
each trip, in a list that the backward loop takes apart from its end (Griewank and Walther 2008,
chapter 12).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, final

from ..analysis.naming import temporary_names
from ..analysis.unset import observed
from ..errors import UnsupportedError
from ..frontend.blocks import UNSET, own_sizes
from ..ir.dims import Dim, Sym
from ..ir.program import Atom, Block, Const, Eqn, Function, Var, in_blocks, renamed, walk
from ..ir.types import Array, List, Scalar, Type, is_inexact
from ..rules.builder import int_dim
from ..rules.shapes import fresh_dim
from .checkpoint import Snapshots, backward_loop, forward_loop, is_checkpointed
from .cost import cheap, read_again_and_again
from .final import Finals

Path = tuple[tuple[Eqn, int], ...]  # the blocks around a value: control equation and block number


def recorded(
    function: Function,
    backward: Sequence[Eqn],
    replaced: dict[Eqn, Eqn],
    *,
    compiled: bool = False,
) -> tuple[Eqn, ...]:
    """The whole body, forward and backward, with the blocks of the forward pass made to tell.

    `replaced` are forward equations that have to return more; `compiled` says what is to run it.
    """
    names = temporary_names(function)
    return _joined(function.body, backward, replaced, names, observed(function), compiled=compiled)


def _joined(
    forward: Sequence[Eqn],
    backward: Sequence[Eqn],
    replaced: dict[Eqn, Eqn],
    names: dict[Var, str],
    seen: set[Var],
    *,
    compiled: bool,
) -> tuple[Eqn, ...]:
    """Forward and backward equations with the fewest records that are found.

    `seen` are values that may be seen to be None.
    """

    def attempt(kept: frozenset[Var]) -> tuple[Recorder, tuple[Eqn, ...]]:
        recorder = Recorder(dict(replaced), names, kept, seen, compiled)
        recorder.visit(forward, ())
        recorder.finals = Finals(forward, recorder.home)
        top = Scope(recorder, (), {}, [], None)
        later = recorder.body(backward, top)
        return recorder, (*top.fetched, *later)

    first, _ = attempt(frozenset())
    # What is recorded anyway need not be recorded in a second form.
    best = attempt(frozenset(first.records))
    if befores := best[0].befores():
        other = attempt(frozenset(best[0].records) | befores)
        best = min(best, other, key=lambda found: len(found[0].records))
    recorder, later = best
    return (*recorder.lists, *recorder.rebuilt(forward), *later)


@final
@dataclass
class Recorder:
    """What is recorded of forward equations, as the backward equations turn out to read it.

    `lists` are the equations that make the lists, `pushes` those that add to them; `exports` are
    values that branches hand out, `sizes` lengths that are read from values.
    """

    replaced: dict[Eqn, Eqn]
    names: dict[Var, str]
    kept: frozenset[Var]  # values that are recorded in any case
    observed: set[Var]  # values that may be seen to be None
    compiled: bool
    home: dict[Var, Path] = field(default_factory=dict)
    first: dict[Any, Var] = field(default_factory=dict)  # of equal elements read in one block
    origin: dict[Var, Eqn] = field(default_factory=dict)
    lists: list[Eqn] = field(default_factory=list)
    pushes: dict[Var, Eqn] = field(default_factory=dict)
    records: dict[Var, Var] = field(default_factory=dict)
    exports: dict[Eqn, list[tuple[Var, int, Var]]] = field(default_factory=dict)
    sizes: dict[Var, list[Eqn]] = field(default_factory=dict)
    snapshots: dict[Eqn, Snapshots] = field(default_factory=dict)
    finals: Finals | None = None

    def visit(self, body: Sequence[Eqn], path: Path) -> None:
        """Note where each value of the forward pass is computed."""
        for eqn in body:
            now = self.replaced.get(eqn, eqn)
            for out in now.outs:
                self.home[out] = path
                self.origin[out] = now
                if now.op == "index":
                    self.first.setdefault(_element(now, path), out)
            if is_checkpointed(eqn):  # what is in it is computed again where it is read
                continue
            for number, block in enumerate(now.blocks):
                inner = (*path, (eqn, number))
                for param in block.params:
                    self.home[param] = inner
                self.visit(block.body, inner)

    # -- the backward pass -----------------------------------------------------------------------

    def body(self, body: Sequence[Eqn], scope: Scope) -> list[Eqn]:
        """Backward equations, what they read of forward blocks made available in the scope."""
        result: list[Eqn] = []
        for eqn in body:
            if eqn.blocks and "mirror" not in eqn.static:  # a loop of a rule, of its own
                names = {v: scope.get(v) for v in eqn.reads()}
                result += [_with_static(e, scope) for e in renamed([eqn], names)]
                continue
            args = tuple(scope.get(a) for a in eqn.args)
            eqn = self.control(eqn, args, scope) if eqn.blocks else eqn.with_args(args)
            result.append(replace(eqn, static=scope.static(eqn.static)))
        return result

    def control(self, eqn: Eqn, args: tuple[Atom, ...], scope: Scope) -> Eqn:
        """A backward branch or loop, its blocks mirroring those of a forward one."""
        mirror: Eqn = eqn.static["mirror"]
        if is_checkpointed(mirror):
            return backward_loop(self, eqn, args, scope)
        last = len(mirror.blocks) - 1
        blocks = []
        for number, block in enumerate(eqn.blocks):
            place = (mirror, number if mirror.op == "if" else last)
            inner = scope.inside(place)
            if mirror.op == "for":
                inner.env[mirror.blocks[0].params[0]] = block.params[0]
            body = self.body(block.body, inner)
            results = tuple(inner.get(r) for r in block.results)
            params = (*block.params, *(param for param, _, _ in inner.later))
            results = (*results, *(result for _, _, result in inner.later))
            blocks.append(Block(params, (*inner.fetched, *body), results))
        static = {k: v for k, v in eqn.static.items() if k != "mirror"}
        made = replace(eqn, args=args, static=static, blocks=tuple(blocks))
        if mirror.op == "if":
            return made
        outs = tuple(_copy(param, "") for param, _, _ in inner.later)
        starts = tuple(start for _, start, _ in inner.later)
        return replace(made, outs=(*eqn.outs, *outs), args=(*args, *starts))

    def apart(self, forward: Sequence[Eqn], backward: Sequence[Eqn]) -> tuple[Eqn, ...]:
        """Equations that are run one after the other, with records of their own."""
        return _joined(
            forward, backward, self.replaced, self.names, self.observed, compiled=self.compiled
        )

    # -- the forward pass ------------------------------------------------------------------------

    def befores(self) -> frozenset[Var]:
        """What trips begin with where it is recorded what they end with."""
        loops = {self.home[v][-1][0] for v in self.records}
        pairs = (
            pair
            for eqn in loops
            if eqn.op != "if"
            for pair in zip(_carried(eqn), eqn.blocks[-1].results, strict=True)
        )
        return frozenset(p for p, r in pairs if r in self.records and p not in self.records)

    def list_for(self, var: Var) -> Var:
        """The list that a value is recorded in."""
        known = self.records.get(var)
        if known is None:
            name = f"{var.hint or self.names.get(var, 'value')}_at"
            known = self.records[var] = Var(name, Scalar("object"), user=True)
            self.lists.append(Eqn((known,), "record", ()))
            self.pushes[var] = Eqn((), "push", (known, var), effect=True)
        return known

    def size_of(self, var: Var, axis: int) -> Var:
        """The length of an axis of a forward value as a value of its own."""
        for known in self.sizes.setdefault(var, []):
            if known.static["axis"] == axis:
                return known.out
        out = own_sizes(Var("n", Scalar("int64", weak=True)))
        eqn = Eqn((out,), "shape", (var,), {"axis": axis})
        self.sizes[var].append(eqn)
        self.home[out], self.origin[out] = self.home[var], eqn
        return out

    def export(self, eqn: Eqn, number: int, var: Var) -> Var:
        """A result of a branch for a value that one of its sides computes."""
        for known, _, out in self.exports.setdefault(eqn, []):
            if known is var:
                return out
        out = _copy(var, self.names.get(var, ""))
        if isinstance(var.type, Array) and all(e.op == "if" for e, _ in self.home[var]):
            out.type = var.type  # outside of loops a size is one size
        self.exports[eqn].append((var, number, out))
        self.home[out] = self.home[var][:-1]
        return out

    def rebuilt(self, body: Sequence[Eqn]) -> list[Eqn]:
        """Forward equations with the records and exports that turned out to be needed."""
        result: list[Eqn] = []
        for eqn in body:
            now = self.replaced.get(eqn, eqn)
            if is_checkpointed(eqn):
                result += forward_loop(self, eqn)
                result += self.pushed(now.outs, now)
                continue
            if now.blocks:
                now = self._given_a_value(now, result)
                now = replace(now, blocks=tuple(self._rebuilt_block(b) for b in now.blocks))
                for var, number, out in self.exports.get(eqn, []):
                    blocks = tuple(
                        replace(b, results=(*b.results, var if i == number else UNSET))
                        for i, b in enumerate(now.blocks)
                    )
                    now = replace(now, outs=(*now.outs, out), blocks=blocks)
                if "expression" in now.static and len(now.outs) > 1:
                    now = _as_statement(now)
            result.append(now)
            result += self.pushed(now.outs, now)
        return result

    def _given_a_value(self, eqn: Eqn, before: list[Eqn]) -> Eqn:
        """What is recorded at the start of each trip has some value in the first, NaN.

        The equation that makes an array or a list goes to `before`.
        """
        if eqn.op == "if":
            return eqn
        args = list(eqn.args)
        for i, param in enumerate(reversed(eqn.blocks[-1].params), start=1):
            if i <= len(eqn.outs) and param in self.pushes and args[-i] is UNSET:
                if param in self.observed:  # the record has None for it
                    continue
                if isinstance(param.type, List):
                    empty = Var(param.hint, param.type, user=param.user)
                    before.append(Eqn((empty,), "list_new", (), span=eqn.span))
                    args[-i] = empty
                    continue
                if isinstance(param.type, Array) and param.type.dims:
                    before.append(_unset_array(eqn, param))
                    args[-i] = before[-1].out
                    continue
                args[-i] = Const(math.nan, param.type, "math.nan")
        return eqn.with_args(tuple(args))

    def _rebuilt_block(self, block: Block) -> Block:
        return replace(block, body=(*self.pushed(block.params, None), *self.rebuilt(block.body)))

    def pushed(self, variables: Sequence[Var], eqn: Eqn | None) -> list[Eqn]:
        """What is recorded of values that are there from here on."""
        found = [self.pushes[v] for v in variables if v in self.pushes]
        for size in [e for v in variables for e in self.sizes.get(v, [])]:
            known = [v for exports in self.exports.values() for v, _, _ in exports]
            if size.out in self.pushes or size.out in known:
                found.append(size)
            if size.out in self.pushes:
                found.append(self.pushes[size.out])
        if eqn is None:
            return found
        return [replace(p, stage=eqn.stage, span=eqn.span) for p in found]


@final
@dataclass
class Scope:
    """A backward block that is being written: how it reaches values of the forward pass.

    `fetched` are equations that stand at the start of the block, `later` what a loop carries from
    the trip that came later in the forward pass: parameter, value after the last trip, result.
    """

    recorder: Recorder
    path: Path
    env: dict[Var, Atom]
    fetched: list[Eqn]
    parent: Scope | None
    later: list[tuple[Var, Atom, Atom]] = field(default_factory=list)

    def inside(self, place: tuple[Eqn, int]) -> Scope:
        """The scope of a block in this one."""
        return Scope(self.recorder, (*self.path, place), {}, [], self)

    def get(self, atom: Atom) -> Atom:
        """The atom as it can be read here; it is fetched in the block that mirrors its own."""
        home = self.recorder.home.get(atom, ()) if isinstance(atom, Var) else ()
        if not home or not isinstance(atom, Var):
            return atom
        scope = self.around(len(home))
        if atom not in scope.env:
            scope.env[atom] = scope.fetch(atom)
        return scope.env[atom]

    def static(self, static: Any) -> Any:
        """Options whose sizes and positions are made of integers that can be read here."""
        if isinstance(static, Dim):
            return self.dim(static)
        if isinstance(static, tuple):
            return tuple(map(self.static, static))
        if isinstance(static, dict):
            return {key: self.static(part) for key, part in static.items()}
        return static

    def dim(self, dim: Dim) -> Dim:
        """A size with the integers of forward blocks replaced by what they are called here."""
        total = Dim(dim.const)
        for sym, coefficient in dim.terms.items():
            part = Dim.of(sym)
            root = sym.root
            if sym.factors:
                factors = tuple(map(self.dim, sym.factors))
                if factors != sym.factors:
                    part = Dim.of(Sym(sym.name, None, sym.single, factors))
            elif root is not None and isinstance(root[0], Var):
                if root[1] is not None and self.reached(root[0]) is None:
                    here = self.get(self.recorder.size_of(root[0], root[1]))
                    part = int_dim(here) or part
                else:
                    here = self.get(root[0])
                    if here is not root[0]:
                        axis = root[1]
                        part = (int_dim(here) or part) if axis is None else here.type.dims[axis]
            total = total + part * coefficient
        return total

    def around(self, depth: int) -> Scope:
        """The scope at this depth of blocks, or this one when it is not as deep."""
        scope = self
        while len(scope.path) > depth and scope.parent is not None:
            scope = scope.parent
        return scope

    def fetch(self, var: Var) -> Atom:
        """Make a value of a forward block available."""
        again = self.recomputed(var)
        if again is not None:
            return again
        home = self.recorder.home[var]
        eqn, number = home[-1]
        if not any(e.op != "if" for e, _ in home):
            return self.get(self.recorder.export(eqn, number, var))
        taken = _copy(var, self.recorder.names.get(var, ""))
        finals, origin = self.recorder.finals, self.recorder.origin.get(var)
        if finals is not None and (final := finals.find(var, origin)) is not None:
            array, pattern = final
            static = {"pattern": self.static(pattern)}
            self.fetched.append(Eqn((taken,), "index", (array,), static, backward=True))
            return taken
        if (found := self.found_elsewhere(var)) is not None:
            return found
        if (slot := self.handed_on(var)) is not None and self.parent is not None:
            start = self.parent.get(eqn.outs[slot])
            taken.type = _type_in_trips(taken.type, start.type)
            own_sizes(taken)
            self.later.append((taken, start, self.get(_carried(eqn)[slot])))
            return taken
        record = self.recorder.list_for(var)
        self.fetched.append(Eqn((taken,), "pop", (record,), backward=True))
        return taken

    def found_elsewhere(self, var: Var) -> Atom | None:
        """The same element as it is recorded anyway, or an element of an array that is recorded."""
        recorder = self.recorder
        eqn, home = recorder.origin.get(var), recorder.home[var]
        if eqn is None or eqn.op != "index":
            return None
        same = recorder.first[_element(eqn, home)]
        if same is not var:
            return self.get(same)
        array, *places = eqn.args
        depth = len(recorder.home.get(array, ())) if isinstance(array, Var) else 0
        loops = sum(e.op != "if" for e, _ in home[depth:])
        if not depth or not read_again_and_again(eqn, loops):
            return None
        if array in recorder.observed or not self.reaches_sizes(eqn.static):
            return None
        reached = [self.reached(place) for place in places]
        if any(place is None for place in reached):
            return None
        taken = _copy(var, "")
        args = (self.get(array), *(place for place in reached if place is not None))
        static = self.static(eqn.static)
        self.fetched.append(
            Eqn((taken,), "index", args, static, eqn.via, eqn.stage, eqn.span, True)
        )
        return taken

    def handed_on(self, var: Var) -> int | None:
        """The slot of a loop in which the next trip gets a value, if that trip records it anyway."""
        eqn = self.recorder.home[var][-1][0]
        if eqn.op == "if":
            return None
        pairs = zip(_carried(eqn), eqn.blocks[-1].results, strict=True)
        kept = self.recorder.kept
        places = enumerate(pairs)
        found = (i for i, (p, r) in places if r is var and p in kept and p is not var)
        return next(found, None)

    def recomputed(self, var: Var) -> Atom | None:
        """A cheap value from what can be read here without a record."""
        eqn = self.recorder.origin.get(var)
        if eqn is None or eqn.several or not cheap(eqn, compiled=self.recorder.compiled):
            return None
        if eqn.op in ("index", "list_get"):
            if any(e[0] not in ("int", "slice") for e in eqn.static["pattern"]):
                return None
        elif var.type.dims:
            return None
        args: list[Atom] = []
        if not self.reaches_sizes(eqn.static):
            return None
        for arg in eqn.args:
            reached = self.reached(arg)
            lists = eqn.op in ("list_get", "list_len")
            if reached is None and not lists and arg in self.recorder.kept:
                reached = self.get(arg)
            if reached is None:
                return None
            args.append(reached)
        out = _copy(var, "")
        static = self.static(eqn.static)
        self.fetched.append(
            Eqn((out,), eqn.op, tuple(args), static, eqn.via, eqn.stage, eqn.span, True)
        )
        return out

    def reaches_sizes(self, static: Any) -> bool:
        """Can the integers in options be read or recomputed here?"""
        if isinstance(static, Dim):
            found = [sym.root[0] for sym in static.terms if sym.root is not None]
            return all(self.reached(v) is not None for v in found if isinstance(v, Var))
        if isinstance(static, tuple):
            return all(map(self.reaches_sizes, static))
        if isinstance(static, Mapping):
            return all(map(self.reaches_sizes, static.values()))
        return True

    def reached(self, atom: Atom) -> Atom | None:
        """An atom that can be read or recomputed here, None when it would have to be recorded."""
        home = self.recorder.home.get(atom, ()) if isinstance(atom, Var) else ()
        if not home or not isinstance(atom, Var):
            return atom
        scope = self.around(len(home))
        if atom not in scope.env:
            again = scope.recomputed(atom)
            if again is None:
                return None
            scope.env[atom] = again
        return scope.env[atom]


def _unset_array(loop: Eqn, param: Var) -> Eqn:
    """An array of NaN for what a loop is the first to set: empty where its size is not known yet."""
    assert isinstance(param.type, Array)
    if not is_inexact(param.type):
        why = f"{param.hint} may have no value in the first trip"
        raise UnsupportedError("CR055", why, loop.span, "set it before the loop")
    inside = {p for b in loop.blocks for p in b.params}
    for eqn in walk(e for b in loop.blocks for e in b.body):
        inside.update(eqn.outs, *(b.params for b in eqn.blocks))
    dims = param.type.dims
    if any(s.root is None or s.root[0] in inside for d in dims for s in _symbols(d)):
        dims = (Dim(0),) * len(dims)
    start = Var(param.hint, Array(param.type.dtype, dims), user=param.user)
    static = {"dims": dims, "dtype": param.type.dtype}
    nan = Const(math.nan, Scalar("float64", weak=True), "math.nan")
    return Eqn((start,), "filled", (nan,), static, stage=loop.stage, span=loop.span)


def _symbols(dim: Dim) -> list[Sym]:
    """The symbols of a size, those in products too."""
    factors = [f for s in dim.terms for f in s.factors]
    return [*(s for s in dim.terms if not s.factors), *(s for f in factors for s in _symbols(f))]


def _with_static(eqn: Eqn, scope: Scope) -> Eqn:
    """An equation and those in its blocks, with sizes that can be read where they stand."""
    inside = in_blocks(
        eqn, lambda b: replace(b, body=tuple(_with_static(e, scope) for e in b.body))
    )
    return replace(inside, static=scope.static(inside.static))


def _element(eqn: Eqn, path: Path) -> Any:
    """What equal elements that are read in one block have in common."""
    eqn_, number = path[-1] if path else (None, 0)
    return eqn_, number, eqn.args, eqn.static["pattern"]


def _carried(loop: Eqn) -> tuple[Var, ...]:
    """The parameters of a loop's body that it carries."""
    return loop.blocks[-1].params[1 if loop.op == "for" else 0 :]


def _type_in_trips(type_: Type, start: Type) -> Type:
    """The type of what a backward loop carries: sizes that differ between trips are unknown."""
    if not (isinstance(type_, Array) and isinstance(start, Array)):
        return type_
    dims = tuple(
        d if d == e else fresh_dim("m", d.maybe_one)
        for d, e in zip(type_.dims, start.dims, strict=True)
    )
    return Array(type_.dtype, dims)


def _as_statement(eqn: Eqn) -> Eqn:
    """`a if test else b` as a branch that sets the name of its first result on both sides."""
    out = eqn.outs[0]
    for block in eqn.blocks:
        result = block.results[0]
        if (
            isinstance(result, Var)
            and not result.user
            and any(result in e.outs for e in block.body)
        ):
            result.hint, result.user = out.hint, out.user
    static = {k: v for k, v in eqn.static.items() if k != "expression"}
    return replace(eqn, static=static)


def _copy(var: Var, name: str) -> Var:
    """The value as it is called in a backward block; an integer is a size of its own there."""
    copy = Var(var.hint or name, var.type, user=var.user)
    if isinstance(var.type, Scalar) and var.type.dim is not None:
        copy.type = Scalar(var.type.dtype, var.type.weak)
        own_sizes(copy)
    elif isinstance(var.type, Array):
        dims = (
            Dim.of(Sym(d.sym.name, (copy, axis), d.sym.single))
            if d.sym is not None and d.sym.root == (var, axis)
            else d
            for axis, d in enumerate(var.type.dims)
        )
        copy.type = Array(var.type.dtype, tuple(dims))
    return copy
