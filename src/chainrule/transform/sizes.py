"""Binding sizes: every `Dim` that a program still uses becomes something that the program can read.

A size is taken from a name that the user gave it (`n = X.shape[0]`), else from the axis of a value,
else it is computed from such. A whole shape is taken from a value that has it: `x.shape`. After this
pass options hold only ints, `Ref`s to int arguments, and `Like(argument)` for whole shapes.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, final

from ..analysis.unset import none_in
from ..errors import UnsupportedError
from ..ir.callees import Changed, with_callees
from ..ir.dims import Dim, Sym
from ..ir.program import Atom, Block, Eqn, Function, Ref, Var, in_blocks, walk
from ..ir.types import Array, Scalar
from ..rules.builder import const, int_dim


@final
@dataclass(frozen=True)
class Like:
    """The shape of the equation's argument number `arg`."""

    arg: int


def bind_sizes(function: Function, absent: frozenset[Var] = frozenset()) -> Function:
    """Give every size of the program a place where it is read.

    A whole shape is not taken from arrays that may be None: `np.zeros_like(None)` would not raise.
    """
    binder = _Binder(_used(function), absent)
    for var in (*function.params, *function.captures):
        binder.see(var)
    for eqn in function.body:
        binder.visit(eqn)
    results = tuple(binder.became.get(r, r) if isinstance(r, Var) else r for r in function.results)
    return function.with_body(tuple(binder.body), results)


def bind_everywhere(function: Function) -> Function:
    """The function, and all functions that it calls, with sizes bound."""
    absent = none_in(function)
    function = with_callees(function, lambda f: bind_sizes(f, absent[f.name]), Changed())
    return bind_sizes(function, absent[function.name])


def _used(function: Function) -> set[Var]:
    used = {v for e in walk(function.body) for v in e.reads()}
    return used | {r for r in function.results if isinstance(r, Var)}


@final
@dataclass
class _Binder:
    used: set[Var]
    absent: frozenset[Var] = frozenset()
    arrays: list[Var] = field(default_factory=list)
    maybe: list[Var] = field(default_factory=list)  # arrays that are None on other ways to here
    sizes: list[Var] = field(default_factory=list)
    integers: list[Var] = field(default_factory=list)
    body: list[Eqn] = field(default_factory=list)
    became: dict[Var, Atom] = field(default_factory=dict)
    unnamed: dict[Var, Dim] = field(default_factory=dict)

    def see(self, var: Var) -> None:
        """From here on sizes can be read from this value."""
        if isinstance(var.type, Array):
            (self.maybe if var in self.absent else self.arrays).append(var)
        elif isinstance(var.type, Scalar) and var.type.dim is not None:
            self.integers.append(var)
            if var.user:
                self.sizes.append(var)

    def visit(self, eqn: Eqn) -> None:
        """Write one equation with its sizes bound."""
        args = [self._argument(a, eqn) for a in eqn.args]
        if eqn.op == "size":
            self._size(eqn)
            return
        if eqn.blocks:
            eqn = in_blocks(eqn, self.block)
        prefer = eqn.outs[0].adjoint_of if eqn.outs else None
        static = {
            key: self._bound(value, args, eqn, key, prefer) for key, value in eqn.static.items()
        }
        self.body.append(replace(eqn, args=tuple(args), static=static))
        for out in eqn.outs:
            self.see(out)

    def _argument(self, atom: Atom, eqn: Eqn) -> Atom:
        """The backward pass reads a size anew, of what is alive then."""
        if not isinstance(atom, Var):
            return atom
        if eqn.backward and atom in self.unnamed:
            return self.atom(self.unnamed[atom], eqn)
        return self.became.get(atom, atom)

    def block(self, block: Block) -> Block:
        """A block: what can be read in it is forgotten after it."""
        outer, arrays, sizes = self.body, list(self.arrays), list(self.sizes)
        maybe, integers = list(self.maybe), list(self.integers)
        self.body = []
        for var in block.params:
            self.see(var)
        for eqn in block.body:
            self.visit(eqn)
        results = tuple(self.became.get(r, r) if isinstance(r, Var) else r for r in block.results)
        made = Block(block.params, tuple(self.body), results)
        self.body, self.arrays, self.sizes = outer, arrays, sizes
        self.maybe, self.integers = maybe, integers
        return made

    def _size(self, eqn: Eqn) -> None:
        dim: Dim = eqn.static["dim"]
        if eqn.out.user:
            self._named_size(eqn, dim)
            self.see(eqn.out)
        else:
            self.became[eqn.out] = self.atom(dim, eqn)
            self.unnamed[eqn.out] = dim

    def _named_size(self, eqn: Eqn, dim: Dim) -> None:
        value = self.atom(dim, eqn)
        if isinstance(value, Var) and self.body and value in self.body[-1].outs and not value.user:
            last = self.body.pop()
            self.body.append(replace(last, outs=eqn.outs))
        else:
            op = "alias" if isinstance(value, Var) else "const"
            self.body.append(replace(eqn, op=op, args=(value,), static={}))

    def _bound(self, value: Any, args: list[Atom], eqn: Eqn, key: str, prefer: Var | None) -> Any:
        if isinstance(value, tuple) and any(isinstance(v, Ref) for v in value):
            return value  # bound before
        if key in ("dims", "shape") and isinstance(value, tuple):
            dims = tuple(Dim.of(v) for v in value)
            if any(d.known is None for d in dims):
                like = self._like(dims, prefer, eqn)
                if like is not None:
                    args.append(like)
                    return Like(len(args) - 1)
        if isinstance(value, Dim):
            if value.known is not None:
                return value.known
            args.append(self.atom(value, eqn))
            return Ref(len(args) - 1)
        if isinstance(value, tuple) and key != "nesting":
            return tuple(self._bound(v, args, eqn, "", prefer) for v in value)
        return value

    def _like(self, dims: tuple[Dim, ...], prefer: Var | None, eqn: Eqn) -> Var | None:
        """A value of this shape: the one whose gradient it is, a parameter, or a named value."""
        if not eqn.derived:
            return None
        fitting = [v for v in self.arrays if v.type.dims == dims and (v.user or v in self.used)]
        if prefer in fitting and (prefer.user or prefer in self.used):
            return prefer
        named = [v for v in fitting if v.user and v.adjoint_of is None]
        written = [v for v in named if prefer is not None and v.hint == prefer.hint]
        if written:  # the array as it was written last: the older ones need not be kept
            return written[-1]
        if named:  # of an array that is written, the last state
            return [v for v in named if v.hint == named[0].hint][-1]
        return fitting[0] if fitting else None

    def atom(self, dim: Dim, eqn: Eqn) -> Atom:
        """The number that a size stands for, from what can be read here."""
        if dim.known is not None:
            return const(dim.known)
        for var in self.sizes:
            if isinstance(var.type, Scalar) and var.type.dim == dim:
                return var
        if dim.sym is not None:
            return self._symbol(dim.sym, dim, eqn)
        total: Atom | None = None
        for sym, coefficient in dim.terms.items():
            part = self.atom(Dim.of(sym), eqn)
            if abs(coefficient) != 1:
                part = self._emit(eqn, "mul", [const(abs(coefficient)), part], Dim.of(sym))
            if total is None:
                total = part if coefficient > 0 else self._emit(eqn, "neg", [part], Dim.of(sym))
            else:
                total = self._emit(eqn, "add" if coefficient > 0 else "sub", [total, part], dim)
        assert total is not None
        if dim.const:
            op = "add" if dim.const > 0 else "sub"
            total = self._emit(eqn, op, [total, const(abs(dim.const))], dim)
        return total

    def _symbol(self, sym: Sym, dim: Dim, eqn: Eqn) -> Atom:
        if sym.factors:
            return self._product(sym.factors, dim, eqn)
        root = sym.find().root
        candidates = [v for v in self.arrays if any(d == dim for d in v.type.dims)]
        if not candidates:  # what has this size is there wherever the size is needed
            candidates = [v for v in self.maybe if any(d == dim for d in v.type.dims)]
        if root is not None and root[1] is None:
            assert isinstance(root[0], Var)
            if root[0] in self.became:
                return self.became[root[0]]
            for var in reversed(self.integers):  # the value itself, or its copy in this block
                if int_dim(var) == dim:
                    return var
            raise AssertionError(f"the integer {dim!r} cannot be read here")
        if root is not None and root[0] in candidates:
            # Of an array that was written or bound anew, the last state: it is alive anyway.
            source: Var = [v for v in candidates if v is root[0] or v.hint == root[0].hint][-1]
        elif candidates:
            source = candidates[0]
        else:
            raise UnsupportedError(
                "CR025",
                "this derivative needs the size of an array whose size differs from trip to trip "
                "or from path to path",
                eqn.span,
                "give the array one size, and use a part of it",
            )
        axis = next(i for i, d in enumerate(source.type.dims) if d == dim)
        out = Var("n", Scalar("int64", weak=True, dim=dim))
        self.body.append(_bare(eqn, out, "shape", (source,), {"axis": axis}))
        return out

    def _product(self, factors: tuple[Dim, ...], dim: Dim, eqn: Eqn) -> Atom:
        """`x.size` of a value of that shape, else the product of the sizes."""
        fitting = [v for v in self.arrays if v.type.dims == factors and (v.user or v in self.used)]
        if fitting:
            out = Var("n", Scalar("int64", weak=True, dim=dim))
            self.body.append(_bare(eqn, out, "array_size", (fitting[0],), {}))
            return out
        total = self.atom(factors[0], eqn)
        for factor in factors[1:]:
            total = self._emit(eqn, "mul", [total, self.atom(factor, eqn)], dim)
        return total

    def _emit(self, eqn: Eqn, op: str, args: list[Atom], dim: Dim) -> Var:
        out = Var("n", Scalar("int64", weak=True, dim=dim))
        self.body.append(_bare(eqn, out, op, tuple(args), {}))
        return out


def _bare(eqn: Eqn, out: Var, op: str, args: tuple[Atom, ...], static: dict[str, Any]) -> Eqn:
    """An equation at the place of another one."""
    return Eqn((out,), op, args, static, "", eqn.stage, eqn.span, eqn.backward)
