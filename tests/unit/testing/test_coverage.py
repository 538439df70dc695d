"""How a decision is told from the registry."""

import numpy as np

from chainrule.testing import coverage


def test_words_for_functions():
    assert coverage.decision(np.tanh).kind == "rule"
    assert coverage.decision(np.cov).kind == "written"
    assert coverage.decision(np.argsort).kind == "data"
    assert coverage.decision(np.vectorize).kind == "read"
    assert coverage.decision(np.save) == coverage.Decision("refused", "it reads or writes files")
    assert coverage.decision(np.testing.assert_equal) is None


def test_what_compiles():
    assert coverage.compiled(np.tanh) == "yes"
    assert coverage.compiled(np.bitwise_count) == "no"
    assert coverage.compiled(np.save) == ""


def test_methods_are_told_apart():
    found = dict(coverage.methods())
    assert found["sum"]
    assert found["take"]
    assert not found["tobytes"]
