"""The syntax tree of one equation, from its operation's spelling and the trees of its arguments."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from ..analysis.activity import operand_name
from ..ir.program import Const, Eqn, Ref
from ..ir.types import Array
from ..rules.registry import OPS, REQUIRED, Op
from ..transform.sizes import Like
from .list_text import LISTS
from .text import Raw, render

Tree = ast.expr


def name(identifier: str) -> ast.Name:
    """A name."""
    return ast.Name(identifier, ast.Load())


def call(func: str, *args: Tree, **keywords: Tree) -> ast.Call:
    """A call of a dotted function."""
    keyword_list = [ast.keyword(k, v) for k, v in keywords.items()]
    return ast.Call(dotted(func), list(args), keyword_list)


def dotted(path: str) -> Tree:
    """`np.linalg.norm` as a tree."""
    first, *rest = path.split(".")
    tree: Tree = name(first)
    for part in rest:
        tree = ast.Attribute(tree, part, ast.Load())
    return tree


def constant(atom: Const) -> Tree:
    """A constant, in the user's spelling when there is one."""
    value = atom.value
    if isinstance(value, np.generic):
        if atom.text is not None:
            return ast.parse(atom.text, mode="eval").body
        return call(f"np.{atom.type.dtype}", ast.Constant(value.item()))
    node = ast.Constant(value)
    node.text = atom.text  # type: ignore[attr-defined]
    return node


def option(value: Any, eqn: Eqn, args: Sequence[Tree]) -> Tree:
    """An option of an operation: a literal, a size, a shape."""
    if isinstance(value, Ref):
        return args[value.arg]
    if isinstance(value, Like):
        return ast.Attribute(args[value.arg], "shape", ast.Load())
    if isinstance(value, tuple):
        return ast.Tuple([option(v, eqn, args) for v in value], ast.Load())
    if isinstance(value, type) or isinstance(value, np.dtype):
        return dtype_tree(np.dtype(value).name)
    return ast.Constant(value)


def dtype_tree(dtype: str) -> Tree:
    """`np.float32`, `bool`, `complex`."""
    python = {"bool": "bool", "complex128": "complex", "object": "object"}
    return name(python[dtype]) if dtype in python else dotted(f"np.{dtype}")


def spell(eqn: Eqn, args: Sequence[Tree]) -> Tree:
    """The right-hand side of an equation."""
    special = _SPECIAL.get(eqn.op) or LISTS.get(eqn.op)
    if special is not None:
        return special(eqn, args)
    if eqn.via == "real" and not eqn.backward:
        return call("real_power", *args)
    op = OPS[eqn.op]
    via = _spelling(op, eqn)
    template = op.spellings.get(via)
    if template is None:
        via, template = next(iter(op.spellings.items()))
    if isinstance(template, ast.Call) and via in ("np", "special", "scipy", "math", "cmath"):
        return _call(op, eqn, template, args, method=_as_method(op, eqn, args))
    names = {o: args[i] for i, o in enumerate(op.operands)}
    return _substituted(template, names)


def _spelling(op: Op, eqn: Eqn) -> str:
    """Which of the operation's spellings to use: the user's; operators in our own text."""
    if eqn.via == "method":
        return "np"
    if eqn.via == "aug":
        return ""
    if eqn.via == "" and "" not in op.spellings:
        return "np"
    if eqn.derived and "" in op.spellings and eqn.op not in ("abs", "conj"):
        return ""
    return eqn.via


def _as_method(op: Op, eqn: Eqn, args: Sequence[Tree]) -> bool:
    """A method where the user wrote one, and in our own text for arrays that have a name."""
    if eqn.via == "method":
        return True
    named = bool(args) and isinstance(args[0], ast.Name) and isinstance(eqn.args[0].type, Array)
    return eqn.derived and named and op.name in _METHODS_IN_RULES


_METHODS_IN_RULES: Final = frozenset({"sum", "mean", "max", "min", "cumsum", "ravel", "trace"})


class _Substitute(ast.NodeTransformer):
    def __init__(self, names: dict[str, Tree]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> Tree:
        return self.names.get(node.id, node)


def _substituted(template: Tree, names: dict[str, Tree]) -> Tree:
    result: Tree = _Substitute(names).visit(copy.deepcopy(template))
    return result


def _call(op: Op, eqn: Eqn, template: ast.Call, args: Sequence[Tree], *, method: bool) -> Tree:
    """A call in NumPy's spelling, or as a method of its first operand."""
    positional: list[Tree] = []
    by_name: dict[str, list[Tree]] = {}
    for i in range(_own_args(eqn)):
        by_name.setdefault(operand_name(eqn, i), []).append(args[i])
    for arg in template.args:
        node = arg.value if isinstance(arg, ast.Starred) else arg
        assert isinstance(node, ast.Name)
        if node.id in op.options:
            positional.append(option(eqn.static[node.id], eqn, args))
        elif node.id == op.variadic and not getattr(op, "varargs", False):
            positional.append(ast.Tuple(by_name.get(node.id, []), ast.Load()))
        else:
            positional += by_name.get(node.id, [])
    keywords = [
        ast.keyword(k.arg, option(eqn.static[k.arg], eqn, args))
        for k in template.keywords
        if k.arg and _shown(op, eqn, k.arg)
    ]
    if method and keywords and keywords[0].arg == "axes":  # transpose takes them one by one
        axes = keywords.pop(0).value
        positional += axes.elts if isinstance(axes, ast.Tuple) else [axes]
    if method:
        func: Tree = ast.Attribute(positional[0], op.name.rsplit(".", 1)[-1], ast.Load())
        return ast.Call(func, positional[1:], keywords)
    return ast.Call(template.func, positional, keywords)


def _own_args(eqn: Eqn) -> int:
    """How many arguments are operands; sizes that were bound come after them."""
    return min([len(eqn.args), *_refs(eqn.static)])


def _refs(value: Any) -> list[int]:
    if isinstance(value, Ref | Like):
        return [value.arg]
    if isinstance(value, tuple):
        return [r for v in value for r in _refs(v)]
    if isinstance(value, Mapping):
        return [r for v in value.values() for r in _refs(v)]
    return []


def _shown(op: Op, eqn: Eqn, key: str) -> bool:
    """Options that have their default value are left out."""
    if key not in eqn.static:
        return False
    default, value = op.options[key], eqn.static[key]
    return default is REQUIRED or type(default) is not type(value) or default != value


# -- operations without a callable ---------------------------------------------------------------


def index_tree(pattern: tuple[Any, ...], eqn: Eqn, args: Sequence[Tree]) -> Tree:
    """The subscript that an index pattern stands for."""

    def part(value: Any) -> Tree | None:
        return None if value is None else option(value, eqn, args)

    entries: list[Tree] = []
    for kind, *values in pattern:
        if kind == "slice":
            entries.append(ast.Slice(*map(part, values)))
        elif kind == "new":
            entries.append(ast.Constant(None))
        elif kind == "all":
            entries.append(ast.Constant(...))
        else:
            entries.append(option(values[0], eqn, args))
    return entries[0] if len(entries) == 1 else ast.Tuple(entries, ast.Load())


def _index(eqn: Eqn, args: Sequence[Tree]) -> Tree:
    return ast.Subscript(args[0], index_tree(eqn.static["pattern"], eqn, args), ast.Load())


def _filled(eqn: Eqn, args: Sequence[Tree]) -> Tree:
    dims, dtype = eqn.static["dims"], eqn.static["dtype"]
    value = eqn.args[0].value if isinstance(eqn.args[0], Const) else None
    names = {0.0: "np.zeros", 1.0: "np.ones"}
    if isinstance(dims, Like):
        like = eqn.args[dims.arg]
        if like.type.dtype == dtype:
            if value in names:
                return call(f"{names[value]}_like", args[dims.arg])
            return call("np.full_like", args[dims.arg], args[0])
    shape = option(dims, eqn, args)
    keywords = {} if dtype == "float64" else {"dtype": dtype_tree(dtype)}
    if isinstance(shape, ast.Tuple) and len(shape.elts) == 1:
        shape = shape.elts[0]
    if value in names:
        return call(names[value], shape, **keywords)
    return call("np.full", shape, args[0], **keywords)


def _expand_dims(eqn: Eqn, args: Sequence[Tree]) -> Tree:
    """`dy[:, None]` for `np.expand_dims(dy, 1)` in our own text."""
    axis = eqn.static["axis"]
    if not eqn.derived or not isinstance(eqn.args[0].type, Array) or axis == ():
        return _call(OPS[eqn.op], eqn, _np_template(eqn.op), args, method=False)
    rank = len(eqn.outs[0].type.dims)
    axes = {a % rank for a in (axis if isinstance(axis, tuple) else (axis,))}
    last = max(axes)
    entries: list[Tree] = [
        ast.Constant(None) if i in axes else ast.Slice() for i in range(last + 1)
    ]
    index = entries[0] if len(entries) == 1 else ast.Tuple(entries, ast.Load())
    return ast.Subscript(args[0], index, ast.Load())


def _np_template(op: str) -> ast.Call:
    template = OPS[op].spellings["np"]
    assert isinstance(template, ast.Call)
    return template


def _reshape(eqn: Eqn, args: Sequence[Tree]) -> Tree:
    if eqn.via == "method" or (eqn.derived and isinstance(eqn.args[0].type, Array)):
        shape = option(eqn.static["shape"], eqn, args)
        if isinstance(shape, ast.Tuple) and shape.elts:
            return ast.Call(ast.Attribute(args[0], "reshape", ast.Load()), shape.elts, [])
        return ast.Call(ast.Attribute(args[0], "reshape", ast.Load()), [shape], [])
    return _call(OPS[eqn.op], eqn, _np_template(eqn.op), args, method=False)


def _where(eqn: Eqn, args: Sequence[Tree]) -> Tree:
    if not isinstance(eqn.out.type, Array):
        return ast.IfExp(args[0], args[1], args[2])
    return _call(OPS[eqn.op], eqn, _np_template(eqn.op), args, method=False)


def _array(eqn: Eqn, args: Sequence[Tree]) -> Tree:
    def nest(item: Any) -> Tree:
        if isinstance(item, tuple):
            return ast.List([nest(part) for part in item], ast.Load())
        tree: Tree = args[item]
        return tree

    dtype = eqn.static.get("dtype")
    keywords = [] if dtype is None else [ast.keyword("dtype", dtype_tree(np.dtype(dtype).name))]
    return ast.Call(dotted("np.array"), [nest(eqn.static["nesting"])], keywords)


def _cast(eqn: Eqn, args: Sequence[Tree]) -> Tree:
    if isinstance(eqn.args[0].type, Array):
        return ast.Call(
            ast.Attribute(args[0], "astype", ast.Load()), [dtype_tree(eqn.static["dtype"])], []
        )
    return call(f"np.{eqn.static['dtype']}", args[0])


def _shape(eqn: Eqn, args: Sequence[Tree]) -> Tree:
    shape = ast.Attribute(args[0], "shape", ast.Load())
    return ast.Subscript(shape, ast.Constant(eqn.static["axis"]), ast.Load())


def _sum_to(eqn: Eqn, args: Sequence[Tree]) -> Tree:
    return call("sum_to_shape", args[0], option(eqn.static["dims"], eqn, args))


def _fit_axis(eqn: Eqn, args: Sequence[Tree]) -> Tree:
    size, axis = (option(eqn.static[name], eqn, args) for name in ("size", "axis"))
    return call("fit_axis", args[0], size, axis)


def _last_stores(eqn: Eqn, args: Sequence[Tree]) -> Tree:
    shape = ast.Attribute(args[0], "shape", ast.Load())
    index = index_tree(eqn.static["pattern"], eqn, args)
    if isinstance(index, ast.Slice) or (
        isinstance(index, ast.Tuple) and any(isinstance(e, ast.Slice) for e in index.elts)
    ):
        index = ast.Subscript(dotted("np.s_"), index, ast.Load())
    return call("last_stores", shape, index)


def _chain(eqn: Eqn, args: Sequence[Tree]) -> Tree:
    """Local gradient times upstream gradient, as a teacher spells it out."""
    upstream = render(args[1])
    if not isinstance(args[1], ast.Name | ast.Constant | ast.Call):
        upstream = f"({upstream})"
    return Raw(f"({render(args[0])}) * {upstream}")


def _rank0(eqn: Eqn, args: Sequence[Tree]) -> Tree:
    dtype = eqn.static["dtype"]
    make = "np.array" if eqn.static["copy"] else "np.asarray"
    return call(make, args[0], **({} if dtype is None else {"dtype": dtype_tree(dtype)}))


def _neg(eqn: Eqn, args: Sequence[Tree]) -> Tree:
    """The sign of a product goes to its first factor: `-a * b`."""
    if eqn.via == "np" and not eqn.derived:
        return _call(OPS[eqn.op], eqn, _np_template(eqn.op), args, method=False)
    return negated(args[0]) if eqn.derived else ast.UnaryOp(ast.USub(), args[0])


def negated(tree: Tree) -> Tree:
    """Minus an expression; the rounding is the same wherever the sign of a product stands.

    It does not go to bools and integers: NumPy has no `-mask`, and minus an unsigned 1 is huge.
    """
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub):
        return tree.operand
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Mult | ast.Div):
        if not getattr(tree.left, "integral", False):
            return ast.BinOp(negated(tree.left), tree.op, tree.right)
    return ast.UnaryOp(ast.USub(), tree)


def _range(args: Sequence[Tree]) -> Tree:
    """`range(a, b, c)` without a step of one."""
    step = args[2]
    one = isinstance(step, ast.Constant) and step.value == 1
    return call("range", *(args[:2] if one else args))


def filled(tree: Tree, args: Sequence[Tree]) -> Tree:
    """A text with the arguments in place of its placeholders."""
    made: Tree = _Placeholders(args).visit(copy.deepcopy(tree))
    return made


class _Placeholders(ast.NodeTransformer):
    def __init__(self, args: Sequence[Tree]) -> None:
        self.args = args

    def visit_Name(self, node: ast.Name) -> Tree:
        return self.args[int(node.id[1:])] if node.id.startswith("$") else node


def _sets(eqn: Eqn, args: Sequence[Tree]) -> Tree:
    """A step on index sets: `index_sets.union(a, b)`."""
    static = dict(eqn.static)
    how = static.pop("how")
    options = {key: option(value, eqn, args) for key, value in static.items()}
    return call(f"index_sets.{how}", *args[: _own_args(eqn)], **options)


_SPECIAL: Final[dict[str, Callable[[Eqn, Sequence[Tree]], Tree]]] = {
    "index": _index,
    "neg": _neg,
    "filled": _filled,
    "expand_dims": _expand_dims,
    "reshape": _reshape,
    "where": _where,
    "array": _array,
    "cast": _cast,
    "shape": _shape,
    "sum_to": _sum_to,
    "fit_axis": _fit_axis,
    "last_stores": _last_stores,
    "chain": _chain,
    "const": lambda eqn, args: args[0],
    "pack": lambda eqn, args: args[0] if len(args) == 1 else ast.Tuple(list(args), ast.Load()),
    "unpack": lambda eqn, args: args[0],
    "record": lambda eqn, args: ast.List([], ast.Load()),
    "pop": lambda eqn, args: ast.Call(ast.Attribute(args[0], "pop", ast.Load()), [], []),
    "peek": lambda eqn, args: ast.Subscript(args[0], ast.Constant(-1), ast.Load()),
    "length": lambda eqn, args: call("len", args[0]),
    "contains": lambda eqn, args: ast.Compare(args[1], [ast.In()], [args[0]]),
    "snapshot_count": lambda eqn, args: call("snapshot_count", *args),
    "snapshot_places": lambda eqn, args: call("snapshot_places", *args),
    "places_every": lambda eqn, args: _range(args),
    "number": lambda eqn, args: call(f"np.{eqn.static['dtype']}", args[0]),
    "rank0": _rank0,
    "draw": lambda eqn, args: filled(eqn.static["shown"][0], args),
    "sets": _sets,
    "external": lambda eqn, args: call(eqn.static["alias"], *args),
    "round_to": lambda eqn, args: call("round", args[0], ast.Constant(eqn.static["ndigits"])),
}
