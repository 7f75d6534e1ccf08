"""The kinds of targets, one file each. For a new kind, add its file and its class here."""

from ..._arn import Arn
from ._bucket import Bucket
from ._bus import Bus
from ._function import Function
from ._queue import Queue
from ._service import Extras, Service
from ._topic import Topic

SERVICES: dict[str, Service] = {each.service: each for each in (Bucket(), Bus(), Function(), Queue(), Topic())}
"""The kinds of targets, by the service in the ARN."""


def service_of(arn: str) -> Service:
    """The kind of a target; raises KeyError for a kind that is not followed."""
    return SERVICES[Arn.parse(arn).service]


__all__ = ["SERVICES", "Extras", "Service", "service_of"]
