"""A function: nothing is sent, because the run itself is made later. The function only has to exist."""

from ..._arn import LATEST, Arn
from ..._environment import Environment
from ..._result._tree import Delivery
from ._service import Extras, Service


class Function(Service):
    """A function, which needs `lambda:InvokeFunction`."""

    service, action = "lambda", "lambda:InvokeFunction"

    def send(self, env: Environment, delivery: Delivery, extras: Extras) -> None:  # noqa: ARG002  (events have no extras)
        """Raise ClientError if the function does not exist."""
        arn = Arn.parse(delivery.target.arn)
        env.facts(arn.name, arn.qualifier or LATEST)
