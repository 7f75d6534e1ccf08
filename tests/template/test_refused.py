"""What AWS refuses: each case has a similar template that AWS takes."""

import copy

import pytest

from template.conftest import TRUST, arn, base

VERSION = {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "Fn"}}}


def alias(version="V"):
    properties = {
        "Name": "live",
        "FunctionName": {"Ref": "Fn"},
        "FunctionVersion": {"Fn::GetAtt": [version, "Version"]},
    }
    return {"Type": "AWS::Lambda::Alias", "Properties": properties}


def put(path, value):
    """Return a change that sets a property, such as `Config.Qualifier`, or a resource, such as `Config`."""

    def change(resources):
        logical_id, *names = path.split(".")
        if not names:
            resources[logical_id] = value
            return
        here = resources[logical_id].setdefault("Properties", {})
        for name in names[:-1]:
            here = here[int(name)] if isinstance(here, list) else here.setdefault(name, {})
        here[int(names[-1]) if isinstance(here, list) else names[-1]] = value

    return change


def to(value, on="OnFailure"):
    return put("Config.DestinationConfig", {on: {"Destination": value}})


def several(*changes):
    def change(resources):
        for each in changes:
            each(resources)

    return change


def granting(logical_id, **extra):
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]}
    properties = {"PolicyName": "p", "Roles": [{"Ref": "Role"}], "PolicyDocument": document}
    return put(logical_id, {"Type": "AWS::IAM::Policy", "Properties": properties, **extra})


def transformer(template, **paths):
    return put("Rule.Targets.0.InputTransformer", {"InputPathsMap": paths, "InputTemplate": template})


def trust(service):
    document = copy.deepcopy(TRUST)
    document["Statement"][0]["Principal"] = service
    return put("Role.AssumeRolePolicyDocument", document)


def second(qualifier="$LATEST", **more):
    properties = {"FunctionName": {"Ref": "Fn"}, "Qualifier": qualifier, "MaximumRetryAttempts": 0}
    return put("Second", {"Type": "AWS::Lambda::EventInvokeConfig", "Properties": properties, **more})


FIVE = [{"Id": str(index), "Arn": arn("Queue")} for index in range(6)]
CASES = {
    "a FIFO queue": ("fifo-destination", put("Queue.FifoQueue", True), put("Queue.FifoQueue", False), "Config"),
    "a FIFO queue written as text": ("fifo-destination", put("Queue.FifoQueue", "true"), put("Queue.FifoQueue", "false"), "Config"),
    "an imported FIFO topic": (
        "fifo-destination", to("arn:aws:sns:eu-west-1:111111111111:t.fifo"), to("arn:aws:sns:eu-west-1:111111111111:t"), "Config",
    ),
    "a bucket on success": ("bucket-on-success", to(arn("Bucket"), "OnSuccess"), to(arn("Bucket")), "Config"),
    "itself": ("own-destination", to(arn("Fn")), to("arn:aws:lambda:eu-west-1:111111111111:function:other"), "Config"),
    "itself by its version": ("own-destination", several(put("V", VERSION), to({"Ref": "V"})), put("V", VERSION), "Config"),
    "itself by its alias": (
        "own-destination", several(put("V", VERSION), put("A", alias()), to({"Ref": "A"})), several(put("V", VERSION), put("A", alias())), "Config",
    ),
    "itself by its name": (
        "own-destination",
        several(put("Fn.FunctionName", "me"), to({"Fn::Sub": "arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:me"})),
        several(put("Fn.FunctionName", "me"), to({"Fn::Sub": "arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:you"})),
        "Config",
    ),
    "a queue's URL": ("not-a-destination", to({"Ref": "Queue"}), to(arn("Queue")), "Config"),
    "a bus's name": ("not-a-destination", to({"Ref": "Bus"}), to(arn("Bus")), "Config"),
    "a stream": (
        "not-a-destination", to("arn:aws:kinesis:eu-west-1:111111111111:stream/s"), to({"Ref": "Topic"}), "Config",
    ),
    "a second configuration": ("second-configuration", second(), several(put("V", VERSION), put("A", alias()), second("live")), "Second"),
    "a second configuration by another name of the function": (
        "second-configuration", several(second(), put("Second.FunctionName", arn("Fn"))), several(put("V", VERSION), second({"Fn::GetAtt": ["V", "Version"]})), "Second",
    ),
    "a qualifier that does not exist": (
        "no-such-qualifier", put("Config.Qualifier", "live"), several(put("V", VERSION), put("A", alias()), put("Config.Qualifier", "live")), "Config",
    ),
    "a dead-letter bus": ("dead-letter-kind", put("Fn.DeadLetterConfig", {"TargetArn": arn("Bus")}), put("Fn.DeadLetterConfig", {"TargetArn": arn("Queue")}), "Fn"),
    "a dead-letter function": (
        "dead-letter-kind", put("Fn.DeadLetterConfig", {"TargetArn": "arn:aws:lambda:eu-west-1:111111111111:function:f"}), put("Fn.DeadLetterConfig", {"TargetArn": {"Ref": "Topic"}}), "Fn",
    ),
    "a FIFO dead-letter queue": (
        "fifo-dead-letter", put("Fn.DeadLetterConfig", {"TargetArn": "arn:aws:sqs:eu-west-1:111111111111:q.fifo"}), put("Fn.DeadLetterConfig", {"TargetArn": "arn:aws:sqs:eu-west-1:111111111111:q"}), "Fn",
    ),
    "a reserved name": ("reserved-variable", put("Fn.Environment", {"Variables": {"AWS_REGION": "x"}}), put("Fn.Environment", {"Variables": {"REGION": "x"}}), "Fn"),
    "a name of one letter": ("variable-name", put("Fn.Environment", {"Variables": {"A": "x"}}), put("Fn.Environment", {"Variables": {"A_": "x"}}), "Fn"),
    "a name with a hyphen": ("variable-name", put("Fn.Environment", {"Variables": {"A-B": "x"}}), put("Fn.Environment", {"Variables": {"aB9": "x"}}), "Fn"),
    "a role for EC2": ("role-not-assumable", trust({"Service": "ec2.amazonaws.com"}), trust({"Service": ["ec2.amazonaws.com", "lambda.amazonaws.com"]}), "Fn"),
    "a role that denies": (
        "role-not-assumable", put("Role.AssumeRolePolicyDocument", {"Statement": {**TRUST["Statement"][0], "Effect": "Deny"}}), put("Role.AssumeRolePolicyDocument", {"Statement": TRUST["Statement"][0]}), "Fn",
    ),
    "a policy after the configuration": ("policy-after-configuration", granting("P", DependsOn="Config"), granting("P"), "Config"),
    "a policy far after the configuration": (
        "policy-after-configuration",
        several(put("Other", {"Type": "AWS::SNS::Topic", "DependsOn": ["Config"]}), granting("P", DependsOn=["Other"])),
        several(put("Other", {"Type": "AWS::SNS::Topic", "DependsOn": ["Config"]}), granting("P", DependsOn=["Other"]), granting("Q")),
        "Config",
    ),
    "an age of 59": ("schema-range", put("Config.MaximumEventAgeInSeconds", 59), put("Config.MaximumEventAgeInSeconds", 60), "Config"),
    "an age of 21601": ("schema-range", put("Config.MaximumEventAgeInSeconds", "21601"), put("Config.MaximumEventAgeInSeconds", "21600"), "Config"),
    "three retries": ("schema-range", put("Config.MaximumRetryAttempts", 3), put("Config.MaximumRetryAttempts", "2"), "Config"),
    "minus one retry": ("schema-range", put("Config.MaximumRetryAttempts", -1), put("Config.MaximumRetryAttempts", 0), "Config"),
    "a runtime that does not exist": ("schema-value", put("Fn.Runtime", "python3.99"), put("Fn.Runtime", "python3.12"), "Fn"),
    "a misspelt property": ("schema-property", put("Fn.MemorySiez", 128), put("Fn.MemorySize", "128"), "Fn"),
    "a misspelt property inside": ("schema-property", put("Config.DestinationConfig.OnFailur", {}), lambda _: None, "Config"),
    "a name of 65 characters": ("schema-pattern", put("Fn.FunctionName", "f" * 65), put("Fn.FunctionName", "f" * 64), "Fn"),
    "memory that is not a number": ("schema-type", put("Fn.MemorySize", "much"), put("Fn.MemorySize", "256"), "Fn"),
    "no role": ("schema-required", lambda each: each["Fn"]["Properties"].pop("Role"), lambda _: None, "Fn"),
    "an ARN that is set": ("schema-read-only", put("Queue.Arn", "x"), lambda _: None, "Queue"),
    "six targets": ("too-many-targets", put("Rule.Targets", FIVE), put("Rule.Targets", FIVE[:5]), "Rule"),
    "two inputs": (
        "two-inputs", put("Rule.Targets.0", {"Id": "1", "Arn": arn("Queue"), "Input": "{}", "InputPath": "$.detail"}), put("Rule.Targets.0.InputPath", "$.detail"), "Rule",
    ),
    "an unknown placeholder": ("unknown-placeholder", transformer('{"a": <b>}', a="$.detail"), transformer('{"a": <a>}', a="$.detail"), "Rule"),
    "a placeholder of EventBridge": ("unknown-placeholder", transformer("<rule-name>"), transformer("<aws.events.rule-name>"), "Rule"),
    "an object in quotes": ("quoted-placeholder", transformer('{"a": "<a>"}', a="$.detail"), transformer('{"a": "<a>"}', a="$.detail.id"), "Rule"),
    "a list in quotes": ("quoted-placeholder", transformer('{"a": "x <a>"}', a="$.resources"), transformer('{"a": <a>}', a="$.resources"), "Rule"),
    "a FIFO target without a group": (
        "no-message-group",
        put("Rule.Targets.0.Arn", "arn:aws:sqs:eu-west-1:111111111111:q.fifo"),
        put("Rule.Targets.0", {"Id": "1", "Arn": "arn:aws:sqs:eu-west-1:111111111111:q.fifo", "SqsParameters": {"MessageGroupId": "g"}}),
        "Rule",
    ),
    "an empty pattern": ("event-pattern", put("Rule.EventPattern", {}), put("Rule.EventPattern", {"source": [{"exists": False}]}), "Rule"),
    "a pattern without a list": ("event-pattern", put("Rule.EventPattern", {"source": "lambda"}), put("Rule.EventPattern", '{"source": ["lambda"]}'), "Rule"),
    "a pattern with an empty list": ("event-pattern", put("Rule.EventPattern", {"source": []}), put("Rule.EventPattern", {"detail": {"a": [None, "", 1]}}), "Rule"),
    "a pattern with an unknown operator": (
        "event-pattern", put("Rule.EventPattern", {"source": [{"begins": "a"}]}), put("Rule.EventPattern", {"source": [{"prefix": {"equals-ignore-case": "a"}}]}), "Rule",
    ),
    "a pattern with a wrong number": (
        "event-pattern", put("Rule.EventPattern", {"detail": {"a": [{"numeric": [">", "1"]}]}}), put("Rule.EventPattern", {"detail": {"a": [{"numeric": [">", 1, "<", 2]}]}}), "Rule",
    ),
    "a rule without pattern and schedule": (
        "event-pattern", lambda each: each["Rule"]["Properties"].pop("EventPattern"), put("Rule", {"Type": "AWS::Events::Rule", "Properties": {"ScheduleExpression": "rate(1 day)"}}), "Rule",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_fault_is_refused_and_the_similar_template_is_not(judge, case):
    code, fault, fixed, logical_id = case
    faulty, sound = base(), base()
    fault(faulty)
    fixed(sound)
    found = judge(faulty).findings
    assert (code, logical_id) in [(each.code, each.logical_id) for each in found], found
    assert judge(sound).findings == []


def test_the_base_of_all_cases_is_not_refused(judge):
    assert judge(base()).findings == []


@pytest.mark.parametrize("unknown", ["Import", "Parameter", "Secret"])
def test_a_value_that_only_the_deployment_knows_is_not_judged(judge, unknown):
    value = {
        "Import": {"Fn::ImportValue": "x"},
        "Parameter": {"Ref": "P"},
        "Secret": "{{resolve:secretsmanager:s}}",
    }[unknown]
    resources = base()
    for change in (
        to(value), put("Config.MaximumRetryAttempts", value), put("Fn.Runtime", value), put("Rule.EventPattern", value),
        put("Fn.DeadLetterConfig", {"TargetArn": value}), second(value), put("Rule.Targets.0.Arn", value),
    ):  # fmt: skip
        change(resources)
    assert judge(resources, Parameters={"P": {"Type": "String"}}).findings == []


def test_two_configurations_with_opposite_conditions_are_not_judged(judge):
    """Only one is created. Which one is known only after the deployment."""
    resources = base()
    resources["Config"]["Condition"] = "A"
    second(Condition="B")(resources)
    conditions = {"A": {"Fn::Equals": [{"Ref": "P"}, "a"]}, "B": {"Fn::Not": [{"Condition": "A"}]}}
    assert judge(resources, Parameters={"P": {"Type": "String"}}, Conditions=conditions).findings == []


def test_the_path_of_a_finding_goes_through_fn_if(judge):
    resources = base()
    to({"Fn::If": ["Yes", arn("Bus"), arn("Queue")]})(resources)
    put("Config.DestinationConfig.OnFailure.Destination", {"Fn::If": ["Yes", {"Ref": "Bus"}, arn("Queue")]})(resources)
    found = judge(resources, Conditions={"Yes": {"Fn::Equals": ["a", "a"]}}).findings
    assert found[-1].path[-2:] == ("Fn::If", 1)


def test_the_path_of_a_finding_counts_the_items_that_were_removed(judge):
    resources = base()
    gone = {"Fn::If": ["No", FIVE[0], {"Ref": "AWS::NoValue"}]}
    put("Rule.Targets", [gone, gone, {"Id": "1", "Arn": arn("Queue"), "Input": "{}", "InputPath": "$"}])(resources)
    found = judge(resources, Conditions={"No": {"Fn::Equals": ["a", "b"]}}).findings
    assert found[0].path == ("Resources", "Rule", "Properties", "Targets", 2, "InputPath")


def test_a_template_of_more_than_500_resources_is_refused(judge):
    topics = {f"T{index}": {"Type": "AWS::SNS::Topic"} for index in range(501)}
    (found,) = judge(topics).findings
    assert (found.code, found.logical_id) == ("schema-resources", "T500")
    topics.pop("T0")
    assert judge(topics).findings == []


def test_every_code_except_those_of_schemas_has_a_rule():
    """cfn-lint's own rules report the faults against schemas."""
    pytest.importorskip("cfnlint")
    from lambda_destinations.lint._catalog import BY_CODE

    assert {code for code, *_ in CASES.values() if not code.startswith("schema-")} <= BY_CODE.keys()
