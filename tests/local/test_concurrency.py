"""Many invocations at once: each record arrives exactly once and belongs to its own run."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from local.conftest import QUEUE

COUNT = 200


def invoke_all(app, count=COUNT):
    payloads = [{"n": number, "Success": number % 10 != 0} for number in range(count)]
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(lambda payload: app.invoke("Source", payload), payloads))


def bodies(local_aws, name):
    """Every message in a queue, through the service's own API."""
    sqs = local_aws.client("sqs")
    url, found = sqs.get_queue_url(QueueName=name)["QueueUrl"], []
    while True:
        batch = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        if not batch:
            return found
        for message in batch:
            found.append(message["Body"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def test_200_invocations_leave_200_records_in_the_queue(local_aws, template):
    """Successes and failures. Each record that a run shows is in the queue once."""
    template.source("success", template.queue(QueueName="all"), "sqs")
    template.configure(on_success=QUEUE, on_failure=QUEUE)
    runs = invoke_all(local_aws.deploy(template.write()))
    assert [run.problems for run in runs] == [[]] * COUNT
    assert [run.record.request_payload["n"] for run in runs] == list(range(COUNT))
    assert sorted(bodies(local_aws, "all")) == sorted(run.record.to_json() for run in runs)


@pytest.mark.parametrize(("service", "count"), [("sns", 40), ("lambda", 40), ("events", COUNT)])
def test_many_invocations_run_their_functions_once_each(local_aws, template, service, count):
    """Over a topic, directly, and over a rule that sends only the response: no record reaches another run."""
    template.queue(QueueName="last")
    echo = "def handler(event, context): return event"
    other = template.function("Other", echo, allow={"sqs:SendMessage": QUEUE})
    template.configure("Other", on_success=QUEUE)
    permission = {"Action": "lambda:InvokeFunction", "FunctionName": other}
    code = "def handler(event, context): return event['n']"
    if service == "lambda":
        template.source("success", other, "lambda", code=code)
    elif service == "sns":
        topic = template.topic()
        template.source("success", topic, "sns", code=code)
        template.add("Subscription", "AWS::SNS::Subscription", TopicArn=topic, Protocol="lambda", Endpoint=other)
        template.add("Permit", "AWS::Lambda::Permission", Principal="sns.amazonaws.com", SourceArn=topic, **permission)
    else:
        template.source("success", template.add("Bus", "AWS::Events::EventBus", Name="b"), "events", code=code)
        target = {"Id": "T", "Arn": other, "InputPath": "$.detail.responsePayload"}
        rule = template.add(
            "Rule",
            "AWS::Events::Rule",
            EventBusName={"Ref": "Bus"},
            EventPattern={"source": ["lambda"]},
            Targets=[target],
        )
        template.add(
            "Permit", "AWS::Lambda::Permission", Principal="events.amazonaws.com", SourceArn=rule, **permission
        )
    runs = invoke_all(local_aws.deploy(template.write()), count)
    assert [run.problems for run in runs] == [[]] * count
    for number, run in enumerate(runs):
        first, second = run.all_runs
        got = second.response_payload
        if service == "events":
            assert got == number
        elif service == "lambda":
            assert got == first.record.to_dict()
        else:
            assert got["Records"][0]["Sns"]["Message"] == first.record.to_json()
    assert len(bodies(local_aws, "last")) == count
