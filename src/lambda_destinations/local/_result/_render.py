"""The tree of a run as text, as coloured text and as JSON values."""

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing_extensions import TypeIs

    from ._tree import Delivery, Run

_LONGEST_ERROR = 160


def run_text(run: "Run") -> str:
    """The tree as plain text, with a newline at the end of each line but the last."""
    return "\n".join(_lines(run))


def delivery_text(delivery: "Delivery") -> str:
    """One delivery and what followed from it, as plain text."""
    lines = [_delivery_line(delivery)]
    _branches(lines, [*delivery.passed_on, *delivery.runs])
    return "\n".join(lines)


def print_run(run: "Run") -> None:
    """Print the tree to standard output: in colour on a terminal, with what failed in red, and plain elsewhere."""
    text = run_text(run)
    if not sys.stdout.isatty():
        print(text)
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for line, style in zip(text.splitlines(), _styles(run), strict=True):
        console.print(Text(line, style=style), soft_wrap=True)


def _styles(node: "Run | Delivery") -> list[str]:
    if _is_run(node):
        style = "red" if node.stopped else "bold" if node.succeeded else "bold yellow"
    else:
        style = (
            "red" if node.problem or node.missed_by or node.read_back is False else "green" if node.read_back else ""
        )
    return [style, *(style for each in _children(node) for style in _styles(each))]


def _lines(node: "Run | Delivery") -> list[str]:
    lines = [_line(node)]
    _branches(lines, _children(node))
    return lines


def _branches(lines: list[str], children: "list[Run | Delivery]") -> None:
    for index, each in enumerate(children):
        last = index == len(children) - 1
        first, *rest = _lines(each)
        lines.append(("└─ " if last else "├─ ") + first)
        lines += [("   " if last else "│  ") + line for line in rest]


def _children(node: "Run | Delivery") -> "list[Run | Delivery]":
    return [*node.deliveries] if _is_run(node) else [*node.passed_on, *node.runs]


def _is_run(node: "Run | Delivery") -> "TypeIs[Run]":
    return hasattr(node, "deliveries")


def _line(node: "Run | Delivery") -> str:
    return _run_line(node) if _is_run(node) else _delivery_line(node)


def _run_line(run: "Run") -> str:
    name = f"{run.function.label}:{run.qualifier}"
    if run.stopped:
        return f"{name}  not run: {run.stopped}"
    line = f"{name}  {run.condition}, {run.attempts} attempt{'' if run.attempts == 1 else 's'}"
    error = run.record.error if run.record is not None and not run.succeeded else None
    if error is not None and error.type is not None:
        text = f"{error.type}: {error.message}"
        line += f"  {text if len(text) <= _LONGEST_ERROR else text[:_LONGEST_ERROR] + '…'}"
    return line


def _delivery_line(delivery: "Delivery") -> str:
    line = f"{delivery.on} → {delivery.target.label}"
    if delivery.problem:
        return f"{line}: LOST, {delivery.problem}"
    detail = [each for each in (delivery.permission, delivery.note) if each]
    detail += [delivery.missed_by] if delivery.missed_by else []
    if delivery.message_id and delivery.read_back is not None:
        line += f": {_what(delivery)} {_short(delivery.message_id)}"
        detail.insert(0, f"read back: {'equal' if delivery.read_back else 'DIFFERENT'}")
    return f"{line} ({', '.join(detail)})" if detail else line


def _what(delivery: "Delivery") -> str:
    return {"events": "event", "s3": "object"}.get(delivery.target.arn.split(":")[2], "message")


def _short(message_id: str) -> str:
    return message_id if "/" in message_id else f"{message_id[:4]}…"


def run_dict(run: "Run") -> dict[str, Any]:
    """The tree as JSON values."""
    return {
        "function": run.function.label,
        "functionArn": run.function.arn,
        "qualifier": run.qualifier,
        "condition": run.condition,
        "attempts": run.attempts,
        "stopped": run.stopped,
        "destinationDeliveryFailures": run.destination_delivery_failures,
        "record": run.record.to_dict() if run.record is not None else None,
        "deliveries": [_delivery_dict(each) for each in run.deliveries],
        "logs": run.logs,
    }


def _delivery_dict(delivery: "Delivery") -> dict[str, Any]:
    return {
        "on": delivery.on,
        "target": delivery.target.label,
        "targetArn": delivery.target.arn,
        "accepted": delivery.accepted,
        "problem": delivery.problem,
        "permission": delivery.permission,
        "messageId": delivery.message_id,
        "readBack": delivery.read_back,
        "note": delivery.note,
        "missedBy": delivery.missed_by,
        "passedOn": [_delivery_dict(each) for each in delivery.passed_on],
        "runs": [run_dict(each) for each in delivery.runs],
    }
