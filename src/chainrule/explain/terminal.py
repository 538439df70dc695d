"""The table of a staged program: forward stages with values, backward stages with gradients.

`table` makes it, `Table.plain` is its text for files and pipes, and `Table.styled` its text in
colours for `rich`; both have the same lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, final

from ..emit.interface import signature_lines
from .circuit import title
from .values import short

if TYPE_CHECKING:
    from rich.text import Text

    from .stages import Explained, Staged, StageLine

Pieces = list[tuple[str, str]]  # of a line, each with its kind
_CODE: Final = 60  # the widest statement that has its value on the same line
_STYLES: Final = {
    "title": "bold", "head": "bold", "number": "cyan", "value": "green", "gradient": "red",
    "note": "dim italic",
}  # fmt: skip


@final
@dataclass(frozen=True)
class Row:
    """One line of the table."""

    number: str
    code: str
    value: str
    note: str


@final
@dataclass(frozen=True)
class Table:
    """The table in parts; `footer` has the value and the whole gradient in full precision."""

    title: str
    forward: tuple[Row, ...]
    backward: tuple[Row, ...]
    footer: tuple[tuple[str, str], ...]

    def plain(self) -> str:
        """The text without colours."""
        lines = ("".join(text for text, _ in line).rstrip() for line in self._lines())
        return "\n".join(lines)

    def styled(self) -> Text:
        """The text with colours; the code is highlighted."""
        from rich.syntax import Syntax
        from rich.text import Text

        highlighter = Syntax("", "python", theme="ansi_dark")
        whole = Text()
        for line in self._lines():
            for text, kind in line:
                if kind == "code" and text.strip():
                    code = highlighter.highlight(text)
                    code.right_crop(1)  # the line end that the highlighter adds
                    whole.append_text(code)
                    whole.append(" " * (len(text) - len(code.plain)))
                else:
                    whole.append(text, _STYLES.get(kind))
            whole.append("\n")
        whole.rstrip()
        return whole

    def _lines(self) -> Iterator[Pieces]:
        """Every line of the table."""
        widths = _Widths.of([*self.forward, *self.backward])
        yield [(self.title, "title")]
        for rows, name, kind in (
            (self.forward, "forward", "value"),
            (self.backward, "backward", "gradient"),
        ):
            yield []
            head = name.ljust(widths.number + widths.code + 4)
            yield [(head, "head"), (kind if widths.value else "", kind)]
            for row in rows:
                yield from widths.lines(row, kind)
        if self.footer:
            yield []
        for i, (name, text) in enumerate(self.footer):
            yield [(f"{name} = ", "head"), (text, "gradient" if i else "value")]


@final
@dataclass(frozen=True)
class _Widths:
    """The widths of the columns; `whole` is that of numbers before their decimal point."""

    number: int
    code: int
    value: int
    whole: int

    @staticmethod
    def of(rows: Sequence[Row]) -> _Widths:
        """The widths that these rows need; a very long statement gets the line for itself."""
        code = max((min(len(row.code), _CODE) for row in rows), default=0)
        whole = max((_whole(row.value) for row in rows), default=0)
        values = [len(_aligned(row.value, whole)) for row in rows if row.value]
        value = max([len("gradient"), *values]) if values else 0
        return _Widths(max((len(row.number) for row in rows), default=0), code, value, whole)

    def lines(self, row: Row, kind: str) -> Iterator[Pieces]:
        """The line of a row, or two where the statement is long."""
        start = (row.number.ljust(self.number) + "  ", "number")
        value = _aligned(row.value, self.whole).ljust(self.value)
        rest = [(value + "  " if self.value else "", kind), (row.note, "note")]
        if len(row.code) <= self.code:
            yield [start, (row.code.ljust(self.code) + "  ", "code"), *rest]
            return
        yield [start, (row.code, "code")]
        if row.value or row.note:
            yield [(" " * (self.number + self.code + 4), ""), *rest]


def table(staged: Staged, explained: Explained | None = None) -> Table:
    """The table of a program, with the values and gradients of a run where there was one.

    >>> import chainrule as cr
    >>> print(table(cr.stages(lambda x, y: x * y, 2.0, 3.0)).plain())
    fun(x, y) for x: float, y: float
    <BLANKLINE>
    forward
    (1)  value = x * y
    <BLANKLINE>
    backward
    (1)  dx = y
         dy = x
    """
    source = explained if explained is not None else staged
    forward, backward = _rows(source.forward), _rows(source.backward)
    if explained is None:
        kinds = ", ".join(signature_lines(staged.program.primal.parameters))
        return Table(f"{title(staged)} for {kinds}", forward, backward, ())
    footer = [(_result_name(explained), _full(explained.value))]
    footer += [(f"d{name}", _full(value)) for name, value in explained.gradients.items()]
    return Table(title(staged, explained), forward, backward, tuple(footer))


def _result_name(explained: Explained) -> str:
    last = explained.forward[-1].names if explained.forward else ()
    return last[-1] if last else explained.name


def _rows(lines: Sequence[StageLine]) -> tuple[Row, ...]:
    rows: list[Row] = []
    before = 0
    for line in lines:
        number = f"({line.number})" if line.number and line.number != before else ""
        before = line.number
        value = ", ".join(short(v) for v in line.values)
        note = ", ".join(part for part in (line.comment, line.remark) if part)
        code, *more = line.code.split("\n")
        rows.append(Row(number, code, "" if more else value, note))
        rows += [Row("", part, "", "") for part in more]
    return tuple(rows)


def _full(value: object) -> str:
    """A number with all its digits, anything else as in the table."""
    if isinstance(value, complex):
        return repr(complex(value))
    return repr(float(value)) if isinstance(value, float) else short(value)


def _whole(value: str) -> int:
    """How many characters of a number stand before its decimal point."""
    if value[:1].isdigit() or value[:1] == "-":
        return len(value.split("e")[0].split(".")[0])
    return 0


def _aligned(value: str, whole: int) -> str:
    """The value moved right so that decimal points are in one column."""
    return " " * (whole - _whole(value)) + value if _whole(value) else value
