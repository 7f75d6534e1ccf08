"""Check an engine before it is used: it must be on this machine, and it must enforce permissions."""

import contextlib
import ipaddress
import json
import uuid
from urllib.parse import urlsplit

from ...errors import EngineError
from .._clients import ClientError, Clients, is_denied
from ._ministack import HOW_TO_ENFORCE


def require_loopback(endpoint_url: str) -> None:
    """Raise EngineError unless an endpoint is on this machine, so that real AWS is never reached by accident."""
    host = urlsplit(endpoint_url).hostname or ""
    with contextlib.suppress(ValueError):
        if ipaddress.ip_address(host).is_loopback:
            return
    if host == "localhost":
        return
    raise EngineError(f"{endpoint_url} is not on this machine; allow_remote=True if that is meant")


def require_permissions(clients: Clients) -> None:
    """Raise EngineError unless the engine allows a call that a role may make, and denies one that it may not make."""
    name = f"lambda-destinations-{uuid.uuid4().hex[:12]}"
    service = {"Service": "lambda.amazonaws.com"}
    trust = json.dumps({"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": service}]})
    iam, sqs = clients["iam"], clients["sqs"]
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    allowed, denied = (sqs.create_queue(QueueName=f"{name}-{each}")["QueueUrl"] for each in ("allowed", "denied"))
    queue = f"arn:aws:sqs:{clients.region}:{clients.account}:{name}-allowed"
    allow = json.dumps({"Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": queue}]})
    iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=allow)
    try:
        if not _may_send(clients, role, allowed):
            raise EngineError(f"{clients.endpoint_url} denies what a role allows; use another engine")
        if _may_send(clients, role, denied):
            raise EngineError(
                f"{clients.endpoint_url} does not enforce permissions, so it would deliver what AWS refuses; "
                f"turn enforcement on ({HOW_TO_ENFORCE})"
            )
    finally:
        clients.forget(role)
        for url in (allowed, denied):
            sqs.delete_queue(QueueUrl=url)
        iam.delete_role_policy(RoleName=name, PolicyName="own")
        iam.delete_role(RoleName=name)


def _may_send(clients: Clients, role: str, url: str) -> bool:
    try:
        clients.as_role(role, "sqs").send_message(QueueUrl=url, MessageBody="permitted?")
    except ClientError as error:
        if not is_denied(error):
            raise
        return False
    return True
