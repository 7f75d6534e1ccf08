"""The apps of the parity tests are run: every function that they configure delivers its record."""

from functools import partial
from pathlib import Path

import pytest

pytest.importorskip("aws_cdk.aws_lambda", reason="needs a CDK: run it with tox -e v1 or -e v2")

import lambda_destinations as ours
from parity import cases
from support.cdk import cdk

# The engine cannot show these: other partitions, other accounts or regions, and resources of another app.
ELSEWHERE = {
    "china",
    "govcloud",
    "two_environments",
    "imported_destinations",
    "response_only_to_an_imported_function",
    "response_only_to_an_imported_function_elsewhere",
    "source_imported_with_its_role",
    "target_in_another_account",
    "target_in_another_region",
}
UNSUITED = {
    "a_thousand_resources_less",  # the smaller apps test each of its pairs
    "bind_by_hand_to_one_scope",  # does not configure a function
    "event_invoke_config",  # it is for an alias that the app does not have, which is refused here as on AWS
}
APPS = {
    f"{case.__name__}-{kind.replace(' ', '-')}": partial(case, kind=kind)
    for case in cases.FOR_EVERY_KIND
    for kind in cases.KINDS
    if case.__name__ not in ELSEWHERE | UNSUITED
} | {case.__name__: case for case in cases.CASES if case.__name__ not in ELSEWHERE | UNSUITED}


@pytest.fixture(scope="module")
def assemblies(tmp_path_factory):
    """Every app in its own stage, all synthesized together."""
    outdir = tmp_path_factory.mktemp("parity") / "cdk.out"
    app = cdk.App(outdir=str(outdir), analytics_reporting=False)
    for number, build in enumerate(APPS.values()):
        build(cdk.Stage(app, f"App{number}"), ours)
    app.synth()
    return {name: outdir / f"assembly-App{number}" for number, name in enumerate(APPS)}


@pytest.mark.parametrize("name", APPS)
def test_an_app_of_the_parity_suite_delivers(local_aws, assemblies: dict[str, Path], name):
    """Each function and qualifier with a configuration is invoked, and its targets are followed."""
    app = local_aws.deploy(assemblies[name])
    configured = [
        f"{function}:{qualifier}" for env, function in app._deployed_functions for qualifier in env.configs(function)
    ]
    assert configured
    for function in configured:
        run = app.invoke(function, {"a": 1})
        assert run.problems == [], run
        assert run.condition == "Success"
