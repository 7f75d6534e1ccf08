"""All policies of an app, by the resource that they are attached to."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from ._flow import Policy, Role
from ._reading import bus_arn, items, member, named_arn, place_of, text
from ._resolved import Resource

# By service: the types that contain a resource policy, each with the property that names the resource of the policy.
_OF_STORES = {
    "sqs": (("AWS::SQS::QueuePolicy", "Queues"), ("AWS::SQS::QueueInlinePolicy", "Queue")),
    "sns": (("AWS::SNS::TopicPolicy", "Topics"), ("AWS::SNS::TopicInlinePolicy", "TopicArn")),
    "s3": (("AWS::S3::BucketPolicy", "Bucket"),),
    "events": (),
}


class Policies:
    """Finds the policies of an app.

    :param kinds: the resources of the app, by type
    """

    def __init__(self, kinds: dict[str, list[Resource]]) -> None:
        self._kinds = kinds
        self._attached: dict[str, list[Policy]] = defaultdict(list)
        self._managed = {each.arn: each for each in kinds["AWS::IAM::ManagedPolicy"]}
        for kind in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
            for each in kinds[kind]:
                for name in items(each.properties.get("Roles")):
                    self._attached[text(name).rpartition("/")[2]].append(_document(each, "PolicyDocument"))
        for each in kinds["AWS::IAM::RolePolicy"]:
            self._attached[text(each.properties.get("RoleName"))].append(_document(each, "PolicyDocument"))
        self._buses = self.of_buses()
        self._permissions: dict[str, list[Policy]] = defaultdict(list)
        for each in kinds["AWS::Lambda::Permission"]:
            arn = named_arn(text(each.properties.get("FunctionName")), place_of(each))
            whole = ":".join(arn.split(":")[:7])
            self._permissions[whole].append(Policy(resource=each, path=_at(each), document=_statement(each, arn)))

    def role(self, each: Resource) -> Role:
        """Return a role with all policies that are attached to it."""
        inline = [
            Policy(
                resource=each,
                path=(*_at(each), "Policies", index, "PolicyDocument"),
                document=member(policy, "PolicyDocument"),
            )
            for index, policy in enumerate(items(each.properties.get("Policies")))
        ]
        managed = [text(arn) for arn in items(each.properties.get("ManagedPolicyArns"))]
        ours = [_document(self._managed[arn], "PolicyDocument") for arn in managed if arn in self._managed]
        boundary = text(each.properties.get("PermissionsBoundary")) or None
        known = self._managed.get(boundary)
        return Role(
            resource=each,
            arn=each.arn or "",
            trust=_document(each, "AssumeRolePolicyDocument"),
            policies=(*inline, *self._attached[each.physical_id], *ours),
            managed_arns=tuple(arn for arn in managed if arn not in self._managed),
            boundary=None if known is None else _document(known, "PolicyDocument"),
            boundary_arn=boundary,
        )

    def permissions(self, arn: str) -> tuple[Policy, ...]:
        """Return the resource policy of a function, one document for each permission."""
        return tuple(self._permissions[arn])

    def of_store(self, service: str, store: Resource) -> tuple[Policy, ...]:
        """Return the resource policies of a queue, topic, bucket or event bus."""
        return tuple(self._of_bus(store) if service == "events" else self._of_store(service, store))

    def of_buses(self) -> dict[str, tuple[Policy, ...]]:
        """Return the policies that `EventBusPolicy` resources attach, by the ARN of the event bus."""
        found: dict[str, list[Policy]] = defaultdict(list)
        for each in self._kinds["AWS::Events::EventBusPolicy"]:
            arn = bus_arn(text(each.properties.get("EventBusName")), place_of(each))
            found[arn].append(bus_policy(each, arn))
        return {arn: tuple(policies) for arn, policies in found.items()}

    def _of_store(self, service: str, store: Resource) -> Iterator[Policy]:
        for kind, name in _OF_STORES[service]:
            for each in self._kinds[kind]:
                if store.physical_id in map(text, items(each.properties.get(name))):
                    yield _document(each, "PolicyDocument")

    def _of_bus(self, bus: Resource) -> Iterator[Policy]:
        if bus.properties.get("Policy") is not None:
            yield _document(bus, "Policy")
        yield from self._buses.get(bus.arn or "", ())


def bus_policy(each: Resource, bus_arn: str) -> Policy:
    """Return the policy of an `EventBusPolicy`, which has a statement or the older single properties."""
    written = "Statement" in each.properties
    statement = each.properties["Statement"] if written else [bus_statement(each.properties, bus_arn)]
    document = {"Version": "2012-10-17", "Statement": statement}
    return Policy(resource=each, path=(*_at(each), "Statement") if written else _at(each), document=document)


def bus_statement(properties: dict[str, Any], bus_arn: str) -> dict[str, Any]:
    """Return the statement of an `EventBusPolicy` that has the older single properties."""
    principal = text(properties.get("Principal"))
    statement = {
        "Effect": "Allow",
        "Action": properties.get("Action", "events:PutEvents"),
        "Principal": "*" if principal == "*" else {"AWS": principal},
        "Resource": bus_arn,
    }
    condition = properties.get("Condition")
    if isinstance(condition, dict):
        statement["Condition"] = {text(condition.get("Type")): {text(condition.get("Key")): condition.get("Value")}}
    return statement


def _at(resource: Resource) -> tuple[str, ...]:
    return ("Resources", resource.logical_id, "Properties")


def _document(each: Resource, name: str) -> Policy:
    return Policy(resource=each, path=(*_at(each), name), document=each.properties.get(name))


def _statement(each: Resource, arn: str) -> dict[str, Any]:
    """Return the policy document that Lambda makes of a permission."""
    properties = each.properties
    principal = text(properties.get("Principal"))
    service = principal.endswith((".amazonaws.com", ".amazonaws.com.cn"))
    conditions: dict[str, dict[str, str]] = {}
    for operator, key, name in (
        ("ArnLike", "AWS:SourceArn", "SourceArn"),
        ("StringEquals", "AWS:SourceAccount", "SourceAccount"),
        ("StringEquals", "aws:PrincipalOrgID", "PrincipalOrgID"),
        ("StringEquals", "lambda:EventSourceToken", "EventSourceToken"),
        ("StringEquals", "lambda:FunctionUrlAuthType", "FunctionUrlAuthType"),
        ("Bool", "lambda:InvokedViaFunctionUrl", "InvokedViaFunctionUrl"),
    ):
        if properties.get(name) is not None:
            conditions.setdefault(operator, {})[key] = text(properties[name])
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": "*" if principal == "*" else {"Service" if service else "AWS": principal},
        "Action": text(properties.get("Action")),
        "Resource": arn,
    }
    if conditions:
        statement["Condition"] = conditions
    return {"Version": "2012-10-17", "Statement": [statement]}
