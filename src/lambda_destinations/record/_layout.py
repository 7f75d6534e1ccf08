"""The fast path: read a record in the layout in which AWS writes every record.

At each place there may be one member that is not in the table. Every other text takes the slow path in `_document`.
"""

from __future__ import annotations

import re
from functools import cache

from ._json import DEEPEST, refuse_depth, scanner
from ._members import MEMBERS, TOP, Draft, inside

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    _Match = Callable[..., re.Match[str] | None]
    _Fill = Callable[[Draft, Any], Iterable[Any]]

    from ._members import Member

_STRING = r'"[^"\\\x00-\x1f]*(?:\\.[^"\\\x00-\x1f]*)*"'
_QUESTION, _PAYLOAD, _ANSWER, _RESULT = (f'"{name}":' for name in TOP[2:])
_LEVELS = 3  # of brackets in a member that is not in the table
_LARGEST = 500  # characters and strings in a bracket: for a longer one the slow path is not much slower


def _brackets(levels: int) -> str:
    deeper = f"|{_brackets(levels - 1)}" if levels > 1 else ""
    return rf'[\[{{](?:[^"\[\]{{}}]|{_STRING}{deeper}){{0,{_LARGEST}}}[\]}}]'


def _known(member: Member) -> str:
    return f'"{member.name}":' + member.pattern.replace("(", f"(?P<{member.field}>", 1)


def _other(names: Iterable[str]) -> str:
    """A member with another name; the scanner checks later whether its value is JSON."""
    return rf'("(?!(?:{"|".join(names)})")[^"\\\x00-\x1f]*":(?:{_STRING}|[-+.\w]+|{_brackets(_LEVELS)}))'


def _spaced(pattern: str) -> re.Pattern[str]:
    return re.compile(re.sub(r",(?!\d)", ", *", pattern).replace('":', '": *'))  # json.dumps adds spaces


def _patterns(*, wide: bool) -> tuple[str, str, str]:
    """The document up to its first payload, from there to its second payload, and from there to its end."""
    request, response = inside("requestContext"), inside("responseContext")
    top, in_request, in_response = (_other(names) for names in (TOP, map(_name, request), map(_name, response)))

    def before(other: str, known: str) -> str:
        return f"(?:(?!{known.partition(':')[0]}){other},)?{known}" if wide else known

    def after(other: str, known: str = "") -> str:
        ahead = f"(?!{known.partition(':')[0]})" if known else ""  # fails earlier than the names in `other` do
        return f"(?:,{ahead}{other})?" if wide else ""

    version, timestamp = (before(top, _known(member)) for member in MEMBERS[:2])
    asked = ",".join(before(in_request, _known(member)) for member in request) + after(in_request)
    status, *rest = map(_known, response)
    answered = before(in_response, status) + "".join(f"{after(in_response, each)}(?:,{each})?" for each in rest)
    context = before(top, rf"{_QUESTION}\{{{asked}\}}")
    head = rf"\{{{version},{timestamp},{context},{before(top, _PAYLOAD)}"
    middle = rf"{after(top, _ANSWER)}(?:,{_ANSWER}\{{{answered}{after(in_response)}\}})?{after(top, _RESULT)}"
    return head, rf"{middle}(?:(?P<more>,{_RESULT})|\}}\Z)", rf"{after(top)}\}}\Z"


def _name(member: Member) -> str:
    return member.name


@cache  # compiled for the first record that needs it: this takes as long as the whole import
def _wide() -> list[tuple[_Match, _Fill]]:
    return [_compiled(pattern) for pattern in _patterns(wide=True)]


def _read_wide(part: int, text: str, start: int, draft: Draft, others: list[str]) -> re.Match[str] | None:
    """Read a part that has other members: set its fields, and add the other members to `others`."""
    match, fill = _wide()[part]
    found = match(text, start)
    if found is not None:
        others += filter(None, fill(draft, found.groups()))
    return found


def _compiled(text: str) -> tuple[_Match, _Fill]:
    """Return two functions: one matches the pattern; one sets the fields of its named groups and returns the others.

    The second is generated as code, as in `dataclass`: a loop over the table would make reading a tenth slower.
    """
    pattern = _spaced(text)
    names = {index: name for name, index in pattern.groupindex.items()}
    groups = [names.get(index + 1, f"other_{index}") for index in range(pattern.groups)]
    lines = [f"{', '.join(groups)}{',' if groups else '()'} = groups"]
    quick = {}
    for member in MEMBERS:
        if member.field in groups:
            quick[f"read_{member.field}"] = member.quick
            value = f"read_{member.field}({member.field})" if member.quick else member.field
            lines.append(f"draft.{member.field} = {value if member.required else f'{member.field} and {value}'}")
    lines.append(f"return ({''.join(f'{group},' for group in groups if group.startswith('other_'))})")
    scope: dict[str, Any] = dict(quick)
    exec("def fill(draft, groups):\n " + "\n ".join(lines), scope)  # noqa: S102  (all of it is written in this file)
    return pattern.match, scope["fill"]


_HEAD, _MIDDLE, _END = range(3)
(_match_head, _fill_head), (_match_middle, _fill_middle), _ = map(_compiled, _patterns(wide=False))


def read_layout(text: str) -> Draft | None:
    """The record's fields, or None if the text is not in AWS's layout, valid or not."""
    draft: Any = Draft()
    others: list[str] = []
    scan = scanner()
    response = None
    try:
        head = _match_head(text)
        if head is not None:
            _fill_head(draft, head.groups())
        else:
            head = _read_wide(_HEAD, text, 0, draft, others)
            if head is None:
                return None
        request, end = scan(text, head.end())
        middle = _match_middle(text, end)
        if middle is not None:
            _fill_middle(draft, middle.groups())
        else:
            middle = _read_wide(_MIDDLE, text, end, draft, others)
            if middle is None:
                return None
        more = middle.lastgroup == "more"
        if more:
            response, end = scan(text, middle.end())
            if text[end:] != "}" and _read_wide(_END, text, end, draft, others) is None:
                return None
        if others and not _are_members(others, scan):
            return None
    except (RecursionError, StopIteration, ValueError):
        return None  # the slow path finds the same mistake, and names it
    if len(text) > 2 * DEEPEST:
        refuse_depth(text, {"requestPayload": request, "responsePayload": response})
    draft.request_payload, draft.response_payload = request, response
    draft.has_request_payload, draft.has_response_payload = True, more
    return draft  # type: ignore[no-any-return]  # its fields come from the table, which no type checker reads


def _are_members(others: list[str], scan: Callable[[str, int], tuple[Any, int]]) -> bool:
    """Tell whether each of them is a JSON member, and no name comes twice."""
    names: set[str] = set()
    for other in others:
        member, end = scan(f"{{{other}}}", 0)
        if end != len(other) + 2 or len(member) != 1:
            return False
        names.update(member)
    return len(names) == len(others)
