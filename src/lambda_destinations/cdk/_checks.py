"""What Lambda refuses when the configuration is put, refused where the user wrote it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import InvalidDestination
from ._facts import home_of, is_token, l1, path, unqualified, upstream_parity, whole_function
from ._once import once_for_each

if TYPE_CHECKING:
    import aws_cdk.aws_lambda as lambda_
    from constructs import Construct

    from ._binding import AnyFunction

_RESOURCES = {"sns": "a topic", "sqs": "a queue", "events": "an event bus", "s3": "a bucket"}


def require_arn(resource: object, arn: str, service: str, where: str) -> None:
    """Refuse an imported resource whose ARN names another kind; a token is not judged.

    :raises InvalidDestination: naming the construct and the ARN
    """
    parts = arn.split(":")
    fits = len(parts) >= 6 and parts[2] == service and (service != "events" or parts[5].startswith("event-bus/"))
    if not is_token(arn) and not fits and not upstream_parity(resource):
        raise InvalidDestination(
            f"{where}: {path(resource)} has the ARN {arn!r}, which is not that of {_RESOURCES[service]}: import what "
            "the records should go to"
        )


def refuse_fifo(resource: object, arn: str, where: str) -> None:
    """Refuse a FIFO queue or topic.

    :raises InvalidDestination: naming the construct
    """
    if _is_fifo(resource, arn) and not upstream_parity(resource):
        raise InvalidDestination(
            f"{where}: {path(resource)} is FIFO, which Lambda refuses as a destination: use a standard one"
        )


def _is_fifo(resource: object, arn: str) -> bool:
    if not is_token(arn):
        return arn.endswith(".fifo")
    fifo = getattr(resource, "fifo", None)  # no topic of CDK 1.114 has it
    return bool(getattr(l1(resource), "fifo_topic", None) if fifo is None else fifo)


@once_for_each
def whole_arn(fn: AnyFunction) -> str:
    """Return the ARN of the function itself, behind a version or alias."""
    return unqualified(whole_function(fn).function_arn)


def refuse_itself(scope: Construct, source: lambda_.IFunction, target: AnyFunction) -> None:
    """Refuse a function as its own destination, also through its alias or version.

    :raises InvalidDestination: naming both constructs
    """
    if whole_arn(source) == whole_arn(target) and not upstream_parity(home_of(scope, source)):
        raise InvalidDestination(
            f"{path(scope)}: {path(target)} would be its own destination, which Lambda refuses, also by an alias or a "
            "version: use another function or a queue"
        )
