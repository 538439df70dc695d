"""The source of a live function: its syntax tree, its comments, and where its names are bound.

The whole file is parsed (so that positions are those of the file, and multi-line strings stay as
they are) and the definition is found by the position that the code object carries. Then the found
text is compiled again and compared with the live function: when they differ, the file was edited
after it was imported, and reading on would differentiate something else than what runs.
"""

from __future__ import annotations

import ast
import builtins
import functools
import inspect
import io
import linecache
import tokenize
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import CodeType, FunctionType, MethodType
from typing import Any, Final, final

from ..errors import UnsupportedError
from ..ir.program import Span
from .library import as_python

MISSING: Final = object()
FunctionNode = ast.FunctionDef | ast.Lambda


@final
@dataclass(frozen=True)
class FileSource:
    """One parsed file."""

    path: str
    text: str
    tree: ast.Module

    @cached_property
    def lines(self) -> list[str]:
        """The lines of the file."""
        return self.text.splitlines()

    def segment(self, node: ast.expr) -> str | None:
        """The text of an expression that stands on one line."""
        if node.lineno != node.end_lineno:
            return None
        line = self.lines[node.lineno - 1]
        if line.isascii():
            return line[node.col_offset : node.end_col_offset]
        return line.encode()[node.col_offset : node.end_col_offset].decode()

    @cached_property
    def comments(self) -> Mapping[int, str]:
        """The comment on each line, without the `#`."""
        found: dict[int, str] = {}
        try:
            for token in tokenize.generate_tokens(io.StringIO(self.text).readline):
                if token.type == tokenize.COMMENT:
                    found[token.start[0]] = token.string.lstrip("#").strip()
        except tokenize.TokenError:  # a notebook cell with magics: comments are a courtesy
            return found
        return found

    @cached_property
    def definitions(self) -> Mapping[int, list[FunctionNode]]:
        """Function and lambda nodes by the line where their code object begins."""
        found: dict[int, list[FunctionNode]] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef):
                first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
                found.setdefault(first, []).append(node)
            elif isinstance(node, ast.Lambda):
                found.setdefault(node.lineno, []).append(node)
        return found


@lru_cache(maxsize=64)
def _parse(path: str, text: str) -> FileSource:
    return FileSource(path, text, ast.parse(text))


def read_file(path: str) -> FileSource | None:
    """The parsed file (or notebook cell, through linecache), None when there is no source."""
    lines = linecache.getlines(path)
    return _parse(path, "".join(lines)) if lines else None


@final
@dataclass(frozen=True)
class FunctionSource:
    """A live function together with its syntax tree."""

    fun: FunctionType
    node: FunctionNode
    file: FileSource

    @property
    def name(self) -> str:
        """The name in the source; `fun` for a lambda."""
        return self.node.name if isinstance(self.node, ast.FunctionDef) else "fun"

    def private(self, name: str) -> str:
        """A name as it is in the class of this method: `__w` is `_Model__w`."""
        if not name.startswith("__") or name.endswith("__"):
            return name
        parts = self.fun.__qualname__.split(".")[:-1]
        while parts[-1:] == ["<locals>"]:
            del parts[-2:]
        return f"_{parts[-1].lstrip('_')}{name}" if parts else name

    @property
    def text(self) -> str:
        """The lines of the definition, as they stand in the file."""
        first = min([self.node.lineno, *(d.lineno for d in self.decorators)])
        return "\n".join(self.file.lines[first - 1 : self.node.end_lineno])

    @property
    def decorators(self) -> list[ast.expr]:
        """The decorators of the definition."""
        return self.node.decorator_list if isinstance(self.node, ast.FunctionDef) else []

    def span(self, node: ast.AST) -> Span:
        """Where a node of this function stands."""
        return Span(
            self.file.path,
            node.lineno,  # type: ignore[attr-defined]
            node.col_offset,  # type: ignore[attr-defined]
            node.end_lineno,  # type: ignore[attr-defined]
            node.end_col_offset,  # type: ignore[attr-defined]
        )

    def lookup(self, name: str) -> tuple[Any, str, Any]:
        """The object bound to a free name, where (`"cell"`, `"global"`, `"builtin"`), and the owner.

        The owner is the cell, or the dictionary in which the name is looked up.
        """
        code = self.fun.__code__
        if name in code.co_freevars:
            cell = (self.fun.__closure__ or ())[code.co_freevars.index(name)]
            try:
                return cell.cell_contents, "cell", cell
            except ValueError:
                return MISSING, "cell", cell
        if name in self.fun.__globals__:
            return self.fun.__globals__[name], "global", self.fun.__globals__
        return getattr(builtins, name, MISSING), "builtin", self.fun.__globals__


def of_our_own(fun: FunctionType) -> bool:
    """Is it a function of this package, or one that it made (`cr.grad(f)`)?"""
    return str(fun.__globals__.get("__name__", "")).split(".")[0] == __name__.split(".")[0]


def signature_of(fun: Callable[..., Any]) -> inspect.Signature:
    """The parameters of the function that runs, which a decorated one may hide."""
    return inspect.signature(unwrap(fun), follow_wrapped=False)


def unwrap(fun: Any) -> Any:
    """The Python function behind a Numba dispatcher or a NumPy function; anything else as it is."""
    return as_python(getattr(fun, "py_func", fun))


def function_source(fun: Callable[..., Any]) -> FunctionSource:
    """Find and parse the source of a Python function.

    Raises UnsupportedError (CR001) when there is none, or when it is not what runs.
    """
    live = unwrap(fun)
    if not isinstance(live, FunctionType):
        what, help = _no_function(fun)
        raise UnsupportedError("CR001", what, None, help)
    code = live.__code__
    if of_our_own(live) and live.__name__ != code.co_name:
        raise UnsupportedError(
            "CR042",
            f"what was made of {live.__name__} cannot be differentiated again",
            None,
            "take the derivative that you need of the function itself",
        )
    file = read_file(code.co_filename)
    if file is None:
        raise UnsupportedError(
            "CR001",
            f"the source of {live.__qualname__} is not available ({code.co_filename})",
            None,
            "define the function in a file or a notebook cell",
        )
    candidates = [n for n in file.definitions.get(code.co_firstlineno, []) if _fits(n, code)]
    matching = [n for n in candidates if _same_code(n, code, file)]
    if len(matching) > 1 and all(isinstance(n, ast.Lambda) for n in matching):
        # each covers the place of the code: of lambdas in lambdas it is the innermost
        matching = [
            n for n in matching if not any(m in ast.walk(n) for m in matching if m is not n)
        ]
    if len(matching) != 1:
        why = "was edited after it was imported" if not matching else "holds several like it"
        raise UnsupportedError(
            "CR001",
            f"the source of {live.__qualname__} cannot be told: {code.co_filename} {why}",
            None,
            "import it again, and put two lambdas on two lines",
        )
    return FunctionSource(live, matching[0], file)


def trusted_source(fun: Any) -> FunctionSource:
    """The source of one of our own functions, which cannot have been edited since import."""
    code = fun.__code__
    file = read_file(code.co_filename)
    assert file is not None
    (node,) = [n for n in file.definitions[code.co_firstlineno] if _fits(n, code)]
    return FunctionSource(fun, node, file)


def _no_function(fun: Any) -> tuple[str, str]:
    """Why something that can be called is not a Python function, and what to do."""
    if isinstance(fun, MethodType):
        return (
            f"{fun.__qualname__} is a method of an object, which is not supported yet",
            "write a function that gets what it reads of the object as arguments",
        )
    if isinstance(fun, functools.partial):
        return (
            "a functools.partial is not supported yet",
            "write a lambda or a function that passes the arguments on",
        )
    if not callable(fun):
        return f"{type(fun).__name__} is no function", "give a function written in Python"
    if type(fun).__module__.partition(".")[0] == "numba":
        return (
            f"a {type(fun).__name__} of Numba's (vectorize, guvectorize, stencil) is not supported",
            "write it as a plain function or one that numba.njit made, with NumPy or loops",
        )
    name = getattr(fun, "__qualname__", None)
    shown = name if isinstance(name, str) else f"an object of class {type(fun).__name__}"
    return (
        f"{shown} has no Python source to differentiate",
        "give a function that is written in Python",
    )


def _fits(node: FunctionNode, code: CodeType) -> bool:
    is_lambda = code.co_name == "<lambda>"
    if isinstance(node, ast.Lambda):
        return is_lambda
    return not is_lambda and node.name == code.co_name


@lru_cache(maxsize=64)
def _compiled(file: FileSource) -> dict[tuple[int, str], list[CodeType]]:
    found: dict[tuple[int, str], list[CodeType]] = {}
    todo = [compile(file.text, file.path, "exec", dont_inherit=True)]
    while todo:
        code = todo.pop()
        found.setdefault((code.co_firstlineno, code.co_name), []).append(code)
        todo += [c for c in code.co_consts if isinstance(c, CodeType)]
    return found


def _same_code(node: FunctionNode, code: CodeType, file: FileSource) -> bool:
    """Does this node of today's file compile to the code that runs?"""
    try:
        compiled = _compiled(file).get((code.co_firstlineno, code.co_name), [])
    except SyntaxError:
        return True  # a notebook cell with top-level await and the like: nothing to compare with
    if any(name.startswith("@py") for name in (*code.co_varnames, *code.co_names)):
        return True  # pytest rewrote the asserts of this module
    where = _position(code)
    for other in compiled:
        if other.co_code == code.co_code and _consts(other) == _consts(code):
            if not isinstance(node, ast.Lambda):
                return True
            if _position(other) == where and _covers(node, where):
                return True
    return False


def _consts(code: CodeType) -> list[Any]:
    return [
        (c.co_code, _consts(c)) if isinstance(c, CodeType) else (type(c), repr(c))
        for c in code.co_consts
    ]


def _position(code: CodeType) -> tuple[int, int]:
    """The first line and column of the expression of a lambda."""
    for line, _, column, _ in code.co_positions():
        if line is not None and column is not None and (line, column) != (code.co_firstlineno, 0):
            return line, column
    return code.co_firstlineno, 0


def _covers(node: ast.Lambda, where: tuple[int, int]) -> bool:
    body = node.body
    start = (body.lineno, body.col_offset)
    end = (body.end_lineno or body.lineno, body.end_col_offset or 0)
    return start <= where <= end


@lru_cache(maxsize=1024)
def assigned_names(node: FunctionNode) -> frozenset[str]:
    """The names that are local to a function because it assigns them.

    >>> sorted(assigned_names(ast.parse("def f(x):\\n  y = [z := i for i in x]").body[0]))
    ['y', 'z']
    """
    found: set[str] = set()
    todo: list[tuple[ast.AST, bool]] = [(child, False) for child in ast.iter_child_nodes(node)]
    while todo:
        item, inside = todo.pop()
        if isinstance(item, ast.Name):
            if isinstance(item.ctx, ast.Store) and not inside:
                found.add(item.id)
        elif isinstance(item, ast.NamedExpr):
            found.add(item.target.id)
            todo.append((item.value, inside))
        elif isinstance(item, ast.FunctionDef | ast.ClassDef):
            found.add(item.name)
        elif isinstance(item, ast.Import | ast.ImportFrom):
            found |= {(a.asname or a.name).split(".")[0] for a in item.names}
        elif not isinstance(item, ast.Lambda):
            nested = isinstance(item, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp)
            todo += [(child, inside or nested) for child in ast.iter_child_nodes(item)]
    return frozenset(found)


def parameters(node: FunctionNode) -> list[str]:
    """The names of all parameters that are not `*args` or `**kwargs`, in order."""
    args = node.args
    return [a.arg for a in (*args.posonlyargs, *args.args, *args.kwonlyargs)]


def is_generator(fun: FunctionType) -> bool:
    """True for generators and coroutines, which are not functions of numbers."""
    return inspect.isgeneratorfunction(fun) or inspect.iscoroutinefunction(fun)
