"""Lists that the program writes: `append`, `pop`, `xs[i] = v`.

A list whose length is known stays a `Struct`, and a write makes another one that every name of it is
bound to; the old one is *spent*, and using it is refused. In a loop or branch on data a list becomes
a value of the program, a variable of type `List` (`rules.lists`).
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final, NoReturn, TypeGuard

from ..errors import PrimalRaises
from ..ir.program import Atom, Const, Var
from ..ir.types import Array, List, Scalar, Type
from ..rules.builder import const
from ..rules.lists import list_of
from ..rules.registry import NotSupported
from . import expressions, subscripts
from .refusals import WritesArgument
from .values import Size, SliceValue, Static, Struct, Value

if TYPE_CHECKING:
    from .lower import Lowerer

WRITING: Final = frozenset({"append", "extend", "pop", "insert", "clear", "reverse"})
_UNWRITTEN: Final = {
    "insert": "build a new list: xs[:i] + [v] + xs[i:]",
    "remove": "build a new list: [x for x in xs if ...]",
    "sort": "use np.sort on an array",
    "clear": "bind the name to a new list: xs = []",
    "reverse": "build a new list: xs[::-1]",
}


def is_list(value: object) -> TypeGuard[Var]:
    """Is it a list that is a variable of the program?"""
    return isinstance(value, Var) and isinstance(value.type, List)


def is_known_list(value: object) -> TypeGuard[Struct]:
    """Is it a list of known length?"""
    return isinstance(value, Struct) and value.cls is list


def is_known_dict(value: object) -> TypeGuard[Struct]:
    """Is it a dict, whose keys are known?"""
    return isinstance(value, Struct) and value.cls is dict


def made(lo: Lowerer, value: Struct) -> Struct:
    """Note that a list or a dict was made here, so that it may be written."""
    if value.cls in (list, dict):
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
    odd = next((v for v in value.items if not isinstance(v, Var | Const | Size)), None)
    what = "items of several kinds" if odd is None else expressions.describe(odd)
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
            f"{expressions.describe(value)} in a list whose length is known only at run time is "
            "not supported yet",
            node,
            "use a list for each part, or a 2-d array: np.zeros((n, m))",
        )
    return expressions.atom(lo, value, node)


def _is_number(value: Value) -> bool:
    return isinstance(value, Var | Const | Size)


def truth(lo: Lowerer, value: Value) -> Value:
    """A list as a test: whether anything is in it."""
    if not is_list(value):
        return value
    length = length_of(lo, value)
    if isinstance(length, Size):
        length = expressions.atom(lo, length, ast.Pass())
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
    pattern = (_entry(lo, key, node),)
    op = "list_slice" if pattern[0][0] == "slice" else "list_get"
    return lo.builder.one(op, [value], {"pattern": pattern})


def _entry(lo: Lowerer, key: Value, node: ast.AST) -> tuple[object, ...]:
    if isinstance(key, SliceValue):
        return ("slice", key.start, key.stop, key.step)
    dim = expressions.int_dim_of(key)
    if dim is None:
        raise PrimalRaises("list indices must be integers or slices", lo.span(node))
    return ("int", dim if dim.known is None else dim.known)


def stacked(lo: Lowerer, value: Var, node: ast.AST, axis: int = 0) -> Var:
    """`np.array(xs)`, `np.stack(xs, axis)`."""
    with expressions.blamed(lo, node):
        return lo.builder.one("list_stack", [value], {"axis": axis, "dtype": None})


def operator(
    lo: Lowerer, op: ast.operator, left: Value, right: Value, node: ast.AST
) -> Value | None:
    """`xs + ys`, `xs * n`; None where arithmetic makes an array of the list."""
    sequences = [is_list(v) or isinstance(v, Struct) for v in (left, right)]
    if isinstance(op, ast.Add) and all(sequences):
        parts = [as_list(lo, v, node) for v in (left, right)]
        if parts[0] is None or parts[1] is None:
            what = expressions.describe(left if parts[0] is None else right)
            lo.refuse("CR012", f"{what} cannot be added to a list here", node, "use a list")
        with expressions.blamed(lo, node):
            return lo.builder.one("list_concat", [parts[0], parts[1]])
    listed, other = (left, right) if is_list(left) else (right, left)
    if isinstance(op, ast.Mult) and expressions.int_dim_of(other) is not None:
        return _times(lo, listed, other, node)
    numpy = isinstance(other, Var | Const) and not (
        isinstance(other.type, Scalar) and other.type.weak
    )
    if not numpy:
        raise PrimalRaises("Python has no such operation on lists", lo.span(node))
    return None


def repeated(lo: Lowerer, struct: Struct, count: Value, node: ast.AST) -> Value | None:
    """`[0.0] * n` with n known only at run time; None where it is known, or has to be."""
    dim = expressions.int_dim_of(count)
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
    return lo.builder.one("list_repeat", [listed, expressions.atom(lo, count, node)])


def items_of(lo: Lowerer, value: Var, node: ast.AST) -> list[Value]:
    """The items of a list, one by one, where their number is known."""
    assert isinstance(value.type, List)
    length = value.type.length
    if length is None or length.known is None:
        lo.refuse(
            "CR013",
            "a list whose length is known only at run time cannot be unpacked",
            node,
            "write a loop over it",
        )
    return [item(lo, value, const(i), node) for i in range(length.known)]


def refuse_comparison(lo: Lowerer, op: ast.cmpop, left: Value, right: Value, node: ast.AST) -> None:
    """Refuse to compare a list with anything but an array."""
    other = right if is_list(left) else left
    if isinstance(other, Var) and isinstance(other.type, Array) and not isinstance(op, ast.In):
        return
    if isinstance(op, ast.Is | ast.IsNot):
        return
    lo.refuse("CR016", "comparing a list with something is not supported yet", node, "use a loop")


# -- writes ----------------------------------------------------------------------------------------


def is_written_list(value: Value) -> bool:
    """Does an in-place operator or a store on this value write a list?"""
    return is_list(value) or is_known_list(value) or is_known_dict(value)


def store(lo: Lowerer, owner: Value, key: Value, value: Value, node: ast.AST) -> None:
    """`xs[i] = v`, `d[key] = v`."""
    if is_known_dict(owner):
        name = expressions.key_value(lo, key, node)
        entries = dict(zip(owner.keys or (), owner.items, strict=True)) | {name: value}
        new = made(lo, Struct(dict, tuple(entries.values()), tuple(entries)))
        become(lo, owner, new, node)
        return
    if is_known_list(owner) and isinstance(key, SliceValue):
        lo.refuse_construct("write", node)
    if is_known_list(owner) and not _is_data_index(lo, key):
        place = expressions.known_int(lo, key, node)
        if not -len(owner.items) <= place < len(owner.items):
            raise PrimalRaises("IndexError: list assignment index out of range", lo.span(node))
        items = list(owner.items)
        items[place] = value
        _replaced(lo, owner, tuple(items), node)
        return
    target = _written(lo, owner, node)
    pattern = (_entry(lo, key, node),)
    if pattern[0][0] == "slice":
        lo.refuse_construct("write", node)
    part = item_atom(lo, value, node)
    with expressions.blamed(lo, node):
        out = lo.builder.one("list_set", [target, part], {"pattern": pattern})
    _wrote(target, out)


def update(lo: Lowerer, owner: Value, node: ast.AugAssign, target: ast.Subscript) -> None:
    """`xs[i] += v` of numbers."""
    key = lo.expr(target.slice)
    old = subscripts.index(lo, owner, key, target)
    if isinstance(old, Var) and isinstance(old.type, Array):
        lo.refuse(
            "CR031",
            "an in-place operator on an array in a list is not supported yet",
            target,
            "write xs[i] = xs[i] + v",
        )
    new = expressions.binary(lo, node.op, old, lo.expr(node.value), node)
    store(lo, owner, key, new, target)


def _is_data_index(lo: Lowerer, key: Value) -> bool:
    """Is an index known only at run time, so that no specialisation makes it known?"""
    dim = expressions.int_dim_of(key)
    if dim is None or dim.known is not None:
        return False
    if isinstance(key, Var | Const) and lo.builder.literal(key) is not None:
        return False
    return expressions.demand_size(lo, dim) is None


def data_item(lo: Lowerer, value: Struct, key: Value, node: ast.AST) -> Value | None:
    """`xs[i]` of a list or tuple of known length at a place that depends on data."""
    if value.keys is not None or isinstance(key, SliceValue) or not _is_data_index(lo, key):
        return None
    listed = as_list(lo, Struct(list, value.items), node)
    if listed is None:
        refuse_items(lo, value, node)
    return item(lo, listed, key, node)


def extend(lo: Lowerer, owner: Value, value: Value, node: ast.AST) -> None:
    """`xs.extend(ys)`, `xs += ys`."""
    if is_list(value) or (isinstance(value, Var) and isinstance(value.type, Array)):
        if isinstance(value.type, Array):
            value = from_array(lo, value, node)
        target = _written(lo, owner, node, longer=True)
        with expressions.blamed(lo, node):
            out = lo.builder.one("list_extend", [target, value])
        _wrote(target, out)
        return
    items = tuple(expressions.iterate(lo, value, node))
    if is_known_list(owner):
        _replaced(lo, owner, owner.items + items, node)
        return
    for part in items:
        owner = _append(lo, owner, part, node)


def from_array(lo: Lowerer, value: Var, node: ast.AST) -> Var:
    """`list(x)` of an array."""
    return lo.builder.one("list_from", [value], {"tolist": False})


def delete(lo: Lowerer, target: ast.expr, node: ast.Delete) -> None:
    """`del xs[-1]`."""
    if isinstance(target, ast.Subscript):
        owner = lo.expr(target.value)
        if is_list(owner) or is_known_list(owner):
            key = lo.expr(target.slice)
            if not isinstance(key, SliceValue):
                _pop(lo, owner, [key], target)
                return
    lo.refuse_construct("Delete", node)


def to_list(lo: Lowerer, value: Var | Const, node: ast.AST) -> Value:
    """`x.tolist()` of an array of rank 1."""
    if len(value.type.dims) != 1:
        lo.refuse("CR015", "tolist() of an array that is no vector is not supported yet", node)
    return lo.builder.one("list_from", [value], {"tolist": True})


def method(lo: Lowerer, owner: Value, name: str, args: list[Value], node: ast.AST) -> Value | None:
    """A method of a list; None for one that is not known."""
    if name == "copy" and not args:
        if is_list(owner):
            return lo.builder.one("list_copy", [owner])
        assert isinstance(owner, Struct)
        return made(lo, Struct(list, owner.items))
    if name == "append" and len(args) == 1:
        _append(lo, owner, args[0], node)
        return Static(None)
    if name == "extend" and len(args) == 1:
        extend(lo, owner, args[0], node)
        return Static(None)
    if name == "pop" and len(args) <= 1:
        return _pop(lo, owner, args, node)
    if is_known_list(owner) and name in ("insert", "clear", "reverse"):
        return _known_method(lo, owner, name, args, node)
    if name in _UNWRITTEN:
        help = _UNWRITTEN[name]
        lo.refuse("CR015", f"the method {name} of a list is not supported yet", node, help)
    return None


def _known_method(
    lo: Lowerer, owner: Struct, name: str, args: list[Value], node: ast.AST
) -> Value | None:
    items = list(owner.items)
    if name == "insert" and len(args) == 2:
        items.insert(expressions.known_int(lo, args[0], node), args[1])
    elif name == "clear" and not args:
        items = []
    elif name == "reverse" and not args:
        items = items[::-1]
    else:
        return None
    _replaced(lo, owner, tuple(items), node)
    return Static(None)


def _append(lo: Lowerer, owner: Value, value: Value, node: ast.AST) -> Value:
    if is_known_list(owner):
        return _replaced(lo, owner, (*owner.items, value), node)
    target = _written(lo, owner, node, longer=True)
    part = item_atom(lo, value, node)
    with expressions.blamed(lo, node):
        out = lo.builder.one("list_append", [target, part])
    return _wrote(target, out)


def _pop(lo: Lowerer, owner: Value, args: list[Value], node: ast.AST) -> Value:
    place = expressions.known_int(lo, args[0], node) if args else -1
    if is_known_list(owner):
        items = list(owner.items)
        try:
            taken = items.pop(place)
        except IndexError as error:
            raise PrimalRaises(f"IndexError: {error}", lo.span(node)) from None
        _replaced(lo, owner, tuple(items), node)
        return taken
    if place != -1:
        lo.refuse(
            "CR015",
            f"pop({place}) of a list whose length is known only at run time is not supported yet",
            node,
            "pop from its end, or keep the index of the first item",
        )
    target = _written(lo, owner, node, longer=True)
    result = lo.builder.apply("list_pop", [target])
    assert isinstance(result, tuple)
    rest, last = result
    _wrote(target, rest)
    return last


def _written(lo: Lowerer, owner: Value, node: ast.AST, *, longer: bool = False) -> Var:
    """The list as a variable that may be written; `longer` says that its length changes."""
    sharing = lo.builder.sharing
    if is_known_list(owner):
        listed = as_list(lo, owner, node)
        if listed is None:
            lo.refuse_construct("write", node)
        become(lo, owner, listed, node)
        owner = listed
    if sharing is None:
        lo.refuse_construct("write", node)
    assert isinstance(owner, Var)
    target = fresh(lo, owner)
    name = target.hint or "this list"
    if sharing.is_borrowed(target):
        raise WritesArgument(name, lo.span(node))
    if sharing.array(target) is None:
        lo.refuse(
            "CR058",
            f"{name} may be another list under a second name: writing into it is not supported yet",
            node,
            f"work on a copy, {name} = list({name})",
        )
    if longer and any(sharing.find(g) is sharing.find(target) for g in lo.unit.going):
        lo.refuse(
            "CR054",
            f"{name} changes its length while a loop goes through it",
            node,
            f"go through a copy: {name}.copy()",
        )
    return target


def fresh(lo: Lowerer, value: Var) -> Var:
    """A list as it is now."""
    now = lo.builder.up_to_date(value)
    assert isinstance(now, Var)
    return now


def _wrote(target: Var, out: Var) -> Var:
    """The written list has the name of the list."""
    out.hint, out.user = target.hint, target.user
    return out


def now(lo: Lowerer, name: str, value: Value, node: ast.AST) -> Value:
    """What a name stands for: a list as it is now, and no list that was written since."""
    check_unspent(lo, name, value, node)
    return fresh(lo, value) if is_list(value) else value


def _holds(value: Value, part: Value) -> bool:
    """Is it this value, or a container with it?"""
    return value is part or (
        isinstance(value, Struct) and any(_holds(item, part) for item in value.items)
    )


def _swapped(
    lo: Lowerer, value: Value, test: Callable[[Value], bool], new: Value, done: dict[int, Value]
) -> Value:
    """The value with the parts that pass a test replaced; `done` keeps one object one object."""
    if test(value):
        return new
    if not isinstance(value, Struct):
        return value
    if id(value) not in done:
        items = tuple(_swapped(lo, item, test, new, done) for item in value.items)
        if all(a is b for a, b in zip(items, value.items, strict=True)):
            return value
        done[id(value)] = changed = Struct(value.cls, items, value.keys)
        if value in lo.unit.lists:
            lo.unit.lists.add(changed)
        if lo.builder.sharing is not None:
            lo.builder.sharing.spent.add(value)
    return done[id(value)]


# -- lists of known length -------------------------------------------------------------------------


def _replaced(lo: Lowerer, old: Struct, items: tuple[Value, ...], node: ast.AST) -> Struct:
    """A written list of known length, bound to every name of the old one."""
    new = made(lo, Struct(list, items))
    become(lo, old, new, node)
    return new


def become(lo: Lowerer, old: Struct, new: Value, node: ast.AST) -> None:
    """Bind every name of a list to what it became, in the frames around too."""
    sharing = lo.builder.sharing
    if sharing is None:
        lo.refuse_construct("write", node)
    if any(g is old for g in lo.unit.going):
        lo.refuse(
            "CR054",
            "a list is written while a loop goes through it",
            node,
            "go through a copy: xs.copy()",
        )
    if old in lo.unit.arguments:
        raise WritesArgument(next(iter(lo.locals), "a list"), lo.span(node))
    if old not in lo.unit.lists or old in sharing.spent:
        kind = old.cls.__name__
        name = next((n for n, v in lo.locals.items() if _holds(v, old)), "")
        lo.refuse(
            "CR057",
            f"{name or f'this {kind}'} may be a {kind} of the caller's, or one that has another name: "
            "writing into it is not supported yet",
            node,
            f"work on a copy, {name} = {kind}({name})" if name else "work on a copy",
        )
    frame: Lowerer | None = lo
    done: dict[int, Value] = {}
    while frame is not None:
        for name, value in frame.locals.items():
            changed = _swapped(lo, value, lambda v: v is old, new, done)
            if changed is not value:
                if frame.depth != lo.depth:
                    lo.refuse_construct("write", node)
                frame.locals[name] = changed
        frame = frame.parent
    sharing.spent.add(old)


def check_unspent(lo: Lowerer, name: str, value: Value, node: ast.AST) -> None:
    """Refuse a list that was written under another name."""
    sharing = lo.builder.sharing
    if sharing is None or not sharing.spent or not isinstance(value, Struct):
        return
    if any(_holds(value, old) for old in sharing.spent):
        lo.refuse(
            "CR056",
            f"{name} is a list or dict that was written under another name, or in a loop or branch",
            node,
            "make a copy before the write",
        )


# -- loops and branches ----------------------------------------------------------------------------


def writes(node: ast.expr) -> bool:
    """Does an expression write a list by a method?"""
    return bool(written_names([ast.Expr(node)]))


def written_names(statements: list[ast.stmt]) -> list[str]:
    """The names whose lists are written by methods in these statements, in order."""
    found: dict[str, None] = {}
    for statement in statements:
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = node.func.value
                if isinstance(owner, ast.Name) and node.func.attr in WRITING:
                    found[owner.id] = None
    return list(found)


def written_dicts(lo: Lowerer, statements: Iterable[ast.AST]) -> list[str]:
    """The names of dicts made here that statements write by key: a loop carries what is in them."""
    found: dict[str, None] = {}
    for statement in statements:
        for part in ast.walk(statement):
            if isinstance(part, ast.Subscript) and isinstance(part.ctx, ast.Store):
                if isinstance(part.value, ast.Name) and is_known_dict(lo.locals.get(part.value.id)):
                    found[part.value.id] = None
    return list(found)


def again(lo: Lowerer, old: Value, new: Value) -> Value:
    """A dict as it is in a trip of a loop or after it; the old one is not used any more."""
    if is_known_dict(old) and is_known_dict(new) and old in lo.unit.lists:
        made(lo, new)
        if lo.builder.sharing is not None:
            lo.builder.sharing.spent.add(old)
    return new


def before_loop(lo: Lowerer, statements: list[ast.stmt], node: ast.AST) -> None:
    """Make variables of the lists that a loop on data writes."""
    names = written_names(statements)
    for statement in statements:
        for part in ast.walk(statement):
            if isinstance(part, ast.AugAssign) and isinstance(part.target, ast.Name):
                names.append(part.target.id)
            elif isinstance(part, ast.Subscript) and isinstance(part.ctx, ast.Store):
                if isinstance(part.value, ast.Name):
                    names.append(part.value.id)
    for name in dict.fromkeys(names):
        value = lo.locals.get(name)
        if is_known_list(value) and value in lo.unit.lists and kind_of(value) is not None:
            listed = as_list(lo, value, node)
            assert listed is not None
            listed.hint, listed.user = name, True
            become(lo, value, listed, node)
