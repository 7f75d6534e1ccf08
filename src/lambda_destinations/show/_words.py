"""The words of the picture, for all its formats."""

from collections.abc import Iterable

from ._picture import Arrow, Source

_ON = {
    "on-success": "on success",
    "on-failure": "on failure",
    "dead-letter": "dead letter",
    "subscription": "subscription",
    "consumer": "consumer",
}


def leg(arrow: Arrow) -> str:
    """Return the label of an arrow."""
    if arrow.on == "rule":
        return f"rule {(arrow.rule or '').rsplit('/', 1)[-1]}"
    return _ON[arrow.on]


def remarks(arrow: Arrow) -> list[str]:
    """Return the remarks on an arrow, without its findings."""
    said = [] if arrow.arrives == "record" else ["response only" if arrow.arrives == "response" else "the bare event"]
    if not arrow.sure and arrow.verdict != "lost":
        said.append("if it passes")
    if arrow.dead_end:
        said.append(f"dead end: {arrow.dead_end}")
    if arrow.loop:
        said.append("loop")
    return said


def settings(source: Source) -> str:
    """Return the retries, the age and the alarms of a source as text."""
    retries = (
        "? retries" if source.retries is None else f"{source.retries} {_plural(source.retries, 'retry', 'retries')}"
    )
    age = "? age" if source.age is None else f"events up to {duration(source.age)} old"
    return ", ".join([retries, age, "watched by alarms" if source.alarms else "no alarm"])


def duration(seconds: int) -> str:
    """Return seconds in the largest unit that divides them."""
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _plural(count: int, one: str, many: str) -> str:
    return one if count == 1 else many


def ends(names: Iterable[str]) -> dict[str, str]:
    """Return for each construct path its shortest end that no other path has."""
    paths = sorted(set(names))
    short: dict[str, str] = {}
    for path in paths:
        steps = path.split("/")
        for count in range(1, len(steps) + 1):
            end = "/".join(steps[-count:])
            if sum(each == end or each.endswith(f"/{end}") for each in paths) == 1 or count == len(steps):
                short[path] = end
                break
    return short
