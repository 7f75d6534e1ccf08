"""Writes a report as text, JSON, SARIF, JUnit XML or GitHub annotations."""

import json
from collections.abc import Callable
from dataclasses import asdict

from cfnlint.formatters import JUnitFormatter, SARIFFormatter

from ._check import Problem, Report

JSON_VERSION = 1


def text(report: Report) -> str:
    """Return one line for each problem and each note, and a summary."""
    lines = [f"{_place(each)}: {each.severity} {each.id}: {each.construct}: {each.message}" for each in report.problems]
    return "\n".join([*lines, *(f"note: {each}" for each in report.notes), summary(report)])


def summary(report: Report) -> str:
    """Return one line that says how much was checked and found."""
    if not report.configurations:
        return f"no destinations in {_count(report.templates, 'template')}"
    errors = len(report.at_least("error"))
    found = f"{_count(errors, 'error')}, {_count(len(report.problems) - errors, 'warning')}"
    checked = f"{_count(report.configurations, 'configuration')} in {_count(report.templates, 'template')}"
    return f"{found if report.problems else 'nothing found'} ({checked})"


def as_json(report: Report) -> str:
    """Return the report as JSON, with the version of this format."""
    return json.dumps(
        {
            "version": JSON_VERSION,
            "templates": report.templates,
            "configurations": report.configurations,
            "problems": [asdict(each) for each in report.problems],
            "notes": list(report.notes),
        },
        indent=2,
        ensure_ascii=False,
    )


def github(report: Report) -> str:
    """Return the workflow commands that make GitHub Actions annotate a change.

    https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
    """
    lines = [
        f"::{each.severity} file={_value(each.file)},line={each.line},col={each.column},title={each.id}"
        f"::{_data(f'{each.construct}: {each.message}')}"
        for each in report.problems
    ]
    return "\n".join([*lines, summary(report)])


def sarif(report: Report) -> str:
    """Return SARIF 2.1.0, as cfn-lint writes it."""
    return str(SARIFFormatter().print_matches(list(report.matches), report.rules, None))


def junit(report: Report) -> str:
    """Return JUnit XML, as cfn-lint writes it."""
    return str(JUnitFormatter().print_matches(list(report.matches), report.rules, None))


FORMATS: dict[str, Callable[[Report], str]] = {
    "text": text,
    "json": as_json,
    "sarif": sarif,
    "junit": junit,
    "github": github,
}


def _place(problem: Problem) -> str:
    return f"{problem.file}:{problem.line}:{problem.column}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _value(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")
