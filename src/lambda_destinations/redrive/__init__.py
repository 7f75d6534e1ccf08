"""Failed events, sent back to the functions that they came from: extra `[tools]`; the handler needs boto3 only.

The promise is *at least once*. A record is deleted only after Lambda has answered 202 to its event. A process that ends
at any point loses nothing; at worst an event is sent again. The order is not kept.
"""

from ._handler import handler
from ._report import Group, RedriveReport
from ._run import redrive

__all__ = ["Group", "RedriveReport", "handler", "redrive"]
