"""The picture as a tree of text."""

from collections.abc import Sequence

from ..lint import severity_of
from ..template import Finding
from ._picture import Arrow, Picture, Source
from ._words import leg, remarks, settings

Line = tuple[str, str]
"""A text and its style: `error`, `warning`, `source` or ``."""


def tree(picture: Picture) -> str:
    """Return the tree as plain text, without a newline at its end."""
    return "\n".join(text for text, _ in lines(picture))


def lines(picture: Picture) -> list[Line]:
    """Return the lines of the tree, each with its style."""
    found: list[Line] = []
    for source in picture.sources:
        found += [("", "")] if found else []
        found += _source(source)
    if picture.findings:
        found += [("", ""), ("also found", "source"), *(_said(each, each.construct) for each in picture.findings)]
    return found


def _source(source: Source) -> list[Line]:
    found: list[Line] = [(f"{source.place.name}:{source.qualifier}  ({settings(source)})", "source")]
    found += [_said(each) for each in source.findings]
    _branches(found, source.arrows)
    return found


def _branches(found: list[Line], arrows: Sequence[Arrow]) -> None:
    for index, arrow in enumerate(arrows):
        last = index == len(arrows) - 1
        inner = _arrow(arrow)
        found.append((("└─ " if last else "├─ ") + inner[0][0], inner[0][1]))
        found += [(("   " if last else "│  ") + text, style) for text, style in inner[1:]]


def _arrow(arrow: Arrow) -> list[Line]:
    said = remarks(arrow)
    text = f"{leg(arrow)} → {arrow.to.name}" + (f"  ({', '.join(said)})" if said else "")
    grades = {severity_of(each.code) for each in arrow.findings}
    found: list[Line] = [(text, "error" if "error" in grades else "warning" if grades else "")]
    found += [_said(each) for each in arrow.findings]
    _branches(found, arrow.onward)
    return found


def _said(finding: Finding, construct: str = "") -> Line:
    grade = severity_of(finding.code)
    where = f"{construct}: " if construct else ""
    return (f"  {'✗' if grade == 'error' else '!'} {where}{finding.message}", grade)
