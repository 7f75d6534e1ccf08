"""The synthesized apps of the parity suite are read and resolved, and nothing in them is refused."""

from functools import partial
from pathlib import Path

import pytest

pytest.importorskip("aws_cdk.aws_lambda", reason="needs a CDK: run it with tox -e v1 or -e v2")

import lambda_destinations as ours
from lambda_destinations.template import is_known, read_flow, read_stacks, refusals, resolve_app
from parity import cases
from support.cdk import V1, cdk

# AWS refuses these too: the configuration of an alias that the app does not have, and a statement id of 69 characters.
# CDK v1 makes that id for the event bus of another account (v2 cuts it), and EventBridge takes at most 64 characters.
REFUSED = {"event_invoke_config": {"no-such-qualifier"}} | (
    {"target_in_another_account": {"schema-range"}} if V1 else {}
)
APPS = {
    f"{case.__name__}-{kind}": partial(case, kind=kind) for case in cases.FOR_EVERY_KIND for kind in cases.KINDS
} | {case.__name__: case for case in cases.CASES}


@pytest.mark.parametrize("name", APPS)
def test_an_app_of_the_cdk_is_resolved_and_not_refused(tmp_path, name):
    app = cdk.App(outdir=str(tmp_path), analytics_reporting=False)
    APPS[name](app, ours)
    app.synth()
    resolved = resolve_app(read_stacks(Path(tmp_path)))
    flow = read_flow(resolved)
    assert {each.code for each in refusals(resolved, flow)} == REFUSED.get(name.split("-", maxsplit=1)[0], set())
    assert {each.kind for one in resolved for each in one.missing} == set()
    for config in flow.configs:
        assert config.destinations
        assert all(is_known(each.arn) for each in config.destinations)
