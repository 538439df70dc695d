"""Options of the whole test suite, and a cache of compiled code of its own."""

import os
import zlib

import pytest


def pytest_addoption(parser):
    parser.addoption(
        "--update-golden", action="store_true", help="rewrite the golden cases in tests/data"
    )


@pytest.fixture(scope="session", autouse=True)
def _compiled_code(tmp_path_factory):
    """Compiled modules are kept in a folder that only this run has."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHAINRULE_CACHE_DIR", str(tmp_path_factory.mktemp("compiled")))
        yield


# Checks of what other tests check too, under other options: one in four of each unless
# CHAINRULE_ALL=1 asks for all.
SWEEPS = (
    "test_same_gradients", "test_same_gradients_within_expressions", "test_sizes_of_one_and_zero",
    "test_several_directions_at_once", "test_a_hessian_is_the_slope_of_the_gradient",
    "test_options_change_no_answer", "test_standalone_file", "test_type_is_what_the_call_returns",
    "test_against_autograd",
)  # fmt: skip


def pytest_collection_modifyitems(config, items):
    if os.environ.get("CHAINRULE_ALL"):
        return
    left_out = [
        item
        for item in items
        if getattr(item, "originalname", "") in SWEEPS and zlib.crc32(item.nodeid.encode()) % 4
    ]
    if len(left_out) < len(items):  # a test that is asked for by its name runs
        config.hook.pytest_deselected(items=left_out)
        gone = set(left_out)
        items[:] = [item for item in items if item not in gone]
