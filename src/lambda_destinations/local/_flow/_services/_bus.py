"""An event bus: the record is sent to a bus of our own, so that the rules in the engine do not deliver it too."""

import json
from typing import Any

from ...._service import EVENT_SOURCE, FAILURE_DETAIL_TYPE, SUCCESS_DETAIL_TYPE
from ..._environment import Environment
from ..._result._codes import Leg
from ..._result._tree import Delivery
from .._shadows import shadow_bus
from ._service import Extras, Service


class Bus(Service):
    """An event bus, which needs `events:PutEvents`."""

    service, action = "events", "events:PutEvents"

    def envelope(self, delivery: Delivery) -> int:
        """The size of source, detail-type and resources of the entry."""
        entry = entry_of(delivery)
        texts = entry["Source"], entry["DetailType"], *entry["Resources"]
        return sum(len(text.encode()) for text in texts)

    def send(self, env: Environment, delivery: Delivery, extras: Extras) -> None:  # noqa: ARG002  (events have no extras)
        """Put the event, and find it by its id."""
        entry = entry_of(delivery)
        shadow = shadow_bus(env)
        answer = env.clients["events"].put_events(Entries=[{**entry, "EventBusName": shadow.name}])["Entries"][0]
        if "EventId" not in answer:
            delivery.lose("refused", error=answer.get("ErrorCode"), message=answer.get("ErrorMessage"))
            return
        delivery.message_id = event_id = answer["EventId"]
        delivery.arrived = shadow.probe.find(event_id)
        if delivery.arrived is None:
            return
        read = json.loads(delivery.arrived)
        same = ("source", "Source"), ("detail-type", "DetailType"), ("resources", "Resources")
        delivery.read_back = read["detail"] == json.loads(delivery.body) and all(read[a] == entry[b] for a, b in same)


def entry_of(delivery: Delivery) -> dict[str, Any]:
    """The entry that Lambda puts: the bus first in `Resources`, then the function with its qualifier."""
    assert delivery.record is not None
    return {
        "Source": EVENT_SOURCE,
        "DetailType": SUCCESS_DETAIL_TYPE if delivery.leg is Leg.ON_SUCCESS else FAILURE_DETAIL_TYPE,
        "Resources": [delivery.target.arn, delivery.record.function_arn],
        "Detail": delivery.body,
    }
