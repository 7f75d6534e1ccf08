"""Deployments: what the engine forgets is put in place, what it lacks is left out, imports get stand-ins."""

import json

import pytest

from lambda_destinations.errors import DeployError, InvalidDestination
from lambda_destinations.local import LocalAws
from local.conftest import arn

ACCOUNT = "000000000000"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}],
}


def document(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def statement(**members):
    return {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*", **members}


def environment(local_aws):
    return local_aws._environment(ACCOUNT, "us-east-1")


class TestWhatTheEngineForgets:
    """Properties of the flow that the engine silently drops, read back after the deployment."""

    def test_the_concurrency_of_a_function(self, local_aws, template):
        template.function(FunctionName="f", ReservedConcurrentExecutions="3")
        local_aws.deploy(template.write())
        answer = local_aws.client("lambda").get_function_concurrency(FunctionName="f")
        assert answer["ReservedConcurrentExecutions"] == 3

    def test_the_recursion_setting_of_a_function(self, local_aws, template):
        template.function(FunctionName="f", RecursiveLoop="Allow")
        local_aws.deploy(template.write())
        answer = local_aws.client("lambda").get_function_recursion_config(FunctionName="f")
        assert answer["RecursiveLoop"] == "Allow"

    def test_the_dead_letter_queue_of_a_function(self, local_aws, template):
        queue = template.queue(QueueName="q")
        template.function(FunctionName="f", allow={"sqs:SendMessage": queue}, DeadLetterConfig={"TargetArn": queue})
        local_aws.deploy(template.write())
        assert environment(local_aws).dead_letters["f"] == f"arn:aws:sqs:us-east-1:{ACCOUNT}:q"

    def test_the_key_and_the_size_of_a_topic(self, local_aws, template):
        topic = template.topic(KmsMasterKeyId=template.add("Key", "AWS::KMS::Key", KeyPolicy=document()))
        template.resources["Key"]["Properties"]["KeyPolicy"] = document(statement(Action="kms:*"))
        template.resources["Topic"]["Properties"]["MaximumMessageSize"] = 1_048_576
        app = local_aws.deploy(template.write())
        read = local_aws.client("sns").get_topic_attributes(TopicArn=app.resource(topic["Ref"]).arn)["Attributes"]
        assert read["KmsMasterKeyId"].startswith("arn:aws:kms:")
        assert read["MaximumMessageSize"] == "1048576"

    @pytest.mark.parametrize("algorithm", ["AES256", "aws:kms"])
    def test_the_encryption_of_a_bucket(self, local_aws, template, algorithm):
        default = {"SSEAlgorithm": algorithm} | ({"KMSMasterKeyID": "alias/x"} if algorithm == "aws:kms" else {})
        rules = [{"ServerSideEncryptionByDefault": default}]
        template.add("B", "AWS::S3::Bucket", BucketEncryption={"ServerSideEncryptionConfiguration": rules})
        app = local_aws.deploy(template.write())
        answer = local_aws.client("s3").get_bucket_encryption(Bucket=app.resource("B").physical_id)
        [rule] = answer["ServerSideEncryptionConfiguration"]["Rules"]
        assert rule["ApplyServerSideEncryptionByDefault"] == default

    @pytest.mark.parametrize(
        "boundary", ["arn:aws:iam::aws:policy/ReadOnlyAccess", {"Ref": "Own"}], ids=["AWS's", "own"]
    )
    def test_the_boundary_of_a_role(self, local_aws, template, boundary):
        template.function()
        template.add(
            "Own",
            "AWS::IAM::ManagedPolicy",
            PolicyDocument=document({k: v for k, v in statement().items() if k != "Principal"}),
        )
        template.resources["SourceRole"]["Properties"]["PermissionsBoundary"] = boundary
        app = local_aws.deploy(template.write())
        kept = environment(local_aws).boundaries[app.resource("SourceRole").arn]
        assert kept == (boundary if isinstance(boundary, str) else app.resource("Own").arn)

    def test_the_policies_of_a_bus(self, local_aws, template):
        """In the bus itself, as a resource, and in the old form. The engine would turn each into an Allow."""
        deny = {"Effect": "Deny", "Principal": "*", "Action": "events:PutEvents", "Resource": "*"}
        template.add("Bus", "AWS::Events::EventBus", Name="b", Policy=document(deny))
        of = {"EventBusName": {"Ref": "Bus"}}
        template.add("New", "AWS::Events::EventBusPolicy", StatementId="n", Statement={**deny, "Sid": "n"}, **of)
        template.add(
            "Old", "AWS::Events::EventBusPolicy", StatementId="o", Action="events:PutEvents", Principal="*", **of
        )
        local_aws.deploy(template.write())
        policy = environment(local_aws).bus_policies[f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/b"]
        assert [each["Effect"] for each in policy["Statement"]] == ["Deny", "Deny", "Allow"]

    def test_policies_that_stand_alone(self, local_aws, template):
        """`RolePolicy`, `QueueInlinePolicy` and `TopicInlinePolicy`, types that the engine does not have."""
        queue, topic = template.queue(QueueName="q"), template.topic(TopicName="t")
        template.source("success", queue, "sqs")
        role = template.resources["SourceRole"]["Properties"]
        granted = role.pop("Policies")[0]["PolicyDocument"]
        template.add(
            "P", "AWS::IAM::RolePolicy", RoleName={"Ref": "SourceRole"}, PolicyName="p", PolicyDocument=granted
        )
        template.add("Q", "AWS::SQS::QueueInlinePolicy", Queue={"Ref": "Queue"}, PolicyDocument=document(statement()))
        template.add(
            "T", "AWS::SNS::TopicInlinePolicy", TopicArn=topic, PolicyDocument=document(statement(Action="sns:Publish"))
        )
        app = local_aws.deploy(template.write())
        sqs = local_aws.client("sqs")
        url = app.resource("Queue").physical_id
        read = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"]
        assert json.loads(read)["Statement"][0]["Action"] == "sqs:SendMessage"
        topic = app.resource("Topic").arn
        read = local_aws.client("sns").get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"]
        assert json.loads(read)["Statement"][0]["Action"] == "sns:Publish"

    def test_the_subscription_of_a_topic_in_another_region(self, local_aws, template):
        """It is in the region of the topic, and it is deleted with the app that made it."""
        elsewhere = f"arn:aws:sns:eu-west-1:{ACCOUNT}:far"
        there = local_aws._environment(ACCOUNT, "eu-west-1").clients["sns"]
        there.create_topic(Name="far")
        template.add(
            "Sub",
            "AWS::SNS::Subscription",
            Protocol="sqs",
            TopicArn=elsewhere,
            Endpoint=template.queue(),
            Region="eu-west-1",
        )
        with local_aws.deploy(template.write()):
            assert len(there.list_subscriptions_by_topic(TopicArn=elsewhere)["Subscriptions"]) == 1
        assert there.list_subscriptions_by_topic(TopicArn=elsewhere)["Subscriptions"] == []
        there.delete_topic(TopicArn=elsewhere)

    def test_a_template_with_many_functions_gets_no_outputs(self, local_aws, template):
        """One output for each of 240 functions would be too many: CloudFormation takes 200."""
        queue = template.queue()
        for number in range(240):
            template.function(f"F{number}", allow={"sqs:SendMessage": queue}, DeadLetterConfig={"TargetArn": queue})
        app = local_aws.deploy(template.write())
        assert len(app.functions) == 240
        [stack] = local_aws.client("cloudformation").describe_stacks(StackName="Stack")["Stacks"]
        assert stack.get("Outputs", []) == []


class TestWhatIsLeftOut:
    """What the flow does not need and the engine does not have."""

    def test_a_resource_that_the_engine_refuses(self, local_aws, template):
        template.source("success", template.queue(), "sqs")
        where = {"Bucket": "nowhere", "Key": "x"}
        template.add(
            "Machine", "AWS::StepFunctions::StateMachine", DefinitionS3Location=where, RoleArn=arn("SourceRole")
        )
        app = local_aws.deploy(template.write())
        assert app.invoke("Source").problems == []
        [note] = app.notes
        assert note.startswith(
            "Stack/Machine is left out: an AWS::StepFunctions::StateMachine, which the engine refuses"
        )

    def test_a_stream(self, local_aws, template):
        """Its records are not records of asynchronous invocations."""
        template.source("success", template.queue(), "sqs")
        template.add(
            "Stream",
            "AWS::Lambda::EventSourceMapping",
            FunctionName={"Ref": "Source"},
            EventSourceArn={"Fn::GetAtt": ["Gone", "StreamArn"]},
        )
        template.add("Gone", "AWS::Lex::Bot", Name="b")
        app = local_aws.deploy(template.write())
        assert app.invoke("Source").problems == []

    def test_a_queue_that_a_function_reads_is_kept_from_the_engines_own_poller(self, local_aws, template):
        template.queue()
        template.function()
        template.add(
            "Mapping",
            "AWS::Lambda::EventSourceMapping",
            FunctionName={"Ref": "Source"},
            EventSourceArn=arn("Queue"),
            BatchSize=5,
        )
        with local_aws.deploy(template.write()) as app:
            assert local_aws.client("lambda").list_event_source_mappings()["EventSourceMappings"] == []
            [mapping] = environment(local_aws).mappings
            assert (mapping.path, mapping.queue_arn) == ("Stack/Mapping", app.resource("Queue").arn)
            assert mapping.properties["BatchSize"] == 5
            assert mapping.enabled
        assert environment(local_aws).mappings == []

    def test_a_destination_that_is_left_out_is_unknown(self, local_aws, template):
        """It is neither delivered nor lost, because the resource is not there."""
        template.add("Bot", "AWS::Lex::Bot", Name="bot")
        template.function()
        template.configure(on_success=arn("Bot"))
        app = local_aws.deploy(template.write())
        assert any("it is not known where records go" in note for note in app.notes)
        assert "Stack/Bot is left out: an AWS::Lex::Bot, which the engine does not have" in app.notes
        assert app.invoke("Source").delivered_to("Bot") == []


class TestStandIns:
    """What the app imports by ARN exists on AWS; here a stand-in replaces it."""

    @pytest.mark.parametrize("qualifier", ["", ":live", ":3", ":$LATEST"])
    @pytest.mark.parametrize("scope", [f"us-east-1:{ACCOUNT}", f"eu-west-1:{ACCOUNT}", "eu-west-1:111111111111"])
    def test_an_imported_function_blocks_nothing(self, local_aws, template, scope, qualifier):
        """A stand-in gets the records, a note says so, and it is deleted with the app."""
        imported = f"arn:aws:lambda:{scope}:function:elsewhere{qualifier}"
        template.source("success", imported, "lambda")
        with local_aws.deploy(template.write()) as app:
            assert any(f"{imported} is not in the app" in note for note in app.notes)
            app.invoke("Source", {"a": 1})
        assert local_aws._environment_of(imported).clients["lambda"].list_functions()["Functions"] == []
        assert local_aws._environment_of(imported).stand_ins == set()

    def test_a_function_that_exists_gets_no_stand_in(self, local_aws, template):
        """A function that the user deployed is not replaced."""
        template.function("Other", FunctionName="elsewhere")
        with local_aws.deploy(template.write("Other.json")):
            template.resources.clear()
            template.source("success", f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:elsewhere", "lambda")
            app = local_aws.deploy(template.write())
            assert app.notes == ()
            assert app.invoke("Source").problems == []

    def test_the_permissions_of_an_imported_role_are_unknown(self, local_aws, template):
        """The app adds a policy to it, as the CDK does for a role that it imports."""
        queue = template.queue()
        role = f"arn:aws:iam::{ACCOUNT}:role/some/path/imported"
        template.source("success", queue, "sqs", Role=role)
        granted = document({"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": queue})
        template.add("Policy", "AWS::IAM::Policy", PolicyName="p", Roles=["imported"], PolicyDocument=granted)
        with local_aws.deploy(template.write()) as app:
            assert any("it is not known here what it may do" in note for note in app.notes)
            app.invoke("Source")
        assert local_aws.client("iam").list_roles()["Roles"] == []

    @pytest.mark.parametrize(
        "destination",
        [
            f"arn:aws:sqs:us-east-1:{ACCOUNT}:q",
            "arn:aws:sqs:eu-west-1:111111111111:q",
            f"arn:aws:sns:us-east-1:{ACCOUNT}:t",
            "arn:aws:s3:::a-bucket-elsewhere",
            f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/b",
        ],
    )
    def test_other_resources_are_created_with_create_missing(self, local_aws, template, destination):
        service = destination.split(":")[2]
        template.source("failure", destination, service)
        if service != "events":
            with pytest.raises(InvalidDestination, match="does not exist; create it first, or let create_missing"):
                local_aws.deploy(template.write())
        with local_aws.deploy(template.write(), create_missing=True) as app:
            assert any(f"{destination} is not in the app" in note for note in app.notes)
            app.invoke("Source", {"Success": False})

    def test_a_managed_policy_that_the_engine_does_not_know(self, local_aws, template):
        """The evaluator knows the first policy, and does not know the second."""
        template.source("success", template.function("Other"), "lambda")
        role = template.resources["SourceRole"]["Properties"]
        role.update(Policies=[], ManagedPolicyArns=["arn:aws:iam::aws:policy/AWSLambda_FullAccess"])
        local_aws.deploy(template.write())
        role["ManagedPolicyArns"] = ["arn:aws:iam::aws:policy/NobodyKnowsThisOne"]
        local_aws.close_apps()
        assert any("it is not known whether" in note for note in local_aws.deploy(template.write()).notes)


class TestValues:
    """Parameters, SSM parameters, secrets and exports: by keyword, in a mapping and in a file."""

    CODE = "import os\ndef handler(e, c): return os.environ['VALUE']"
    TEXT = '{"parameters": {"Value": "from a file"}}'

    def declare(self, template, value, **parameters):
        template.function(code=self.CODE, Environment={"Variables": {"VALUE": value}})
        path = template.write()
        path.write_text(json.dumps({**json.loads(path.read_text()), "Parameters": parameters}))
        return path

    @pytest.mark.parametrize(
        ("given", "seen"),
        [
            ({"parameters": {"Value": "x"}}, "x"),
            ({"parameters": {"Value": 7}}, "7"),
            ({"parameters": {"Value": True}}, "true"),
            ({"values": {"parameters": {"Value": "y"}}}, "y"),
            ({"values": {"parameters": {"Value": "y"}}, "parameters": {"Value": "x"}}, "x"),
        ],
        ids=str,
    )
    def test_parameters(self, local_aws, template, given, seen):
        path = self.declare(template, {"Ref": "Value"}, Value={"Type": "String"})
        run = local_aws.deploy(path, **given).invoke("Source")
        assert run.response_payload == seen

    @pytest.mark.parametrize("text", [TEXT, "parameters:\n  Value: from a file\n"], ids=["json", "yaml"])
    def test_a_file(self, local_aws, template, tmp_path, text):
        path = self.declare(template, {"Ref": "Value"}, Value={"Type": "String"})
        (tmp_path / "values").write_text(text)
        app = local_aws.deploy(path, values=tmp_path / "values")
        assert app.invoke("Source").response_payload == "from a file"

    def test_the_value_of_an_ssm_parameter_type(self, local_aws, template):
        declared = {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/app/name"}
        path = self.declare(template, {"Ref": "Value"}, Value=declared)
        assert local_aws.deploy(path, ssm={"/app/name": "x"}).invoke("Source").response_payload == "x"

    def test_a_dynamic_reference_to_a_secret(self, local_aws, template):
        path = self.declare(template, "{{resolve:secretsmanager:app:SecretString:password}}")
        app = local_aws.deploy(path, secrets={"app": {"password": "x"}})
        assert app.invoke("Source").response_payload == "x"

    def test_an_export_of_another_app(self, local_aws, template):
        path = self.declare(template, {"Fn::ImportValue": "shared"})
        assert local_aws.deploy(path, exports={"shared": "x"}).invoke("Source").response_payload == "x"

    def test_a_handler_that_reads_them_itself(self, local_aws, template):
        """They are in Parameter Store and Secrets Manager until the app is closed."""
        code = (
            "import boto3\n"
            "def handler(e, c):\n"
            "  ssm, secrets = boto3.client('ssm'), boto3.client('secretsmanager')\n"
            "  return [ssm.get_parameter(Name='/a')['Parameter']['Value'],\n"
            "          secrets.get_secret_value(SecretId='s')['SecretString']]\n"
        )
        reads = {"Effect": "Allow", "Action": ["ssm:GetParameter", "secretsmanager:GetSecretValue"], "Resource": "*"}
        template.function(code=code, statements=[reads], Timeout=20)
        with local_aws.deploy(template.write(), ssm={"/a": "1"}, secrets={"s": "2"}) as app:
            assert app.invoke("Source").response_payload == ["1", "2"]
        assert local_aws.client("ssm").describe_parameters()["Parameters"] == []
        assert local_aws.client("secretsmanager").list_secrets()["SecretList"] == []

    @pytest.mark.parametrize(
        ("values", "match"),
        [
            ({"parameter": {}}, "values has parameter; it takes parameters, ssm, secrets and exports"),
            ({"ssm": 1}, "ssm in values is not an object"),
            ({"parameters": {"A": None}}, "the value of A in parameters is None; give a text"),
            ("nowhere.yaml", "cannot read nowhere.yaml: No such file or directory"),
        ],
    )
    def test_a_mistake_in_the_values_is_named(self, local_aws, template, values, match):
        template.function()
        with pytest.raises(DeployError, match=match):
            local_aws.deploy(template.write(), values=values)


class TestApps:
    """Several apps on one engine."""

    def test_the_same_app_is_deployed_again(self, local_aws, template):
        """It is refused until the first is closed; then it is a new app."""
        template.source("success", template.queue(), "sqs")
        path = template.write()
        with local_aws.deploy(path):
            with pytest.raises(DeployError, match=r"already exists.*close the app that has it"):
                local_aws.deploy(path)
            assert local_aws.client("sqs").list_queues().get("QueueUrls")
        assert local_aws.deploy(path).invoke("Source").problems == []

    def test_one_app_subscribes_to_a_topic_of_another(self, local_aws, template):
        """The subscription is deleted with the app that made it."""
        topic = template.topic(TopicName="shared")
        template.source("success", topic, "sns")
        one = local_aws.deploy(template.write("One.json"))
        template.resources.clear()
        template.queue()
        template.add(
            "Sub",
            "AWS::SNS::Subscription",
            Protocol="sqs",
            TopicArn=f"arn:aws:sns:us-east-1:{ACCOUNT}:shared",
            Endpoint=arn("Queue"),
        )
        topic, sns = one.resource("Topic").arn, local_aws.client("sns")
        with local_aws.deploy(template.write("Two.json")):
            assert len(sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]) == 1
        assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == []
        assert one.invoke("Source").problems == []

    def test_an_app_that_fails_halfway_leaves_nothing(self, local_aws, template):
        """No stack, no stand-in, no parameter."""
        template.source("success", f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:elsewhere", "lambda")
        template.function("Broken", Role=f"arn:aws:iam::{ACCOUNT}:role/imported")
        template.add("One", "AWS::Events::EventBus", Name="same")
        template.add("Two", "AWS::Events::EventBus", Name="same")
        with pytest.raises(DeployError, match="already exists"):
            local_aws.deploy(template.write(), ssm={"/a": "1"})
        assert local_aws.client("lambda").list_functions()["Functions"] == []
        assert local_aws.client("iam").list_roles()["Roles"] == []
        assert local_aws.client("ssm").describe_parameters()["Parameters"] == []


def test_two_engines_at_once_are_independent(template):
    """Each has a port and a folder of its own."""
    template.source("success", template.queue(QueueName="q"), "sqs")
    path = template.write()
    with LocalAws() as one, LocalAws() as two:
        assert one.deploy(path).invoke("Source").problems == []
        assert not two.client("sqs").list_queues().get("QueueUrls")
        assert two.deploy(path).invoke("Source").problems == []
