"""A function: the run itself is ours to follow, so nothing is sent; it only has to be there."""

from ..._arn import LATEST, Arn
from ..._environment import Environment
from ..._result._tree import Delivery
from ._service import Extras, Service


class Function(Service):
    """`lambda:InvokeFunction`."""

    service, action = "lambda", "lambda:InvokeFunction"

    def send(self, env: Environment, delivery: Delivery, extras: Extras) -> None:  # noqa: ARG002 (events have none)
        """Raise ClientError if it is not there."""
        arn = Arn.parse(delivery.target.arn)
        env.facts(arn.name, arn.qualifier or LATEST)
