"""AWS managed policies that functions have, reduced to the actions that matter to an asynchronous invocation.

Source: AWS Managed Policy Reference Guide; a test compares the table with the documents that moto carries.
"""

import re
from collections.abc import Mapping
from typing import Any

from ._answers import UNKNOWN

COVERED = (
    "events:PutEvents",
    "kms:Decrypt",
    "kms:GenerateDataKey",
    "lambda:InvokeFunction",
    "s3:ListBucket",
    "s3:PutObject",
    "sns:Publish",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:ReceiveMessage",
    "sqs:SendMessage",
)
"""The actions in the table. A policy allows each of them on every resource and without a condition, or not at all."""

ALLOWED: dict[str, tuple[str, ...]] = {
    "AWSLambda_FullAccess": ("lambda:*",),
    "AWSLambda_ReadOnlyAccess": (),
    "AWSXRayDaemonWriteAccess": (),
    "AWSXrayWriteOnlyAccess": (),
    "AdministratorAccess": ("*",),
    "AmazonDynamoDBFullAccess": (),
    "AmazonDynamoDBReadOnlyAccess": (),
    "AmazonEventBridgeFullAccess": ("events:*",),
    "AmazonKinesisFullAccess": (),
    "AmazonS3FullAccess": ("s3:*",),
    "AmazonS3ReadOnlyAccess": ("s3:ListBucket",),
    "AmazonSESFullAccess": (),
    "AmazonSNSFullAccess": ("sns:*",),
    "AmazonSNSReadOnlyAccess": (),
    "AmazonSQSFullAccess": ("sqs:*",),
    "AmazonSQSReadOnlyAccess": ("sqs:GetQueueAttributes",),
    "AmazonSSMManagedInstanceCore": (),
    "AmazonSSMReadOnlyAccess": (),
    "CloudWatchFullAccess": ("sns:*",),
    "CloudWatchLambdaInsightsExecutionRolePolicy": (),
    "CloudWatchLogsFullAccess": (),
    "PowerUserAccess": COVERED,
    "ReadOnlyAccess": ("s3:ListBucket", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"),
    "service-role/AWSLambdaBasicExecutionRole": (),
    "service-role/AWSLambdaDynamoDBExecutionRole": (),
    "service-role/AWSLambdaENIManagementAccess": (),
    "service-role/AWSLambdaKinesisExecutionRole": (),
    "service-role/AWSLambdaMSKExecutionRole": (),
    "service-role/AWSLambdaRole": ("lambda:InvokeFunction",),
    "service-role/AWSLambdaSQSQueueExecutionRole": (
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:ReceiveMessage",
    ),
    "service-role/AWSLambdaVPCAccessExecutionRole": (),
}
"""By the policy's path and name: the actions of COVERED that it allows. The table does not cover other actions."""


def content(arn: str) -> Mapping[str, Any] | str:
    """The known part of an AWS managed policy's document, or UNKNOWN for the ARN of any other policy."""
    found = re.fullmatch(r"arn:[^:]*:iam::aws:policy/(.+)", arn)
    if found is None or found[1] not in ALLOWED:
        return UNKNOWN
    statements: list[dict[str, Any]] = [{"Effect": UNKNOWN, "NotAction": list(COVERED), "Resource": "*"}]
    if ALLOWED[found[1]]:
        statements.append({"Effect": "Allow", "Action": list(ALLOWED[found[1]]), "Resource": "*"})
    return {"Version": "2012-10-17", "Statement": statements}
