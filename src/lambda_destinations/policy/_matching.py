"""Compare texts and ARNs. The policy's side may have wildcards; both sides may have an UNKNOWN."""

from ._answers import UNKNOWN, Tri, all_of

# A pattern has these in place of `*` and `?`, so that it can also contain a literal asterisk.
ANY, ONE = "\ue0fe", "\ue0fd"

_PARTS = 6  # of an ARN: arn, partition, service, region, account, resource


def pattern(text: str) -> str:
    """The pattern for a policy's text: `*` and `?` in it are wildcards."""
    return text.replace("*", ANY).replace("?", ONE)


def matches(wanted: str, text: str) -> Tri:
    """Whether a pattern matches a text; None if that depends on an UNKNOWN in one of them."""
    if UNKNOWN not in wanted and _covers(wanted, text):
        return True
    if UNKNOWN in wanted or UNKNOWN in text:
        return None if _may_meet(wanted, text) else False
    return False


def action_matches(wanted: str, action: str) -> Tri:
    """Whether an action pattern matches an action, in upper or lower case."""
    return matches(pattern(wanted.lower()), action.lower())


def resource_matches(wanted: str, arn: str) -> Tri:
    """Whether a resource pattern matches an ARN.

    AWS says that a `*` also matches beyond a colon if it is the last character of its part. For any other `*` this is
    not documented: then the answer is None.
    """
    found = matches(wanted, arn)
    return None if found and not _covers(wanted, arn, bound=True) else found


def arn_matches(wanted: str, arn: str) -> Tri:
    """Whether a pattern matches an ARN part by part, as ArnLike and ArnEquals do."""
    ours, theirs = wanted.split(":", _PARTS - 1), arn.split(":", _PARTS - 1)
    if len(ours) == len(theirs) == _PARTS:
        return all_of(matches(a, b) for a, b in zip(ours, theirs, strict=True))
    if wanted == arn and UNKNOWN not in arn and len(theirs) < _PARTS:
        return True
    # AWS does not document a pattern that is not an ARN, and an UNKNOWN may contain the missing parts.
    return None if _may_meet(wanted, arn) else False


def part(arn: str, index: int) -> str:
    """A part of an ARN by its number (3 region, 4 account), or UNKNOWN if the text is not a whole ARN."""
    parts = arn.split(":", _PARTS - 1)
    if len(parts) == _PARTS:
        return parts[index]
    return UNKNOWN


def _covers(wanted: str, text: str, *, bound: bool = False) -> bool:
    """Whether a pattern matches a text for certain: only a `*` matches an UNKNOWN in the text.

    With `bound`, a `*` matches beyond a colon only if it is the last character of its part.
    """
    at = here = 0
    star, resume = -1, 0
    while here < len(text):
        char = wanted[at] if at < len(wanted) else ""
        if char == ANY:
            star, resume, at = at, here, at + 1
        elif char and (char == text[here] or (char == ONE and text[here] != UNKNOWN)):
            at, here = at + 1, here + 1
        elif star >= 0 and not (bound and text[resume] == ":" and wanted[star + 1 : star + 2] not in ("", ":")):
            resume += 1
            at, here = star + 1, resume
        else:
            return False
    return all(char == ANY for char in wanted[at:])


def _may_meet(wanted: str, text: str) -> bool:
    """Whether the pattern would match with some text in place of each UNKNOWN."""
    starts = _skip({0}, wanted)
    for char in text:
        if char == UNKNOWN:  # it may match any number of characters of the pattern
            starts = set(range(min(starts), len(wanted) + 1)) if starts else starts
        else:
            starts = _skip(_step(starts, wanted, char), wanted)
    return len(wanted) in starts


def _step(starts: set[int], wanted: str, char: str) -> set[int]:
    """The positions in the pattern that are possible after one more character."""
    after = set()
    for at in starts:
        here = wanted[at] if at < len(wanted) else ""
        if here in (ANY, UNKNOWN):
            after.add(at)
        elif here in (ONE, char):
            after.add(at + 1)
    return after


def _skip(starts: set[int], wanted: str) -> set[int]:
    """The same positions, and those after wildcards and UNKNOWNs that match nothing."""
    found = set()
    for start in starts:
        at = start
        found.add(at)
        while at < len(wanted) and wanted[at] in (ANY, UNKNOWN):
            at += 1
            found.add(at)
    return found
