"""The command `list`: every function with its qualifiers and where the records of each go, without a deployment."""

import json

from lambda_destinations import cli
from lint.faults import ALIAS, TO_QUEUE, allow, att, changed, config, role

DEFAULT_BUS = {"Fn::Sub": "arn:aws:events:${AWS::Region}:${AWS::AccountId}:event-bus/default"}
APP = changed(
    {**TO_QUEUE, **ALIAS},
    Role=role(allow("sqs:SendMessage", att("Queue.Arn")), allow("events:PutEvents", DEFAULT_BUS)),
    Config=config(OnSuccess=DEFAULT_BUS),
    LiveConfig=config(qualifier="live", OnFailure=att("Queue.Arn")) | {"DependsOn": "Live"},
)


def listed(folder, *options):
    path = folder / "Stack.json"
    path.write_text(json.dumps(APP))
    return cli.main(["list", str(path), *options])


def test_each_qualifier_has_a_row_with_its_own_destinations(tmp_path, capsys):
    """Nothing is inherited. A version is listed by its construct, because its number is not known yet."""
    assert listed(tmp_path) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Stack/Fn:$LATEST",
        "└─ on success → default event bus",
        "Stack/Version",
        "└─ no destinations",
        "Stack/Fn:live",
        "└─ on failure → Stack/Queue",
    ]


def test_it_is_printed_as_json_with_a_version(tmp_path, capsys):
    assert listed(tmp_path, "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["version"] == 1
    assert [(each["name"], each["qualifier"]) for each in document["functions"]] == [
        ("Stack/Fn:$LATEST", "$LATEST"),
        ("Stack/Version", None),
        ("Stack/Fn:live", "live"),
    ]


def test_run_takes_the_names_as_they_are_printed(tmp_path, capsys, local_aws):
    listed(tmp_path, "--json")
    names = [each["name"] for each in json.loads(capsys.readouterr().out)["functions"]]
    with local_aws.deploy(tmp_path / "Stack.json") as app:
        assert [app.invoke(name).qualifier for name in names] == ["$LATEST", "1", "live"]
