"""boto3 clients for the endpoint of the engine, as the root of an account or with an execution role."""

import json
import os
import threading
from typing import Any

from ..errors import EngineError, MissingDependency

try:
    import boto3
    import botocore.config
    import botocore.session
    from botocore.exceptions import ClientError
except ImportError:
    raise MissingDependency(
        "boto3 is not installed; run: pip install 'lambda-destinations[local]', "
        "or 'lambda-destinations[tools]' with the endpoint_url of a running engine"
    ) from None

from ._arn import Arn
from ._engine import NAME
from ._engine._guard import Guard

__all__ = ["ClientError", "Clients", "is_denied", "is_missing"]

_NOT_FOUND = {"404", "NoSuchBucket", "NoSuchEntity", "NotFound", "NotFoundException", "ResourceNotFoundException"}
_OWN_STATEMENT = "LambdaDestinationsAssumes"
_LONGEST_INVOCATION = 15 * 60 + 30  # seconds
_LONGEST_CALL = 60  # seconds, of any other API


def _isolated_session() -> Any:
    # The user's profiles and credentials must neither be needed nor reach the engine.
    nowhere = {
        "config_file": (None, None, os.devnull, None),
        "credentials_file": (None, None, os.devnull, None),
        "profile": (None, None, None, None),
    }
    return boto3.Session(botocore_session=botocore.session.Session(session_vars=nowhere))


class Clients:
    """Clients of one account and region, created on first use. Several threads may share them.

    boto3 creates its clients at run time, so they have no static type and are Any.
    """

    _session: Any = None
    _lock = threading.RLock()

    def __init__(self, guard: Guard, account: str, region: str) -> None:
        self.account, self.region = account, region
        self.endpoint_url, self._guard = guard.endpoint_url, guard
        self.queue_urls: dict[str, str] = {}  # by ARN; `Environment.release` removes those of deleted queues
        self._made: dict[tuple[str | None, str], Any] = {}
        self._credentials: dict[str, dict[str, str]] = {}

    def __getitem__(self, service: str) -> Any:
        """A client of a service, as the root of the account."""
        return self._client(None, service)

    def for_users(self, service: str) -> Any:
        """A client of a service, as the root of the account, that behaves exactly like one of boto3."""
        return self._guard.client(self[service].plain, strict=False)

    def as_role(self, role_arn: str, service: str) -> Any:
        """A client of a service with the permissions of a role, and no others."""
        return self._client(role_arn, service)

    def _client(self, role_arn: str | None, service: str) -> Any:
        made = self._made.get((role_arn, service))
        if made is None:
            with self._lock:
                if (role_arn, service) not in self._made:
                    self._made[role_arn, service] = self._make(role_arn, service)
                made = self._made[role_arn, service]
        return made

    def _make(self, role_arn: str | None, service: str) -> Any:
        if Clients._session is None:
            Clients._session = _isolated_session()
        credentials = (
            self._assumed(role_arn)
            if role_arn
            else {"aws_access_key_id": self.account, "aws_secret_access_key": "test"}
        )
        client = Clients._session.client(
            service,
            region_name=self.region,
            endpoint_url=self.endpoint_url,
            config=botocore.config.Config(
                connect_timeout=5,
                max_pool_connections=64,
                proxies={},
                read_timeout=_LONGEST_INVOCATION if service == "lambda" else _LONGEST_CALL,
                retries={"total_max_attempts": 1},  # a repeated call could deliver twice
                s3={"addressing_style": "path"},
            ),
            **credentials,
        )
        return self._guard.client(client, strict=True)

    def _assumed(self, role_arn: str) -> dict[str, str]:
        """Credentials of an execution role. It trusts only Lambda, so its trust policy is changed for this one call."""
        if role_arn not in self._credentials:
            iam, name = self["iam"], Arn.parse(role_arn).name
            trust = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
            opened = json.loads(json.dumps(trust))
            opened["Statement"] = [
                *(opened["Statement"] if isinstance(opened["Statement"], list) else [opened["Statement"]]),
                {
                    "Sid": _OWN_STATEMENT,
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": {"AWS": f"arn:aws:iam::{self.account}:root"},
                },
            ]
            iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(opened))
            try:
                answer = self["sts"].assume_role(RoleArn=role_arn, RoleSessionName="lambda", DurationSeconds=12 * 3600)
            finally:
                iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trust))
            given = answer["Credentials"]
            if Arn.parse(role_arn).account not in answer["AssumedRoleUser"]["Arn"]:
                raise EngineError(f"the engine assumed another role than {role_arn}; use {NAME} or AWS's own API")
            self._credentials[role_arn] = {
                "aws_access_key_id": given["AccessKeyId"],
                "aws_secret_access_key": given["SecretAccessKey"],
                "aws_session_token": given["SessionToken"],
            }
        return self._credentials[role_arn]

    def forget(self, role_arn: str) -> None:
        """Drop the clients and credentials of a role whose stack is about to be deleted."""
        with self._lock:
            self._credentials.pop(role_arn, None)
            for key in [key for key in self._made if key[0] == role_arn]:
                self._made.pop(key).close()


def is_missing(error: ClientError) -> bool:
    """Whether a service says that something does not exist."""
    code = str(error.response["Error"]["Code"])
    return code in _NOT_FOUND or "NonExistent" in code or "DoesNotExist" in code


def is_denied(error: ClientError) -> bool:
    """Whether a service says that a permission is missing."""
    return "AccessDenied" in str(error.response["Error"]["Code"]) or "AuthorizationError" in str(
        error.response["Error"]["Code"]
    )
