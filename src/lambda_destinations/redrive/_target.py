"""Which function an event is sent to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from ..errors import InvalidSource

if TYPE_CHECKING:
    from ..record import InvocationRecord
    from ._clients import Clients

_ARN = re.compile(r"(arn:[^:]+:lambda:([^:]*):([^:]*):function:([^:]+))(?::([^:]+))?")
_NAME = re.compile(r"([\w-]{1,64})(?::([\w$-]{1,128}))?")
_DENIED = {"AccessDeniedException", "AccessDenied"}


class Target(NamedTuple):
    """A function as Lambda's Invoke takes it: `name` is its ARN, without the qualifier."""

    name: str
    qualifier: str
    region: str | None

    def __str__(self) -> str:
        return f"{self.name}:{self.qualifier}"

    @property
    def arguments(self) -> dict[str, str]:
        """The arguments of a call. `$LATEST` is left out, since a policy often allows the unqualified ARN alone."""
        return {"FunctionName": self.name} | ({} if self.qualifier == "$LATEST" else {"Qualifier": self.qualifier})


def target_of(record: InvocationRecord) -> Target:
    """The record's own function and qualifier."""
    arn = f"arn:{record.partition}:lambda:{record.region}:{record.account}:function:{record.function_name}"
    return Target(arn, record.qualifier, record.region or None)


def parse_target(text: str) -> Target:
    """A function's name, name:qualifier or ARN.

    :raises InvalidSource: for any other text
    """
    arn, name = _ARN.fullmatch(text), _NAME.fullmatch(text)
    if arn is not None:
        return Target(arn[1], arn[5] or "$LATEST", arn[2])
    if name is not None:
        return Target(name[1], name[2] or "$LATEST", None)
    raise InvalidSource(f"{text!r} is not a function; give NAME, NAME:QUALIFIER or an ARN")


def find_target(clients: Clients, text: str) -> Target:
    """The function of this name, name:qualifier or ARN, with its ARN as Lambda knows it.

    :raises InvalidSource: if Lambda does not know it
    """
    from botocore.exceptions import BotoCoreError, ClientError

    target = parse_target(text)
    client = clients.get("lambda", target.region)
    try:
        found = _ARN.fullmatch(client.get_function_configuration(**target.arguments)["FunctionArn"])
    except ClientError as error:
        if error.response["Error"]["Code"] not in _DENIED:
            raise InvalidSource(f"cannot find the function {text}: {error}; check its name and region") from None
        # Whoever may invoke a function may not always read it.
        found = None
    except BotoCoreError as error:
        raise InvalidSource(f"cannot find the function {text}: {error}; check the region") from None
    if found is None:
        if target.region is not None:
            return target
        account = clients.get("sts").get_caller_identity()["Account"]
        region, partition = client.meta.region_name, client.meta.partition
        return Target(f"arn:{partition}:lambda:{region}:{account}:function:{target.name}", target.qualifier, region)
    return Target(found[1], target.qualifier, found[2])


def in_words(target: str) -> str:
    """`orders:live in eu-west-1, account 123456789012`, from the text of a target."""
    arn = _ARN.fullmatch(target)
    return f"{arn[4]}:{arn[5]} in {arn[2]}, account {arn[3]}" if arn else target
