"""Loops that end early, as a person writes them: `break` where a flag would be cleared last.

going = True                        for i in range(n):
for i in range(n):                      if x > y:
    if x > y:                               break
        going = False           ->      x = f(x)
    else:
        x = f(x)
    if not going:
        break
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .body import Line


def with_breaks(lines: Sequence[Line], flag: str, depth: int, keep: bool) -> list[Line] | None:
    """The lines of a loop's body with `break` where `flag` is cleared.

    None where something of the trip comes after that. `depth` is that of the body; with `keep` the
    flag is read after the loop.
    """
    clears = [i for i, line in enumerate(lines) if line.text.strip() == f"{flag} = False"]
    if not clears or not all(_is_last(lines, i) for i in clears):
        return None
    if any(f"{flag} =" in line.text for i, line in enumerate(lines) if i not in clears):
        return None
    result: list[Line] = []
    for i, line in enumerate(lines):
        if i in clears and keep:
            result.append(line)
        if i in clears:
            pad = "    " * line.depth
            line = replace(line, text=f"{pad}break", names=())
        result.append(line)
    return _without_else(result, depth)


def _is_last(lines: Sequence[Line], position: int) -> bool:
    """Does nothing of the trip come after this line, other sides of branches left out?"""
    level = lines[position].depth - 1
    for number, line in enumerate(lines[position + 1 :]):
        if line.depth > level and number > 0:
            continue
        if line.depth > level or not line.text.strip().startswith(("else:", "elif ")):
            return False
        level = line.depth
    return True


def _without_else(lines: list[Line], depth: int) -> list[Line]:
    """What follows `if test: ... break` needs no `else`."""
    for i, line in enumerate(lines):
        word = line.text.strip()
        if not word.startswith(("else:", "elif ")) or lines[i - 1].text.strip() != "break":
            continue
        if lines[i - 1].depth != line.depth + 1 or not _first_side(lines, i):
            continue
        if word.startswith("elif "):
            head = replace(line, text=line.text.replace("elif ", "if ", 1))
            return _without_else([*lines[:i], head, *lines[i + 1 :]], depth)
        moved = [replace(x, text=_outdented(x.text), depth=x.depth - 1) for x in lines[i + 1 :]]
        return _without_else([*lines[:i], *moved], depth)
    return lines


def _first_side(lines: Sequence[Line], position: int) -> bool:
    """Is the side before this `else` the `if` itself, and all that follows inside the `else`?"""
    level = lines[position].depth
    before = next(x for x in reversed(lines[:position]) if x.depth == level)
    if not before.text.strip().startswith("if "):
        return False
    return lines[position].text.strip().startswith("elif ") or all(
        x.depth > level for x in lines[position + 1 :]
    )


def _outdented(text: str) -> str:
    return "\n".join(part[4:] for part in text.split("\n"))
