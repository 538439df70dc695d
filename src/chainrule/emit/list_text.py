"""The syntax trees of list operations that have no template."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from ..ir.program import Eqn, Ref
from ..ir.types import Array, List, Scalar
from ..rules.lists import RAGGED
from .text import render

Tree = ast.expr


def _parsed(text: str) -> Tree:
    return ast.parse(text, mode="eval").body


def _wrapped(tree: Tree) -> str:
    """The text of an operand, in parentheses where it is more than a name or a call."""
    text = render(tree)
    simple = isinstance(tree, ast.Name | ast.Call | ast.Constant | ast.Subscript | ast.Attribute)
    return text if simple else f"({text})"


def bound_text(value: Any, args: Sequence[Tree]) -> str:
    """An index or a bound of a slice."""
    if value is None:
        return ""
    return render(args[value.arg]) if isinstance(value, Ref) else str(value)


def index_text(eqn: Eqn, args: Sequence[Tree]) -> str:
    """The text between the brackets of `xs[i]`, `xs[a:b]`."""
    ((kind, *values),) = eqn.static["pattern"]
    texts = [bound_text(v, args) for v in values]
    if kind == "int":
        return texts[0]
    return f"{texts[0]}:{texts[1]}" + (f":{texts[2]}" if texts[2] else "")


def _item(eqn: Eqn, args: Sequence[Tree]) -> Tree:
    return _parsed(f"{_wrapped(args[0])}[{index_text(eqn, args)}]")


def zero_text(element: Scalar | Array | None) -> str:
    """A zero of the kind of the elements, which are numbers."""
    if isinstance(element, Scalar) and not element.weak and element.dtype != "float64":
        return f"np.{element.dtype}(0.0)"
    return "0.0"


def _each(list_text: str, item: Callable[[str], str], taken: Sequence[Tree]) -> Tree:
    """`[item(v) for v in xs]`, by a name that the rest of the expression does not use."""
    name = _unused(("v", "w", "item", "item_"), taken)
    return _parsed(f"[{item(name)} for {name} in {list_text}]")


def _unused(names: Iterable[str], trees: Sequence[Tree]) -> str:
    """A name that expressions do not use."""
    used = {n.id for tree in trees for n in ast.walk(tree) if isinstance(n, ast.Name)}
    return next((n for n in names if n not in used), "item__")


def _zeros(eqn: Eqn, args: Sequence[Tree]) -> Tree:
    element = _element(eqn)
    xs = _wrapped(args[0])
    if isinstance(element, Array):
        return _each(xs, lambda v: f"np.zeros_like({v})", ())
    return _parsed(f"[{zero_text(element)}] * len({render(args[0])})")


def _element(eqn: Eqn) -> Scalar | Array | None:
    type_ = eqn.outs[0].type
    assert isinstance(type_, List)
    return type_.element


def _fill(eqn: Eqn, args: Sequence[Tree]) -> Tree:
    element = _element(eqn)
    if isinstance(element, Array) and RAGGED in element.dims:
        d = render(args[0])
        return _each(_wrapped(args[1]), lambda v: f"sum_to_shape({d}, {v}.shape)", args)
    if isinstance(element, Array):
        return _parsed(f"[{render(args[0])} for _ in {_wrapped(args[1])}]")
    return _parsed(f"[{render(args[0])}] * len({render(args[1])})")


def _parts(eqn: Eqn, args: Sequence[Tree]) -> Tree:
    element = _element(eqn)
    if isinstance(element, Scalar) and element.weak:
        return _parsed(f"{_wrapped(args[0])}.tolist()")
    axis = eqn.static["axis"]
    if axis:
        return _parsed(f"list(np.moveaxis({render(args[0])}, {axis}, 0))")
    return _parsed(f"list({render(args[0])})")


def _split(eqn: Eqn, args: Sequence[Tree]) -> Tree:
    axis = eqn.static["axis"]
    length = "len(v)" if not axis else f"v.shape[{axis}]"
    tail = f", axis={axis}" if axis else ""
    sizes = f"[{length} for v in {_wrapped(args[1])}]"
    return _parsed(f"np.split({render(args[0])}, np.cumsum({sizes})[:-1]{tail})")


def _share(eqn: Eqn, args: Sequence[Tree]) -> Tree:
    d, m, xs = args
    share = f"{_wrapped(d)} / {_wrapped(xs)}.count({render(m)})"
    return _each(_wrapped(xs), lambda v: f"{share} if {v} == {_wrapped(m)} else 0.0", args)


def _total(eqn: Eqn, args: Sequence[Tree]) -> Tree:
    return _parsed(f"[a + b for a, b in zip({render(args[0])}, {render(args[1])})]")


def _stack(eqn: Eqn, args: Sequence[Tree]) -> Tree:
    axis = eqn.static["axis"]
    if axis:
        return _parsed(f"np.stack({render(args[0])}, axis={axis})")
    return _parsed(f"np.array({render(args[0])})")


def _join(eqn: Eqn, args: Sequence[Tree]) -> Tree:
    axis = eqn.static["axis"]
    return _parsed(f"np.concatenate({render(args[0])}{f', axis={axis}' if axis else ''})")


def _from(eqn: Eqn, args: Sequence[Tree]) -> Tree:
    text = f"{_wrapped(args[0])}.tolist()" if eqn.static["tolist"] else f"list({render(args[0])})"
    return _parsed(text)


def _fold(eqn: Eqn, args: Sequence[Tree]) -> Tree:
    i, length = _unused("ijk", args), f"len({render(args[1])})"
    return _parsed(f"[sum({_wrapped(args[0])}[{i}::{length}]) for {i} in range({length})]")


def _order(eqn: Eqn, args: Sequence[Tree]) -> Tree:
    xs = _wrapped(args[0])
    reverse = ", reverse=True" if eqn.static["reverse"] else ""
    i = _unused("ijk", args)
    return _parsed(f"sorted(range(len({render(args[0])})), key=lambda {i}: {xs}[{i}]{reverse})")


def _take(eqn: Eqn, args: Sequence[Tree]) -> Tree:
    i = _unused("ijk", args)
    return _parsed(f"[{_wrapped(args[0])}[{i}] for {i} in {render(args[1])}]")


LISTS: Final[dict[str, Callable[[Eqn, Sequence[Tree]], Tree]]] = {
    "list_new": lambda eqn, args: ast.List(list(args), ast.Load()),
    "list_get": _item,
    "list_slice": _item,
    "list_stack": _stack,
    "list_join": _join,
    "list_from": _from,
    "list_sum": lambda eqn, args: _parsed(f"{eqn.static['fun']}({render(args[0])})"),
    "list_zeros": _zeros,
    "list_fill": _fill,
    "list_parts": _parts,
    "list_split": _split,
    "list_share": _share,
    "list_total": _total,
    "list_fold": _fold,
    "list_order": _order,
    "list_take": _take,
}
