"""Templates that are written for SAM: AWS's own translator expands them, and nothing in them is refused."""

import json

import pytest

pytest.importorskip("samtranslator")

from lambda_destinations.template import Given
from local.test_sam import CASES, EVENTS, SETTINGS, document

FUNCTION = {"Handler": "index.handler", "Runtime": "python3.13"}


@pytest.mark.parametrize("settings", SETTINGS)
def test_nothing_that_sam_takes_is_refused(judge, settings):
    """Every kind of event is tried, and no value is missing."""
    wrong = {}
    for kind in EVENTS:
        if (settings, kind) in CASES:
            read = judge(text=json.dumps(document(SETTINGS[settings], EVENTS[kind])))
            found = [str(each) for each in read.findings] + [str(each) for each in read.only.missing]
            assert "AWS::Serverless" not in json.dumps(read.only.template)
            if found:
                wrong[kind] = found
    assert wrong == {}


def sam(**properties):
    function = {"Type": "AWS::Serverless::Function", "Properties": {**FUNCTION, **properties}}
    return {"Transform": "AWS::Serverless-2016-10-31", "Resources": {"Fn": function}}


def test_local_code_is_kept_as_an_asset(judge, tmp_path):
    read = judge(text=json.dumps(sam(CodeUri="src/")))
    stack = read.only.stack
    assert stack.asset(read.only.template["Resources"]["Fn"]["Properties"]["Code"]) == (tmp_path / "src").resolve()


def test_local_code_of_the_globals_is_kept_as_an_asset(judge, tmp_path):
    template = sam() | {"Globals": {"Function": {"CodeUri": "all"}}}
    read = judge(text=json.dumps(template))
    code = read.only.template["Resources"]["Fn"]["Properties"]["Code"]
    assert read.only.stack.asset(code) == (tmp_path / "all").resolve()


def test_local_code_of_a_plain_template_is_kept_as_an_asset(judge, tmp_path):
    from template.conftest import base

    resources = base()
    resources["Fn"]["Properties"]["Code"] = "./src"
    read = judge(resources)
    code = read.only.template["Resources"]["Fn"]["Properties"]["Code"]
    assert read.only.stack.asset(code) == (tmp_path / "src").resolve()
    assert read.findings == []


def test_inline_code_stays(judge):
    read = judge(text=json.dumps(sam(InlineCode="pass")))
    assert read.only.template["Resources"]["Fn"]["Properties"]["Code"] == {"ZipFile": "pass"}


def test_the_destination_of_a_sam_function_is_found(judge):
    to = {"OnFailure": {"Type": "SQS"}}
    read = judge(
        text=json.dumps(sam(InlineCode="pass", AutoPublishAlias="live", EventInvokeConfig={"DestinationConfig": to}))
    )
    (config,) = read.flow.configs
    assert config.qualifier == "live"
    assert config.function.resource.logical_id == "Fn"
    assert read.flow.at(config.destinations[0].arn).service == "sqs"


def test_the_environment_is_restored(judge, monkeypatch):
    """While the translator runs, AWS_DEFAULT_REGION is the region of the stack."""
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    import os

    judge(text=json.dumps(sam(InlineCode="pass")), given=Given(region="cn-north-1"))
    assert "AWS_DEFAULT_REGION" not in os.environ


def test_there_are_enough_of_them():
    assert len(CASES) >= 400
