"""What the examples share: the option for a picture, and a figure that is written if it is asked for."""

import argparse
from contextlib import contextmanager
from unittest.mock import MagicMock


def options(doc):
    """The arguments of the command line."""
    parser = argparse.ArgumentParser(description=doc.splitlines()[0])
    parser.add_argument("--plot", help="write a picture to this file; needs matplotlib")
    return parser.parse_args()


@contextmanager
def figure(path):
    """Axes to draw on, written to the file; without a path nothing is drawn and nothing is needed."""
    if not path:
        yield MagicMock()
        return
    import matplotlib as mpl

    mpl.use("Agg")
    mpl.rcParams["svg.hashsalt"] = "chainrule"  # the same bytes each time
    import matplotlib.pyplot as plt

    shown, axes = plt.subplots(figsize=(6.4, 3.8), layout="constrained")
    yield axes
    shown.savefig(path, metadata={"Date": None} if path.endswith(".svg") else None)
