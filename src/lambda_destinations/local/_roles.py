"""The roles in the engine and their policies, for the policy evaluator."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..policy import UNKNOWN, Decision, Document, Principal, Verdict, may_assume
from ._arn import Arn
from ._environment import Environment

OF_STAND_INS = "lambda-destinations-stand-in"
"""The name of the policy that allows a stand-in role everything. It is not a policy of the real role."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Roles:
    """All roles of an account at the time when they were read: `details` by name, `managed` policies by ARN."""

    env: Environment
    details: Mapping[str, Mapping[str, Any]]
    managed: Mapping[str, Document]

    def principal(self, role_arn: str, session: str = UNKNOWN) -> Principal:
        """A session of a role; raises ClientError if there is no such role.

        :param session: the name of the session; Lambda uses the name of the function
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
        """Whether Lambda may assume a role for a function; raises ClientError if there is no such role."""
        trust = self._role(role_arn)["AssumeRolePolicyDocument"]
        return may_assume(_document(trust), role_arn=role_arn, source_arn=function_arn)

    def _role(self, role_arn: str) -> Mapping[str, Any]:
        name = Arn.parse(role_arn).name
        if name not in self.details:
            self.env.clients["iam"].get_role(RoleName=name)  # raises the ClientError
        return self.details[name]

    def _policy(self, arn: str) -> Document:
        # The evaluator finds an AWS managed policy by its ARN; one that it does not have is unknown to it.
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
    """The decision; UNKNOWN for a denial if the role or the target is imported, as its real policies may allow more."""
    if decision.denied and imported:
        return Decision(
            Verdict.UNKNOWN, f"{decision.reason} in this app, but the imported resource may have more policies"
        )
    return decision


def _document(document: Any) -> Document:
    read: Document = json.loads(document) if isinstance(document, str) else document  # botocore has decoded it
    return read
