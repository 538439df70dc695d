"""Calls of functions without Python source that the user registered a rule for."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import numpy as np

from ..errors import PrimalRaises
from ..ir.program import Atom, Const, Eqn, Ref, Var
from ..ir.types import Array, Scalar, Type, is_inexact
from ..rules.builder import infer
from ..rules.custom import CustomRule, checked
from ..rules.registry import OPS, OpCall
from . import operands
from .values import Size, Static, Struct, Value

if TYPE_CHECKING:
    from .lower import Lowerer


def call(
    lo: Lowerer, rule: CustomRule, args: list[Value], kwargs: dict[str, Value], node: ast.AST
) -> Value:
    """Append the call, and return its result."""
    names = rule.arguments
    given = dict(zip(names, args, strict=False)) | kwargs
    if len(args) > len(names) or set(given) - set(names):
        raise PrimalRaises(f"{rule.name} does not take these arguments", lo.span(node))
    if missing := [name for name in names if name not in given]:
        lo.refuse(
            "CR041",
            f"the rule of {rule.name} is for the arguments {', '.join(names)}: "
            f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing in this call",
            node,
        )
    atoms: list[Atom] = []
    for name in names:
        value = given[name]
        if not isinstance(value, Var | Const | Size):
            lo.refuse(
                "CR041", f"{rule.name} is called with {name} that is no number or array", node
            )
        atoms.append(operands.atom(lo, value, node))
    alias = lo.unit.named_object(rule.name, checked(rule))
    wanted = (rule.returns,) if isinstance(rule.returns, str) else rule.returns
    outs = tuple(Var("", _type(lo, rule, w, atoms, node)) for w in wanted)
    several = not isinstance(rule.returns, str)
    places = tuple(Static(Ref(i)) for i in range(len(outs)))
    static = {
        "alias": alias,
        "custom": rule,
        "given": tuple((name, Static(Ref(i))) for i, name in enumerate(names)),
        "result": Struct(tuple, places) if several else places[0],
    }
    lo.builder.append(Eqn(outs, "external", tuple(atoms), static, several=several))
    return Struct(tuple, outs) if several else outs[0]


def _type(lo: Lowerer, rule: CustomRule, wanted: str, atoms: list[Atom], node: ast.AST) -> Type:
    """The type of a result, as the user said."""
    likes = [atoms[rule.arguments.index(w)].type for w in wanted.split("*") if w in rule.arguments]
    if likes:
        like = likes[-1]
        if len(likes) > 1:
            dims = tuple(d for one in likes for d in one.dims)
            like = Array(like.dtype, dims) if dims else like
        if isinstance(like, Scalar):
            return Scalar("float64", weak=True)
        if not is_inexact(like):
            lo.refuse("CR041", f"{rule.name} returns what is like {wanted}: {like!r}", node)
        return like
    arrays = [a for a in atoms if isinstance(a.type, Array)]
    if wanted == "elementwise" and arrays:
        total: Atom = atoms[0]
        for atom in atoms[1:]:
            type_ = infer(OPS["add"], OpCall((total.type, atom.type), {}), lo.span(node))
            assert not isinstance(type_, tuple)
            total = Var("", type_)
        dtype = np.result_type(*(a.type.dtype for a in arrays)).name
        return Array(dtype, total.type.dims)
    return Scalar("float64", weak=True)
