"""The picture as a Mermaid flowchart: https://mermaid.js.org/syntax/flowchart.html."""

from ._graph import Graph
from ._picture import Picture

_SHAPES = {
    "function": ("[", "]"),
    "queue": ("[(", ")]"),
    "topic": ("([", "])"),
    "event bus": ("{{", "}}"),
    "bucket": ("[(", ")]"),
}
_COLOURS = {"error": "#c62828", "warning": "#b26a00"}


def mermaid(picture: Picture) -> str:
    """Return the text of a flowchart, without a newline at its end."""
    graph = Graph(picture)
    lines = ["flowchart LR"]
    for node in graph.nodes.values():
        opening, closing = _SHAPES.get(node.kind, ("[", "]"))
        lines.append(f'  {node.id}{opening}"{_text("<br>".join(map(_escaped, node.lines)))}"{closing}')
    for edge in graph.edges:
        arrow = "-.->" if edge.dashed else "-->"
        lines.append(
            f'  {edge.start} {arrow}|"{_text("<br>".join(map(_escaped, edge.label.splitlines())))}"| {edge.end}'
        )
    for index, edge in enumerate(graph.edges):
        if edge.grade:
            colour = _COLOURS[edge.grade]
            lines.append(f"  linkStyle {index} stroke:{colour},color:{colour}")
    outside = [node.id for node in graph.nodes.values() if not node.here]
    if outside:
        lines += ["  classDef outside stroke-dasharray: 4 3", f"  class {','.join(outside)} outside"]
    return "\n".join(lines)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _text(text: str) -> str:
    return text.replace('"', "#quot;")
