"""A pytest plugin: gives the test run its servers before Django reads its settings (`addopts` in pyproject.toml).

The first process of a run attaches to the embedded servers under var/test, unless DATABASE_URL and REDIS_URL point elsewhere;
the workers of pytest-xdist inherit the addresses. Everything is let go of when the run ends, however it ends.
"""

import os
from contextlib import ExitStack

from websesam import embedded

os.environ["ENVIRONMENT"] = "test"
_held = ExitStack()
_held.enter_context(embedded.servers(["pytest", "run"]))


def pytest_unconfigure() -> None:
    """Let go of the servers; the last one out stops them."""
    _held.close()
