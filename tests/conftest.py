"""Options of the whole test suite, and a cache of compiled code of its own."""

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
