"""Print which function of a synthesized app sends what where, read from its templates alone."""

import json
import sys
from pathlib import Path


def logical_id(value):
    """Name the resource that a value refers to, or the value itself."""
    if isinstance(value, dict):
        if "Ref" in value:
            return value["Ref"]
        if "Fn::GetAtt" in value:
            return value["Fn::GetAtt"][0]
        if "Fn::Join" in value:
            return "".join(part if isinstance(part, str) else logical_id(part) for part in value["Fn::Join"][1])
    return str(value)


def names(resources):
    """Map each logical id to the last part of the construct path that the CDK noted, `Resource` apart."""
    found = {}
    for key, resource in resources.items():
        path = resource.get("Metadata", {}).get("aws:cdk:path", key).split("/")
        found[key] = next(part for part in reversed(path) if part != "Resource")
    return found


def response_only_targets(resources, source, outcome):
    """Follow the rules of the default bus that match the records of that source and outcome."""
    for resource in resources.values():
        if resource["Type"] != "AWS::Events::Rule":
            continue
        pattern = resource["Properties"].get("EventPattern", {})
        if pattern.get("detail-type") != [f"Lambda Function Invocation Result - {outcome}"]:
            continue
        if any(source in json.dumps(arn) for arn in pattern.get("resources", [])):
            yield from (logical_id(target["Arn"]) for target in resource["Properties"]["Targets"])


def flow(template):
    """Yield a line for each destination in the template."""
    resources = template["Resources"]
    name = names(resources)
    for resource in resources.values():
        if resource["Type"] != "AWS::Lambda::EventInvokeConfig":
            continue
        properties = resource["Properties"]
        source = logical_id(properties["FunctionName"])
        for side, outcome in (("OnSuccess", "Success"), ("OnFailure", "Failure")):
            arn = properties["DestinationConfig"].get(side, {}).get("Destination")
            if arn is None:
                continue
            to = name.get(
                logical_id(arn), "the default event bus" if "event-bus/default" in json.dumps(arn) else str(arn)
            )
            after = [name.get(key, key) for key in response_only_targets(resources, source, outcome)]
            then = f", whose rule hands the response alone to {' and '.join(after)}" if after else ""
            yield f"{name[source]} sends its record on {outcome.lower()} to {to}{then}"


if __name__ == "__main__":
    for path in sorted(Path(sys.argv[1]).glob("*.template.json")):
        print(*flow(json.loads(path.read_text())), sep="\n")
