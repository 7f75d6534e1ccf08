"""The tree of a run as lines of text, made from its JSON; wrapped and coloured on a terminal."""

import os
import shutil
import sys
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from ._words import delivery_head, loss_of, one_line, run_head

Node = Mapping[str, Any]

_LONGEST_LINE = 600  # characters of one node if lines are not wrapped
_PLAIN = str.maketrans({"→": "->", "…": "...", "├": "|", "└": "`", "─": "-", "│": "|", "⏎": "/"})


def tree_text(node: Node, *, width: int | None = None, logs: bool = False) -> str:
    """The tree as plain text. `width` wraps it, `logs` adds what the handlers printed."""
    return "\n".join(line for line, _ in _lines(node, width, logs=logs))


def print_tree(node: Node, *, logs: bool = False) -> None:
    """Print the tree to standard output. On a terminal it is wrapped and coloured, and failures are red."""
    terminal = sys.stdout.isatty()
    lines = _lines(node, shutil.get_terminal_size().columns if terminal else None, logs=logs)
    coloured = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    if not coloured:
        for line, _ in lines:
            print(printable(line))
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for line, style in lines:
        console.print(Text(printable(line), style=style), soft_wrap=True)


def printable(text: str) -> str:
    """The text, with ASCII in place of characters that standard output cannot encode."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_PLAIN).encode(encoding, "backslashreplace").decode(encoding)
    return text


def _lines(node: Node, width: int | None, *, logs: bool) -> list[tuple[str, str]]:
    style = _style(node)
    head = run_head(node) if "deliveries" in node else delivery_head(node)
    below = bool(_children(node)) or ("deliveries" in node and node["unrecorded"] is not None)
    own = _wrapped(head, width, has_children=below)
    if logs:
        own += [f"{'│' if below else ' '}    {line}" for line in _printed(node)]
    found = [(line, style) for line in own]
    children = _children(node)
    loss = loss_of(node) if "deliveries" in node else None
    if loss is not None:
        lead, rest = ("├─ ", "│  ") if children else ("└─ ", "   ")
        wrapped = _wrapped(loss, width - 3 if width else None, has_children=False)
        found += [((rest if number else lead) + line, "red") for number, line in enumerate(wrapped)]
    for index, child in enumerate(children):
        last = index == len(children) - 1
        inner = _lines(child, width - 3 if width else None, logs=logs)
        for number, (line, inner_style) in enumerate(inner):
            first, rest = ("└─ ", "   ") if last else ("├─ ", "│  ")
            found.append(((rest if number else first) + line, inner_style))
    return found


def _wrapped(head: str, width: int | None, *, has_children: bool) -> list[str]:
    if width is None:
        return [head if len(head) <= _LONGEST_LINE else head[:_LONGEST_LINE] + "…"]
    indent = "│    " if has_children else "     "
    return textwrap.wrap(head, max(width - 1, 30), subsequent_indent=indent, break_on_hyphens=False) or [head]


def _printed(node: Node) -> Iterator[str]:
    logs: list[str] = node.get("logs") or []
    for number, log in enumerate(logs, start=1):
        for line in str(log).splitlines():
            if line.strip() and not line.startswith("END RequestId"):  # our runtimes print this line
                yield f"{number}| {one_line(line)}"


def _children(node: Node) -> list[Node]:
    if "deliveries" in node:
        return [*node["deliveries"], *node["runs"]]
    return [*node["passedOn"], *node["runs"]]


def _style(node: Node) -> str:
    if "deliveries" in node:
        lost = node["stopped"] is not None or node["unrecorded"] is not None
        return "red" if lost else "bold" if node["condition"] == "Success" else "bold yellow"
    if node["verdict"] == "unknown":
        return "magenta"
    if node["verdict"] == "lost":
        return "yellow" if node["caught"] else "red"
    return "red" if node["missed"] else "green" if node["readBack"] else ""
