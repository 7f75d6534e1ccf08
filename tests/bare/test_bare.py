"""The wheel alone, with no extra: it imports, and each name that needs more says which extra that is."""

import subprocess
import sys
from importlib.metadata import distribution

import pytest

import lambda_destinations


def test_nothing_is_installed_along():
    assert all("extra ==" in requirement for requirement in distribution("lambda-destinations").requires)


def test_every_public_name_is_there_or_says_which_extra_brings_it():
    for name in lambda_destinations.__all__:
        try:
            assert getattr(lambda_destinations, name) is not None
        except lambda_destinations.MissingDependency as missing:
            assert "pip install 'lambda-destinations[v2]'" in str(missing)  # noqa: PT017  (both are right)


@pytest.mark.parametrize(
    "name",
    ["EventBridgeDestination", "LambdaDestination", "LambdaDestinationOptions", "SnsDestination", "SqsDestination"],
)
def test_a_destination_says_which_extra_to_install(name):
    with pytest.raises(ImportError, match=r"run pip install 'lambda-destinations\[v2\]', or .*\[v1\]' for CDK v1$"):
        getattr(lambda_destinations, name)


def test_a_name_that_does_not_exist_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'SnsDestionation'"):
        lambda_destinations.SnsDestionation  # noqa: B018


def test_importing_the_package_loads_nothing_else():
    code = "import sys; before = set(sys.modules); import lambda_destinations; print(*set(sys.modules) - before)"
    run = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert set(run.stdout.split()) == {"lambda_destinations"}
