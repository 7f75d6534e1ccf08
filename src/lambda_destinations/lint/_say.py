"""Makes the findings of the rules, and the names in their messages."""

from ..template import Finding, PropertyPath, Resource


def finding(code: str, resource: Resource, path: PropertyPath, message: str) -> Finding:
    """Return a finding on a property of a resource, or on the whole resource if `path` is empty."""
    return Finding(
        code=code,
        stack=resource.stack,
        logical_id=resource.logical_id,
        path=path or ("Resources", resource.logical_id),
        construct=resource.construct,
        message=message,
    )


def short(arn: str) -> str:
    """Return the name in an ARN. The name of a function keeps its qualifier."""
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return arn
    return parts[5].removeprefix("function:").removeprefix("event-bus/").rsplit("/", 1)[-1]
