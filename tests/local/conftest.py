"""Builders of small templates, so that these tests need neither the CDK nor the network."""

import json
from pathlib import Path
from typing import Any

import pytest

HANDLER = """
def handler(event, context):
    if isinstance(event, dict) and event.get("Success") is False:
        raise ValueError("it was not to be")
    return {"answer": 42}
"""
ACTIONS = {
    "events": "events:PutEvents",
    "lambda": "lambda:InvokeFunction",
    "s3": ["s3:PutObject", "s3:ListBucket"],
    "sns": "sns:Publish",
    "sqs": "sqs:SendMessage",
}


def arn(logical_id: str) -> dict[str, list[str]]:
    return {"Fn::GetAtt": [logical_id, "Arn"]}


QUEUE = arn("Queue")


class Template:
    """A CloudFormation template, built step by step."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.resources: dict[str, Any] = {}

    def add(self, logical_id: str, kind: str, **properties: Any) -> dict[str, Any]:
        self.resources[logical_id] = {"Type": kind, "Properties": properties}
        return {"Ref": logical_id} if kind in {"AWS::SNS::Topic", "AWS::Lambda::Alias"} else arn(logical_id)

    def queue(self, logical_id: str = "Queue", **properties: Any) -> dict[str, Any]:
        return self.add(logical_id, "AWS::SQS::Queue", **properties)

    def topic(self, logical_id: str = "Topic", **properties: Any) -> dict[str, Any]:
        return self.add(logical_id, "AWS::SNS::Topic", **properties)

    def function(
        self,
        logical_id: str = "Source",
        code: str = HANDLER,
        *,
        allow: dict[str, Any] | None = None,
        statements: list[dict[str, Any]] | None = None,
        **properties: Any,
    ) -> dict[str, Any]:
        """A function; `allow` maps actions to resources."""
        trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
        granted = [{"Effect": "Allow", "Action": action, "Resource": on} for action, on in (allow or {}).items()]
        granted += statements or []
        policies = [{"PolicyName": "own", "PolicyDocument": {"Version": "2012-10-17", "Statement": granted}}]
        self.add(
            f"{logical_id}Role",
            "AWS::IAM::Role",
            AssumeRolePolicyDocument={"Version": "2012-10-17", "Statement": [trust]},
            Policies=policies if granted else [],
        )
        node = code.lstrip().startswith(("export", "//"))
        settings = {
            "Code": {"ZipFile": code},
            "Handler": "index.handler",
            "Role": arn(f"{logical_id}Role"),
            "Runtime": "nodejs22.x" if node else "python3.12",
            **properties,
        }
        return self.add(logical_id, "AWS::Lambda::Function", **settings)

    def configure(
        self, function: str = "Source", *, qualifier: str | dict[str, Any] = "$LATEST", **settings: Any
    ) -> None:
        """An EventInvokeConfig; `on_success` and `on_failure` are ARNs, the other settings are its properties."""
        on = {"OnSuccess": settings.pop("on_success", None), "OnFailure": settings.pop("on_failure", None)}
        name = qualifier if isinstance(qualifier, str) else next(iter(qualifier.values()))
        self.add(
            f"{function}Config{''.join(filter(str.isalnum, str(name)))}",
            "AWS::Lambda::EventInvokeConfig",
            FunctionName={"Ref": function},
            Qualifier=qualifier,
            DestinationConfig={key: {"Destination": value} for key, value in on.items() if value is not None},
            **settings,
        )

    def alias(self, function: str = "Source", name: str = "live", logical_id: str = "Live") -> dict[str, Any]:
        self.add(f"{function}Version", "AWS::Lambda::Version", FunctionName={"Ref": function})
        version = {"Fn::GetAtt": [f"{function}Version", "Version"]}
        ref = self.add(
            logical_id, "AWS::Lambda::Alias", FunctionName={"Ref": function}, FunctionVersion=version, Name=name
        )
        # A configuration names the alias by a text, so CloudFormation does not know that it needs the alias.
        for resource in self.resources.values():
            if resource["Type"] == "AWS::Lambda::EventInvokeConfig":
                resource["DependsOn"] = [logical_id]
        return ref

    def source(self, on: str, destination: Any, service: str, **properties: Any) -> None:
        """`Source` with one destination that its role may write to; `on` is `success` or `failure`."""
        resource = destination
        if service == "s3":
            resource = [destination, {"Fn::Join": ["", [destination, "/*"]]}]
        self.function(statements=[{"Effect": "Allow", "Action": ACTIONS[service], "Resource": resource}], **properties)
        self.configure(**{f"on_{on}": destination})

    def write(self, name: str = "Stack.template.json") -> Path:
        path = self.folder / name
        path.write_text(json.dumps({"Resources": self.resources}))
        return path


@pytest.fixture
def template(tmp_path: Path) -> Template:
    return Template(tmp_path)
