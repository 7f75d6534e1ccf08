"""What the roles of the engine may do, as the evaluator of policies takes it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..policy import UNKNOWN, Decision, Document, Principal, Verdict, may_assume
from ._arn import Arn
from ._environment import Environment

OF_STAND_INS = "lambda-destinations-stand-in"
"""The policy that lets a role do all which stands in for an imported one: it is not the real one's."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Roles:
    """All roles of an account as they were when it was read: `details` by name, `managed` policies by ARN."""

    env: Environment
    details: Mapping[str, Mapping[str, Any]]
    managed: Mapping[str, Document]

    def principal(self, role_arn: str, session: str = UNKNOWN) -> Principal:
        """A session of a role; raises ClientError if there is no such role.

        :param session: its name: Lambda's is the name of the function
        """
        role = self._role(role_arn)
        inline = [each for each in role.get("RolePolicyList", []) if each["PolicyName"] != OF_STAND_INS]
        identity = [_document(each["PolicyDocument"]) for each in inline]
        identity += [self._policy(each["PolicyArn"]) for each in role.get("AttachedManagedPolicies", [])]
        boundary = self.env.boundaries.get(role_arn)
        return Principal.role(
            role_arn, session=session, identity=identity, boundary=self._policy(boundary) if boundary else None
        )

    def may_lambda_assume(self, role_arn: str, function_arn: str) -> Decision:
        """Whether Lambda may take a role for a function; raises ClientError if there is no such role."""
        trust = self._role(role_arn)["AssumeRolePolicyDocument"]
        return may_assume(_document(trust), role_arn=role_arn, source_arn=function_arn)

    def _role(self, role_arn: str) -> Mapping[str, Any]:
        name = Arn.parse(role_arn).name
        if name not in self.details:
            self.env.clients["iam"].get_role(RoleName=name)  # says that there is none
        return self.details[name]

    def _policy(self, arn: str) -> Document:
        # Those that AWS manages the evaluator knows, or it knows that it does not.
        return self.managed.get(arn, arn if Arn.parse(arn).account == "aws" else UNKNOWN)


def read_roles(env: Environment) -> Roles:
    """The roles of an environment's account, and what they may do."""
    details: dict[str, Mapping[str, Any]] = {}
    managed: dict[str, Document] = {}
    pages = env.clients["iam"].get_paginator("get_account_authorization_details")
    for page in pages.paginate(Filter=["Role", "LocalManagedPolicy"]):
        details |= {each["RoleName"]: each for each in page["RoleDetailList"]}
        for each in page["Policies"]:
            for version in each["PolicyVersionList"]:
                if version["IsDefaultVersion"]:
                    managed[each["Arn"]] = _document(version["Document"])
    return Roles(env=env, details=details, managed=managed)


def principal_of(env: Environment, role_arn: str, session: str = UNKNOWN) -> Principal:
    """A session of a role as it is now; see `Roles.principal`."""
    return read_roles(env).principal(role_arn, session)


def as_far_as_known(decision: Decision, *, imported: bool) -> Decision:
    """What a decision is worth where the role or the target is imported: its own policies may allow more."""
    if decision.denied and imported:
        return Decision(
            Verdict.UNKNOWN, f"{decision.reason} as far as the app says, but what is imported may have more"
        )
    return decision


def _document(document: Any) -> Document:
    read: Document = json.loads(document) if isinstance(document, str) else document  # botocore decodes it
    return read
