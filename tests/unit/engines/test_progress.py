"""What is being done is shown on a terminal, and nowhere else."""

import io
import sys

from chainrule.engines.progress import phase


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_sees_the_phase_until_it_ends(monkeypatch):
    monkeypatch.setattr(sys, "stderr", stream := Terminal())
    with phase("compiling f"):
        assert stream.getvalue() == "\r\x1b[Kchainrule: compiling f ..."
    assert stream.getvalue().endswith("...\r\x1b[K")


def test_nothing_else_does(monkeypatch):
    monkeypatch.setattr(sys, "stderr", stream := io.StringIO())
    with phase("compiling f"):
        pass
    assert stream.getvalue() == ""
    monkeypatch.setattr(sys, "stderr", None)
    with phase("compiling f"):
        pass
