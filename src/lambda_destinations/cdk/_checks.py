"""Refuse what Lambda would refuse at the deployment, where the user wrote it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import _service
from ..errors import InvalidDestination
from ._arn import is_token, whole_arn
from ._once import once_for_each
from ._parity import upstream_parity
from ._tree import l1, path

if TYPE_CHECKING:
    from ._binding import Binding


def require_arn(resource: object, arn: str, service: str, where: str) -> None:
    """Refuse an imported resource whose ARN is of another kind; a token is not checked.

    :raises InvalidDestination: with the construct and the ARN
    """
    parts = arn.split(":")
    fits = len(parts) >= 6 and parts[2] == service and (service != "events" or parts[5].startswith("event-bus/"))
    if not is_token(arn) and not fits and not upstream_parity(resource):
        raise InvalidDestination(f"{where}: {_service.not_an_arn_of(path(resource), arn, service)}")


def refuse_fifo(resource: object, arn: str, where: str) -> None:
    """Refuse a FIFO queue or topic.

    :raises InvalidDestination: with the construct
    """
    if _is_fifo(resource, arn) and not upstream_parity(resource):
        raise InvalidDestination(f"{where}: {_service.fifo(path(resource))}")


def _is_fifo(resource: object, arn: str) -> bool:
    return _is_made_fifo(resource) if is_token(arn) else arn.endswith(".fifo")


@once_for_each
def _is_made_fifo(resource: object) -> bool:
    fifo = getattr(resource, "fifo", None)  # a topic of CDK 1.114 does not have it
    return bool(getattr(l1(resource), "fifo_topic", None) if fifo is None else fifo)


def refuse_itself(binding: Binding) -> None:
    """Refuse a function as its own destination, also through its alias or version.

    :raises InvalidDestination: with both constructs
    """
    if binding.source == whole_arn(binding.resource) and not binding.parity:
        raise InvalidDestination(f"{path(binding.scope)}: {_service.itself(path(binding.resource))}")
