"""What the roles of the engine may do, as the evaluator of policies takes it."""

import json
from typing import Any

from ..policy import UNKNOWN, Decision, Document, Principal, may_assume
from ._arn import Arn
from ._clients import ClientError, is_missing
from ._environment import Environment


def principal_of(env: Environment, role_arn: str, session: str = UNKNOWN) -> Principal:
    """A session of a role of the account; raises ClientError if there is no such role.

    :param session: its name: Lambda's is the name of the function
    """
    if role_arn in env.stand_ins:
        return Principal.role(role_arn, session=session, identity=[UNKNOWN], boundary=UNKNOWN)
    iam, name = env.clients["iam"], Arn.parse(role_arn).name
    identity: list[Document] = [
        _document(iam.get_role_policy(RoleName=name, PolicyName=each)["PolicyDocument"])
        for page in iam.get_paginator("list_role_policies").paginate(RoleName=name)
        for each in page["PolicyNames"]
    ]
    identity += [
        _managed(iam, each["PolicyArn"])
        for page in iam.get_paginator("list_attached_role_policies").paginate(RoleName=name)
        for each in page["AttachedPolicies"]
    ]
    boundary = env.boundaries.get(role_arn)
    return Principal.role(
        role_arn, session=session, identity=identity, boundary=_managed(iam, boundary) if boundary else None
    )


def may_lambda_assume(env: Environment, role_arn: str, function_arn: str) -> Decision:
    """Whether Lambda may take a role for a function; raises ClientError if there is no such role."""
    trust = env.clients["iam"].get_role(RoleName=Arn.parse(role_arn).name)["Role"]["AssumeRolePolicyDocument"]
    return may_assume(_document(trust), role_arn=role_arn, source_arn=function_arn)


def _managed(iam: Any, arn: str) -> Document:
    if Arn.parse(arn).account == "aws":
        return arn  # the evaluator knows those that AWS manages, or that it does not know them
    try:
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        return _document(iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"])
    except ClientError as error:
        if not is_missing(error):
            raise
        return UNKNOWN


def _document(document: Any) -> Document:
    read: Document = json.loads(document) if isinstance(document, str) else document  # botocore decodes it
    return read
