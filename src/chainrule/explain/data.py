"""A staged program as plain data, for `chainrule show --json`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..emit.interface import signature_lines

if TYPE_CHECKING:
    from .stages import Explained, Staged, StageLine


def as_data(staged: Staged, explained: Explained | None = None) -> dict[str, Any]:
    """Stages, and what a run computed, as lists, numbers and text that JSON can hold.

    >>> import chainrule as cr
    >>> staged = cr.stages(lambda x: x * x, 3.0)
    >>> data = as_data(staged, staged.explain(3.0))
    >>> data["backward"]
    [{'stage': 1, 'code': 'dx = 2 * x', 'names': ['dx'], 'values': [6.0]}]
    """
    shown = explained if explained is not None else staged
    data: dict[str, Any] = {
        "function": staged.name,
        "signature": signature_lines(staged.program.primal.parameters),
        "wrt": list(staged.program.wrt),
        "forward": _lines(shown.forward, explained is not None),
        "backward": _lines(shown.backward, explained is not None),
    }
    if explained is not None:
        data["arguments"] = plain(dict(explained.arguments))
        data["value"] = plain(explained.value)
        data["gradients"] = plain(dict(explained.gradients))
    return data


def _lines(lines: Sequence[StageLine], values: bool) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = []
    for line in lines:
        entry: dict[str, Any] = {"stage": line.number, "code": line.code, "names": [*line.names]}
        if values:
            entry["values"] = plain(line.values)
        if line.comment:
            entry["comment"] = line.comment
        if line.remark:
            entry["remark"] = line.remark
        shown.append(entry)
    return shown


def plain(value: Any) -> Any:
    """A value as JSON has it; numbers that are not finite as text.

    >>> plain({"x": np.array([1.0, np.inf])})
    {'x': [1.0, 'inf']}
    """
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, tuple | list):
        return [plain(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if isinstance(value, bool | int | float | str) or value is None else repr(value)
