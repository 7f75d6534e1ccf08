"""Upstream's own import path, on CDK v1, for code that stays as it is."""

import subprocess
import sys
import sysconfig
from pathlib import Path

import aws_cdk.aws_lambda_destinations as upstream
import pytest

from lambda_destinations import cdk
from support.cdk import V1

PURELIB = Path(sysconfig.get_path("purelib"))
FIND = "import aws_cdk.aws_lambda_destinations as d; print(d.SnsDestination.__module__, d.__file__)"


def python(site, code):
    """Run code with that folder as the only site-packages; its .pth files are read as at start-up."""
    start = f"import site; site.addsitedir({str(site)!r}); "
    run = subprocess.run([sys.executable, "-S", "-I", "-c", start + code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.fixture
def without_upstream(tmp_path):
    """Link this environment without upstream's package: this is what a user of our package has."""
    for entry in PURELIB.iterdir():
        if entry.name not in ("aws_cdk", "lambda_destinations"):
            (tmp_path / entry.name).symlink_to(entry)
    (tmp_path / "lambda_destinations").symlink_to(Path(cdk.__file__).parents[1])  # the one under test
    (tmp_path / "aws_cdk").mkdir()
    for entry in (PURELIB / "aws_cdk").iterdir():
        if entry.name != "aws_lambda_destinations":
            (tmp_path / "aws_cdk" / entry.name).symlink_to(entry)
    return tmp_path


@pytest.mark.skipif(not V1, reason="on CDK v2 aws_cdk is a regular package, tested below")
def test_on_v1_upstreams_path_finds_ours(without_upstream):
    assert python(without_upstream, FIND).startswith("lambda_destinations.cdk._sns ")


def test_if_upstream_is_installed_its_own_module_is_found():
    assert python(PURELIB, FIND).startswith("aws_cdk.aws_lambda_destinations ")


@pytest.mark.skipif(V1, reason="on CDK v1 the path is ours to offer, tested above")
def test_on_v2_nothing_of_aws_cdk_lib_is_hidden():
    """The drop-in folder may be in `aws_cdk.__path__`, but after the library's own."""
    found = python(PURELIB, FIND + "; import aws_cdk; print(aws_cdk.__file__)")
    assert all(str(PURELIB / "aws_cdk") in line for line in found.splitlines())


@pytest.mark.skipif(not V1, reason="on CDK v2 the path is aws-cdk-lib's own")
def test_upstreams_path_has_all_the_names_of_the_package(without_upstream):
    """It has the bucket and the metrics too, and every name that is added later."""
    list_names = "import aws_cdk.aws_lambda_destinations as d; print(*(n for n in d.__all__ if hasattr(d, n)))"
    offered = python(without_upstream, list_names).split()
    assert offered == cdk.__all__
    assert {"S3Destination", "delivery_failures"} < set(offered)


def test_the_package_has_all_the_names_of_upstream():
    assert set(upstream.__all__) <= set(cdk.__all__)
