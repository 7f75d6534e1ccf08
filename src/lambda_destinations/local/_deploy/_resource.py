"""Deployed resources and their ARNs."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Resource:
    """A deployed resource. `arn` is None for the types that no record can be sent to."""

    stack: str
    logical_id: str
    path: str
    type: str
    physical_id: str
    arn: str | None

    def attribute(self, name: str) -> str | None:
        """The value of `Fn::GetAtt` if it follows from the physical id, else None."""
        last = self.physical_id.rsplit("/", 1)[-1].rsplit(":", 1)[-1]
        if name in _ARN_ATTRIBUTES:
            return self.arn
        return {
            ("AWS::Events::EventBus", "Name"): self.physical_id,
            ("AWS::KMS::Key", "KeyId"): self.physical_id,
            ("AWS::Lambda::Version", "Version"): last,
            ("AWS::SNS::Topic", "TopicName"): last,
            ("AWS::SQS::Queue", "QueueName"): last,
            ("AWS::SQS::Queue", "QueueUrl"): self.physical_id,
        }.get((self.type, name))


_ARN_ATTRIBUTES = {"AliasArn", "Arn", "FunctionArn", "PolicyArn", "TopicArn"}


def arn_of(kind: str, physical: str, account: str, region: str) -> str | None:
    """The ARN of a resource by its type and physical id; None for types that no record can be sent to."""
    if physical.startswith("arn:"):
        return physical
    scope = f"{region}:{account}"
    if kind == "AWS::Events::Rule":
        return f"arn:aws:events:{scope}:rule/{physical.rpartition('|')[2]}"  # without its bus: see rule_key
    return {
        "AWS::Events::EventBus": f"arn:aws:events:{scope}:event-bus/{physical}",
        "AWS::IAM::Role": f"arn:aws:iam::{account}:role/{physical}",
        "AWS::KMS::Key": f"arn:aws:kms:{scope}:key/{physical}",
        "AWS::Lambda::Function": f"arn:aws:lambda:{scope}:function:{physical}",
        "AWS::S3::Bucket": f"arn:aws:s3:::{physical}",
        "AWS::SQS::Queue": f"arn:aws:sqs:{scope}:{physical.rsplit('/', 1)[-1]}",
    }.get(kind)
