"""A whole function as text: header, docstring, forward and backward statements, return."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import final

from ..frontend.contexts import settings
from ..ir.program import Function, Var, walk
from .body import Body, Line, emit_body
from .layout import column_of, layout
from .text import LINE, render, wrapped


@final
@dataclass(frozen=True)
class Header:
    """How a function is called: the texts of its parameters, the docstring, what comes first.

    `opening` are statements before the program: checks of the arguments. `paths` are texts of
    parameter variables that are no plain names.
    """

    parameters: Sequence[str]
    doc: Sequence[str] = ()
    opening: Sequence[str] = ()
    paths: Mapping[Var, str] = field(default_factory=dict)


@final
@dataclass(frozen=True)
class Emitted:
    """The text of a function and the statements that it is made of."""

    name: str
    text: str
    body: Body


def indented(lines: Sequence[str]) -> list[str]:
    """Lines of a function body; blank ones stay blank."""
    return [f"    {line}" if line else "" for line in lines]


def emit_function(
    function: Function,
    header: Header,
    returns: Callable[[Sequence[str]], str] | None = None,
    reserved: frozenset[str] = frozenset(),
) -> Emitted:
    """Write a function; `returns` puts the texts of its results together."""
    containers = {p for path in header.paths.values() if (p := _container(path)) != path}
    reserved |= containers | set(function.captures.values())  # a local name would hide those
    reserved |= {e.static["alias"] for e in walk(function.body) if e.op == "external"}
    body = emit_body(function, reserved, dict(header.paths))
    lines = wrapped(f"def {function.name}(", header.parameters, "):")
    if function.silent:
        lines.insert(0, f"@np.errstate({settings(function.silent)})")
    doc = docstring(header.doc) if header.doc else []
    lines += indented([*doc, *header.opening, *_sections(body, function)])
    results = [render(r) for r in body.results]
    shown = returns(results) if returns is not None else ", ".join(results)
    lines += indented(returned(shown))
    return Emitted(function.name, "\n".join(lines) + "\n", body)


def _container(path: str) -> str:
    """`params` of `params["W"]`, which no statement may overwrite."""
    return re.split(r"[.\[]", path, maxsplit=1)[0]


def _sections(body: Body, function: Function) -> list[str]:
    """Forward and backward statements, under headings when there are both."""
    forward = [x for x in body.lines if not x.backward]
    backward = [x for x in body.lines if x.backward]
    if not forward or not backward:
        return layout(body.lines, function.stages, own=not backward)
    texts = _aligned(forward, backward, function)
    cut = len(layout(forward, function.stages))
    return ["# forward", *texts[:cut], "# backward", *texts[cut:]]


def _aligned(forward: list[Line], backward: list[Line], function: Function) -> list[str]:
    """Both passes with their comments in one column; the user's words beside the forward stages."""
    width = column_of([*forward, *backward])
    result: list[str] = []
    for lines, own in ((forward, True), (backward, False)):
        result += layout(lines, function.stages, own=own, width=width)
    return result


def returned(shown: str) -> list[str]:
    """`return value, (dx, dy)`, the last tuple on lines of its own where that is long.

    >>> returned("f, (dx, dy)")
    ['return f, (dx, dy)']
    >>> returned("(dx, dy)"), returned("(dx,)")
    (['return dx, dy'], ['return (dx,)'])
    """
    tree = ast.parse(shown, mode="eval").body
    if not isinstance(tree, ast.Tuple) or not tree.elts:
        return [f"return {shown}"]
    items = [ast.get_source_segment(shown, item) or "" for item in tree.elts]
    if tree.elts[0].col_offset:  # the value is one tuple: no parentheses where it is short
        if len(items) == 1:
            return [f"return {shown}"]
        line = f"return {', '.join(items)}"
        return [line] if len(line) <= LINE else wrapped("return (", items, ")")
    if not isinstance(last := tree.elts[-1], ast.Tuple) or len(last.elts) < 2:
        return [f"return {shown}"]
    head = ", ".join(items[:-1])
    inner = [ast.get_source_segment(shown, item) or "" for item in last.elts]
    return wrapped(f"return {head}, (", inner, ")")


def docstring(lines: Sequence[str]) -> list[str]:
    """A docstring of one or more lines.

    >>> print(*docstring(["Return x.", "", "x: float"]), sep="|")
    \"\"\"Return x.||x: float|\"\"\"
    """
    safe = [line.replace("\\", "\\\\").replace('"""', "'''") for line in lines]
    if len(safe) == 1 and not safe[0].endswith('"'):
        return [f'"""{safe[0]}"""']
    return [f'"""{safe[0]}', *safe[1:], '"""']
