"""Templates that are read, and the messages for those that cannot be read."""

import json
import random

import pytest

from lambda_destinations.errors import DeployError
from lambda_destinations.template import read_flow, read_stacks, refusals, resolve_app
from template.conftest import base

SHORT = """\
AWSTemplateFormatVersion: 2010-09-09
Parameters:
  Flag: {Type: String, Default: yes}
Conditions:
  Is: !Equals [!Ref Flag, 'true']
  IsNot: !Not [!Condition Is]
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Join ['-', [!Ref 'AWS::StackName', !Select [1, !Split [',', 'a,b']]]]
      DelaySeconds: !If [Is, 010, !Ref AWS::NoValue]
  Policy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref Queue]
      PolicyDocument:
        Version: 2012-10-17
        Statement:
        - Effect: Allow
          Principal: '*'
          Action: sqs:SendMessage
          Resource: !GetAtt Queue.Arn
          Condition:
            DateGreaterThan: {'aws:CurrentTime': 2020-01-01T00:00:00Z}
            StringEquals: {'aws:SourceAccount': !Sub '${AWS::AccountId}'}
Outputs:
  Sub: {Value: !Sub ['${Q}/${Queue.Arn}${!x}', {Q: !Ref Queue}]}
  64: {Value: !Base64 x}
"""


def test_yaml_with_short_forms_is_read_as_its_long_form(judge):
    read = judge(text=SHORT, name="Stack.yaml")
    assert read.findings == []
    queue = read.only.resources["Queue"].properties
    assert queue["QueueName"] == "Stack-b"
    assert queue["DelaySeconds"] == 8  # YAML 1.1: octal
    statement = read.flow.stores[0].policies[0].document["Statement"][0]
    assert statement["Resource"] == "arn:aws:sqs:eu-west-1:111111111111:Stack-b"
    assert statement["Condition"]["DateGreaterThan"] == {"aws:CurrentTime": "2020-01-01T00:00:00Z"}
    assert read.flow.stores[0].policies[0].document["Version"] == "2012-10-17"
    assert read.only.outputs["Sub"].endswith("/arn:aws:sqs:eu-west-1:111111111111:Stack-b${x}")
    assert read.only.outputs["64"] == "eA=="


def test_the_same_template_in_json_and_yaml_gives_the_same(judge):
    import yaml

    document = {"Resources": base()}
    as_json = judge(text=json.dumps(document))
    as_yaml = judge(text=yaml.safe_dump(document), name="Stack.yaml")
    assert as_json.only.template == as_yaml.only.template


BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join(['*' + old] * 10)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
BAD = {
    "nothing": ("", "does not hold"),
    "not an object": ("[]", "does not hold"),
    "text": ("just text", "does not hold"),
    "neither": ("{a: [", "is not JSON"),
    "not YAML": ("a: [", "neither JSON nor YAML"),
    "a tab": ("a:\n\t- b", "neither JSON nor YAML"),
    "two documents": ("a: 1\n---\nb: 2", "neither JSON nor YAML"),
    "no resources": ('{"Resources": []}', "not a CloudFormation template"),
    "a manifest": ('{"version": "36.0.0", "artifacts": {}}', "not a CloudFormation template"),
    "no type": ('{"Resources": {"A": {}}}', "has no Type"),
    "a key twice": ("Resources:\n  A: {Type: AWS::SNS::Topic}\n  A: {Type: AWS::SQS::Queue}", "the key A occurs twice"),
    "a bomb": (BOMB, "aliases"),
    "itself": ("Resources: &a\n  A: *a", "contains itself|undefined alias|neither"),
    "half a surrogate": ('{"Resources": {"A": {"Type": "\\ud800"}}}', "surrogate"),
    "NaN": ('{"Resources": {"A": {"Type": "T", "Properties": {"a": NaN}}}}', "is not JSON"),
    "deep": ('{"Resources": ' + '{"a":' * 100_000, "nested too deeply"),
    "deep lists": ("[" * 5_000, "nested too deeply"),
    "deep YAML": ("a: " + "[" * 5_000, "neither JSON nor YAML|nested too deeply"),
    "a python object": ("Resources: !!python/object/apply:os.system [ls]", "neither JSON nor YAML"),
    "a set": ("Resources: !!set {a, b}", "neither JSON nor YAML"),
    "a macro": ('{"Transform": "Mine", "Resources": {}}', "uses the macro Mine"),
    "an include": ('{"Transform": [{"Name": "AWS::Include"}], "Resources": {}}', "uses the macro AWS::Include"),
    "a loop": ('{"Transform": "AWS::LanguageExtensions", "Resources": {"Fn::ForEach::A": []}}', "Fn::ForEach::A"),
    "SAM with a mistake": (
        '{"Transform": "AWS::Serverless-2016-10-31", "Resources": {"F": {"Type": "AWS::Serverless::Function"}}}',
        "SAM refuses",
    ),
}


@pytest.mark.parametrize("case", BAD.values(), ids=BAD)
def test_a_bad_file_gets_a_clear_message(judge, case):
    text, message = case
    with pytest.raises(DeployError, match=message):
        judge(text=text, name="t.yaml")


def test_a_missing_file_a_folder_and_bytes_get_a_clear_message(tmp_path):
    with pytest.raises(DeployError, match="there is no"):
        read_stacks(tmp_path / "cdk.out")
    with pytest.raises(DeployError, match=r"no manifest\.json"):
        read_stacks(tmp_path)
    (tmp_path / "t.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DeployError, match="UTF-8"):
        read_stacks(tmp_path / "t.json")
    with (tmp_path / "huge.json").open("wb") as file:
        file.truncate(17 * 1024 * 1024)
    with pytest.raises(DeployError, match="CloudFormation takes 1 MB"):
        read_stacks(tmp_path / "huge.json")


def test_the_message_for_a_missing_template_of_an_assembly_names_the_file(tmp_path):
    stack = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "Gone.template.json"}}
    (tmp_path / "manifest.json").write_text(json.dumps({"version": "36.0.0", "artifacts": {"Gone": stack}}))
    with pytest.raises(DeployError, match=r"cannot read .*Gone\.template\.json"):
        read_stacks(tmp_path)


def test_a_harmless_macro_is_noted(judge):
    read = judge(base(), Transform=["AWS::SecretsManager-2020-07-23", "AWS::LanguageExtensions"])
    assert [(each.kind, each.name) for each in read.only.missing] == [("macro", "AWS::SecretsManager-2020-07-23")]


def test_a_byte_order_mark_is_read(judge):
    assert judge(text="\ufeff" + json.dumps({"Resources": base()})).findings == []


JUNK = [
    None, True, 0, -1, 1.5, "", "x", [], {}, [None], [[[]]], 10**400, {"a": {"b": {}}}, "\ue0ff",
    {"Ref": "AWS::NoValue"}, {"Ref": "Queue"}, {"Ref": 1}, {"Ref": "P"}, {"Fn::If": ["On", "x", {"Ref": "AWS::NoValue"}]},
    {"Fn::If": ["Gone", 1, 2]}, {"Fn::Sub": "${"}, {"Fn::Sub": ["${a}", {"a": [1]}]}, {"Fn::Join": [",", {"Ref": "Queue"}]},
    {"Fn::Select": [9, ["a"]]}, {"Fn::GetAtt": "Queue"}, {"Fn::Split": ["", ""]}, {"Fn::Cidr": ["10.0.0.0/8", 3, 4]},
    {"Fn::Cidr": ["z", 3]}, {"Fn::GetAZs": ""}, {"Fn::ImportValue": "n"}, {"Fn::Transform": {"Name": "AWS::Include"}},
    {"Fn::Nope": 1}, {"Fn::Base64": {"Ref": "Queue"}}, {"Fn::FindInMap": ["M", "z", "z"]}, {"Fn::Length": [1]},
    {"Fn::ToJsonString": {"a": {"Ref": "Queue"}}}, "{{resolve:ssm:a:1}}",
    "{{resolve:secretsmanager:arn:aws:secretsmanager:r:1:secret:n-abcdef:SecretString:k}}",
]  # fmt: skip


def places(value, path=()):
    if path:
        yield path
    for key, each in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(each, (*path, key))


@pytest.mark.parametrize("seed", range(8))
def test_a_broken_template_is_resolved_or_refused_and_never_a_traceback(tmp_path, seed):
    """Random values at random places: the template is resolved, judged and written as JSON, or it is a DeployError."""
    whole = {
        "Parameters": {"P": {"Type": "Number", "Default": 1}, "L": {"Type": "CommaDelimitedList", "Default": "a,b"}},
        "Mappings": {"M": {"a": {"b": "c"}}},
        "Conditions": {"On": {"Fn::Equals": [{"Ref": "P"}, "1"]}, "Off": {"Fn::Not": [{"Condition": "On"}]}},
        "Resources": base(),
        "Outputs": {"O": {"Value": {"Fn::FindInMap": ["M", "a", "b"]}, "Export": {"Name": "x"}, "Condition": "On"}},
    }  # fmt: skip
    all_places, chance = list(places(whole)), random.Random(seed)  # noqa: S311  (repeatable, not secret)
    outcomes = set()
    for _ in range(150):
        spoilt = json.loads(json.dumps(whole))
        for path in chance.sample(all_places, chance.choice([1, 1, 2, 3])):
            here = spoilt
            try:
                for key in path[:-1]:
                    here = here[key]
                here[path[-1]] = chance.choice(JUNK)
            except (KeyError, IndexError, TypeError):
                continue
        (tmp_path / "t.json").write_text(json.dumps(spoilt))
        try:
            app = resolve_app(read_stacks(tmp_path / "t.json"))
            refusals(app, read_flow(app))
            json.dumps(app[0].template)
            outcomes.add("resolved")
        except DeployError:
            outcomes.add("refused")
    assert outcomes == {"resolved", "refused"}
