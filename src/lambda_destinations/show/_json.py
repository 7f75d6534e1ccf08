"""The picture as JSON."""

import json
from typing import Any

from ..lint import severity_of
from ..policy import UNKNOWN
from ..template import Finding
from ._picture import Arrow, Picture, Place, Source

VERSION = 1


def as_json(picture: Picture) -> str:
    """Return the picture as indented JSON. A value that is known only after the deployment is null."""
    document = {
        "version": VERSION,
        "functions": [_source(each) for each in picture.sources],
        "findings": [_finding(each) for each in picture.findings],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _source(source: Source) -> dict[str, Any]:
    return {
        **_place(source.place),
        "qualifier": source.qualifier.replace(UNKNOWN, "…"),
        "maximumRetryAttempts": source.retries,
        "maximumEventAgeInSeconds": source.age,
        "alarms": list(source.alarms),
        "findings": [_finding(each) for each in source.findings],
        "arrows": [_arrow(each) for each in source.arrows],
    }


def _arrow(arrow: Arrow) -> dict[str, Any]:
    return {
        "on": arrow.on,
        "to": _place(arrow.to),
        "arrives": arrow.arrives,
        "rule": arrow.rule,
        "sure": arrow.sure,
        "verdict": arrow.verdict,
        "deadEnd": arrow.dead_end,
        "loop": arrow.loop,
        "findings": [_finding(each) for each in arrow.findings],
        "onward": [_arrow(each) for each in arrow.onward],
    }


def _place(place: Place) -> dict[str, Any]:
    known = UNKNOWN not in place.id
    return {"name": place.name, "kind": place.kind, "inApp": place.here, "arn": place.id if known else None}


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": severity_of(finding.code),
        "construct": finding.construct,
        "property": "/".join(map(str, finding.path)),
        "message": finding.message,
    }
