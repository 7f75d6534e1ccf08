"""Apps built with the installed CDK, v1 or v2, with the CDK's own module and with ours."""

import json

import pytest

pytest.importorskip("aws_cdk.aws_lambda", reason="needs a CDK: run it with tox -e v1 or -e v2")

import aws_cdk.aws_kms as kms
import aws_cdk.aws_lambda as lambda_
import aws_cdk.aws_lambda_destinations as upstream
import aws_cdk.aws_s3 as s3
import aws_cdk.aws_sns as sns
import aws_cdk.aws_sqs as sqs

import lambda_destinations as ours
from lambda_destinations.errors import NotDelivered
from support.cdk import V1, cdk, function

MODULES = pytest.mark.parametrize("d", [upstream, ours], ids=["upstream", "ours"])
NODE = """exports.handler = async (event) => {
  console.log(event);
  if (event.status === 'error') throw new Error('error');
  return event;
};"""
STATUS = """exports.handler = async (event) => {
  if (event.status === 'OK') return 'success';
  throw new Error('failure');
};"""


def node(scope, id, code, **props):
    runtime = lambda_.Runtime("nodejs22.x", lambda_.RuntimeFamily.NODEJS, supports_inline_code=True)
    return function(scope, id, runtime=runtime, code=lambda_.Code.from_inline(code), **props)


def deploy(local_aws, folder, build):
    """The app that `build(stack)` makes, synthesized and deployed."""
    outdir = folder / "cdk.out"
    app = cdk.App(outdir=str(outdir), analytics_reporting=False)
    build(cdk.Stack(app, "Stack"))
    app.synth()
    return local_aws.deploy(outdir)


@MODULES
def test_upstreams_chain_runs_to_its_end(local_aws, tmp_path, d):
    """First → Second → Third with `response_only`; Error gets only the error object."""

    def build(stack):
        first, second, third, error = (node(stack, name, NODE) for name in ("First", "Second", "Third", "Error"))
        first.configure_async_invoke(
            on_success=d.LambdaDestination(second, response_only=True),
            on_failure=d.LambdaDestination(error, response_only=True),
            retry_attempts=0,
        )
        second.configure_async_invoke(on_success=d.LambdaDestination(third, response_only=True))

    app = deploy(local_aws, tmp_path, build)
    run = app.invoke("First", {"status": "success"})
    assert run.problems == [], run
    assert [each.function.label for each in run.all_runs] == ["First", "Second", "Third"]
    assert run.all_runs[-1].response_payload == {"status": "success"}
    assert len(run.delivered_to("Third")) == 1
    run = app.invoke("First", {"status": "error"})
    assert [each.function.label for each in run.all_runs] == ["First", "Error"]
    assert run.all_runs[-1].record.request_payload["errorMessage"] == "error"


@MODULES
def test_upstreams_destinations_app_delivers_everything(local_aws, tmp_path, d):
    """A queue, a topic, a function, an event bus, and an alias with its own configuration, in one stack."""

    def build(stack):
        topic, queue = sns.Topic(stack, "Topic"), sqs.Queue(stack, "Queue")
        sns_sqs = node(
            stack,
            "SnsSqs",
            STATUS,
            on_failure=d.SnsDestination(topic),
            on_success=d.SqsDestination(queue),
            max_event_age=cdk.Duration.hours(3),
            retry_attempts=1,
        )
        on_success = node(stack, "OnSucces", NODE)
        node(
            stack,
            "EventBusLambda",
            STATUS,
            on_failure=d.EventBridgeDestination(),
            on_success=d.LambdaDestination(on_success),
        )
        lambda_.Alias(
            stack,
            "MySpecialAlias",
            alias_name="MySpecialAlias",
            version=sns_sqs.current_version,
            on_success=d.SqsDestination(queue),
            on_failure=d.SnsDestination(topic),
            max_event_age=cdk.Duration.hours(2),
            retry_attempts=0,
        )

    app = deploy(local_aws, tmp_path, build)
    for name, attempts in (("SnsSqs", 2), ("MySpecialAlias", 1)):
        run = app.invoke(name, {"status": "OK"})
        assert (run.condition, run.problems) == ("Success", [])
        assert run.delivered_to("Queue")[0].response_payload == "success"
        run = app.invoke(name, {"status": "no"})
        assert (run.attempts, run.problems) == (attempts, [])
        assert run.delivered_to("Topic")[0].error.message == "failure"
    run = app.invoke("EventBusLambda", {"status": "OK"})
    assert run.problems == []
    assert run.delivered_to("OnSucces")[0].response_payload == "success"
    run = app.invoke("EventBusLambda", {"status": "no"})
    assert run.problems == []
    assert run.delivered_to("default")[0].error.message == "failure"


def response_only_of_an_alias(d):
    def build(stack):
        fn, target = function(stack, "Source"), function(stack, "Target")
        lambda_.Alias(
            stack,
            "Live",
            alias_name="live",
            version=fn.current_version,
            on_success=d.LambdaDestination(target, response_only=True),
        )

    return build


def test_upstreams_response_only_on_an_alias_loses_the_response(local_aws, tmp_path):
    """Its rule matches `$LATEST`, but the event names the alias. Nothing is delivered, and there is no error."""
    run = deploy(local_aws, tmp_path, response_only_of_an_alias(upstream)).invoke("Live", {"a": 1})
    assert run.delivered_to("Target") == []
    assert run.deliveries[0].accepted
    assert "names this function, but not live" in str(run)
    assert len(run.problems) == 1
    with pytest.raises(NotDelivered, match="but not live"):
        run.assert_delivered()


def test_a_rule_that_works_for_another_qualifier_is_not_a_loss(local_aws, tmp_path):
    """The responses of the function go to another function, the records of its alias only to the event bus."""

    def build(stack):
        fn = function(stack, "Source")
        fn.configure_async_invoke(on_success=ours.LambdaDestination(function(stack, "Target"), response_only=True))
        lambda_.Alias(
            stack,
            "Live",
            alias_name="live",
            version=fn.current_version,
            on_success=ours.EventBridgeDestination(),
        )

    run = deploy(local_aws, tmp_path, build).invoke("Live", {"a": 1})
    assert run.problems == [], run
    assert "no rule matches" in str(run)


def test_our_response_only_on_an_alias_delivers_the_response(local_aws, tmp_path):
    """Its rule matches only the alias."""
    app = deploy(local_aws, tmp_path, response_only_of_an_alias(ours))
    run = app.invoke("Live", {"a": 1})
    assert run.problems == [], run
    assert len(run.delivered_to("Target")) == 1
    assert run.all_runs[1].record.request_payload == {"a": 1}
    assert app.invoke("Source", {"a": 1}).deliveries == []


def encrypted_topic(d):
    def build(stack):
        topic = sns.Topic(stack, "Topic", master_key=kms.Key(stack, "Key"))
        function(stack, "Source", on_success=d.SnsDestination(topic))

    return build


def test_upstreams_encrypted_topic_loses_the_record_on_version_1(local_aws, tmp_path):
    """Version 1 does not grant anything on the key; version 2 does since January 2025."""
    run = deploy(local_aws, tmp_path, encrypted_topic(upstream)).invoke("Source", {"a": 1})
    if V1:
        assert "is encrypted, and its key does not let" in run.problems[0]
        assert "kms:GenerateDataKey" in run.problems[0]
        assert run.delivered_to("Topic") == []
    else:
        assert run.problems == []
        assert len(run.delivered_to("Topic")) == 1


def test_our_encrypted_topic_gets_the_record_on_either_version(local_aws, tmp_path):
    """Our construct grants the role the use of the key."""
    run = deploy(local_aws, tmp_path, encrypted_topic(ours)).invoke("Source", {"a": 1})
    assert run.problems == [], run
    assert len(run.delivered_to("Topic")) == 1


def test_our_bucket_gets_the_record_of_a_failure(local_aws, tmp_path):
    """With no more permissions than delivery needs."""

    def build(stack):
        code = lambda_.Code.from_inline("def handler(event, context): raise ValueError('no')")
        function(stack, "Source", code=code, on_failure=ours.S3Destination(s3.Bucket(stack, "Bucket")))

    run = deploy(local_aws, tmp_path, build).invoke("Source", {"a": 1})
    assert run.problems == [], run
    assert run.delivered_to("Bucket")[0].error.message == "no"


def test_an_asset_of_the_cdk_runs(local_aws, tmp_path):
    """Code from a folder, as each version of the CDK copies it, with a layer."""
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "app.py").write_text("import layered\ndef handler(event, context): return layered.NAME")
    (tmp_path / "layer" / "python").mkdir(parents=True)
    (tmp_path / "layer" / "python" / "layered.py").write_text("NAME = 'from the layer'")

    def build(stack):
        layer = lambda_.LayerVersion(stack, "Layer", code=lambda_.Code.from_asset(str(tmp_path / "layer")))
        code = lambda_.Code.from_asset(str(tmp_path / "code"))
        function(stack, "Source", code=code, handler="app.handler", layers=[layer])

    app = deploy(local_aws, tmp_path, build)
    assert app.notes == ()
    assert app.invoke("Source").response_payload == "from the layer"


@MODULES
def test_a_stack_of_more_than_51200_bytes_delivers(local_aws, tmp_path, d):
    """Every one delivers."""

    def build(stack):
        queue = sqs.Queue(stack, "Queue")
        for number in range(25):
            function(stack, f"Source{number}", on_success=d.SqsDestination(queue))

    app = deploy(local_aws, tmp_path, build)
    for number in (0, 24):
        assert len(app.invoke(f"Source{number}", number).delivered_to("Queue")) == 1


def test_the_record_of_a_cdk_app_names_the_function(local_aws, tmp_path):
    """Names come from the construct tree, ARNs from the engine."""

    def build(stack):
        function(stack, "Source", on_success=ours.SqsDestination(sqs.Queue(stack, "Queue")))

    run = deploy(local_aws, tmp_path, build).invoke("Stack/Source", {"a": 1})
    assert json.loads(run.to_json())["function"] == "Source"
    assert run.record.function_arn.startswith("arn:aws:lambda:us-east-1:000000000000:function:Stack-Source")
