"""The pytest fixture `local_aws`. Every pytest run of every user loads this module: it imports next to nothing."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambda_destinations.local import LocalAws

_shared: pytest.StashKey["LocalAws"] = pytest.StashKey()


@pytest.fixture
def local_aws(request: pytest.FixtureRequest) -> "Iterator[LocalAws]":
    """A local AWS that the whole session shares; the apps that a test deploys are gone after it.

    A test that fails shows the tree of each of its runs.
    """
    from lambda_destinations.local import LocalAws

    stash = request.config.stash
    if _shared in stash and not stash[_shared].alive:
        stash[_shared].close()  # a test has ended the engine: the next one gets its own
        del stash[_shared]
    if _shared not in stash:
        stash[_shared] = LocalAws()
    aws = stash[_shared]
    aws.on_run = lambda run: request.node.add_report_section("call", "local AWS", str(run))
    yield aws
    aws.on_run = None
    if aws.alive:
        aws.close_apps()


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the engine with the session."""
    if _shared in config.stash:
        config.stash[_shared].close()
        del config.stash[_shared]
