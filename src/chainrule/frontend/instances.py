"""Objects that the function makes: constructors, and writes to attributes.

An object is a struct of its attributes, as a dict is of its entries: a write makes another struct, to
which every name of the object is bound.

    p = Particle(x, v)           p: Struct(Particle, (x, v), ("x", "v"))
    p.x += dt * p.v              p: Struct(Particle, (x + dt * v, v), ("x", "v"))
"""

from __future__ import annotations

import ast
import dataclasses
import sys
from typing import TYPE_CHECKING, Any, Final, NoReturn

from ..errors import PrimalRaises
from ..ir.program import Var
from ..ir.types import Array
from . import attributes, list_writes, objects, operators, writes
from .values import Struct, Value

if TYPE_CHECKING:
    from .lower import Lowerer

_HOOKS: Final = ("__setattr__", "__delattr__", "__getattribute__", "__getattr__", "__new__")


def made(
    lo: Lowerer, cls: type, args: list[Value], kwargs: dict[str, Value], node: ast.AST
) -> Value:
    """An object of a class of the user's: its attributes are those that `__init__` sets."""
    from .calls import call_value

    _check_class(lo, cls, node)
    value = register(lo, Struct(cls, (), ()))
    start = objects.in_class_of(lo, value, cls, "__init__", node)
    if start is None:
        if args or kwargs:
            raise PrimalRaises(f"{cls.__name__}() takes no arguments", lo.span(node))
        return value
    return finished(lo, value, lambda: call_value(lo, start, args, kwargs, node))


def finished(lo: Lowerer, value: Struct, run: Any) -> Value:
    """What an object is after something was run that writes to it."""
    name = f"<new {lo.unit.hidden}>"  # a name that no user can have
    lo.unit.hidden += 1
    lo.locals[name] = value
    run()
    return lo.locals.pop(name)


def after_init(lo: Lowerer, value: Struct, node: ast.AST) -> Value:
    """A dataclass after its `__post_init__`."""
    from .calls import call_value

    member = objects.in_class_of(lo, value, value.cls, "__post_init__", node)
    if member is None:
        return value
    return finished(lo, value, lambda: call_value(lo, member, [], {}, node))


def register(lo: Lowerer, value: Struct) -> Struct:
    """Note that an object was made here, so that it may be written."""
    lo.unit.lists.add(value)
    return value


def is_object(value: Value) -> bool:
    """Is it an object with attributes that may be bound anew?"""
    return isinstance(value, Struct) and value.keys is not None and not value.is_dict


def store(lo: Lowerer, target: ast.Attribute, value: Value) -> None:
    """`obj.name = value`."""
    owner = lo.expr(target.value)
    if not isinstance(owner, Struct) or not is_object(owner):
        _refuse(lo, target)
    name = lo.source.private(target.attr)
    cls = owner.cls
    frozen = dataclasses.is_dataclass(cls) and cls.__dataclass_params__.frozen  # type: ignore[attr-defined]
    if issubclass(cls, tuple) or frozen:
        raise PrimalRaises(f"AttributeError: a {cls.__name__} cannot be changed", lo.span(target))
    _check_class(lo, cls, target)
    if isinstance(getattr(cls, name, None), property):
        lo.refuse("CR031", "a property with a setter is not supported", target, "use an attribute")
    entries = dict(zip(owner.keys or (), owner.items, strict=True)) | {
        name: _called(lo, value, name)
    }
    new = register(lo, Struct(cls, tuple(entries.values()), tuple(entries)))
    list_writes.become(lo, owner, new, target)


def _called(lo: Lowerer, value: Value, name: str) -> Value:
    """A new value without a name is called after the attribute."""
    eqn = lo.builder.origin.get(value) if isinstance(value, Var) else None
    if isinstance(value, Var) and eqn is not None and not value.user:
        if eqn.stage == lo.builder.stage and not lo.trusted:
            value.hint, value.user = name, True
    return value


def update(lo: Lowerer, node: ast.AugAssign, target: ast.Attribute) -> None:
    """`obj.name += value`: an array stays where it is."""
    owner = lo.expr(target.value)
    if not is_object(owner):
        _refuse(lo, node)
    old = attributes.attribute_of(lo, owner, lo.source.private(target.attr), target)
    if isinstance(old, Var) and isinstance(old.type, Array) and old.type.dims:
        writes.update_whole(lo, node, old)
        return
    if list_writes.is_written_list(old) and isinstance(node.op, ast.Add):
        lo.refuse("CR031", "+= on a list that is an attribute is not supported", node, "use append")
    store(lo, target, operators.binary(lo, node.op, old, lo.expr(node.value), node))


def _refuse(lo: Lowerer, node: ast.AST) -> NoReturn:
    lo.refuse_construct("attribute", node)


def _check_class(lo: Lowerer, cls: type, node: ast.AST) -> None:
    """Refuse a class that does more on the way than keep what it is given."""
    package = str(cls.__module__).split(".")[0]
    if type(cls) is not type or not objects.is_users(cls) or package in sys.stdlib_module_names:
        _refuse_class(lo, cls, node)
    for base in cls.__mro__[:-1]:
        if not objects.is_users(base) or any(hook in vars(base) for hook in _HOOKS):
            _refuse_class(lo, cls, node)


def _refuse_class(lo: Lowerer, cls: type, node: ast.AST) -> NoReturn:
    lo.refuse("CR017", f"making a {cls.__name__} is not supported", node, "use a tuple or a dict")
