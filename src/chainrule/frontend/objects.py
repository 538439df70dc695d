"""Objects of the user's classes: attributes, properties, methods, and what hangs on them.

An object that is known when specialising (`self` of a bound method, an argument, a name from
outside) is looked into: numbers and arrays are captured, that is read anew at each call, also those
in lists and dicts of an attribute; all else has to be the same object at the next call. A method is
a function that is called with the object; the class is guarded like any other name.
"""

from __future__ import annotations

import ast
import functools
import inspect
from collections.abc import Mapping
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any, Final

from ..errors import PrimalRaises
from . import attributes, operands, user_calls
from .source import MISSING
from .unit import SHAPE, is_number
from .values import Bound, Outside, Static, Struct, Super, Value

if TYPE_CHECKING:
    from .lower import Lowerer

_FOREIGN: Final = ("builtins", "numpy", "scipy", "functools", "typing", "re", "random", "numba")


def is_users(cls: type) -> bool:
    """Is it a class of the user's, whose attributes are looked up as Python does it?"""
    return str(cls.__module__).split(".")[0] not in _FOREIGN


def attribute(lo: Lowerer, obj: Any, name: str, node: ast.AST) -> Value:
    """`obj.name` of an object that is known."""
    cls = type(obj)
    in_class = inspect.getattr_static(cls, name, MISSING)
    own = getattr(obj, "__dict__", {})
    if name not in own or isinstance(in_class, property):
        member = in_class_of(lo, Static(obj), cls, name, node)
        if member is not None:
            lo.unit.depend(own, name, MISSING, captured=False)  # no attribute of its own hides it
            return member
    found = getattr(obj, name, MISSING)
    if found is MISSING:
        raise PrimalRaises(f"{cls.__name__} has no attribute {name}", lo.span(node))
    return outside(lo, lo.unit.attributes_of(obj), name, found, node)


def in_class_of(lo: Lowerer, owner: Value, cls: type, name: str, node: ast.AST) -> Value | None:
    """A method or property of the class, bound to an object; None for anything else."""
    for base in cls.__mro__:
        if name in vars(base):
            return _member(lo, owner, base, name, node)
    return None


def after(lo: Lowerer, parent: Super, name: str, node: ast.AST) -> Value:
    """`super().name`: what the classes after this one in the order of lookup have."""
    order = parent.cls.__mro__
    for base in order[order.index(parent.start) + 1 :]:
        if name in vars(base):
            found = _member(lo, parent.owner, base, name, node)
            if found is not None:
                return found
            lo.refuse("CR015", f"super().{name} is no method of Python source", node)
    raise PrimalRaises(f"super has no attribute {name}", lo.span(node))


def _member(lo: Lowerer, owner: Value, base: type, name: str, node: ast.AST) -> Value | None:
    found = vars(base)[name]
    if isinstance(found, property | FunctionType | staticmethod | classmethod):
        lo.unit.depend(vars(base), name, found, captured=False)
    if isinstance(found, property):
        assert found.fget is not None
        return user_calls.call(lo, found.fget, [owner], {}, node)
    if isinstance(found, FunctionType):
        return Bound(owner, found)
    if isinstance(found, staticmethod):
        return Static(found.__func__)
    if isinstance(found, classmethod) and isinstance(found.__func__, FunctionType):
        cls = type(owner.obj) if isinstance(owner, Static) else getattr(owner, "cls", base)
        return Bound(Static(cls), found.__func__)
    return None


def outside(lo: Lowerer, owner: Any, name: Any, found: Any, node: ast.AST, hint: str = "") -> Value:
    """A value from outside, under a key of its owner; `hint` is what it is called."""
    hint = hint or str(name)
    if is_number(found):
        return lo.unit.captured(lo, owner, name, found, hint)
    lo.unit.depend(owner, name, found, captured=False)
    if isinstance(found, dict) or (isinstance(found, list | tuple) and _has_data(found)):
        return _container(lo, found, hint, node)
    return lo.wrap(found, node)


def _has_data(items: Any) -> bool:
    """Is there more in it than a tuple of Python numbers, which never changes?"""
    if isinstance(items, list):
        return True
    return any(not isinstance(v, int | float | str | None) for v in items)


def _container(lo: Lowerer, found: Any, hint: str, node: ast.AST) -> Value:
    """A list, tuple or dict from outside, its items read at each call."""
    keys = tuple(found) if isinstance(found, dict) else tuple(range(len(found)))
    if len(keys) > operands.LONGEST:
        lo.refuse("CR033", f"{hint} has too many items to be read one by one", node)
    owner = lo.unit.contents_of(found)
    lo.unit.depend(owner, SHAPE, owner.get(SHAPE, None), captured=False)
    items = tuple(outside(lo, owner, key, found[key], node, f"{hint}_{key}") for key in keys)
    if isinstance(found, dict):
        return Struct(dict, items, keys)
    if isinstance(found, tuple) and hasattr(found, "_fields"):
        return Struct(type(found), items, tuple(found._fields))
    return Struct(Outside if isinstance(found, list) else tuple, items)


def call_object(
    lo: Lowerer, obj: Any, args: list[Value], kwargs: Mapping[str, Value], node: ast.AST
) -> Value | None:
    """A call of a method, a partial or an object with `__call__`; None for anything else."""
    from .calls import call_value

    if isinstance(obj, MethodType):
        return call_value(
            lo, Static(obj.__func__), [Static(obj.__self__), *args], dict(kwargs), node
        )
    if isinstance(obj, functools.partial):
        given = partial_arguments(lo, obj, node)
        named = {
            k: outside(lo, lo.unit.contents_of(obj.keywords), k, v, node)
            for k, v in obj.keywords.items()
        }
        return call_value(lo, Static(obj.func), [*given, *args], {**named, **kwargs}, node)
    if not isinstance(obj, type | FunctionType) and is_users(type(obj)):
        method = in_class_of(lo, Static(obj), type(obj), "__call__", node)
        return None if method is None else call_value(lo, method, list(args), dict(kwargs), node)
    return None


def partial_arguments(lo: Lowerer, obj: functools.partial[Any], node: ast.AST) -> list[Value]:
    """The positional arguments that a partial holds."""
    owner = lo.unit.contents_of(obj.args)
    try:
        names = list(inspect.signature(obj.func).parameters)
    except (TypeError, ValueError):
        names = []
    names += [f"given_{i}" for i in range(len(names), len(obj.args))]
    return [outside(lo, owner, i, value, node, names[i]) for i, value in enumerate(obj.args)]


def plain_function(fun: Any) -> Any:
    """The Python function that runs when something that can be called is called."""
    if isinstance(fun, MethodType):
        return plain_function(fun.__func__)
    if isinstance(fun, functools.partial):
        return plain_function(fun.func)
    if not isinstance(fun, type | FunctionType) and is_users(type(fun)):
        found = inspect.getattr_static(type(fun), "__call__", None)
        return found if isinstance(found, FunctionType) else fun
    return fun


def bound_arguments(lo: Lowerer, fun: Any, node: ast.AST) -> list[Value]:
    """The positional arguments that a callable brings along: the object, those of a partial."""
    if isinstance(fun, MethodType):
        return [*bound_arguments(lo, fun.__func__, node), Static(fun.__self__)]
    if isinstance(fun, functools.partial):
        return [*bound_arguments(lo, fun.func, node), *partial_arguments(lo, fun, node)]
    if not isinstance(fun, FunctionType):
        return [Static(fun)]
    return []


def parent_of(lo: Lowerer, args: list[Value], node: ast.AST) -> Value:
    """`super()` in a method."""
    frame: Lowerer | None = lo
    while frame is not None and (frame.comprehension or isinstance(frame.node, ast.Lambda)):
        frame = frame.parent
    if frame is None or frame.node is None or args:
        lo.refuse("CR015", "super with arguments is not supported", node, "write super()")
    start, _, owner = frame.source.lookup("__class__")
    names = [a.arg for a in (*frame.node.args.posonlyargs, *frame.node.args.args)]
    if not isinstance(start, type) or not names:
        raise PrimalRaises("super() outside of a method", lo.span(node))
    value = frame.locals[names[0]]
    lo.unit.depend(owner, "__class__", start, captured=False)
    cls = type(value.obj) if isinstance(value, Static) else getattr(value, "cls", start)
    if isinstance(value, Static) and isinstance(value.obj, type):
        cls = value.obj
    return Super(value, start, cls)


def member_of_struct(lo: Lowerer, value: Struct, name: str, node: ast.AST) -> Value:
    """A method, property or class attribute of a dataclass or NamedTuple."""
    member = in_class_of(lo, value, value.cls, name, node)
    if member is not None:
        return member
    found = getattr(value.cls, name, MISSING)
    if found is MISSING:
        raise PrimalRaises(f"{value.cls.__name__} has no attribute {name}", lo.span(node))
    return attributes.read_from(lo, lo.unit.attributes_of(value.cls), name, found, node)
