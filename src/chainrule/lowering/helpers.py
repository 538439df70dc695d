"""Functions that lowered programs call: plain text, which compiles too. A helper may call earlier ones."""

from __future__ import annotations

from typing import Final

HELPERS: Final[dict[str, str]] = {
    "grown": '''def grown(data, needed):
    """A copy of a record with room for more."""
    larger = np.empty(max(2 * data.size, needed), data.dtype)
    for i in range(data.size):
        larger[i] = data[i]
    return larger
''',
}
