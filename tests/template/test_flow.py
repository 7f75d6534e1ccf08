"""The model of an app: who sends what where, and which policies allow it, in every form of a template."""

import pytest

from lambda_destinations.template import UNKNOWN
from template.conftest import TRUST, arn, base

ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"}]}
REGION = "eu-west-1:111111111111"


def add(kind, **properties):
    return {"Type": kind, "Properties": properties}


ROLE = {
    "inline": {"Role": add("AWS::IAM::Role", AssumeRolePolicyDocument=TRUST, Policies=[{"PolicyName": "p", "PolicyDocument": ALLOW}])},
    "a policy": {"P": add("AWS::IAM::Policy", PolicyName="p", Roles=[{"Ref": "Role"}], PolicyDocument=ALLOW)},
    "a role policy": {"P": add("AWS::IAM::RolePolicy", PolicyName="p", RoleName={"Ref": "Role"}, PolicyDocument=ALLOW)},
    "a managed policy with roles": {"P": add("AWS::IAM::ManagedPolicy", Roles=[{"Ref": "Role"}], PolicyDocument=ALLOW)},
    "a managed policy of the role": {
        "P": add("AWS::IAM::ManagedPolicy", PolicyDocument=ALLOW),
        "Role": add("AWS::IAM::Role", AssumeRolePolicyDocument=TRUST, ManagedPolicyArns=[{"Ref": "P"}]),
    },
}  # fmt: skip


@pytest.mark.parametrize("resources", ROLE.values(), ids=ROLE)
def test_a_policy_of_a_role_is_found_in_every_form(judge, resources):
    (role,) = judge({**base(), **resources}).flow.roles
    assert [each.document for each in role.policies] == [ALLOW]


def test_a_permissions_boundary_and_managed_policies_outside_of_the_app_are_found(judge):
    role = add(
        "AWS::IAM::Role", AssumeRolePolicyDocument=TRUST, PermissionsBoundary={"Ref": "B"},
        ManagedPolicyArns=["arn:aws:iam::aws:policy/AWSLambda_FullAccess"],
    )  # fmt: skip
    (found,) = judge({**base(), "Role": role, "B": add("AWS::IAM::ManagedPolicy", PolicyDocument=ALLOW)}).flow.roles
    assert found.managed_arns == ("arn:aws:iam::aws:policy/AWSLambda_FullAccess",)
    assert found.boundary.document == ALLOW
    assert found.trust.document == TRUST


STORES = {
    "QueuePolicy": ("Queue", add("AWS::SQS::QueuePolicy", Queues=[{"Ref": "Queue"}], PolicyDocument=ALLOW)),
    "QueueInlinePolicy": ("Queue", add("AWS::SQS::QueueInlinePolicy", Queue={"Ref": "Queue"}, PolicyDocument=ALLOW)),
    "TopicPolicy": ("Topic", add("AWS::SNS::TopicPolicy", Topics=[{"Ref": "Topic"}], PolicyDocument=ALLOW)),
    "TopicInlinePolicy": ("Topic", add("AWS::SNS::TopicInlinePolicy", TopicArn={"Ref": "Topic"}, PolicyDocument=ALLOW)),
    "BucketPolicy": ("Bucket", add("AWS::S3::BucketPolicy", Bucket={"Ref": "Bucket"}, PolicyDocument=ALLOW)),
}


@pytest.mark.parametrize("name", STORES)
def test_a_resource_policy_is_found_in_every_form(judge, name):
    holder, policy = STORES[name]
    found = {each.resource.logical_id: each for each in judge({**base(), "P": policy}).flow.stores}
    assert [each.document for each in found[holder].policies] == [ALLOW]
    assert [each for each in found.values() if each.policies] == [found[holder]]


def test_the_policy_of_an_event_bus_is_found_in_its_three_forms_also_for_the_default_bus(judge):
    resources = {
        **base(),
        "Bus": add("AWS::Events::EventBus", Name="orders", Policy=ALLOW),
        "P": add("AWS::Events::EventBusPolicy", EventBusName={"Ref": "Bus"}, StatementId="s", Statement=ALLOW["Statement"][0]),
        "Old": add(
            "AWS::Events::EventBusPolicy", EventBusName="orders", StatementId="o", Action="events:PutEvents", Principal="*",
            Condition={"Type": "StringEquals", "Key": "aws:PrincipalOrgID", "Value": "o-1"},
        ),
        "Default": add("AWS::Events::EventBusPolicy", StatementId="d", Action="events:PutEvents", Principal="222222222222"),
    }  # fmt: skip
    flow = judge(resources).flow
    bus = next(each for each in flow.stores if each.service == "events")
    assert len(bus.policies) == 3
    assert bus.policies[2].document["Statement"][0]["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}
    (policy,) = flow.bus_policies[f"arn:aws:events:{REGION}:event-bus/default"]
    assert policy.document["Statement"][0]["Principal"] == {"AWS": "222222222222"}


def test_keys_are_found_by_id_arn_and_alias(judge):
    key = {
        "K": add("AWS::KMS::Key", KeyPolicy=ALLOW),
        "A": add("AWS::KMS::Alias", AliasName="alias/a", TargetKeyId={"Ref": "K"}),
    }
    for named in ({"Ref": "K"}, arn("K"), "alias/a", {"Ref": "A"}):
        flow = judge({**base(), **key, "Queue": add("AWS::SQS::Queue", KmsMasterKeyId=named)}).flow
        assert flow.key_of(flow.stores[0]).policy.document == ALLOW
    assert (
        judge({**base(), **key, "Queue": add("AWS::SQS::Queue", KmsMasterKeyId="alias/aws/sqs")}).flow.stores[0].key
        == "alias/aws/sqs"
    )


def test_a_permission_is_the_statement_that_lambda_makes_of_it(judge):
    permission = add(
        "AWS::Lambda::Permission", FunctionName={"Ref": "Fn"}, Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com", SourceArn=arn("Rule"),
    )  # fmt: skip
    flow = judge({**base(), "P": permission}).flow
    (policy,) = flow.functions[0].permissions
    (statement,) = policy.document["Statement"]
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert statement["Condition"] == {"ArnLike": {"AWS:SourceArn": flow.rules[0].arn}}


CALLERS = {
    "a queue": (add("AWS::Lambda::EventSourceMapping", FunctionName={"Ref": "Fn"}, EventSourceArn=arn("Queue")), "sqs", False),
    "a rule": (add("AWS::Events::Rule", EventPattern={"source": ["x"]}, Targets=[{"Id": "1", "Arn": arn("Fn")}]), "events", True),
    "a subscription": (add("AWS::SNS::Subscription", Protocol="lambda", TopicArn={"Ref": "Topic"}, Endpoint=arn("Fn")), "sns", True),
    "a topic's own subscription": (add("AWS::SNS::Topic", Subscription=[{"Protocol": "lambda", "Endpoint": arn("Fn")}]), "sns", True),
    "a URL": (add("AWS::Lambda::Url", TargetFunctionArn={"Ref": "Fn"}, AuthType="NONE"), "url", False),
    "a bucket": (
        add("AWS::S3::Bucket", NotificationConfiguration={"LambdaConfigurations": [{"Event": "s3:*", "Function": arn("Fn")}]}), "s3", True,
    ),
    "Cognito": (add("AWS::Lambda::Permission", FunctionName=arn("Fn"), Action="lambda:InvokeFunction", Principal="cognito-idp.amazonaws.com"), "cognito-idp", False),
    "an API": (
        add("AWS::ApiGatewayV2::Integration", IntegrationUri={"Fn::Sub": "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Fn.Arn}/invocations"}),
        "apigateway", False,
    ),
    "an API that does not wait": (
        add("AWS::ApiGateway::Method", Integration={
            "Uri": {"Fn::Sub": "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Fn.Arn}/invocations"},
            "RequestParameters": {"integration.request.header.X-Amz-Invocation-Type": "'Event'"},
        }),
        "apigateway", True,
    ),
    "another account": (add("AWS::Lambda::Permission", FunctionName={"Ref": "Fn"}, Action="lambda:InvokeFunction", Principal="222222222222"), "222222222222", None),
}  # fmt: skip


@pytest.mark.parametrize("case", CALLERS.values(), ids=CALLERS)
def test_a_caller_is_found_and_whether_it_waits(judge, case):
    resource, service, asynchronous = case
    flow = judge({**base(), "Caller": resource}).flow
    (caller,) = [each for each in flow.callers if each.resource.logical_id == "Caller"]
    assert (caller.service, caller.asynchronous) == (service, asynchronous)
    assert flow.at(caller.function_arn) is flow.functions[0]


@pytest.mark.parametrize(
    "written",
    [{"Ref": "Fn"}, arn("Fn"), {"Fn::Sub": "${AWS::AccountId}:function:${Fn}"}, {"Fn::Sub": "function:${Fn}"}],
)
def test_a_function_is_the_same_in_every_form_of_its_name(judge, written):
    resources = base()
    resources["Config"]["Properties"]["FunctionName"] = written
    flow = judge(resources).flow
    assert flow.configs[0].function is flow.functions[0]
    assert flow.configs[0].qualified_arn == f"{flow.functions[0].arn}:$LATEST"


def test_a_configuration_has_defaults_and_an_unknown_value_stays_unknown(judge):
    resources = base()
    resources["Config"]["Properties"]["MaximumEventAgeInSeconds"] = {"Ref": "P"}
    config = judge(resources, Parameters={"P": {"Type": "Number"}}).flow.configs[0]
    assert (config.age, config.retries) == (UNKNOWN, 2)
    assert judge(base()).flow.configs[0].age == 21_600
