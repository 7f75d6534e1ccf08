"""The wheel alone, without an extra: it imports, and each name that needs more says which extra to install."""

import subprocess
import sys
from importlib.metadata import distribution

import pytest
from packaging.requirements import Requirement

import lambda_destinations


def test_nothing_else_is_installed():
    for requirement in map(Requirement, distribution("lambda-destinations").requires):
        assert requirement.marker is not None
        assert not requirement.marker.evaluate({"extra": ""})


@pytest.mark.parametrize(("extra", "first"), [("cdk-v1", "aws-cdk-aws-events"), ("cdk-v2", "aws-cdk-lib")])
def test_an_extra_brings_only_its_own_cdk(extra, first):
    requirements = [Requirement(text) for text in distribution("lambda-destinations").requires]
    brought = sorted(r.name for r in requirements if r.marker is None or r.marker.evaluate({"extra": extra}))
    assert brought[0] == first
    assert "constructs" in brought
    assert len({name.startswith("aws-cdk-lib") for name in brought if name != "constructs"}) == 1


def test_every_public_name_exists_or_says_which_extra_to_install():
    for name in lambda_destinations.__all__:
        try:
            assert getattr(lambda_destinations, name) is not None
        except lambda_destinations.MissingDependency as missing:
            assert "pip install 'lambda-destinations[cdk-v2]'" in str(missing)  # noqa: PT017  (both are right)


@pytest.mark.parametrize("name", [name for name, home in lambda_destinations._HOME.items() if home == "cdk"])
def test_a_name_that_needs_the_cdk_says_which_extra_to_install(name):
    with pytest.raises(
        ImportError, match=r"run pip install 'lambda-destinations\[cdk-v2\]', or .*\[cdk-v1\]' for CDK v1$"
    ):
        getattr(lambda_destinations, name)


def test_a_template_in_yaml_says_which_extra_to_install(tmp_path):
    from lambda_destinations.template import read_stacks

    template = tmp_path / "template.yaml"
    template.write_text("Resources: {}")
    with pytest.raises(lambda_destinations.MissingDependency, match=r"run pip install 'lambda-destinations\[tools\]'"):
        read_stacks(template)


def test_a_name_that_does_not_exist_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'SnsDestionation'"):
        lambda_destinations.SnsDestionation  # noqa: B018  (the lookup is the test)


def test_importing_the_package_loads_nothing_else():
    code = "import sys; before = set(sys.modules); import lambda_destinations; print(*set(sys.modules) - before)"
    run = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert set(run.stdout.split()) == {"lambda_destinations"}
