"""The picture as nodes and edges, for Mermaid and SVG."""

from collections.abc import Iterator
from dataclasses import dataclass

from ..lint import severity_of
from ._picture import Arrow, Picture, Place, Source
from ._words import ends, leg, remarks, settings

_MARKS = {"error": "✗", "warning": "!"}


@dataclass(frozen=True, kw_only=True)
class Node:
    """A box.

    :ivar lines: the texts in it, the name first
    """

    id: str
    lines: tuple[str, ...]
    kind: str
    here: bool


@dataclass(frozen=True, kw_only=True)
class Edge:
    """An arrow from one box to another.

    :ivar grade: `error`, `warning` or ``
    """

    start: str
    end: str
    label: str
    grade: str
    dashed: bool


class Graph:
    """The boxes by the ARN that each shows, and the arrows between them, each once."""

    def __init__(self, picture: Picture) -> None:
        self.nodes: dict[str, Node] = {}
        self.edges: list[Edge] = []
        self._short = ends(each.name for each in _places(picture))
        for source in picture.sources:
            start = self._source(source)
            for arrow in source.arrows:
                self._arrow(start, arrow)

    def _source(self, source: Source) -> str:
        key = f"{source.place.id}:{source.qualifier}"
        name = self._short[source.place.name]
        title = name if source.qualifier == "$LATEST" else f"{name}:{source.qualifier}"
        marks = tuple(f"{_MARKS[severity_of(each.code)]} {each.code}" for each in source.findings)
        node = Node(id=f"n{len(self.nodes)}", lines=(title, settings(source), *marks), kind="function", here=True)
        known = self.nodes.get(key)
        self.nodes[key] = node if known is None else Node(id=known.id, lines=node.lines, kind="function", here=True)
        return self.nodes[key].id

    def _place(self, place: Place) -> str:
        key = f"{place.id}:$LATEST" if place.kind == "function" and place.id.count(":") == 6 else place.id
        if key not in self.nodes:
            lines = (self._short[place.name], place.kind)
            self.nodes[key] = Node(id=f"n{len(self.nodes)}", lines=lines, kind=place.kind, here=place.here)
        return self.nodes[key].id

    def _arrow(self, start: str, arrow: Arrow) -> None:
        end = self._place(arrow.to)
        grades = [severity_of(each.code) for each in arrow.findings]
        texts = [
            leg(arrow),
            *remarks(arrow),
            *dict.fromkeys(f"{_MARKS[severity_of(each.code)]} {each.code}" for each in arrow.findings),
        ]
        edge = Edge(
            start=start,
            end=end,
            label="\n".join(texts),
            grade="error" if "error" in grades else "warning" if grades else "",
            dashed=not arrow.sure or arrow.on == "dead-letter",
        )
        if edge not in self.edges:
            self.edges.append(edge)
        for each in arrow.onward:
            self._arrow(end, each)


def _places(picture: Picture) -> Iterator[Place]:
    for source in picture.sources:
        yield source.place
        for arrow in source.arrows:
            yield from _reached(arrow)


def _reached(arrow: Arrow) -> Iterator[Place]:
    yield arrow.to
    for each in arrow.onward:
        yield from _reached(each)
