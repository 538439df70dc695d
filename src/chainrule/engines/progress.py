"""What is being done, on a terminal, while the user waits for a compilation."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

_CLEAR = "\r\x1b[K"


@contextmanager
def phase(text: str) -> Iterator[None]:
    """Show a line on standard error for as long as the work takes, if that is a terminal."""
    stream = sys.stderr
    if stream is None or not stream.isatty():
        yield
        return
    stream.write(f"{_CLEAR}chainrule: {text} ...")
    stream.flush()
    try:
        yield
    finally:
        stream.write(_CLEAR)
        stream.flush()
