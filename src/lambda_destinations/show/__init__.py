"""Draws which function sends what where, from synthesized templates, without AWS and without a deployment."""

from collections.abc import Iterable
from pathlib import Path

from ..lint import read_and_judge
from ..template import Given
from ._json import as_json
from ._mermaid import mermaid
from ._picture import Arrow, Picture, Place, Source, picture_of
from ._svg import svg
from ._tree import lines, tree

__all__ = ["Arrow", "Picture", "Place", "Source", "draw", "lines", "show"]

_FORMATS = {"text": tree, "mermaid": mermaid, "svg": svg, "json": as_json}


def show(paths: Iterable[str | Path], *, given: Given | None = None) -> Picture:
    """Return the picture of cloud assemblies and templates.

    :param paths: folders that `cdk synth` wrote, or templates in JSON, YAML or SAM
    :raises DeployError: when a path cannot be read, or CloudFormation would refuse a template
    """
    pictures = [picture_of(app.flow, app.findings) for app in (read_and_judge(Path(each), given) for each in paths)]
    return Picture(
        sources=tuple(source for each in pictures for source in each.sources),
        findings=tuple(finding for each in pictures for finding in each.findings),
    )


def draw(picture: Picture, format: str = "text") -> str:
    """Return a picture as `text`, `mermaid`, `svg` or `json`, without a newline at its end.

    :raises MissingDependency: when the format is `svg`, and the extra [svg] is not installed
    :raises ValueError: when the format is another one
    """
    if format not in _FORMATS:
        raise ValueError(f"there is no format {format!r}; use {', '.join(_FORMATS)}")
    return _FORMATS[format](picture)
