"""Every destination, on success and on failure: of the same app, imported, and of an alias."""

import json
import re
from typing import Any

import pytest

from local.conftest import QUEUE

PAYLOADS = {"success": {"Success": True, "note": "é ✓"}, "failure": {"Success": False, "note": "é ✓"}}
PAIRS = [
    pytest.param(service, on, id=f"{service}-{on}")
    for service in ("sqs", "sns", "lambda", "events", "s3")
    for on in ("success", "failure")
    if (service, on) != ("s3", "success")  # Lambda takes a bucket for failures only
]
OWNED = {
    "events": ("Bus", "AWS::Events::EventBus", {"Name": "results"}),
    "s3": ("Bucket", "AWS::S3::Bucket", {}),
    "sns": ("Topic", "AWS::SNS::Topic", {}),
    "sqs": ("Queue", "AWS::SQS::Queue", {}),
}
IMPORTED = {
    "events": "arn:aws:events:us-east-1:000000000000:event-bus/elsewhere",
    "s3": "arn:aws:s3:::elsewhere-bucket",
    "sns": "arn:aws:sns:us-east-1:000000000000:elsewhere",
    "sqs": "arn:aws:sqs:us-east-1:000000000000:elsewhere",
}


def owned(template, service: str) -> tuple[str, Any]:
    if service == "lambda":
        return "Other", template.function("Other")
    logical_id, kind, properties = OWNED[service]
    return logical_id, template.add(logical_id, kind, **properties)


def check(run, name: str, on: str, service: str) -> None:
    """The record arrived at `name`, unchanged."""
    assert run.condition == ("Success" if on == "success" else "RetriesExhausted"), run
    assert run.problems == [], run
    [record] = run.delivered_to(name)
    assert record.request_payload == PAYLOADS[on]
    assert record.succeeded == (on == "success")
    [delivery] = run.deliveries
    assert delivery.read_back is (None if service == "lambda" else True)
    if service == "lambda":
        [onward] = delivery.runs
        assert onward.record.request_payload == record.to_dict()


@pytest.mark.parametrize(("service", "on"), PAIRS)
def test_a_record_reaches_a_destination_of_the_same_app(local_aws, template, service, on):
    """For each pair of destination and outcome that Lambda allows."""
    name, destination = owned(template, service)
    template.source(on, destination, service)
    run = local_aws.deploy(template.write()).invoke("Source", PAYLOADS[on])
    check(run, name, on, service)


@pytest.mark.parametrize(("service", "on"), PAIRS)
def test_a_record_of_an_alias_reaches_the_destination_of_the_alias(local_aws, template, service, on):
    """The configuration of an alias is only for that alias, and the record names the alias."""
    name, destination = owned(template, service)
    template.source(on, destination, service)
    template.resources.pop("SourceConfigLATEST")
    template.configure(qualifier="live", **{f"on_{on}": destination})
    template.alias()
    app = local_aws.deploy(template.write())
    for asked in ("Live", "Source:live"):
        run = app.invoke(asked, PAYLOADS[on])
        check(run, name, on, service)
        assert run.record.qualifier == "live"
        assert run.record.executed_version == "1"
    assert app.invoke("Source", PAYLOADS[on]).deliveries == []


@pytest.mark.parametrize(("service", "on"), [pair for pair in PAIRS if pair.values[0] != "lambda"])
def test_a_record_reaches_an_imported_destination(local_aws, template, service, on):
    """An imported destination is not part of the app, so a stand-in is created for it."""
    template.source(on, IMPORTED[service], service)
    app = local_aws.deploy(template.write(), create_missing=True)
    check(app.invoke("Source", PAYLOADS[on]), IMPORTED[service].split(":")[-1].split("/")[-1], on, service)


@pytest.mark.parametrize("on", ["success", "failure"])
def test_a_record_reaches_an_imported_function(local_aws, template, tmp_path, on):
    """A function of another app runs too, with its own destinations."""
    other = type(template)(tmp_path)
    other.function("Other", FunctionName="other", allow={"sqs:SendMessage": other.queue("Last")})
    other.configure("Other", on_success={"Fn::GetAtt": ["Last", "Arn"]})
    local_aws.deploy(other.write("Other.template.json"))
    template.source(on, "arn:aws:lambda:us-east-1:000000000000:function:other", "lambda")
    run = local_aws.deploy(template.write()).invoke("Source", PAYLOADS[on])
    check(run, "Other", on, "lambda")
    assert len(run.delivered_to("Last")) == 1


@pytest.mark.parametrize("on", ["success", "failure"])
def test_a_record_reaches_an_alias_of_a_function(local_aws, template, on):
    """The permission is on the alias, the alias runs, and its own configuration is used."""
    template.function("Other", allow={"sqs:SendMessage": template.queue()})
    template.configure("Other", qualifier="live", on_success=QUEUE)
    alias = template.alias("Other")
    template.source(on, alias, "lambda")
    run = local_aws.deploy(template.write()).invoke("Source", PAYLOADS[on])
    check(run, "Live", on, "lambda")
    assert run.delivered_to("Queue")[0].qualifier == "live"
    assert run.delivered_to("Queue")[0].executed_version == "1"


def test_the_record_can_be_received_from_the_queue(local_aws, template):
    """The message stays after it is read back: a consumer finds it, without attributes, as on AWS."""
    template.source("success", template.queue(QueueName="orders"), "sqs")
    run = local_aws.deploy(template.write()).invoke("Source", PAYLOADS["success"])
    sqs = local_aws.client("sqs")
    url = sqs.get_queue_url(QueueName="orders")["QueueUrl"]
    [message] = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"]
    assert message["Body"] == run.record.to_json()
    assert "MessageAttributes" not in message


def test_an_object_has_the_key_that_lambda_gives_it(local_aws, template):
    """The key is `aws/lambda/async/<function>/YYYY/MM/DD/<time>-<UUID>`, without an extension."""
    template.source("failure", template.add("Bucket", "AWS::S3::Bucket", BucketName="failures"), "s3")
    run = local_aws.deploy(template.write()).invoke("Source", PAYLOADS["failure"])
    [listed] = local_aws.client("s3").list_objects_v2(Bucket="failures")["Contents"]
    name = run.record.function_name
    assert re.fullmatch(
        rf"aws/lambda/async/{name}/\d{{4}}/\d\d/\d\d/\d{{4}}-\d\d-\d\dT\d\d\.\d\d\.\d\d-[0-9a-f-]{{36}}", listed["Key"]
    )
    body = local_aws.client("s3").get_object(Bucket="failures", Key=listed["Key"])["Body"].read().decode()
    assert body == run.record.to_json()


@pytest.mark.parametrize("on", ["success", "failure"])
def test_an_event_has_the_form_that_lambda_gives_it(local_aws, template, on):
    """A detail-type with an ASCII hyphen, and resources with the bus first, then the qualified function."""
    _, bus = owned(template, "events")
    template.source(on, bus, "events")
    run = local_aws.deploy(template.write()).invoke("Source", PAYLOADS[on])
    event = json.loads(run.deliveries[0].arrived)
    assert event["source"] == "lambda"
    assert event["detail-type"] == f"Lambda Function Invocation Result - {on.capitalize()}"
    assert event["resources"] == ["arn:aws:events:us-east-1:000000000000:event-bus/results", run.record.function_arn]
    assert event["resources"][1].endswith(":$LATEST")
    assert event["detail"] == run.record.to_dict()


def test_the_record_has_the_payloads_as_they_were_written(local_aws, template):
    """White space, the form of numbers and the order of keys stay as the caller and the handler wrote them."""
    code = 'def handler(event, context): return {"z": 1.0, "a": [1e5, "é"]}'
    template.queue()
    template.function(code=code, allow={"sqs:SendMessage": QUEUE})
    template.configure(on_success=QUEUE)
    run = local_aws.deploy(template.write()).invoke("Source", b'{"b" : 1.50,\t"a":1E2}')
    text = run.deliveries[0].arrived
    assert '"requestPayload":{"b" : 1.50,\t"a":1E2}' in text
    assert '"responsePayload":{"z": 1.0, "a": [100000.0, "é"]}' in text


@pytest.mark.parametrize("value", [None, True, 0, -1.5, "text", [], [{"deep": [None]}], {}])
def test_any_json_value_can_be_sent_and_returned(local_aws, template, value):
    """A payload does not have to be an object, and a null response is not a missing response."""
    template.queue()
    template.function(
        code="def handler(event, context): return event",
        allow={"sqs:SendMessage": QUEUE},
    )
    template.configure(on_success=QUEUE)
    run = local_aws.deploy(template.write()).invoke("Source", value)
    document = run.delivered_to("Queue")[0].to_dict()
    assert document["requestPayload"] == value
    assert document["responsePayload"] == value
