"""The errors that users see. All of them name the line of the user's code."""

from __future__ import annotations

import linecache

from .ir.program import Span


class UnsupportedError(SyntaxError):
    """A construct that chainrule does not differentiate, refused before anything runs.

    It is a `SyntaxError` with file, line, column and source text, so that Python, IPython and
    Jupyter draw the line with a caret. `code` is the stable number of the refusal (`"CR012"`);
    the note says how to go on.
    """

    def __init__(self, code: str, message: str, span: Span | None, help: str = "") -> None:
        if span is None:
            super().__init__(f"{message} [{code}]")
        else:
            text = linecache.getline(span.file, span.line)
            end_line, end_col = span.end_line, span.end_col
            if end_line != span.line:  # one line is shown: underline to its end
                end_line, end_col = span.line, len(text.rstrip())
            where = (span.file, span.line, span.col + 1, text, end_line, end_col + 1)
            super().__init__(f"{message} [{code}]", where)
        self.code = code
        self.message = message
        self.span = span
        self.help = help
        if help:
            self.add_note(f"help: {help}")


class SignatureError(TypeError):
    """Arguments do not fit: a kind or rank that is not supported, or not what was asked for."""


class NeedStatic(Exception):
    """Specialising needs the value of these symbols or variables; the pipeline then fixes them.

    `instead` is the refusal where they cannot be fixed, None for one that says what is needed.
    """

    def __init__(
        self,
        roots: list[tuple[object, int | None]],
        span: Span | None,
        instead: UnsupportedError | None = None,
    ) -> None:
        super().__init__("a value must be known when specialising")
        self.roots = roots
        self.span = span
        self.instead = instead


class PrimalRaises(Exception):
    """For this signature the user's function itself raises an exception at `span`."""

    def __init__(self, message: str, span: Span | None) -> None:
        super().__init__(message)
        self.span = span
