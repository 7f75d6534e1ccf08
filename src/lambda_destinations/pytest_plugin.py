"""The pytest fixtures `local_aws`, `local_aws_module` and `local_aws_session`.

Every pytest run of every user loads this module, so it imports almost nothing.
"""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambda_destinations.local import LocalAws, Run

_engine: pytest.StashKey["LocalAws"] = pytest.StashKey()
_running: pytest.StashKey[pytest.Item] = pytest.StashKey()


@pytest.fixture
def local_aws(request: pytest.FixtureRequest) -> "Iterator[LocalAws]":
    """A local AWS for one test: its apps are deleted after the test. All tests of the session share one engine.

    The report of a failed test shows the tree of each run, with the output of the handlers.
    """
    yield from _apps(request.config)


@pytest.fixture(scope="module")
def local_aws_module(request: pytest.FixtureRequest) -> "Iterator[LocalAws]":
    """A local AWS for all tests of a module: deploy once, in a fixture of the module, and invoke in each test."""
    yield from _apps(request.config)


@pytest.fixture(scope="session")
def local_aws_session(request: pytest.FixtureRequest) -> "Iterator[LocalAws]":
    """A local AWS for all tests of the session."""
    yield from _apps(request.config)


def _apps(config: pytest.Config) -> "Iterator[LocalAws]":
    from lambda_destinations.local import LocalAws

    stash = config.stash
    if _engine in stash and not stash[_engine].alive:
        stash[_engine].close()  # a test ended the engine: the next test gets a new one
        del stash[_engine]
    if _engine not in stash:
        stash[_engine] = LocalAws()
    aws = stash[_engine].shared()

    def report(run: "Run") -> None:
        if _running in stash:
            stash[_running].add_report_section("call", "local AWS", run.text(logs=True))

    aws.on_run = report
    try:
        yield aws
    finally:
        aws.on_run = None
        aws.close()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Remember to which test the runs of a shared fixture belong."""
    item.config.stash[_running] = item


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the engine with the session."""
    if _engine in config.stash:
        config.stash[_engine].close()
        del config.stash[_engine]
