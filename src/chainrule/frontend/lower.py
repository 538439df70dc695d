"""Lowering: walk a function's statements over abstract values and build its equations.

A `Lowerer` is the frame of one function being walked: its local names, and the builder that it
appends to. Nested functions, lambdas and rule text are walked in a frame of their own that appends
to the same builder (they are inlined); module-level functions get a program of their own.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from types import GeneratorType
from typing import Any, Final, NoReturn

from ..errors import NeedStatic, PrimalRaises, UnsupportedError
from ..ir.program import Const, Eqn, Span, Stage, Var
from ..ir.types import Array
from ..rules.builder import Builder, const
from . import (
    attributes,
    branches,
    comprehensions,
    contexts,
    effects,
    expressions,
    function_values,
    growing,
    instances,
    list_methods,
    logic,
    loops,
    matching,
    nonlocals,
    objects,
    operands,
    operators,
    optional,
    special_methods,
    statics,
    writes,
)
from .blocks import DIVERGES, FALSE, TRUE, UNSET, Exit, Unknown, up_to_date
from .refusals import OTHER, REFUSALS, WritesArgument
from .source import MISSING, FunctionNode, FunctionSource, assigned_names
from .unit import Unit
from .values import Closure, Maybe, Outside, Size, Static, Struct, Unset, Value

FALLS_THROUGH: Final = object()
DEEPEST: Final = 100  # inlined calls within one another
_UNROLLED: Final = "let it end after a number of calls that does not depend on data"


class Lowerer:
    """The frame of a function that is being lowered.

    `numbered` frames give each statement that computes something the next stage number.
    """

    def __init__(
        self,
        unit: Unit,
        source: FunctionSource,
        builder: Builder,
        local: dict[str, Value],
        *,
        parent: Lowerer | None = None,
        numbered: bool = True,
        trusted: bool = False,
    ) -> None:
        self.unit = unit
        self.source = source
        self.builder = builder
        self.locals = local
        self.parent = parent
        self.numbered = numbered
        self.trusted = trusted
        self.stages: dict[int, Stage] = parent.stages if parent else {}
        self.captures: dict[Var, str] = parent.captures if parent else {}
        self.counter: list[int] = parent.counter if parent else [0]
        self.depth = parent.depth if parent else 0
        self.exits: list[Exit] = []  # of the loops around: how a trip ends that ends as usual
        self.silent: set[str] = parent.silent if parent else set()  # kinds for np.errstate
        if not trusted:
            unit.sources[source.text] = None

    # -- names ---------------------------------------------------------------------------------

    def name(self, node: ast.Name) -> Value:
        """The value of a name, from this frame outwards."""
        frame: Lowerer | None = self
        while frame is not None:
            if node.id in frame.locals:
                value = frame.locals[node.id]
                if isinstance(value, Unset):
                    if value.like is UNSET:
                        raise Unknown(node.id, node)
                    self.refuse("CR055", value.why, node, "set it before the branch or the loop")
                if isinstance(value, Maybe):
                    help = f"test it first: if {node.id} is not None"
                    self.refuse("CR055", f"{node.id} may be None here", node, help)
                return growing.now(self, node.id, value, node)
            if frame.node is not None and node.id in assigned_names(frame.node):
                raise PrimalRaises(f"{node.id} is used before it has a value", self.span(node))
            if frame.parent is None or not frame.sees_parent:
                break
            frame = frame.parent
        return self.free_name(node.id, node)

    def name_is_outside(self, name: str) -> bool:
        """Is the name not one of this frame's own?"""
        return name not in self.locals

    sees_parent = False  # a nested function sees the names of the frame it was made in
    library = False  # text of ours that is walked like a helper of the user's
    comprehension = False  # the frame of a comprehension, where := binds outside
    node: FunctionNode | None = None  # the function that is walked
    depth: int  # how many blocks around the statements that are walked depend on data
    is_root = False  # is it the function that the user gave?
    result_name = ""  # what a returned temporary is called
    shared: frozenset[str] = frozenset()  # names that it binds around it

    def free_name(self, name: str, node: ast.AST) -> Value:
        """A name from outside the function: captured when it is a number, else static."""
        obj, _, owner = self.source.lookup(name)
        if obj is MISSING:
            raise PrimalRaises(f"name {name!r} is not defined", self.span(node))
        if self.trusted:
            return self.wrap(obj, node)
        return objects.outside(self, owner, name, obj, node)

    def wrap(self, obj: Any, node: ast.AST) -> Value:
        """A Python object that is known when specialising, as an abstract value."""
        if isinstance(obj, bool | int | float | complex):
            return const(obj)
        if type(obj) is tuple:
            return Struct(tuple, tuple(self.wrap(item, node) for item in obj))
        if isinstance(obj, list | dict):
            self.refuse(
                "CR010",
                f"a {type(obj).__name__} from outside the function can change between calls",
                node,
                "pass it as an argument",
            )
        return Static(obj)

    # -- errors --------------------------------------------------------------------------------

    def span(self, node: ast.AST) -> Span:
        """Where the node stands; inlined text of ours is blamed on the user's statement."""
        if (self.trusted or self.library) and self.builder.span is not None:
            return self.builder.span
        return self.source.span(node)

    def refuse(self, code: str, message: str, node: ast.AST, help: str = "") -> NoReturn:
        """Raise UnsupportedError at a node."""
        raise UnsupportedError(code, message, self.span(node), help)

    def refuse_construct(self, construct: str, node: ast.AST) -> NoReturn:
        """Refuse a construct of `refusals.REFUSALS`, or any other one."""
        code, message, help = REFUSALS.get(construct, OTHER)
        self.refuse(code, message, node, help)

    # -- statements ----------------------------------------------------------------------------

    def body(self, statements: list[ast.stmt]) -> Any:
        """Walk statements; the returned value, or FALLS_THROUGH."""
        todo = list(statements)
        while todo:
            statement = todo.pop(0)
            if isinstance(statement, ast.Match):
                statement = matching.desugared(self, statement)
            elif isinstance(statement, ast.Expr):
                statement = branches.of_owner(statement)
            elif isinstance(statement, ast.With):
                contexts.enter(self, statement)
                todo = [*statement.body, *todo]
                continue
            if isinstance(statement, ast.If):
                statement = logic.nested(statement)
                result, walked_rest = self.branch(statement, todo)
                if walked_rest:
                    return result
            elif isinstance(statement, ast.For | ast.While):
                result, follow = loops.loop(self, statement)
                todo = [*follow, *todo]
            else:
                result = self.statement(statement)
            if result is not FALLS_THROUGH:
                return result
        return FALLS_THROUGH

    def branch(self, node: ast.If, rest: list[ast.stmt]) -> tuple[Any, bool]:
        """An `if`: what it returns, and whether the statements after it were walked with it."""
        if effects.only_raises(node):
            self.staged(node, self.guard)
            return FALLS_THROUGH, False
        test = growing.truth(self, self.expr(node.test))
        known = statics.known_truth(self, test)
        if known is None and self.trusted:
            known = statics.truth(self, node.test)
        if known is None and isinstance(test, Var) and (roots := statics.demand(self, test)):
            raise NeedStatic(roots, self.span(node.test))
        if known is not None:
            return self.body(node.body if known else node.orelse), False
        return branches.branch(self, node, test, rest)

    def statement(self, node: ast.stmt) -> Any:
        """Walk one statement; the returned value, or FALLS_THROUGH."""
        handler = getattr(self, f"_visit_{type(node).__name__}", None)
        if handler is None:
            self.refuse_construct(type(node).__name__, node)
        return self.staged(node, handler)

    def staged(self, node: ast.stmt, handler: Any) -> Any:
        """Run a handler with the next stage number, which is used up if it computes something."""
        if not self.numbered:
            return handler(node)
        builder = self.builder
        outer, before = (builder.stage, builder.span), len(builder.eqns)
        builder.stage, builder.span = self.counter[0] + 1, self.span(node)
        try:
            result = handler(node)
        finally:
            stage, (builder.stage, builder.span) = builder.stage, outer
        if self.counter[0] < stage and any(
            e.op not in ("size", "const") or e.stage != stage for e in builder.eqns[before:]
        ):
            self.counter[0] = max(self.counter[0], stage)
            self.stages[stage] = self.comments(node)
        elif stage != outer[0]:
            builder.restage(before, 0)
        return result

    def comments(self, node: ast.stmt) -> Stage:
        """The comment on a statement's last line, and the comment lines right above it."""
        lines = self.source.file.lines
        comments = self.source.file.comments
        above: list[str] = []
        line = node.lineno - 1
        while line in comments and lines[line - 1].lstrip().startswith("#"):
            above.insert(0, comments[line])
            line -= 1
        own = comments.get(node.end_lineno or node.lineno, "")
        return Stage(own, tuple(above))

    def _visit_Pass(self, node: ast.Pass) -> Any:
        return FALLS_THROUGH

    def _visit_Expr(self, node: ast.Expr) -> Any:
        if not isinstance(node.value, ast.Constant):
            self.expr(node.value)
        return FALLS_THROUGH

    def _visit_Return(self, node: ast.Return) -> Any:
        if self.is_root and node.value is not None:
            optional.needed(self, node.value)
        value = up_to_date(self, Static(None) if node.value is None else self.expr(node.value))
        origin = self.builder.origin.get(value) if isinstance(value, Var) else None
        if self.result_name and origin is not None and isinstance(value, Var) and not value.user:
            value.hint, value.user = self.result_name, True
        return Exit(FALSE, TRUE, value) if self.exits else value

    def _visit_Break(self, node: ast.Break) -> Any:
        return Exit(FALSE, self.exits[-1].returned)

    def _visit_Continue(self, node: ast.Continue) -> Any:
        return self.exits[-1]

    def _visit_Assign(self, node: ast.Assign) -> Any:
        value = self.expr(node.value)
        for target in node.targets:
            self.assign(target, value)
        return FALLS_THROUGH

    def _visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        if node.value is not None:
            self.assign(node.target, self.expr(node.value))
        return FALLS_THROUGH

    def _visit_AugAssign(self, node: ast.AugAssign) -> Any:
        if isinstance(node.target, ast.Subscript):
            writes.update(self, node, node.target)
            return FALLS_THROUGH
        if not isinstance(node.target, ast.Name):
            instances.update(self, node, node.target)
            return FALLS_THROUGH
        optional.needed(self, node.target)
        old = self.name(ast.copy_location(ast.Name(node.target.id, ast.Load()), node.target))
        if list_methods.is_changed(old):
            value = self.expr(node.value)
            if list_methods.augmented(self, node.op, old, value, node):
                return FALLS_THROUGH
            self.assign(node.target, operators.binary(self, node.op, old, value, node))
            return FALLS_THROUGH
        if isinstance(old, Var) and isinstance(old.type, Array) and old.type.dims:
            writes.update_whole(self, node, old)
            return FALLS_THROUGH
        if isinstance(old, Struct) and old.cls is Outside:
            self.refuse_construct("write", node)
        part = self.expr(node.value)
        special = special_methods.in_place(self, node.op, old, part, node)
        value = special or operators.binary(self, node.op, old, part, node)
        if isinstance(value, Var) and value in self.builder.origin:
            self.builder.mark(value, "aug")
        self.assign(node.target, value)
        return FALLS_THROUGH

    def guard(self, node: ast.If) -> Any:
        """`if test: raise ...`: kept in the forward pass when the test depends on data."""
        test = growing.truth(self, self.expr(node.test))
        known = statics.known_truth(self, test)
        if known is None:
            raised = node.body[-1]
            assert isinstance(raised, ast.Raise)
            effects.effect(self, "raise_if", [test], raised.exc, node)
        elif known:
            raise PrimalRaises("raise", self.span(node.body[-1]))
        optional.narrow(self, node.test, False)
        return FALLS_THROUGH

    def _visit_Raise(self, node: ast.Raise) -> Any:
        if self.depth:
            effects.effect(self, "raise", [], node.exc, node)
            return DIVERGES
        raise PrimalRaises("raise", self.span(node))

    def _visit_Assert(self, node: ast.Assert) -> Any:
        test = self.expr(node.test)
        known = statics.known_truth(self, test)
        if known is None:
            effects.effect(self, "assert", [test], node.msg, node)
        elif not known:
            raise PrimalRaises("assert", self.span(node))
        optional.narrow(self, node.test, True)
        return FALLS_THROUGH

    def _visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        made = function_values.decorated(self, self.closure(node), node.decorator_list)
        self.locals[node.name] = made
        return FALLS_THROUGH

    def _visit_Delete(self, node: ast.Delete) -> Any:
        for target in node.targets:
            if not isinstance(target, ast.Name):
                list_methods.delete(self, target, node)
                continue
            self.name(ast.copy_location(ast.Name(target.id, ast.Load()), target))
            self.locals[target.id] = Unset(f"{target.id} was deleted")
        return FALLS_THROUGH

    def _visit_Global(self, node: ast.Global) -> Any:
        """A declaration says nothing about names that are only read."""
        if self.node is not None and assigned_names(self.node).intersection(node.names):
            self.refuse_construct(type(node).__name__, node)
        return FALLS_THROUGH

    def _visit_Nonlocal(self, node: ast.Nonlocal) -> Any:
        """See `nonlocals`; the names of a function that is the whole program are outside."""
        if self.node is not None and assigned_names(self.node).intersection(node.names):
            if not self.shared.issuperset(node.names):
                self.refuse_construct(type(node).__name__, node)
        return FALLS_THROUGH

    def _visit_Import(self, node: ast.Import) -> Any:
        import importlib

        for alias in node.names:
            module = importlib.import_module(alias.name)
            if alias.asname is None:
                module = importlib.import_module(alias.name.split(".")[0])
            self.locals[alias.asname or alias.name.split(".")[0]] = Static(module)
        return FALLS_THROUGH

    def _visit_ImportFrom(self, node: ast.ImportFrom) -> Any:
        import importlib

        package = self.source.fun.__globals__.get("__package__")
        module = importlib.import_module("." * node.level + (node.module or ""), package)
        for alias in node.names:
            owner, found = self.unit.attributes_of(module), getattr(module, alias.name, MISSING)
            value = attributes.read_from(self, owner, alias.name, found, node)
            self.locals[alias.asname or alias.name] = value
        return FALLS_THROUGH

    # -- assignment ----------------------------------------------------------------------------

    def assign(self, target: ast.expr, value: Value) -> None:
        """Bind a target: a name, or a tuple or list of targets with at most one starred."""
        if isinstance(value, Struct) and value.cls is GeneratorType:
            self.refuse_construct("generator", target)
        if isinstance(target, ast.Name):
            self.locals[target.id] = self.named(target.id, value)
        elif isinstance(target, ast.Tuple | ast.List):
            self.unpack(target, value)
        elif isinstance(target, ast.Subscript):
            writes.store(self, target, value)
        elif isinstance(target, ast.Attribute):
            instances.store(self, target, value)
        else:
            self.refuse_construct("write", target)

    def unpack(self, target: ast.Tuple | ast.List, value: Value) -> None:
        """Bind each of several targets to its part of the value."""
        for part, item in self.parts(target, value):
            self.assign(part, item)

    def parts(self, target: ast.Tuple | ast.List, value: Value) -> list[tuple[ast.expr, Value]]:
        """Each of several targets with its part of the value."""
        items = operands.iterate(self, value, target)
        starred = [i for i, t in enumerate(target.elts) if isinstance(t, ast.Starred)]
        if not starred:
            if len(items) != len(target.elts):
                raise PrimalRaises("wrong number of values to unpack", self.span(target))
            return list(zip(target.elts, items, strict=True))
        before = starred[0]
        after = len(target.elts) - before - 1
        if len(items) < before + after:
            raise PrimalRaises("not enough values to unpack", self.span(target))
        middle = growing.made(self, Struct(list, tuple(items[before : len(items) - after])))
        parts = [*items[:before], middle, *items[len(items) - after :]]
        plain = [t.value if isinstance(t, ast.Starred) else t for t in target.elts]
        return list(zip(plain, parts, strict=True))

    def named(self, name: str, value: Value) -> Value:
        """The value that a name is bound to: a new temporary takes the name, others a copy."""
        if isinstance(value, Size):
            atom = self.builder.size(value.dim)
            value = atom if isinstance(atom, Var) else value
            if isinstance(value, Size):
                return value
        if isinstance(value, Const):
            return self.named_const(name, value)
        if not isinstance(value, Var):
            return value
        origin = self.builder.origin.get(value)
        if comprehensions.named(self, value, name):
            return value
        fresh = origin is not None and origin.stage == self.builder.stage and not value.user
        if self.trusted:
            if origin is not None and not value.hint and not value.user:
                value.hint = name
            return value
        if fresh:
            value.hint, value.user = name, True
            return value
        copy = self.builder.one("alias", [value])
        copy.hint, copy.user = name, True
        if value in self.builder.known:
            self.builder.known[copy] = self.builder.known[value]
        return copy

    def named_const(self, name: str, value: Const) -> Value:
        """A number that the user named: a variable that is known."""
        if self.trusted or isinstance(value.value, bool):
            return value
        var = Var(name, value.type, user=True)
        self.builder.append(Eqn((var,), "const", (value,)))
        self.builder.known[var] = value
        return var

    # -- expressions, calls --------------------------------------------------------------------

    def expr(self, node: ast.expr) -> Value:
        """The abstract value of an expression."""
        return expressions.expression(self, node)

    def closure(self, node: ast.FunctionDef | ast.Lambda) -> Closure:
        """A nested function, its defaults evaluated now."""
        args = node.args
        positional = [*args.posonlyargs, *args.args]
        pairs = list(
            zip(positional[len(positional) - len(args.defaults) :], args.defaults, strict=True)
        )
        pairs += [(a, d) for a, d in zip(args.kwonlyargs, args.kw_defaults, strict=True) if d]
        return Closure(node, self, {a.arg: self.expr(d) for a, d in pairs})

    def inline(
        self,
        node: FunctionNode,
        source: FunctionSource,
        local: Mapping[str, Value],
        *,
        nested: bool,
        numbered: bool,
        trusted: bool = False,
        library: bool = False,
        builder: Builder | None = None,
        depth: int | None = None,
    ) -> Value:
        """Walk another function's body in a frame of its own that appends to this builder.

        `builder` and `depth` are the caller's, where this is the frame that a closure was made in.
        """
        frame = Lowerer(
            self.unit,
            source,
            builder or self.builder,
            dict(local),
            parent=self,
            numbered=numbered and self.numbered,
            trusted=trusted,
        )
        frame.sees_parent, frame.library = nested, library
        frame.depth = self.depth if depth is None else depth
        self.unit.depth += 1
        try:
            if self.unit.depth > DEEPEST:
                written = self.unit.writing.get(source.fun)
                if written is not None:
                    self.refuse_written(source.name, written)
                source_name = getattr(node, "name", "a lambda")
                self.refuse("CR040", f"{source_name} calls itself without end", node, _UNROLLED)
            with nonlocals.shared(frame, node):
                return frame.run(node)
        finally:
            self.unit.depth -= 1

    def refuse_written(self, name: str, error: WritesArgument) -> NoReturn:
        """Refuse a function that writes into an argument and calls itself as deep as data says."""
        raise UnsupportedError(
            error.code,
            f"{name} calls itself and writes into an argument: not supported",
            error.span,
            error.help,
        ) from None

    def inner(self) -> Lowerer:
        """A frame for the names of a comprehension, which sees those around it."""
        frame = Lowerer(
            self.unit,
            self.source,
            self.builder,
            {},
            parent=self,
            numbered=False,
            trusted=self.trusted,
        )
        frame.sees_parent = frame.comprehension = True
        return frame

    def run(self, node: FunctionNode) -> Value:
        """Walk the whole function and return its result."""
        self.node = node
        if isinstance(node, ast.Lambda):
            holder: list[Value] = []
            statement = ast.Return(node.body)
            ast.copy_location(statement, node.body)
            holder.append(self.staged(statement, self._visit_Return))
            return holder[0]
        result = self.body(node.body)
        return Static(None) if result is FALLS_THROUGH else result
