"""What happened: a tree of runs and the deliveries of their records."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ...errors import NotDelivered
from ...record import InvocationRecord
from ._render import delivery_text, print_run, run_dict, run_text


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """Something a record can be sent to. `names` are all the names by which it may be asked for."""

    arn: str
    label: str
    names: frozenset[str]


@dataclass(kw_only=True, slots=True, repr=False)
class Delivery:
    """One record handed, or not handed, to one target.

    `on` says why: `on success`, `on failure`, `dead-letter queue`, or the rule or subscription that passed it on.
    `permission` is the action that was needed and what became of it. `message_id` is what the service gave; for S3 it
    is the key. `read_back` is True if what lies at the target equals what was sent, None where nothing can be read.
    `problem` is None for a delivery that was accepted. `missed_by` names the rules that were made for the record and
    cannot match it, where a bus took it and nothing handed it on. `body` is the text that was sent, `arrived` what was
    found.
    """

    on: str
    target: Target
    record: InvocationRecord
    body: str
    permission: str | None = None
    message_id: str | None = None
    arrived: str | None = None
    read_back: bool | None = None
    problem: str | None = None
    note: str | None = None
    missed_by: str | None = None
    passed_on: list["Delivery"] = field(default_factory=list)
    runs: list["Run"] = field(default_factory=list)

    @property
    def accepted(self) -> bool:
        """Whether the service took the record."""
        return self.problem is None

    def __repr__(self) -> str:
        return delivery_text(self)


@dataclass(kw_only=True, slots=True, repr=False)
class Run:
    """One asynchronous invocation: its attempts, its record, and where that went.

    `condition` is that of the record. `stopped` says why there was no run at all, if there was none: then
    `condition` is `Stopped` and there is no record.
    """

    function: Target
    qualifier: str
    condition: str
    attempts: int
    record: InvocationRecord | None = None
    logs: list[str] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    stopped: str | None = None

    @property
    def succeeded(self) -> bool:
        """Whether the function itself succeeded."""
        return self.condition == "Success"

    @property
    def response_payload(self) -> Any:
        """What the handler returned, or its error; None also where there is no response."""
        return self.record.response_payload if self.record is not None else None

    @property
    def all_deliveries(self) -> list[Delivery]:
        """Every delivery of the whole tree, in the order in which they happened."""
        return list(_deliveries(self))

    @property
    def all_runs(self) -> list["Run"]:
        """This run and every run that it led to, in the order in which they happened."""
        return [self, *(run for each in self.all_deliveries for run in each.runs)]

    @property
    def destination_delivery_failures(self) -> int:
        """What CloudWatch would count as `DestinationDeliveryFailures`, over all functions of the tree."""
        return sum(not each.accepted and each.on in {"on success", "on failure"} for each in self.all_deliveries)

    @property
    def problems(self) -> list[str]:
        """Why records were lost or runs did not take place; empty if everything arrived."""
        lost = [f"{each.on} → {each.target.label}: {each.problem}" for each in self.all_deliveries if each.problem]
        unread = [
            f"{each.on} → {each.target.label}: what arrived is not what was sent"
            for each in self.all_deliveries
            if each.read_back is False
        ]
        missed = [
            f"{each.on} → {each.target.label}: {each.missed_by}" for each in self.all_deliveries if each.missed_by
        ]
        return lost + unread + missed + [f"{run.function.label}: {run.stopped}" for run in self.all_runs if run.stopped]

    def delivered_to(self, name: str) -> list[InvocationRecord]:
        """The records that the named resource accepted, anywhere in the tree, in order.

        The name is a logical id, a construct path or id, a physical name or an ARN; an alias or a version goes by its
        own construct, or as `function:qualifier`.
        """
        return [each.record for each in self.all_deliveries if each.accepted and name in each.target.names]

    def assert_delivered(self) -> None:
        """Raise NotDelivered, which shows the tree, unless every record arrived."""
        if self.problems:
            raise NotDelivered("\n".join([*self.problems, "", str(self)]))

    def to_dict(self) -> dict[str, Any]:
        """The whole tree as JSON values."""
        return run_dict(self)

    def to_json(self) -> str:
        """The whole tree as JSON text, indented."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False)

    def print(self) -> None:
        """Print the tree to standard output, coloured if that is a terminal."""
        print_run(self)

    def __str__(self) -> str:
        return run_text(self)

    __repr__ = __str__  # a failed assertion then shows the tree


def _deliveries(run: Run) -> Iterator[Delivery]:
    for each in run.deliveries:
        yield from _with_passed_on(each)


def _with_passed_on(delivery: Delivery) -> Iterator[Delivery]:
    yield delivery
    for each in delivery.passed_on:
        yield from _with_passed_on(each)
    for run in delivery.runs:
        yield from _deliveries(run)
