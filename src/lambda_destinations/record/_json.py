"""JSON by RFC 8259, from text to values and back: strict, and in linear time."""

from __future__ import annotations

import re
import sys
from json import JSONDecodeError, JSONDecoder, JSONEncoder
from json.scanner import make_scanner

from .._words import shortened, shown
from ..errors import InvalidRecord

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, NoReturn

DEEPEST = 999  # levels; Python before 3.12 stops earlier, when its stack is used up
_FEW = 50  # backslashes
_LONGEST = 4300  # digits of an int: CPython's default limit, because int() takes quadratic time

_OPENING = re.compile(r"[ \t\n\r]*\{[ \t\n\r]*(\}[ \t\n\r]*)?")
_COLON = re.compile(r"[ \t\n\r]*:[ \t\n\r]*")
_NEXT = re.compile(r"[ \t\n\r]*([,}])[ \t\n\r]*")
_LONE = re.compile(r"\\(?:\\|u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u([dD][89a-fA-F][0-9a-fA-F]{2}))")
_CONTAINERS = frozenset({dict, list})


class Member:
    """A member of an object: its value, and the position of that value in the text."""

    __slots__ = ("end", "start", "value")

    def __init__(self, value: Any, start: int, end: int) -> None:
        self.value, self.start, self.end = value, start, end


def _refuse_constant(name: str) -> NoReturn:
    raise InvalidRecord("", name, "a JSON number")


def _bounded_int(digits: str) -> int:
    if len(digits) > _LONGEST:
        raise InvalidRecord("", f"a number of {len(digits)} digits", f"at most {_LONGEST}")
    return int(digits)


_limit = getattr(sys, "get_int_max_str_digits", int)  # before 3.10.7 there is no such function; int() gives 0: no limit
_strict = JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)
_loose = JSONEncoder(ensure_ascii=False, separators=(",", ":"))
# The scanner inside a decoder, called directly: for a record of 1 KB this saves a tenth of the time.
_fast = make_scanner(JSONDecoder(parse_constant=_refuse_constant))  # type: ignore[arg-type]  # typeshed names its own class
_guarded = make_scanner(JSONDecoder(parse_constant=_refuse_constant, parse_int=_bounded_int))  # type: ignore[arg-type]


def scanner() -> Callable[[str, int], tuple[Any, int]]:
    """Return a function that reads the value at an index in linear time, whatever `sys.set_int_max_str_digits` says.

    It raises StopIteration where no value starts, and ValueError for a bad value.
    """
    limit = _limit()
    return _fast if 0 < limit <= _LONGEST else _guarded


def text_of(document: object) -> str:
    """The text of a document in str or UTF-8 bytes: RFC 8259 section 8.1 allows no other encoding.

    A lone surrogate is refused.
    """
    if isinstance(document, str):
        text = document
        if not text.isascii():
            _encoded(text)
    elif isinstance(document, (bytes, bytearray)):
        try:
            text = document.decode()
        except UnicodeDecodeError as error:
            raise InvalidRecord("", f"invalid UTF-8 at byte {error.start}", "JSON in UTF-8") from None
    else:
        raise InvalidRecord("", shown(document), "JSON as str or bytes")
    if _escapes_characters(text):
        half = next(filter(None, _LONE.findall(text)), "")
        if half:
            raise InvalidRecord("", f"the lone surrogate \\u{half}", "whole characters")
    return text


def _escapes_characters(text: str) -> bool:
    # `find` jumps from one backslash to the next; `in` looks at every character: slower while backslashes are few.
    at = text.find("\\")
    for _ in range(_FEW):
        if at < 0 or text.startswith("u", at + 1):
            return at >= 0
        at = text.find("\\", at + 2)
    return "\\u" in text


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise InvalidRecord("", f"the lone surrogate \\u{ord(text[error.start]):04x}", "whole characters") from None


def value_at(text: str, start: int, path: str = "") -> tuple[Any, int]:
    """The value that starts at `start`, and where it ends."""
    try:
        return scanner()(text, start)
    except StopIteration as error:
        raise InvalidRecord(path, f"invalid JSON at character {error.value}", "JSON (a value)") from None
    except JSONDecodeError as error:
        raise InvalidRecord(path, f"invalid JSON at character {error.pos}", f"JSON ({error.msg.lower()})") from None
    except InvalidRecord as error:
        raise error.under(path) from None
    except RecursionError:
        raise InvalidRecord(path, "nesting deeper than the stack that is left", f"at most {DEEPEST} levels") from None
    except ValueError:
        raise InvalidRecord(path, f"a number of more than {_LONGEST} digits", "one that Python reads") from None


def object_at(text: str, start: int = 0, path: str = "") -> tuple[dict[str, Member], int]:
    """The members of the object that starts at `start`, and where the object and the space after it end.

    It refuses a name that comes twice.
    """
    members: dict[str, Member] = {}
    mark = _OPENING.match(text, start)
    if mark is None:
        if text.startswith("\ufeff"):
            raise InvalidRecord(path, "a byte order mark", "JSON without one: decode the file as utf-8-sig")
        begin = len(text) - len(text[start:].lstrip(" \t\n\r"))
        raise InvalidRecord(path, shown(value_at(text, begin, path)[0]), "an object")
    if mark[1]:
        return members, mark.end()
    while True:
        if not text.startswith('"', mark.end()):
            raise InvalidRecord(path, f"invalid JSON at character {mark.end()}", "JSON (the name of a member)")
        name, at = value_at(text, mark.end(), path)
        inner = shortened(f"{path}.{name}" if path else name)
        if name in members:
            raise InvalidRecord(inner, "the member twice", "the member once")
        mark = _COLON.match(text, at)
        if mark is None:
            raise InvalidRecord(inner, f"invalid JSON at character {at}", "JSON (a colon)")
        value, at = value_at(text, mark.end(), inner)
        members[name] = Member(value, mark.end(), at)
        mark = _NEXT.match(text, at)
        if mark is None:
            raise InvalidRecord(inner, f"invalid JSON at character {at}", "JSON (a comma or a closing brace)")
        if mark[1] == "}":
            return members, mark.end()


def whole_object(text: str) -> dict[str, Member]:
    """The members of the object that is the whole text."""
    members, end = object_at(text)
    if end != len(text):
        raise InvalidRecord("", f"more text at character {end}", "the end of the document")
    return members


def refuse_depth(text: str, values: dict[str, Any]) -> None:
    """Raise InvalidRecord if a value is nested deeper than `DEEPEST`; `values` are from `text`, by path."""
    left = text.count("{") + text.count("[")  # at least the number of containers that are not counted yet
    for path, value in values.items():
        level = [value] if type(value) in _CONTAINERS else []
        for depth in range(DEEPEST):
            left -= len(level)
            if not level or depth + left < DEEPEST:
                break
            level = [child for parent in level for child in _children(parent) if type(child) in _CONTAINERS]
        else:
            if level:
                wanted = f"at most {DEEPEST}, which other readers accept too"
                raise InvalidRecord(shortened(path), f"more than {DEEPEST} levels of nesting", wanted)


def _children(parent: Any) -> Iterable[Any]:
    return parent.values() if type(parent) is dict else parent


def compact(value: Any, path: str = "", *, strict: bool = True) -> str:
    """The value as AWS writes JSON: without white space, and non-ASCII not escaped; Infinity only if not strict."""
    try:
        text = (_strict if strict else _loose).encode(value)
        _encoded(text)
    except InvalidRecord as error:
        raise error.under(path) from None
    except RecursionError:
        raise InvalidRecord(path, "nesting deeper than the stack that is left", f"at most {DEEPEST} levels") from None
    except (TypeError, ValueError) as error:
        raise InvalidRecord(path, f"a value that JSON does not have ({shortened(str(error))})", "JSON") from None
    return text
