"""The texts of the tree of a run."""

from collections.abc import Mapping
from typing import Any

from ._codes import Finding, Leg

_LONGEST_ERROR = 160

_LEGS = {
    Leg.ON_SUCCESS: "on success",
    Leg.ON_FAILURE: "on failure",
    Leg.DEAD_LETTER: "dead-letter queue",
    Leg.RULE: "rule {via} matches",
    Leg.SUBSCRIPTION: "subscription",
    Leg.UNDELIVERED: "dead-letter queue of what failed",
    Leg.REDRIVE: "dead-letter queue of the queue",
}

_FINDINGS = {
    # lost
    "bad-input": "EventBridge never delivers what its input template gives here, which is not JSON: {text}",
    "consumer-fails": "{consumer} fails on it each time and the queue has no dead-letter queue, so that it is deleted "
    "after {days} days; give the queue a redrive policy",
    "denied": "{action} denied to {who}; grant it on {arn} ({reason})",
    "different": "what arrived is not what was sent",
    "endless-loop": "endless loop, stopped here after {runs} runs; {why}",
    "fifo-subscription": "a FIFO queue cannot take what a standard topic hands on; use a standard queue",
    "key-denied": "{target} is encrypted, and its key does not let {who} in ({reason}); grant kms:GenerateDataKey* "
    "and kms:Decrypt on the key; for a service, do it in the key policy",
    "key-missing": "the key {key} of {target} does not exist; create it, or correct its alias",
    "missing": "{arn} does not exist; deploy it, or create it first",
    "not-arrived": "the message did not arrive",
    "other-region": "{arn} is in another region, where EventBridge sends to buses only; put a bus there",
    "recursive-loop": "recursive loop, Lambda drops the event after {runs} runs in a chain",
    "refused": "{error}: {message}",
    "rule-for-another-bus": "{rules} is made for this function, but on the bus {bus}",
    "rule-for-another-qualifier": "no rule matches: {rules} names this function, but not {qualifier}",
    "rule-never-matches": "{rules} is made for this function and can match none of its records: they have the source "
    "lambda, the detail-type Lambda Function Invocation Result - Success or - Failure with a hyphen, and the function "
    "with its qualifier or :$LATEST in their resources",
    "service-denied": "{service} may not {action}; add an {grant} for {source} ({reason})",
    "too-large": "the message has {size:,} bytes, {service} takes {limit:,}; send references, not content",
    "too-many-runs": "this invocation has led to {runs} runs already; it feeds itself",
    "unrecorded": "failed, and nothing records it: {qualifier} has no failure destination and no dead-letter queue"
    "{hint}; add one",
    # unknown
    "filter-unknown": "larger than the engine takes, so it is not known whether the filter lets it through",
    "input-path-unknown": "the event does not have the path {path}, and it is not known what EventBridge sends then",
    "key-unknown": "{target} is encrypted, and it is not known whether its key lets {who} in ({reason})",
    "loop-of-buses": "the event is back at {bus}; it is not known when EventBridge stops such a loop",
    "not-followed": "{kind} targets are not followed: it is not known whether it arrives",
    "not-run": "{reason}",
    "permission-unknown": "it is not known whether {who} may {action} ({reason})",
    "placeholder": "the target is not known: it was left out, or its value was not given",
    # notes
    "condition-undocumented": "AWS does not document the condition of this record",
    "beyond-engine": "larger than the engine takes, so not read back",
    "filtered-out": "filtered out by the {by}",
    "no-rule-matches": "no rule matches",
    "no-subscription": "nothing subscribes to it",
    "response-only": "response only",
    "rule-without-targets": "{rule} matches and has no targets",
}


def leg_words(leg: Leg, via: str | None) -> str:
    """`on success`."""
    return _LEGS[leg].format(via=via)


def words(finding: Finding) -> str:
    """The sentence of a finding, in one line."""
    data = {name: one_line(value) if isinstance(value, str) else value for name, value in finding.data.items()}
    return _FINDINGS[finding.code].format_map(data)


def one_line(text: str) -> str:
    """The text in one line: without line breaks, control characters and lone surrogates."""
    shown = "".join(each if each.isprintable() else " " for each in text.replace("\n", " ⏎ "))
    return " ".join(shown.split())


def run_head(run: Mapping[str, Any]) -> str:
    """`Source:$LATEST  Success, 1 attempt`, from the JSON of a run."""
    name = f"{run['function']}:{run['qualifier']}"
    if run["stopped"] is not None:
        return f"{name}  not run: {words(Finding(run['stopped']['code'], run['stopped']['data']))}"
    attempts = run["attempts"]
    how = {"Success": "succeeded", "Failed": "failed"}.get(run["condition"], run["condition"])
    text = f"{name}  " + (
        f"{run['condition']}, {attempts} attempt{'' if attempts == 1 else 's'}"
        if run["invoked"] == "asynchronously"
        else f"{how}, from the queue, {attempts} receive{'' if attempts == 1 else 's'}"
    )
    if run["error"] is not None and run["condition"] != "Success":
        kind, message = run["error"]["type"], run["error"]["message"]
        said = ": ".join(one_line(str(each)) for each in (kind, message) if each) or "an error that says nothing"
        text += f"  {said if len(said) <= _LONGEST_ERROR else said[:_LONGEST_ERROR] + '…'}"
    return text


def loss_of(run: Mapping[str, Any]) -> str | None:
    """`LOST, failed, and nothing records it: …`, from the JSON of a run; None if something does."""
    lost = run["unrecorded"]
    return None if lost is None else f"LOST, {words(Finding(lost['code'], lost['data']))}"


def delivery_head(delivery: Mapping[str, Any]) -> str:
    """`on success → Queue: message a66d… (read back: equal)`, from the JSON of a delivery."""
    line = f"{leg_words(Leg(delivery['leg']), delivery['via'])} → {delivery['target']}"
    why = delivery["finding"]
    if delivery["verdict"] != "delivered":
        said = words(Finding(why["code"], why["data"]))
        caught = delivery["caught"]
        return f"{line}: {'NOT DELIVERED' if caught else delivery['verdict'].upper()}, {said}"
    detail = [f"{delivery['permission']} allowed"] if delivery["permission"] else []
    detail += [words(Finding(each["code"], each["data"])) for each in delivery["notes"]]
    missed = [words(Finding(each["code"], each["data"])) for each in delivery["missed"]]
    if delivery["messageId"] and delivery["readBack"] is not None:
        kind = {"events": "event", "s3": "object"}.get(delivery["targetArn"].split(":")[2], "message")
        id_ = delivery["messageId"]
        line += f": {kind} {id_ if '/' in id_ else id_[:4] + '…'}"
        detail.insert(0, "read back: equal")
    if detail:
        line += f" ({', '.join(detail)})"
    return line + "".join(f", LOST: {each}" for each in missed)
