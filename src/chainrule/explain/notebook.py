"""A staged program in a notebook: a table of HTML, and the circuit of a scalar program.

No script, no request, and colours that serve light and dark pages: text has the page's own colour,
and what is coloured has the mid tones of the circuit.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from . import graph, svg
from .circuit import circuit
from .terminal import Row, table

if TYPE_CHECKING:
    from .stages import Explained, Staged

_LARGEST: Final = 24  # nodes of a circuit that is still worth drawing
_CELL: Final = "border:none;padding:1px 12px 1px 0;text-align:left;vertical-align:top;color:inherit"
_CODE: Final = "font-family:ui-monospace,Menlo,Consolas,monospace;white-space:pre;font-size:13px"
_TABLE: Final = (
    "border-collapse:collapse;background:transparent;color:inherit;margin:4px 0;"
    "font-variant-numeric:tabular-nums"
)
_LINE: Final = "border-top:1px solid rgba(128,128,128,.4)"


def html_of(staged: Staged, explained: Explained | None = None) -> str:
    """The program as HTML, with values and gradients where it was run.

    >>> import chainrule as cr
    >>> shown = html_of(cr.stages(lambda x: x * x, 3.0))
    >>> "<script" in shown, "dx = 2 * x" in shown, "<svg" in shown
    (False, True, True)
    """
    shown = table(staged, explained)
    rows = [_head("forward", "value" if explained else "", graph.VALUE, "")]
    rows += [_row(row, graph.VALUE) for row in shown.forward]
    rows.append(_head("backward", "gradient" if explained else "", graph.GRADIENT, _LINE))
    rows += [_row(row, graph.GRADIENT) for row in shown.backward]
    footer = "".join(
        f'<div style="{_CODE}">{escape(name)} = {escape(text)}</div>' for name, text in shown.footer
    )
    return (
        f'<div style="overflow-x:auto"><div style="{_CODE};font-weight:bold">'
        f'{escape(shown.title)}</div><table style="{_TABLE}"><tbody>{"".join(rows)}</tbody></table>'
        f"{footer}{_picture(staged, explained)}</div>"
    )


def _head(name: str, kind: str, color: str, line: str) -> str:
    cell = f"{_CELL};{line};font-weight:bold"
    return (
        f'<tr style="background:transparent"><td style="{cell}" colspan="2">{name}</td>'
        f'<td style="{cell};color:{color}">{kind}</td><td style="{cell}"></td></tr>'
    )


def _row(row: Row, color: str) -> str:
    cells = (
        (row.number, f"{_CELL};{_CODE};color:{graph.INK}"),
        (row.code, f"{_CELL};{_CODE}"),
        (row.value, f"{_CELL};{_CODE};color:{color}"),
        (row.note, f"{_CELL};font-style:italic;color:{graph.INK}"),
    )
    inside = "".join(f'<td style="{style}">{escape(text)}</td>' for text, style in cells)
    return f'<tr style="background:transparent">{inside}</tr>'


def _picture(staged: Staged, explained: Explained | None) -> str:
    """The circuit of a program of numbers that is not too large."""
    if any(v.type.dims for v in staged.program.primal.parameters.variables):
        return ""
    drawn = circuit(staged, explained)
    return svg.to_svg(drawn) if len(drawn.nodes) <= _LARGEST else ""
