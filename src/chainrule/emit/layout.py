"""Layout: stage numbers, the user's comments, remarks; comments line up in a column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from ..ir.program import Stage
from .body import Line
from .text import LINE

COLUMN: Final = 60  # comments of longer statements follow two spaces after them


def column_of(lines: Sequence[Line]) -> int:
    """The width of the longest statement that is not too long."""
    return max(
        (len(x.text) for x in lines if len(x.text) <= COLUMN and "\n" not in x.text), default=0
    )


def comment_of(line: Line, first: bool, stages: Mapping[int, Stage], *, own: bool) -> list[str]:
    """The comment of a line: its stage number once per stage, the user's words, a remark."""
    parts: list[str] = []
    if line.stage and first:
        parts.append(f"({line.stage})")
        if own and (stage := stages.get(line.stage)) is not None and stage.comment:
            parts.append(stage.comment)
    if line.remark:
        parts.append(line.remark)
    return parts


def layout(
    lines: Sequence[Line],
    stages: Mapping[int, Stage],
    *,
    own: bool = True,
    width: int | None = None,
) -> list[str]:
    """The text of statements with their comments in one column, `width` wide when given.

    A remark that would make its line too long stands above it.
    """
    column = width if width is not None else column_of(lines)
    result: list[str] = []
    seen: set[int] = set()
    for line in lines:
        first = line.stage not in seen
        seen.add(line.stage)
        pad = "    " * line.depth
        if own and first and line.stage in stages:
            result += [f"{pad}# {text}" for text in stages[line.stage].above]
        parts = comment_of(line, first, stages, own=own)
        head, *rest = line.text.split("\n")
        if line.remark and len(f"{head}  # {' '.join(parts)}") > LINE:
            result.append(f"{pad}# {parts.pop()}")
        result.append(f"{head.ljust(column)}  # {' '.join(parts)}" if parts else head)
        result += rest
    return result
