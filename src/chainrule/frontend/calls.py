"""Calls: registered operations, builtins, the user's functions, closures, constructors."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Mapping
from types import FunctionType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..errors import PrimalRaises
from ..ir.program import Atom, Const, Var
from ..ir.types import Array, Scalar, is_complex, is_inexact
from ..markers import checkpoint
from ..rules import on_demand
from ..rules.builder import const
from ..rules.custom import CUSTOM
from ..rules.masked import MASKED
from ..rules.outside import reason_of
from ..rules.registry import (
    CALLABLES,
    COMPLEX_MACROS,
    MACROS,
    METHODS,
    OPS,
    REQUIRED,
    InferError,
    NotSupported,
    Op,
)
from . import (
    applied,
    assembling,
    attributes,
    builtin_calls,
    comprehensions,
    derivatives,
    dict_methods,
    distributions,
    external,
    function_values,
    growing,
    inplace_calls,
    list_calls,
    list_methods,
    objects,
    operands,
    operators,
    pushforwards,
    random_numbers,
    solvers,
    statics,
    strings,
    subscripts,
    typing_calls,
    ufunc_methods,
    user_calls,
)
from .checkpointed import refuse_inside
from .describing import describe
from .source import function_source, of_our_own, parameters, unwrap
from .values import (
    Bound,
    Closure,
    Derivative,
    LinearMap,
    Method,
    Size,
    Static,
    Struct,
    Text,
    Value,
)

if TYPE_CHECKING:
    from .lower import Lowerer


def call(lo: Lowerer, node: ast.Call) -> Value:
    """`func(args)`."""
    func = lo.expr(node.func)
    reduced = comprehensions.reduced(lo, func, node)
    if reduced is not None:
        return reduced
    args: list[Value] = []
    for arg in node.args:
        if isinstance(arg, ast.Starred):
            args += operands.iterate(lo, lo.expr(arg.value), arg)
        else:
            args.append(lo.expr(arg))
    kwargs: dict[str, Value] = {}
    for keyword in node.keywords:
        value = lo.expr(keyword.value)
        if keyword.arg is not None:
            kwargs[keyword.arg] = value
        elif isinstance(value, Struct) and value.keys is not None:
            kwargs |= dict(zip(value.keys, value.items, strict=True))
        else:
            what = describe(value)
            lo.refuse("CR013", f"** of {what}", keyword.value, "give a dict whose keys are known")
    return call_value(lo, func, args, kwargs, node)


def call_value(
    lo: Lowerer, func: Value, args: list[Value], kwargs: dict[str, Value], node: ast.AST
) -> Value:
    """Call an abstract value."""
    if isinstance(func, Closure):
        local = bind_closure(lo, func, args, kwargs, node)
        made_in = func.frame
        return made_in.inline(
            func.node,
            made_in.source,
            local,
            nested=True,
            numbered=False,
            trusted=made_in.trusted,
            builder=lo.builder,
            depth=lo.depth,
        )
    if isinstance(func, Method):
        return _method(lo, func, args, kwargs, node)
    made = func if isinstance(func, Derivative) else None
    if isinstance(func, Static):
        maker: str | None = _looked_up(derivatives.MAKERS, func.obj)
        if maker is not None:
            return derivatives.make(lo, maker, args, kwargs, node)
        at_once: str | None = _looked_up(pushforwards.DIRECT, func.obj)
        if at_once is not None:
            return pushforwards.direct(lo, at_once, args, kwargs, node)
        made = derivatives.lookup(func.obj)
    if made is not None:
        return derivatives.call(lo, made, args, kwargs, node)
    if isinstance(func, LinearMap):
        return pushforwards.apply(lo, func, args, node)
    if isinstance(func, Bound):
        growing.check_unspent(lo, "this object", func.owner, node)
        return call_value(lo, Static(func.fun), [func.owner, *args], kwargs, node)
    if isinstance(func, Struct) and func.keys is not None and not func.is_dict:
        member = objects.in_class_of(lo, func, func.cls, "__call__", node)
        if member is not None:
            return call_value(lo, member, args, kwargs, node)
    if not isinstance(func, Static):
        raise PrimalRaises(f"{describe(func)} is not callable", lo.span(node))
    fun = func.obj
    on_demand.load_for(fun)
    if distributions.is_distribution(fun):
        return distributions.freeze(lo, fun, args, kwargs, node)
    if distributions.bound_method(fun):
        return distributions.method(lo, Static(fun.__self__), fun.__name__, args, kwargs, node)
    solver = solvers.lookup(fun)
    if solver is not None and not lo.trusted:
        return solvers.call(lo, fun, solver, args, kwargs, node)
    custom = CUSTOM.get(fun)
    if custom is not None and custom.external:
        return external.call(lo, custom, args, kwargs, node)
    if not lo.trusted:
        handler = _looked_up(inplace_calls.FUNCTIONS, fun)
        if handler is not None:
            written: Value = handler(lo, args, kwargs, node)
            return written
        out = kwargs.get("out")
        if out is not None and _is_numpy(fun) and not (isinstance(out, Static) and out.obj is None):
            return inplace_calls.with_out(lo, func, args, kwargs, node)
    if not lo.trusted:
        if _looked_up(random_numbers.MAKERS, fun):
            return random_numbers.make(lo, fun, args, kwargs, node)
        if (drawn := random_numbers.global_method(fun)) is not None:
            return random_numbers.call(lo, "np.random", drawn, args, kwargs, node)
    if getattr(fun, "static_helper", False):
        known = [statics.static_value(lo, a, node) for a in args]
        named = {k: statics.static_value(lo, v, node) for k, v in kwargs.items()}
        try:
            return wrap_static(lo, fun(*known, **named), node)
        except NotSupported as error:
            lo.refuse("CR021", str(error), node)
        except InferError as error:
            raise PrimalRaises(str(error), lo.span(node)) from None
    if args and growing.is_list(args[0]):
        listed = list_calls.call(lo, fun, args, kwargs, node)
        if listed is not None:
            return listed
    special = builtin_calls.lookup(fun)
    if special is not None:
        return special.call(lo, args, kwargs, node)
    if applied.is_vectorized(fun):
        return applied.call_vectorized(lo, fun, args, kwargs, node)
    assembled = None if lo.trusted else _looked_up(assembling.HANDLERS, fun)
    if assembled is not None:
        whole: Value | None = assembled(lo, args, kwargs, node)
        if whole is not None:
            return whole
    applies = applied.lookup(fun) or _looked_up(typing_calls.HANDLERS, fun)
    if applies is not None:
        return applies(lo, args, kwargs, node)
    macro = _looked_up(MACROS, fun)
    registered = _looked_up(CALLABLES, fun)
    if macro is not None and not (lo.trusted and registered is not None):
        if fun not in COMPLEX_MACROS and any(map(_is_complex, [*args, *kwargs.values()])):
            help = "apply it to real and imaginary parts"
            lo.refuse("CR020", f"{_dotted(fun)} of complex numbers is not supported", node, help)
        return _inline_text(lo, macro, args, kwargs, node)
    if registered is not None:
        return operation(lo, OPS[registered[0]], registered[1], args, kwargs, node)
    return _python_function(lo, fun, args, kwargs, node)


def is_known(fun: Any) -> bool:
    """Is it an operation, a composite, or a builtin that is read in a way of its own?"""
    known = _looked_up(CALLABLES, fun) is not None or _looked_up(MACROS, fun) is not None
    return known or builtin_calls.lookup(fun) is not None


def _is_complex(value: Value) -> bool:
    """Is it a complex number or array, or does it contain one?"""
    if isinstance(value, Struct):
        return any(map(_is_complex, value.items))
    return isinstance(value, Var | Const) and is_complex(value.type)


def _package(fun: Any) -> str:
    """The package that a function is from; a ufunc, which does not say, counts as NumPy's."""
    default = "numpy" if isinstance(fun, np.ufunc) else ""
    return (getattr(fun, "__module__", None) or default).split(".")[0]


def _is_numpy(fun: Any) -> bool:
    module = getattr(fun, "__module__", None) or "numpy"
    return isinstance(fun, np.ufunc) or module.split(".")[0] == "numpy"


def _looked_up(table: Mapping[Any, Any], fun: Any) -> Any:
    try:
        return table.get(fun)
    except TypeError:  # not hashable
        return None


def wrap_static(lo: Lowerer, obj: Any, node: ast.AST) -> Value:
    """The result of a helper that ran when specialising: sizes stay symbolic."""
    from ..ir.dims import Dim

    if isinstance(obj, Dim):
        return const(obj.known) if obj.known is not None else Size(obj)
    if isinstance(obj, dict):
        values = tuple(wrap_static(lo, item, node) for item in obj.values())
        return Struct(dict, values, tuple(obj))
    if isinstance(obj, tuple | list):
        return Struct(tuple, tuple(wrap_static(lo, item, node) for item in obj))
    if isinstance(obj, slice):
        parts = [
            None if p is None else wrap_static(lo, p, node) for p in (obj.start, obj.stop, obj.step)
        ]
        from .subscripts import slice_value

        return slice_value(lo, parts, node)
    return lo.wrap(obj, node)


def _inline_text(
    lo: Lowerer, fun: Callable[..., Any], args: list[Value], kwargs: dict[str, Value], node: ast.AST
) -> Value:
    """Inline a function of the rules package: a composite, or a helper of a rule."""
    source = function_source(fun)
    assert isinstance(source.node, ast.FunctionDef)
    local = user_calls.bind(lo, fun, args, kwargs, node)
    return lo.inline(source.node, source, local, nested=False, numbered=False, trusted=True)


def _python_function(
    lo: Lowerer, fun: Any, args: list[Value], kwargs: dict[str, Value], node: ast.AST
) -> Value:
    live = function_values.uncached(unwrap(fun))
    called = objects.call_object(lo, live, args, kwargs, node)
    if called is not None:
        return called
    if isinstance(live, FunctionType):
        if lo.trusted and live.__module__.startswith("chainrule."):
            return _inline_text(lo, live, args, kwargs, node)
        package = (live.__module__ or "").split(".")[0]
        if live is checkpoint:
            refuse_inside(lo, node)
        if of_our_own(live):
            lo.refuse(
                "CR042",
                f"{_dotted(fun)} inside a function that is differentiated is not supported",
                node,
                "take it outside of the function",
            )
        if package not in ("numpy", "scipy", "math", "cmath"):
            return user_calls.call(lo, live if live is not unwrap(fun) else fun, args, kwargs, node)
    if isinstance(fun, type) and fun.__module__ not in ("numpy", "builtins", "functools"):
        return user_calls.construct(lo, fun, args, kwargs, node)
    shown = _dotted(fun)
    help = "write it with supported operations"
    if isinstance(fun, type) and fun.__module__ == "functools":
        help = "call the function with all its arguments"
    elif not isinstance(fun, type) and _package(live) not in _LIBRARIES:
        rule = "def pullback(dy, x): return dy * ..."
        spelled = ast.unparse(node.func) if isinstance(node, ast.Call) else shown
        help = f"write a rule for it: @chainrule.derivative({spelled}), {rule}"
    reason = reason_of(fun)
    because = f": {reason}" if reason else ""
    lo.refuse("CR022", f"{shown} has no derivative rule{because}", node, help)


_LIBRARIES: Final = ("numpy", "scipy", "builtins", "io", "_io", "math", "cmath", "random")

_PUBLIC: Final = (
    ("np", "numpy"), ("np.linalg", "numpy.linalg"), ("np.fft", "numpy.fft"), ("math", "math"),
    ("cmath", "cmath"),
    ("scipy.special", "scipy.special"), ("scipy.linalg", "scipy.linalg"), ("", "builtins"),
    ("chainrule", "chainrule"),
)  # fmt: skip


def _dotted(fun: Any) -> str:
    """The name by which users know a function: `np.linalg.eigh`, `scipy.special.zeta`."""
    name = getattr(fun, "__name__", None)
    if not isinstance(name, str):
        return describe(Static(fun))
    for shown, module in _PUBLIC:
        if getattr(sys.modules.get(module), name, None) is fun:
            return f"{shown}.{name}" if shown else name
    module = str(getattr(fun, "__module__", None) or "")
    parts = [part for part in module.split(".") if not part.startswith("_")]
    return ".".join([*parts, getattr(fun, "__qualname__", name)])


def _method(
    lo: Lowerer, method: Method, args: list[Value], kwargs: dict[str, Value], node: ast.AST
) -> Value:
    owner = method.owner
    if distributions.owns(owner):
        return distributions.method(lo, owner, method.name, args, kwargs, node)
    if isinstance(owner, Static) and isinstance(owner.obj, np.ufunc):
        return ufunc_methods.call(lo, owner.obj, method.name, args, kwargs, node)
    if random_numbers.is_generator(owner):
        rng = owner if isinstance(owner, Var) else random_numbers.outside(lo, owner)
        return random_numbers.call(lo, rng, method.name, args, kwargs, node)
    if isinstance(owner, Static | Text):
        return strings.method_of(lo, owner, method.name, args, kwargs, node)
    if growing.is_list(owner) or growing.is_known_list(owner):
        done = list_methods.method(lo, owner, method.name, args, kwargs, node)
        if done is not None:
            return done
    if isinstance(owner, Struct):
        done = dict_methods.method(lo, owner, method.name, args, kwargs, node)
        if done is not None:
            return done
    if isinstance(owner, Struct) or growing.is_list(owner):
        return _container_method(lo, owner, method.name, args, kwargs, node)
    assert isinstance(owner, Var | Const)
    if method.name == "tolist" and not args:
        return list_methods.to_list(lo, owner, node)
    if method.name == "item" and not args:
        if not all(d.maybe_one for d in owner.type.dims):
            raise PrimalRaises("item() of an array that has more than one element", lo.span(node))
        if any(d.known != 1 for d in owner.type.dims):
            lo.refuse("CR015", "item() of an array of unknown size", node, "index it")
        return lo.builder.one("item", [owner])
    if method.name in attributes.AS_FUNCTIONS and not lo.trusted:
        given = [*args[:1], owner, *args[1:]] if method.name == "compress" else [owner, *args]
        return call_value(lo, Static(getattr(np, method.name)), given, kwargs, node)
    if method.name == "item" and args and not kwargs:
        return _item_at(lo, owner, args, node)
    if method.name in ("conj", "conjugate"):
        if not is_complex(owner.type):  # the array itself
            return owner
        python = isinstance(owner.type, Scalar) and owner.type.weak
        return operation(lo, OPS["conj"], "" if python else "method", [owner], kwargs, node)
    if method.name in inplace_calls.METHODS and not lo.trusted:
        return inplace_calls.METHODS[method.name](lo, [owner, *args], kwargs, node)
    if method.name not in METHODS:
        if method.name in ("itemset", "resize", "partition"):
            lo.refuse_construct("write", node)
        lo.refuse("CR015", f"the method {method.name} of an array is not supported yet", node)
    op = OPS[METHODS[method.name]]
    taken = [o for o in op.order if o not in kwargs][1:]
    if len(args) > len(taken) or (len(args) > 1 and taken[:1] in (["shape"], ["axes"])):
        args = [Struct(tuple, tuple(args))]
    return operation(lo, op, "method", [owner, *args], kwargs, node)


def _item_at(lo: Lowerer, owner: Atom, args: list[Value], node: ast.AST) -> Value:
    """`a.item(3)`, counted through all elements, or `a.item(1, 2)`."""
    array: Value = owner
    if len(args) == 1 and not isinstance(args[0], Struct) and len(owner.type.dims) > 1:
        array = call_value(lo, Static(np.ravel), [owner], {}, node)
    key = args[0] if len(args) == 1 else Struct(tuple, tuple(args))
    return lo.builder.one("item", [operands.atom(lo, subscripts.index(lo, array, key, node), node)])


def _container_method(
    lo: Lowerer,
    owner: Value,
    name: str,
    args: list[Value],
    kwargs: dict[str, Value],
    node: ast.AST,
) -> Value:
    if name == "_replace" and isinstance(owner, Struct) and owner.keys is not None and not args:
        if unknown := [k for k in kwargs if k not in owner.keys]:
            raise PrimalRaises(f"unexpected field {unknown[0]}", lo.span(node))
        pairs = zip(owner.keys, owner.items, strict=True)
        return Struct(owner.cls, tuple(kwargs.get(k, v) for k, v in pairs), owner.keys)
    if name == "_asdict" and isinstance(owner, Struct):
        return Struct(dict, owner.items, owner.keys)
    if isinstance(owner, Struct) and owner.is_dict and owner.keys is not None and not kwargs:
        keys = tuple(lo.wrap(k, node) for k in owner.keys)
        if name == "items" and not args:
            pairs = zip(keys, owner.items, strict=True)
            return Struct(type({}.items()), tuple(Struct(tuple, pair) for pair in pairs))
        if name == "values" and not args:
            return Struct(type({}.values()), owner.items)
        if name == "keys" and not args:
            return Struct(type({}.keys()), keys)
        if name == "get" and args:
            key = statics.key_value(lo, args[0], node)
            if key in owner.keys:
                return owner.get(key)
            return args[1] if len(args) > 1 else Static(None)
    lo.refuse(
        "CR015",
        f"the method {name} of {describe(owner)} is not supported yet",
        node,
    )


# -- operations --------------------------------------------------------------------------------


def _tuples(option: Any) -> Any:
    """An option with tuples in place of lists."""
    return tuple(map(_tuples, option)) if isinstance(option, tuple | list) else option


def operation(
    lo: Lowerer, op: Op, via: str, args: list[Value], kwargs: dict[str, Value], node: ast.AST
) -> Value:
    """Bind the arguments of a registered operation and apply it."""
    asked = any(_given(kwargs, o) for o in ("where", "mean")) or _moves(lo, kwargs.get("initial"))
    if asked and op.name in MASKED and not lo.trusted:
        return _inline_text(lo, MASKED[op.name], args, kwargs, node)
    if op.ufunc is not None and _given(kwargs, "dtype"):
        dtype = kwargs["dtype"]
        args = [call_value(lo, Static(np.asarray), [a], {"dtype": dtype}, node) for a in args]
        kwargs = {k: v for k, v in kwargs.items() if k != "dtype"}
    bound = _bind(lo, op, args, kwargs, node)
    if op.name == "array":
        return array_of(lo, bound["items"], node, bound.get("dtype"))
    static = {
        name: (
            _tuples(statics.python_value(lo, value, node))
            if name in _KNOWN
            else statics.static_value(lo, value, node)
        )
        for name, value in bound.items()
        if name in op.options
    }
    atoms: list[Atom] = []
    for name in op.operands:
        if name not in bound:
            if name == op.variadic:
                continue
            raise PrimalRaises(f"{op.name}: argument {name} is missing", lo.span(node))
        if name == op.variadic:
            atoms += [operands.atom(lo, item, node) for item in _items(lo, bound[name], node)]
        else:
            atoms.append(operands.atom(lo, bound[name], node))
    if lo.trusted and via == "np":
        via = _spelled_in_rules(lo, op, atoms)
    if op.name == "where" and not via and any(is_complex(a.type) for a in atoms[1:]):
        atoms[1:] = map(_as_complex, atoms[1:])
    if via in ("math", "cmath") or (lo.trusted and via == "np"):
        folded = _folded(lo, op, via, atoms, static, node)
        if folded is not None:
            return folded
    with operators.blamed(lo, node):
        result = lo.builder.apply(op.name, atoms, {**_defaults(op), **static}, via)
    return _named(op, result) if isinstance(result, tuple) else result


def _given(kwargs: Mapping[str, Value], option: str) -> bool:
    """Is there a value for an option that leaves elements out?"""
    value = kwargs.get(option)
    if value is None or (isinstance(value, Static) and value.obj is None):
        return False
    return not (isinstance(value, Const) and value.value is True)


def _moves(lo: Lowerer, value: Value | None) -> bool:
    """Is it a number that depends on data?"""
    return isinstance(value, Var) and is_inexact(value.type) and lo.builder.literal(value) is None


def _as_complex(atom: Atom) -> Atom:
    """A number in the source as a complex one: in a conditional expression it is the result as it is."""
    if isinstance(atom, Const) and np.isfinite(atom.value):
        return const(complex(atom.value))
    return atom


def _spelled_in_rules(lo: Lowerer, op: Op, atoms: list[Atom]) -> str:
    """Rule text is NumPy; for Python numbers it is written with `math`, and `where` as `if else`.

    Not so in the forward pass, where a definition by others stands for what the user wrote.
    """
    if not (lo.builder.backward or lo.builder.tangent) or any(
        a.type.dims or isinstance(a.type, Array) for a in atoms
    ):
        return "np"
    if op.name == "where":
        return ""
    python = all(isinstance(a.type, Scalar) and a.type.weak for a in atoms)
    if lo.builder.checked and op.name in ("sin", "cos"):  # several times faster on np.float64
        python = all(a.type.dtype == "float64" for a in atoms)
    if any(np.dtype(a.type.dtype).kind == "c" for a in atoms):
        wanted: tuple[str, ...] = ("cmath", "") if python and op.elementwise else ()
    else:
        wanted = ("math",) if python and lo.builder.python else ()
    return next((v for v in wanted if v in op.spellings), "np")


# Options that decide the program: their value has to be known, not only as a size.
_KNOWN: Final = frozenset(
    {
        "axis",
        "axes",
        "axis1",
        "axis2",
        "axisa",
        "axisb",
        "axisc",
        "start",
        "decimals",
        "edge_order",
        "kth",
        "ord",
        "offset",
        "ddof",
        "source",
        "destination",
        "k",
        "order",
    }
)


# The namedtuples that NumPy returns.
_RESULTS: Final[dict[str, Any]] = {
    "linalg.slogdet": np.linalg.slogdet(np.eye(1)).__class__,
    "linalg.eigh": np.linalg.eigh(np.eye(1)).__class__,
    "linalg.eig": np.linalg.eig(np.eye(1)).__class__,
    "linalg.svd": np.linalg.svd(np.eye(1)).__class__,
    "linalg.qr": np.linalg.qr(np.eye(1)).__class__,
}


def _named(op: Op, results: tuple[Var, ...]) -> Struct:
    """Several results in the container that the function returns."""
    cls = _RESULTS.get(op.name)
    if cls is not None:
        return Struct(cls, results, cls._fields)
    return Struct(list if op.name.endswith("split") else tuple, results)


def _defaults(op: Op) -> dict[str, Any]:
    return {name: value for name, value in op.options.items() if value is not REQUIRED}


def _items(lo: Lowerer, value: Value, node: ast.AST) -> list[Value]:
    if isinstance(value, Struct) and not value.is_sequence:
        raise PrimalRaises(f"{describe(value)} is no sequence", lo.span(node))
    return operands.iterate(lo, value, node)


def _bind(
    lo: Lowerer, op: Op, args: list[Value], kwargs: Mapping[str, Value], node: ast.AST
) -> dict[str, Value]:
    """Arguments by parameter name."""
    bound: dict[str, Value] = {}
    order = list(op.order)
    for position, value in enumerate(args):
        if not order:
            lo.refuse(
                "CR023", f"{op.name} with {len(args)} positional arguments", node, "name them"
            )
        name = order.pop(0)
        if name == op.variadic and getattr(op, "varargs", False):
            bound[name] = Struct(tuple, tuple(args[position:]))
            break
        bound[name] = value
    for name, value in kwargs.items():
        if name in bound:
            raise PrimalRaises(f"{op.name}: several values for {name}", lo.span(node))
        if name not in op.order and name not in op.options:
            if isinstance(value, Static) and value.obj is None:
                continue
            lo.refuse(
                "CR023", f"the argument {name} of {op.name} is not supported", node, "leave it out"
            )
        bound[name] = value
    return bound


def _folded(
    lo: Lowerer, op: Op, via: str, atoms: list[Atom], static: dict[str, Any], node: ast.AST
) -> Const | None:
    """`math.sqrt(2)`: computed when specialising when all operands are constants."""
    if (
        not atoms
        or op.variadic
        or not op.elementwise
        or not all(isinstance(a, Const) for a in atoms)
    ):
        return None
    fun = next(f for f, entry in CALLABLES.items() if entry == (op.name, via))
    try:
        result = fun(*(a.value for a in atoms if isinstance(a, Const)), **static)
    except Exception as error:
        raise PrimalRaises(str(error), lo.span(node)) from None
    if isinstance(result, np.ndarray):
        return None
    text = operators.segment(lo, node) if isinstance(node, ast.expr) and not lo.trusted else None
    return const(result.item() if lo.trusted and isinstance(result, np.generic) else result, text)


def array_of(lo: Lowerer, value: Value, node: ast.AST, dtype: Value | None = None) -> Var:
    """`np.array` of a nest of lists and tuples, or of an array."""
    atoms: list[Atom] = []

    def nest(item: Value) -> Any:
        if isinstance(item, Struct) and item.keys is None and item.is_sequence:
            return tuple(nest(part) for part in item.items)
        atoms.append(operands.atom(lo, item, node))
        return len(atoms) - 1

    nesting = nest(value)
    static: dict[str, Any] = {"nesting": nesting}
    if dtype is not None:
        static["dtype"] = statics.static_value(lo, dtype, node)
    return lo.builder.one("array", atoms, {"dtype": None, **static}, "np")


def bind_closure(
    lo: Lowerer, closure: Closure, args: list[Value], kwargs: Mapping[str, Value], node: ast.AST
) -> dict[str, Value]:
    """Arguments of a nested function or lambda by parameter name."""
    spec = closure.node.args
    positional = [a.arg for a in (*spec.posonlyargs, *spec.args)]
    bound = dict(closure.defaults) | dict(zip(positional, args, strict=False))
    extra = args[len(positional) :]
    if spec.vararg is not None:
        bound[spec.vararg.arg] = Struct(tuple, tuple(extra))
    elif extra:
        raise PrimalRaises("too many positional arguments", lo.span(node))
    names = parameters(closure.node)
    rest = {k: v for k, v in kwargs.items() if k not in names}
    bound |= {k: v for k, v in kwargs.items() if k in names}
    if spec.kwarg is not None:
        bound[spec.kwarg.arg] = Struct(dict, tuple(rest.values()), tuple(rest))
    elif rest:
        raise PrimalRaises(f"unexpected keyword argument {next(iter(rest))}", lo.span(node))
    if missing := [name for name in names if name not in bound]:
        raise PrimalRaises(f"missing argument {missing[0]}", lo.span(node))
    return bound
