"""Calls of the user's own functions: each becomes a program of its own per signature."""

from __future__ import annotations

import ast
import dataclasses
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import NeedStatic, PrimalRaises
from ..ir.dims import Dim, Sym
from ..ir.program import Atom, Const, Eqn, Function, Knot, Ref, Var, walk
from ..ir.types import Array, List, Scalar, Type, is_inexact
from ..rules.builder import Builder, int_dim
from ..rules.custom import CUSTOM
from ..rules.lists import RAGGED
from ..rules.shapes import fresh_dim
from ..rules.sharing import Sharing, has_memory
from . import growing, instances, operands, recursion, statics
from .blocks import own_sizes
from .recursion import Given
from .refusals import WritesArgument
from .source import FunctionSource, function_source, signature_of, unwrap
from .unit import Callee
from .values import (
    ONE_SHOT,
    Bound,
    Closure,
    LinearMap,
    Method,
    Size,
    Static,
    Struct,
    Super,
    Text,
    Value,
    leaves,
    rebuild,
    structs,
)

if TYPE_CHECKING:
    from .lower import Lowerer


_MADE_HERE = Bound | Closure | LinearMap | Method | Super | Text  # they stay where they are


def is_custom(fun: Any) -> bool:
    """Has the user registered a rule for this function?"""
    try:
        return fun in CUSTOM
    except TypeError:
        return False


def bind(
    lo: Lowerer,
    fun: Callable[..., Any],
    args: list[Value],
    kwargs: Mapping[str, Value],
    node: ast.AST,
) -> dict[str, Value]:
    """Arguments by parameter name, defaults filled in, `*args` and `**kwargs` as structs."""
    try:
        bound = signature_of(fun).bind(*args, **kwargs)
    except TypeError as error:
        raise PrimalRaises(str(error), lo.span(node)) from None
    result = packed(bound)
    for name, parameter in bound.signature.parameters.items():
        if name not in result:
            result[name] = lo.wrap(parameter.default, node)
    return {name: result[name] for name in bound.signature.parameters}


def packed(bound: inspect.BoundArguments) -> dict[str, Value]:
    """The arguments that were given by name, those of `*args` and `**kwargs` in structs."""
    result: dict[str, Value] = {}
    for name, parameter in bound.signature.parameters.items():
        given = bound.arguments.get(name)
        if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            result[name] = Struct(tuple, tuple(given or ()))
        elif parameter.kind is inspect.Parameter.VAR_KEYWORD:
            result[name] = Struct(dict, tuple((given or {}).values()), tuple(given or {}))
        elif name in bound.arguments:
            result[name] = bound.arguments[name]
    return result


def call(
    lo: Lowerer, fun: Any, args: list[Value], kwargs: dict[str, Value], node: ast.AST
) -> Value:
    """Call a Python function of the user's."""
    live = unwrap(fun)
    bound = bind(lo, live, args, kwargs, node)
    source = _source(lo, live, node)
    everything = [leaf for value in bound.values() for leaf in leaves(value)]
    made_here = any(isinstance(leaf, _MADE_HERE) for leaf in everything)
    if (made_here or _iterators(bound) or live in lo.unit.writing) and fun not in CUSTOM:
        return _inlined(lo, source, bound)
    atoms = [
        operands.atom(lo, v, node) if is_passed(v) and not growing.is_list(v) else v
        for v in everything
    ]
    key = key_of(live, bound)
    open_ = lo.unit.open.get(key)
    if open_ is not None:
        arguments = recursion.again(lo, open_, atoms, node)
        assert open_.result is not None
        effects = open_.effects
        return _apply(lo, open_.knot, open_.params, open_.result, arguments, effects, live, bound)
    try:
        callee, arguments = _specialised(lo, live, source, bound, atoms, key, node)
    except WritesArgument as error:
        if fun in CUSTOM:
            raise
        lo.unit.writing[live] = error
        return _inlined(lo, source, bound)
    if any(isinstance(leaf, _MADE_HERE) for leaf in leaves(callee.result)):
        return _inlined(lo, source, bound)
    function = callee.function
    effects = any(e.effect for e in walk(function.body))
    params, own = function.params, callee.own
    return _apply(lo, function, params, callee.result, arguments, effects, live, bound, own)


def _iterators(bound: Mapping[str, Value]) -> bool:
    """Is an argument an iterator? Going through it uses it up for the caller too."""
    return any(isinstance(v, Struct) and v.cls in ONE_SHOT for v in bound.values())


def _source(lo: Lowerer, live: Any, node: ast.AST) -> FunctionSource:
    from ..errors import UnsupportedError

    try:
        source = function_source(live)
    except UnsupportedError as error:
        lo.refuse(error.code, error.message, node, error.help)
    if isinstance(source.node, ast.FunctionDef) and inspect.isgeneratorfunction(live):
        lo.refuse_construct("Yield", source.node)
    return source


def _inlined(lo: Lowerer, source: FunctionSource, bound: dict[str, Value]) -> Value:
    """A function that gets a function is walked at the place of the call."""
    return lo.inline(source.node, source, bound, nested=False, numbered=False)


def key_of(live: Any, bound: Mapping[str, Value]) -> Any:
    """What this call has in common with others of the function, if that calls itself."""
    everything = [leaf for value in bound.values() for leaf in leaves(value)]
    return recursion.key_of(live, _shape_key(bound), everything)


def is_passed(value: Value) -> bool:
    """Is this leaf an argument of the specialised function? Ints, bools and objects are not."""
    if isinstance(value, Const):
        return isinstance(value.value, float | np.floating)
    return isinstance(value, Var | Size)


def _specialised(
    lo: Lowerer,
    live: Any,
    source: FunctionSource,
    bound: dict[str, Value],
    atoms: list[Any],
    like: Any,
    node: ast.AST,
) -> tuple[Callee, list[Atom]]:
    """The callee for these types, lowered when it is new, and the arguments of the call.

    `like` is what this call has in common with others of a recursive function.
    """
    mapping = _SymMap()
    types = [mapping.into(a.type) if isinstance(a, Var | Const) else None for a in atoms]
    data = tuple(_is_data(lo, a) for a in atoms)
    key = (
        live,
        _shape_key(bound),
        tuple(_leaf_key(a, t) for a, t in zip(atoms, types, strict=True)),
        data,
    )
    for other, given, known in lo.unit.recursive:
        if other == like and recursion.fits(given, atoms):
            return known, recursion.passed(lo, given, atoms)
    everything = [leaf for value in bound.values() for leaf in leaves(value)]
    if (callee := lo.unit.callees.get(key)) is not None:
        return callee, [a for a, leaf in zip(atoms, everything, strict=True) if is_passed(leaf)]
    names = [name for name, value in bound.items() for _ in leaves(value)]
    first = [
        Given(n, None, t, inner=d) if is_passed(leaf) else Given(n, a)
        for leaf, a, t, n, d in zip(everything, atoms, types, names, data, strict=True)
    ]
    frame = recursion.Open(live, like, first)
    own: frozenset[int] = frozenset()

    def enter(given: Sequence[Given]) -> tuple[list[Var], dict[str, Value]]:
        values = [Var(g.name, g.type, user=True) if g.type else g.known for g in given]
        params = [v for v, g in zip(values, given, strict=True) if g.type]
        _root_params(params)  # type: ignore[arg-type]
        lo.unit.inner.update(v for v, g in zip(values, given, strict=True) if g.type and g.inner)  # type: ignore[misc]
        feed = iter(values)
        return params, {n: rebuild(v, feed) for n, v in bound.items()}  # type: ignore[return-value, arg-type]

    def walk_once(params: list[Var], local: dict[str, Value]) -> tuple[Function, Value]:
        nonlocal own
        function, result, own = lower_function(lo, source, params, local)
        return function, result

    try:
        function, result = recursion.walked(lo, frame, enter, walk_once, node)
    except NeedStatic as error:
        passed = [a for a, g in zip(atoms, frame.given, strict=True) if g.type]
        roots = _callers_roots(error, frame.params, passed)
        raise NeedStatic(roots, lo.span(node), error.instead) from None
    callee = Callee(function, result, frozenset() if frame.called else own)
    if frame.called:
        lo.unit.recursive.append((like, frame.given, callee))
    else:
        lo.unit.callees[key] = callee
    return callee, recursion.passed(lo, frame.given, atoms)


def _is_data(lo: Lowerer, atom: Any) -> bool:
    """Do its sizes, or its value as an integer, depend on data, so that they are never known?"""
    if not isinstance(atom, Var) or isinstance(atom.type, List):
        return False
    if atom.type.dims:
        return any(statics.demand_size(lo, dim) is None for dim in atom.type.dims)
    return not is_inexact(atom.type) and statics.demand(lo, atom) is None


def lower_function(
    lo: Lowerer, source: FunctionSource, params: list[Var], local: dict[str, Value]
) -> tuple[Function, Value, frozenset[int]]:
    """Lower a function with its own builder, in the unit of `lo`; see `own_results`."""
    from .lower import Lowerer as Frame

    sharing = Sharing(borrowed=set(params))
    sharing.held.update((p, p) for p in params if isinstance(p.type, List))
    lo.unit.arguments |= {s for value in local.values() for s in structs(value)}
    frame = Frame(lo.unit, source, Builder(sharing=sharing), local)
    frame.result_name = "value"  # the name of the function is that of its program
    function, result = finish(frame, source.name, params, frame.run(source.node))
    outside = [*params, *function.captures]
    return function, result, own_results(sharing, outside, function)


def own_results(sharing: Sharing, outside: list[Var], function: Function) -> frozenset[int]:
    """Which results are arrays that the function made, or lists of such, and that it gives once."""
    taken = sharing.roots(outside)
    mine = {
        position: sharing.roots([result])
        for position, result in enumerate(function.results)
        if isinstance(result, Var) and has_memory(result)
    }
    others = [root for roots in mine.values() for root in set(roots)]
    return frozenset(
        position
        for position, roots in mine.items()
        if not any(root in taken or others.count(root) > 1 for root in roots)
    )


TELLING = frozenset({"loss", "cost", "energy", "nll", "error", "objective", "logp", "misfit"})


def result_name(name: str) -> str:
    """What a returned value is called: the function's name where that is the name of a quantity."""
    return name if len(name) <= 2 or name in TELLING else "value"


def finish(frame: Lowerer, name: str, params: list[Var], result: Value) -> tuple[Function, Value]:
    """The function of a frame that was walked to its end."""
    shown = list(leaves(result))
    results: list[Atom] = []
    final: list[Value] = []
    for leaf in shown:
        if isinstance(leaf, Size):
            leaf = frame.builder.size(leaf.dim)
        if is_result(leaf):
            results.append(leaf)  # type: ignore[arg-type]
        final.append(leaf)
    function = Function(
        frame.unit.function_name(name),
        tuple(params),
        tuple(frame.builder.eqns),
        tuple(results),
        frame.captures,
        frame.stages,
        frozenset(frame.silent),
    )
    return function, rebuild(result, iter(final))


def _apply(
    lo: Lowerer,
    callee: Function | Knot,
    params: Sequence[Var],
    result: Value,
    passed: Sequence[Atom],
    effects: bool,
    live: Any,
    bound: Mapping[str, Value],
    own: frozenset[int] = frozenset(),
) -> Value:
    """Append the call, and return the result with the caller's sizes in its types."""
    back = _SymMap.callers(params, passed)
    outs: list[Var] = []

    def replaced() -> Iterator[Value]:
        for leaf in leaves(result):
            if is_result(leaf):
                assert isinstance(leaf, Var | Const)
                outs.append(own_integer(Var("", back.into(leaf.type))))
                leaf = outs[-1]
            yield leaf

    value = rebuild(result, replaced())
    static: dict[str, Any] = {"callee": callee, "own": own}
    if live in CUSTOM:
        static["custom"] = CUSTOM[live]
        static["given"], static["result"] = _places(bound), _result_places(value)
    lo.builder.append(Eqn(tuple(outs), "call", tuple(passed), static, effect=effects))
    _kept(lo, result, value, list(structs(result)))
    return value


def _places(bound: Mapping[str, Value]) -> tuple[tuple[str, Value], ...]:
    """The arguments by name, with the position of each number and array that is passed."""
    position = 0
    found: list[tuple[str, Value]] = []
    for name, value in bound.items():
        new: list[Value] = []
        for leaf in leaves(value):
            passed = is_passed(leaf)
            new.append(Static(Ref(position)) if passed else leaf)
            position += passed
        found.append((name, rebuild(value, iter(new))))
    return tuple(found)


def _result_places(value: Value) -> Value:
    """The result, with the position of each of its numbers and arrays."""
    position = 0
    new: list[Value] = []
    for leaf in leaves(value):
        shown = is_result(leaf)
        new.append(Static(Ref(position)) if shown else leaf)
        position += shown
    return rebuild(value, iter(new))


def own_integer(out: Var) -> Var:
    """A result whose unknown sizes are read from it; an int is a size of its own."""
    if isinstance(out.type, Array):
        return own_sizes(out)
    if isinstance(out.type, List):
        return out
    if out.type.dim is None and np.dtype(out.type.dtype).kind in "iu":
        dim = Dim.of(Sym("i", (out, None), single=True))
        out.type = Scalar(out.type.dtype, out.type.weak, dim)
    return out


def is_result(leaf: Value) -> bool:
    """Is it a result of the function's program? Flags and other known objects are not."""
    return isinstance(leaf, Var) or (isinstance(leaf, Const) and not isinstance(leaf.value, bool))


def construct(
    lo: Lowerer, cls: type, args: list[Value], kwargs: dict[str, Value], node: ast.AST
) -> Value:
    """A NamedTuple, a dataclass, or an object of another class, made in the function."""
    fields: tuple[str, ...]
    if issubclass(cls, tuple) and hasattr(cls, "_fields"):
        fields = cls._fields
        bound = bind(lo, cls.__new__, [Static(cls), *args], kwargs, node)
        values = [bound[name] for name in fields]
        return Struct(cls, tuple(values), fields)
    if not dataclasses.is_dataclass(cls) or not cls.__dataclass_params__.init:  # type: ignore[attr-defined]
        return instances.made(lo, cls, args, kwargs, node)
    fields = tuple(f.name for f in dataclasses.fields(cls) if f.init)
    bound = bind(lo, cls, args, kwargs, node)
    made = {f.name: f.default_factory for f in dataclasses.fields(cls)}
    values = [_default(lo, bound[name], made[name], node) for name in fields]
    value = Struct(cls, tuple(values), fields)
    return instances.after_init(lo, instances.register(lo, value), node)


def _default(lo: Lowerer, value: Value, factory: Any, node: ast.AST) -> Value:
    """The value of a field: what its factory makes where it was not given."""
    from .calls import call_value

    if factory is dataclasses.MISSING or not isinstance(value, Static):
        return value
    if type(value.obj).__name__ != "_HAS_DEFAULT_FACTORY_CLASS":
        return value
    return call_value(lo, Static(factory), [], {}, node)


def _kept(lo: Lowerer, old: Value, new: Value, everything: list[Struct]) -> None:
    """A container that a called function made is one of this function's, if it came back once."""
    if isinstance(old, Struct) and isinstance(new, Struct):
        if old in lo.unit.lists and old not in lo.unit.arguments and everything.count(old) == 1:
            instances.register(lo, new)
        for one, other in zip(old.items, new.items, strict=True):
            _kept(lo, one, other, everything)


# -- sizes across the call ---------------------------------------------------------------------


class _SymMap:
    """Translate sizes between caller and callee: equal sizes stay equal, the rest is fresh."""

    def __init__(self) -> None:
        self.pairs: list[tuple[Dim, Dim]] = []

    def into(self, type_: Type) -> Type:
        if isinstance(type_, List):
            return self.list_into(type_)
        if isinstance(type_, Array):
            return Array(type_.dtype, tuple(self.dim(d) for d in type_.dims))
        dim = type_.dim
        if dim is None:
            return type_
        return Scalar(type_.dtype, type_.weak, self.dim(dim))

    def list_into(self, type_: List) -> List:
        """The sizes of elements are those of some other value, or differ between elements."""
        if not isinstance(type_.element, Array):
            return List(type_.element)
        dims = tuple(self.shared(d) for d in type_.element.dims)
        return List(Array(type_.element.dtype, dims))

    def shared(self, dim: Dim) -> Dim:
        known = dim.known is not None
        return dim if known else next((new for old, new in self.pairs if old == dim), RAGGED)

    def dim(self, dim: Dim) -> Dim:
        if dim.known is not None:
            return dim
        for old, new in self.pairs:
            if old == dim:
                return new
        new = self.substituted(dim)
        self.pairs.append((dim, new))
        return new

    def substituted(self, dim: Dim) -> Dim:
        """A linear expression whose symbols are all known, else a fresh size."""
        total = Dim(dim.const)
        for sym, coefficient in dim.terms.items():
            for old, new in self.pairs:
                if old.sym is sym:
                    total = total + new * coefficient
                    break
            else:
                return fresh_dim(repr(dim), dim.maybe_one)
        return total

    @staticmethod
    def callers(params: Sequence[Var], passed: Sequence[Atom]) -> _SymMap:
        mapping = _SymMap()
        for param, atom in zip(params, passed, strict=True):
            mapping.pairs += zip(param.type.dims, atom.type.dims, strict=True)
            inside, outside = int_dim(param), int_dim(atom)
            if inside is not None and outside is not None:
                mapping.pairs.append((inside, outside))
        return mapping


def _root_params(params: Sequence[Var]) -> None:
    """Give every fresh size of the parameters its place: the first axis that has it."""
    rooted: list[tuple[Dim, Dim]] = []

    def root(dim: Dim, var: Var, axis: int | None) -> Dim:
        if dim.known is not None:
            return dim
        for old, new in rooted:
            if old == dim:
                return new
        name = dim.sym.name if dim.sym is not None else "n"
        new = Dim.of(Sym(name, (var, axis), dim.maybe_one))
        rooted.append((dim, new))
        return new

    for var in params:
        if isinstance(var.type, Array):
            dims = tuple(root(d, var, i) for i, d in enumerate(var.type.dims))
            var.type = Array(var.type.dtype, dims)
        elif isinstance(var.type, Scalar) and var.type.dim is not None:
            var.type = Scalar(var.type.dtype, var.type.weak, root(var.type.dim, var, None))
        elif isinstance(var.type, Scalar):
            own_integer(var)


def _callers_roots(
    error: NeedStatic, params: list[Var], passed: list[Any]
) -> list[tuple[object, int | None]]:
    """What the callee asks for, in terms of the caller's values."""
    roots: list[tuple[object, int | None]] = []
    for var, axis in error.roots:
        if var not in params:
            roots.append((var, axis))
            continue
        atom = passed[params.index(var)]
        dim = int_dim(atom) if axis is None else atom.type.dims[axis]
        if dim is None:
            roots.append((atom, None))
        else:
            roots += [s.root for s in dim.terms if s.root is not None]
    return roots


def _shape_key(bound: Mapping[str, Value]) -> Any:
    def shape(value: Value) -> Any:
        if isinstance(value, Struct):
            return (value.cls, value.keys, tuple(map(shape, value.items)))
        return None

    return tuple((name, shape(value)) for name, value in bound.items())


def _leaf_key(atom: Any, type_: Type | None) -> Any:
    if type_ is None:
        obj = atom.obj if isinstance(atom, Static) else atom
        if isinstance(obj, str | bytes | int | float | tuple | None | Const | Size):
            try:
                return (type(obj), obj, hash(obj))
            except TypeError:
                pass
        return id(obj)  # an object that is equal to another one has attributes of its own
    if isinstance(atom, Const) and not isinstance(atom.value, float | np.floating):
        return (type(atom.value), atom.value)
    dims = type_.dims
    if isinstance(type_, List):
        dims = () if type_.element is None else type_.element.dims
    sizes = tuple("" if d == RAGGED else repr(d) for d in dims)
    ones = tuple(d.maybe_one for d in type_.dims)
    return (repr(type_), sizes, ones, repr(int_dim(atom)) if isinstance(atom, Var) else None)
