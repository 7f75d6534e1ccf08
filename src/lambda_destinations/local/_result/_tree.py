"""The result of a run as data: a tree of runs and the deliveries of their records."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ...errors import NotDelivered
from ...record import InvocationRecord
from ._codes import Finding, Leg, Problem, Verdict
from ._printer import print_tree, tree_text
from ._words import leg_words, words

JSON_VERSION = 2

_UNSURE = Finding("not-arrived")


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """Something that a record can be sent to. `names` are all names that `Run.delivered_to` accepts for it."""

    arn: str
    label: str
    names: frozenset[str]


@dataclass(kw_only=True, slots=True, repr=False)
class Delivery:
    """One delivery of a record to one target, whether it arrived or not.

    :ivar leg: why it was sent there; `via` is the name of the rule, if a rule sent it
    :ivar verdict: what became of it; if it is not `delivered`, `finding` says why
    :ivar permission: the action that was needed and is allowed
    :ivar message_id: the id that the service gave it; the object key for S3
    :ivar read_back: whether the text at the target equals the text that was sent; None if it cannot be read
    :ivar body: the text that was sent; `arrived` is the text that was found
    :ivar missed: rules on the event bus that are meant for this record but never match it, so that it is lost
    :ivar passed_on: the deliveries that the event bus, topic or queue made of it
    :ivar runs: the runs of functions that it started
    """

    leg: Leg
    target: Target
    record: InvocationRecord | None
    body: str
    via: str | None = None
    verdict: Verdict = Verdict.DELIVERED
    finding: Finding | None = None
    permission: str | None = None
    message_id: str | None = None
    arrived: str | None = None
    read_back: bool | None = None
    notes: list[Finding] = field(default_factory=list)
    missed: list[Finding] = field(default_factory=list)
    passed_on: list["Delivery"] = field(default_factory=list)
    runs: list["Run"] = field(default_factory=list)

    def lose(self, code: str, **data: Any) -> None:
        """Set the verdict to lost, and say why."""
        self.verdict, self.finding = Verdict.LOST, Finding(code, data)

    def doubt(self, code: str, **data: Any) -> None:
        """Set the verdict to unknown, and say why."""
        self.verdict, self.finding = Verdict.UNKNOWN, Finding(code, data)

    def note(self, code: str, **data: Any) -> None:
        """Add a note, which does not change the verdict."""
        self.notes.append(Finding(code, data))

    @property
    def on(self) -> str:
        """The leg in words: `on success`, `on failure`, `dead-letter queue`, `rule Orders matches`."""
        return leg_words(self.leg, self.via)

    @property
    def accepted(self) -> bool:
        """Whether it certainly arrived there."""
        return self.verdict is Verdict.DELIVERED

    @property
    def caught(self) -> bool:
        """Whether it did not arrive there, but certainly arrived in a dead-letter queue."""
        after = (Leg.UNDELIVERED, Leg.REDRIVE)
        return self.verdict is Verdict.LOST and any(each.accepted and each.leg in after for each in self.passed_on)

    @property
    def problem(self) -> str | None:
        """Why it did not arrive, or may not have, in words."""
        return None if self.finding is None else words(self.finding)

    @property
    def missed_by(self) -> str | None:
        """The findings in `missed`, in words; None if there are none."""
        return "; ".join(map(words, self.missed)) or None

    def to_dict(self) -> dict[str, Any]:
        """The delivery and what followed from it as JSON values."""
        return {
            "leg": self.leg.value,
            "via": self.via,
            "target": self.target.label,
            "targetArn": self.target.arn,
            "verdict": self.verdict.value,
            "finding": _finding(self.finding),
            "caught": self.caught,
            "permission": self.permission,
            "messageId": self.message_id,
            "readBack": self.read_back,
            "notes": [_finding(each) for each in self.notes],
            "missed": [_finding(each) for each in self.missed],
            "passedOn": [each.to_dict() for each in self.passed_on],
            "runs": [each.to_dict() for each in self.runs],
        }

    def __repr__(self) -> str:
        return tree_text(self.to_dict())


@dataclass(kw_only=True, slots=True, repr=False)
class Run:
    """One invocation of a function: its attempts, its record, and where that went.

    :ivar condition: the condition of the record. The consumer of a queue has no record: here it is `Success` or
        `Failed`. If nothing ran it is `Stopped`, and `stopped` says why
    :ivar invoked: `asynchronously`, or `from-queue`
    :ivar logs: what each attempt printed
    :ivar invoked_runs: the functions that the handler itself invoked asynchronously
    :ivar unrecorded: set if it failed, and no destination and no dead-letter queue records that
    """

    function: Target
    qualifier: str
    condition: str
    attempts: int
    record: InvocationRecord | None = None
    invoked: str = "asynchronously"
    response: str | None = None
    logs: list[str] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    invoked_runs: list["Run"] = field(default_factory=list)
    stopped: Finding | None = None
    stopped_verdict: Verdict = Verdict.UNKNOWN
    unrecorded: Finding | None = None
    require_name: Callable[[str], None] | None = None

    @property
    def succeeded(self) -> bool:
        """Whether the function itself succeeded."""
        return self.condition == "Success"

    @property
    def response_payload(self) -> Any:
        """What the handler returned, or its error; None also if there is no response."""
        if self.record is not None:
            return self.record.response_payload
        return None if self.response is None else json.loads(self.response)

    @property
    def all_deliveries(self) -> list[Delivery]:
        """Every delivery of the whole tree, in the order in which they happened."""
        return [each for each in _walk(self) if isinstance(each, Delivery)]

    @property
    def all_runs(self) -> list["Run"]:
        """This run and every run that it led to."""
        return [each for each in _walk(self) if isinstance(each, Run)]

    @property
    def destination_delivery_failures(self) -> int:
        """What CloudWatch would count as `DestinationDeliveryFailures`, over all functions of the tree."""
        return sum(
            each.verdict is Verdict.LOST and each.leg in {Leg.ON_SUCCESS, Leg.ON_FAILURE}
            for each in self.all_deliveries
        )

    @property
    def problems(self) -> list[Problem]:
        """What was lost, and why: records, runs, and failures that nothing records. `unknowns` are not among them."""
        return [each for each in self._findings() if each.verdict is Verdict.LOST]

    @property
    def unknowns(self) -> list[Problem]:
        """What cannot be known here: it may be lost or delivered."""
        return [each for each in self._findings() if each.verdict is Verdict.UNKNOWN]

    @property
    def verdict(self) -> Verdict:
        """The verdict of the whole tree: lost if anything was lost, else unknown if anything is unknown."""
        found = {each.verdict for each in self._findings()}
        return next((each for each in (Verdict.LOST, Verdict.UNKNOWN) if each in found), Verdict.DELIVERED)

    def _findings(self) -> Iterator[Problem]:
        for each in self.all_deliveries:
            where = f"{each.on} → {each.target.label}"
            if each.verdict is not Verdict.DELIVERED and not each.caught:
                finding = each.finding or _UNSURE
                yield Problem(where, words(finding), finding, each.verdict)
            for finding in each.missed:
                yield Problem(where, words(finding), finding, Verdict.LOST)
        for run in self.all_runs:
            where = f"{run.function.label}:{run.qualifier}"
            if run.stopped is not None:
                yield Problem(where, words(run.stopped), run.stopped, run.stopped_verdict)
            if run.unrecorded is not None:
                yield Problem(where, words(run.unrecorded), run.unrecorded, Verdict.LOST)

    def delivered_to(self, name: str) -> list[InvocationRecord]:
        """The records that certainly arrived at the named resource, anywhere in the tree, in order.

        A record that may have arrived (`unknown`) is not among them.

        :param name: a logical id, a construct path or id, a physical name or an ARN; for an alias or a version its own
            construct, or `function:qualifier`
        :raises UnknownName: if nothing in the app has this name
        """
        found = [each for each in self.all_deliveries if name in each.target.names]
        if not found and self.require_name is not None:
            self.require_name(name)
        return [each.record for each in found if each.accepted and each.record is not None]

    def assert_delivered(self, *, allow_unknown: bool = False, allow_unrecorded: bool = False) -> None:
        """Check that every record certainly arrived.

        :param allow_unknown: accept what cannot be known here
        :param allow_unrecorded: accept a failure that no destination and no dead-letter queue records
        :raises NotDelivered: if something was lost or is unknown; the message shows the tree
        """
        found = [each for each in self.problems if not (allow_unrecorded and each.code == "unrecorded")]
        if not allow_unknown:
            found += self.unknowns
        if found:
            raise NotDelivered("\n".join([*found, "", tree_text(self.to_dict(), logs=True)]))

    def to_dict(self) -> dict[str, Any]:
        """The tree as JSON values, under the names of the attributes; a `code` stays the same when its text changes."""
        record = self.record
        error = record.error if record is not None else None
        if error is not None or self.succeeded or self.response is None:
            said = {"type": error.type, "message": error.message} if error else None
        else:
            read = self.response_payload if isinstance(self.response_payload, dict) else {}
            said = {"type": read.get("errorType"), "message": read.get("errorMessage")}
        return {
            "function": self.function.label,
            "functionArn": self.function.arn,
            "qualifier": self.qualifier,
            "invoked": self.invoked,
            "condition": self.condition,
            "attempts": self.attempts,
            "error": said,
            "stopped": _finding(self.stopped),
            "unrecorded": _finding(self.unrecorded),
            "record": record.to_dict() if record is not None else None,
            "logs": self.logs,
            "deliveries": [each.to_dict() for each in self.deliveries],
            "runs": [each.to_dict() for each in self.invoked_runs],
        }

    def to_json(self) -> str:
        """The tree with its problems as JSON text, indented: the document of `run --json`."""
        document = {
            "version": JSON_VERSION,
            "verdict": self.verdict.value,
            "problems": [each.to_dict() for each in self.problems],
            "unknowns": [each.to_dict() for each in self.unknowns],
            "destinationDeliveryFailures": self.destination_delivery_failures,
            **self.to_dict(),
        }
        text = json.dumps(document, indent=2, ensure_ascii=False)
        return text.encode(errors="replace").decode() if _has_surrogates(text) else text

    def text(self, *, width: int | None = None, logs: bool = False) -> str:
        """The tree as text; `width` wraps it, `logs` adds what the handlers printed."""
        return tree_text(self.to_dict(), width=width, logs=logs)

    def print(self, *, logs: bool = False) -> None:
        """Print the tree to standard output, coloured if that is a terminal; `logs` adds what the handlers printed."""
        print_tree(self.to_dict(), logs=logs)

    def __str__(self) -> str:
        return tree_text(self.to_dict())

    __repr__ = __str__  # so that a failed assertion shows the tree


def _finding(finding: Finding | None) -> dict[str, Any] | None:
    return None if finding is None else {"code": finding.code, "data": dict(finding.data)}


def _has_surrogates(text: str) -> bool:
    return any("\ud800" <= each <= "\udfff" for each in text)


def _walk(run: Run) -> Iterator[Run | Delivery]:
    """The run, then its deliveries and what each of them led to, then the runs that its handler invoked."""
    yield run
    for each in run.deliveries:
        yield from _walk_delivery(each)
    for inner in run.invoked_runs:
        yield from _walk(inner)


def _walk_delivery(delivery: Delivery) -> Iterator[Run | Delivery]:
    yield delivery
    for each in delivery.passed_on:
        yield from _walk_delivery(each)
    for run in delivery.runs:
        yield from _walk(run)
