"""Lists of the program: what they are, and what is read of them.

A list whose length is known is a `Struct`. In a loop or branch on data a list becomes a value of the
program, a variable of type `List` (`rules.lists`). Writes are in `list_writes`.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NoReturn, TypeGuard

from ..errors import PrimalRaises
from ..ir.program import Atom, Const, Var
from ..ir.types import Array, List, Scalar, Type
from ..rules.builder import const
from ..rules.lists import list_of
from ..rules.registry import NotSupported
from . import operands, operators, special_methods, statics
from .describing import describe
from .values import Bounded, Defaulting, Size, SliceValue, Struct, Value, structs

if TYPE_CHECKING:
    from .lower import Lowerer


def is_list(value: object) -> TypeGuard[Var]:
    """Is it a list that is a variable of the program?"""
    return isinstance(value, Var) and isinstance(value.type, List)


def is_known_list(value: object) -> TypeGuard[Struct]:
    """Is it a list of known length?"""
    return isinstance(value, Struct) and (value.cls is list or issubclass(value.cls, Bounded))


def is_known_dict(value: object) -> TypeGuard[Struct]:
    """Is it a dict, whose keys are known?"""
    return isinstance(value, Struct) and (value.cls is dict or issubclass(value.cls, Defaulting))


def made(lo: Lowerer, value: Struct) -> Struct:
    """Note that a list or a dict was made here, so that it may be written."""
    if is_known_list(value) or is_known_dict(value) or value.cls is set:
        lo.unit.lists.add(value)
    return value


def as_list(lo: Lowerer, value: Value, node: ast.AST) -> Var | None:
    """A list of known length as a variable; None where its items are not of one kind."""
    if is_list(value):
        return value
    if not is_known_list(value) or kind_of(value) is None:
        return None
    atoms = [item_atom(lo, item, node) for item in value.items]
    return lo.builder.one("list_new", atoms)


def kind_of(value: Struct) -> List | None:
    """The type that a list of known length has as a variable."""
    types: list[Type] = []
    if value.cls is not list:
        return None
    for item in value.items:
        if isinstance(item, Size):
            types.append(Scalar("int64", weak=True))
        elif isinstance(item, Var | Const):
            types.append(item.type)
        else:
            return None
    try:
        return list_of(types)
    except NotSupported:
        return None


def refuse_items(lo: Lowerer, value: Struct, node: ast.AST) -> NoReturn:
    """Refuse a list that cannot be a variable: its items are not numbers or arrays of one rank."""
    odd = next((v for v in value.items if is_list(v) or not _is_number(v)), None)
    what = "items of several kinds" if odd is None else describe(odd)
    lo.refuse(
        "CR033",
        f"{what} in a list whose length is known only at run time is not supported yet",
        node,
        "use a list for each part, or a 2-d array: np.zeros((n, m))",
    )


def item_atom(lo: Lowerer, value: Value, node: ast.AST) -> Atom:
    """A value that is put into a list."""
    if is_list(value) or (isinstance(value, Struct) and value.items and not _is_number(value)):
        lo.refuse(
            "CR033",
            f"{describe(value)} in a list whose length is known only at run time is "
            "not supported yet",
            node,
            "use a list for each part, or a 2-d array: np.zeros((n, m))",
        )
    return operands.atom(lo, value, node)


def _is_number(value: Value) -> bool:
    return isinstance(value, Var | Const | Size)


def truth(lo: Lowerer, value: Value) -> Value:
    """A list as a test: whether anything is in it."""
    if not is_list(value):
        special = special_methods.truth(lo, value, ast.Pass())
        return value if special is None else special
    length = length_of(lo, value)
    if isinstance(length, Size):
        length = operands.atom(lo, length, ast.Pass())
    if isinstance(length, Const):
        return const(bool(length.value))
    assert isinstance(length, Var)
    return lo.builder.one("gt", [length, const(0)])


def length_of(lo: Lowerer, value: Var) -> Value:
    """`len(xs)`."""
    value = fresh(lo, value)
    assert isinstance(value.type, List)
    dim = value.type.length
    if dim is None:
        return lo.builder.one("list_len", [value])
    return Size(dim) if dim.known is None else const(dim.known)


def item(lo: Lowerer, value: Var, key: Value, node: ast.AST) -> Value:
    """`xs[i]`, `xs[a:b]`."""
    pattern = (entry(lo, key, node),)
    op = "list_slice" if pattern[0][0] == "slice" else "list_get"
    return lo.builder.one(op, [value], {"pattern": pattern})


def reversed_of(lo: Lowerer, value: Var, node: ast.AST) -> Var:
    """`xs[::-1]`."""
    return lo.builder.one("list_slice", [value], {"pattern": (("slice", None, None, -1),)})


def entry(lo: Lowerer, key: Value, node: ast.AST) -> tuple[object, ...]:
    """The pattern's entry for an index or a slice."""
    if isinstance(key, SliceValue):
        return ("slice", key.start, key.stop, key.step)
    dim = statics.int_dim_of(key)
    if dim is None:
        raise PrimalRaises("list indices must be integers or slices", lo.span(node))
    return ("int", dim if dim.known is None else dim.known)


def stacked(lo: Lowerer, value: Var, node: ast.AST, axis: int = 0) -> Var:
    """`np.array(xs)`, `np.stack(xs, axis)`."""
    with operators.blamed(lo, node):
        return lo.builder.one("list_stack", [value], {"axis": axis, "dtype": None})


def operator(
    lo: Lowerer, op: ast.operator, left: Value, right: Value, node: ast.AST
) -> Value | None:
    """`xs + ys`, `xs * n`; None where arithmetic makes an array of the list."""
    sequences = [is_list(v) or isinstance(v, Struct) for v in (left, right)]
    if isinstance(op, ast.Add) and all(sequences):
        parts = [as_list(lo, v, node) for v in (left, right)]
        if parts[0] is None or parts[1] is None:
            what = describe(left if parts[0] is None else right)
            lo.refuse("CR012", f"{what} cannot be added to a list here", node, "use a list")
        with operators.blamed(lo, node):
            return lo.builder.one("list_concat", [parts[0], parts[1]])
    listed, other = (left, right) if is_list(left) else (right, left)
    if isinstance(op, ast.Mult) and statics.int_dim_of(other) is not None:
        return _times(lo, listed, other, node)
    numpy = isinstance(other, Var | Const) and not (
        isinstance(other.type, Scalar) and other.type.weak
    )
    if not numpy:
        raise PrimalRaises("Python has no such operation on lists", lo.span(node))
    return None


def repeated(lo: Lowerer, struct: Struct, count: Value, node: ast.AST) -> Value | None:
    """`[0.0] * n` with n known only at run time; None where it is known, or has to be."""
    dim = statics.int_dim_of(count)
    if lo.trusted or struct.cls is not list or dim is None or dim.known is not None:
        return None
    if isinstance(count, Var | Const) and lo.builder.literal(count) is not None:
        return None
    listed = as_list(lo, struct, node)
    return None if listed is None else _times(lo, listed, count, node)


def _times(lo: Lowerer, listed: Value, count: Value, node: ast.AST) -> Value:
    assert is_list(listed)
    assert isinstance(listed.type, List)
    if isinstance(listed.type.element, Array):
        lo.refuse(
            "CR033",
            "a list with the same array several times is not supported yet",
            node,
            "make an array for each: [np.zeros(3) for _ in range(n)]",
        )
    return lo.builder.one("list_repeat", [listed, operands.atom(lo, count, node)])


def items_of(lo: Lowerer, value: Var, node: ast.AST) -> list[Value]:
    """The items of a list, one by one, where their number is known."""
    assert isinstance(value.type, List)
    length = value.type.length
    if length is None or statics.demand_size(lo, length) is None:
        lo.refuse(
            "CR013",
            "a list whose length is known only at run time cannot be unpacked",
            node,
            "write a loop over it",
        )
    count = statics.known_int(lo, Size(length), node)
    return [item(lo, value, const(i), node) for i in range(count)]


def refuse_comparison(lo: Lowerer, op: ast.cmpop, left: Value, right: Value, node: ast.AST) -> None:
    """Refuse to compare a list with anything but an array."""
    other = right if is_list(left) else left
    if isinstance(other, Var) and isinstance(other.type, Array) and not isinstance(op, ast.In):
        return
    if isinstance(op, ast.Is | ast.IsNot) or (
        isinstance(op, ast.In | ast.NotIn) and is_list(right)
    ):
        return
    lo.refuse("CR016", "comparing a list with something is not supported yet", node, "use a loop")


def is_data_index(lo: Lowerer, key: Value) -> bool:
    """Is an index known only at run time, so that no specialisation makes it known?"""
    dim = statics.int_dim_of(key)
    if dim is None or dim.known is not None:
        return False
    if isinstance(key, Var | Const) and lo.builder.literal(key) is not None:
        return False
    return statics.demand_size(lo, dim) is None


def data_item(lo: Lowerer, value: Struct, key: Value, node: ast.AST) -> Value | None:
    """`xs[i]` of a list or tuple of known length at a place that depends on data."""
    if value.keys is not None or isinstance(key, SliceValue) or not is_data_index(lo, key):
        return None
    listed = as_list(lo, Struct(list, value.items), node)
    if listed is None:
        refuse_items(lo, value, node)
    return item(lo, listed, key, node)


def from_array(lo: Lowerer, value: Var, node: ast.AST) -> Var:
    """`list(x)` of an array."""
    return lo.builder.one("list_from", [value], {"tolist": False})


def fresh(lo: Lowerer, value: Var) -> Var:
    """A list as it is now."""
    now = lo.builder.up_to_date(value)
    assert isinstance(now, Var)
    return now


def now(lo: Lowerer, name: str, value: Value, node: ast.AST) -> Value:
    """What a name stands for: a list as it is now, and no list that was written since."""
    check_unspent(lo, name, value, node)
    return fresh(lo, value) if is_list(value) else value


def check_unspent(lo: Lowerer, name: str, value: Value, node: ast.AST) -> None:
    """Refuse a list that was written under another name."""
    sharing = lo.builder.sharing
    if sharing is None or not sharing.spent or not isinstance(value, Struct):
        return
    spent = next((part for part in structs(value) if part in sharing.spent), None)
    if spent is not None:
        kind = "a list or dict" if spent.cls in (list, dict) else f"a {spent.cls.__name__}"
        lo.refuse(
            "CR056",
            f"{name} is {kind} that was written under another name, or in a loop or branch",
            node,
            "make a copy before the write",
        )
