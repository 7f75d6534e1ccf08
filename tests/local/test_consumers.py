"""Functions that read a queue: their batches, filters, failures and receives in the tree of the run."""

import json

import pytest

from local.conftest import arn

FAILING = "def handler(event, context): raise ValueError('no')"
ECHO = "def handler(event, context): return event"
REPORTING = """
def handler(event, context):
    return {"batchItemFailures": [{"itemIdentifier": each["messageId"]} for each in event["Records"]]}
"""


def app(template, code, *, dead=False, **properties):
    """Source → Queue → Consumer; `dead` gives the queue a dead-letter queue after two receives."""
    if dead:
        template.queue("Dead")
    redrive = {"RedrivePolicy": {"deadLetterTargetArn": arn("Dead"), "maxReceiveCount": 2}} if dead else {}
    template.source("success", template.queue(**redrive), "sqs")
    template.function("Consumer", code, allow={"sqs:*": "*"})
    template.add(
        "Mapping",
        "AWS::Lambda::EventSourceMapping",
        EventSourceArn=arn("Queue"),
        FunctionName={"Ref": "Consumer"},
        **properties,
    )
    return template.write()


def waiting(local_aws, deployed, name):
    read = local_aws.client("sqs").get_queue_attributes(
        QueueUrl=deployed.resource(name).physical_id, AttributeNames=["ApproximateNumberOfMessages"]
    )
    return int(read["Attributes"]["ApproximateNumberOfMessages"])


def test_the_consumer_of_a_queue_runs_and_the_message_is_gone(local_aws, template):
    """It gets the event that Lambda's poller makes. The invocation is synchronous, so there is no record."""
    deployed = local_aws.deploy(app(template, ECHO))
    run = deployed.invoke("Source")
    run.assert_delivered()
    assert len(run.delivered_to("Queue")) == 1
    [source, consumer] = run.all_runs
    assert (consumer.invoked, consumer.condition, consumer.attempts, consumer.record) == (
        "from-queue",
        "Success",
        1,
        None,
    )
    [message] = consumer.response_payload["Records"]
    assert message["body"] == source.record.to_json()
    assert message["messageId"] == run.deliveries[0].message_id
    assert message["attributes"]["ApproximateReceiveCount"] == "1"
    assert message["eventSource"] == "aws:sqs"
    assert waiting(local_aws, deployed, "Queue") == 0
    assert "Consumer:$LATEST  succeeded, from the queue, 1 receive" in str(run)


@pytest.mark.parametrize("code", [FAILING, REPORTING], ids=["raises", "reports the item"])
def test_a_message_that_fails_goes_to_the_queues_dead_letter_queue(local_aws, template, code):
    """That happens after as many receives as the redrive policy says."""
    deployed = local_aws.deploy(app(template, code, dead=True, FunctionResponseTypes=["ReportBatchItemFailures"]))
    run = deployed.invoke("Source")
    run.assert_delivered()
    [record] = run.delivered_to("Dead")
    assert record == run.record
    assert run.all_runs[1].attempts == 2
    assert (waiting(local_aws, deployed, "Queue"), waiting(local_aws, deployed, "Dead")) == (0, 1)


def test_a_report_of_failed_items_is_ignored_unless_it_is_configured(local_aws, template):
    """Without `FunctionResponseTypes` Lambda does not read what the handler returned."""
    run = local_aws.deploy(app(template, REPORTING, dead=True)).invoke("Source")
    assert run.delivered_to("Dead") == []
    assert run.all_runs[1].succeeded


def test_a_message_that_always_fails_without_a_dead_letter_queue_is_lost(local_aws, template):
    """On AWS it is received until it is too old, and then deleted."""
    run = local_aws.deploy(app(template, FAILING)).invoke("Source")
    assert [each.code for each in run.problems] == ["consumer-fails"]
    with pytest.raises(AssertionError, match="give the queue a redrive policy"):
        run.assert_delivered()


@pytest.mark.parametrize(("condition", "runs"), [("Success", 2), ("RetriesExhausted", 1)])
def test_a_filter_lets_through_what_it_matches(local_aws, template, condition, runs):
    """Other messages are deleted, and the tree says so."""
    pattern = json.dumps({"body": {"requestContext": {"condition": [condition]}}})
    deployed = local_aws.deploy(app(template, ECHO, FilterCriteria={"Filters": [{"Pattern": pattern}]}))
    run = deployed.invoke("Source")
    assert len(run.all_runs) == runs
    assert ("filtered out by the filter criteria of its consumer" in str(run)) == (runs == 1)
    assert waiting(local_aws, deployed, "Queue") == 0


def test_older_messages_are_read_in_the_same_batch_up_to_its_size(local_aws, template):
    """The other messages stay in the queue."""
    deployed = local_aws.deploy(app(template, ECHO, BatchSize=2))
    for number in range(3):
        local_aws.client("sqs").send_message(QueueUrl=deployed.resource("Queue").physical_id, MessageBody=str(number))
    run = deployed.invoke("Source")
    bodies = [each["body"] for each in run.all_runs[1].response_payload["Records"]]
    assert bodies == [run.record.to_json(), "0"]
    assert waiting(local_aws, deployed, "Queue") == 2


def test_a_mapping_that_is_turned_off_does_not_read(local_aws, template):
    """The message stays in the queue."""
    deployed = local_aws.deploy(app(template, ECHO, Enabled=False))
    assert len(deployed.invoke("Source").all_runs) == 1
    assert waiting(local_aws, deployed, "Queue") == 1
