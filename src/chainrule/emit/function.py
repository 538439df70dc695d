"""A whole function as text: header, docstring, forward and backward statements, return."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import final

from ..ir.program import Function, Var
from .body import Body, Line, emit_body
from .layout import column_of, layout
from .text import render


@final
@dataclass(frozen=True)
class Header:
    """How a function is called: the texts of its parameters, checks on entry, the docstring.

    `paths` are texts of parameter variables that are no plain names. `returns` writes the results.
    """

    parameters: Sequence[str]
    doc: Sequence[str] = ()
    checks: Sequence[str] = ()
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
    body = emit_body(function, reserved, dict(header.paths))
    lines = [f"def {function.name}({', '.join(header.parameters)}):"]
    lines += indented([*header.doc, *header.checks, *_sections(body, function)])
    results = [render(r) for r in body.results]
    shown = returns(results) if returns is not None else ", ".join(results)
    lines += indented([f"return {shown}"])
    return Emitted(function.name, "\n".join(lines) + "\n", body)


def _sections(body: Body, function: Function) -> list[str]:
    """Forward and backward statements, under headings when there are both."""
    forward = [x for x in body.lines if not x.backward]
    backward = [x for x in body.lines if x.backward]
    if not forward or not backward:
        return layout(body.lines, function.stages)
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


def docstring(lines: Sequence[str]) -> list[str]:
    """A docstring of one or more lines."""
    if len(lines) == 1:
        return [f'"""{lines[0]}"""']
    return [f'"""{lines[0]}', *lines[1:], '"""']

