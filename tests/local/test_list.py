"""`list`: functions, qualifiers and destinations, read from the model of the flow without an engine."""

import json

from lambda_destinations import cli
from lambda_destinations._commands import _list
from lambda_destinations.template import Flow, Resource

ACCOUNT = "arn:aws:{}:us-east-1:000000000000:{}"


def resource(name, kind):
    return Resource(
        stack="Stack",
        logical_id=name,
        construct=f"Stack/{name}",
        type=kind,
        properties={},
        arn=None,
        physical_id=name,
        account="000000000000",
        region="us-east-1",
    )


def flow():
    from lambda_destinations.template import _flow as model

    queue = model.Store(service="sqs", resource=resource("Queue", "AWS::SQS::Queue"), arn=ACCOUNT.format("sqs", "q"))
    source = model.Function(
        resource=resource("Source", "AWS::Lambda::Function"),
        arn=ACCOUNT.format("lambda", "function:f"),
        name="f",
        role_arn="",
        role=None,
        qualifiers=(model.Qualifier(name="live", arn=""),),
    )
    config = model.InvokeConfig(
        resource=resource("Config", "AWS::Lambda::EventInvokeConfig"),
        function_arn=source.arn,
        function=source,
        qualifier="live",
        destinations=(model.Destination(on="OnFailure", arn=queue.arn, path=()),),
    )
    return Flow(functions=(source,), configs=(config,), stores=(queue,), by_arn={queue.arn: queue})


def test_each_qualifier_has_a_row_with_its_own_destinations():
    """Nothing is inherited."""
    latest, live = _list.rows(flow())
    assert (latest["name"], latest["onFailure"]) == ("Stack/Source:$LATEST", None)
    assert (live["name"], live["onFailure"], live["onSuccess"]) == ("Stack/Source:live", "Stack/Queue", None)


def test_it_is_printed_as_run_takes_it(monkeypatch, template, capsys):
    """As a tree, and as JSON with a version."""
    monkeypatch.setattr("lambda_destinations.template.read_flow", lambda _: flow())
    monkeypatch.setattr("lambda_destinations.template.resolve_app", lambda *_: [])
    template.queue()
    path = str(template.write())
    assert cli.main(["list", path]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Stack/Source:$LATEST",
        "└─ no destinations",
        "Stack/Source:live",
        "└─ on failure → Stack/Queue",
    ]
    assert cli.main(["list", path, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["version"] == 1
