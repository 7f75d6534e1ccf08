"""A wrong argument is refused at the constructor, with a message that names the parameter."""

import copy
import inspect
import pickle

import aws_cdk.aws_events as events
import aws_cdk.aws_lambda as lambda_
import aws_cdk.aws_s3 as s3
import aws_cdk.aws_sns as sns
import aws_cdk.aws_sqs as sqs
import pytest

import lambda_destinations as destinations
from support.cdk import DESTINATIONS, cdk, function


@pytest.fixture
def stack():
    return cdk.Stack(cdk.App(), "Stack")


# By the destination: its parameter, the interface that it wants, and the class of the resource.
RESOURCES = {
    "EventBridgeDestination": ("event_bus", "aws_events.IEventBus", events.EventBus),
    "LambdaDestination": ("fn", "aws_lambda.IFunction", lambda_.Function),
    "S3Destination": ("bucket", "aws_s3.IBucket", s3.Bucket),
    "SnsDestination": ("topic", "aws_sns.ITopic", sns.Topic),
    "SqsDestination": ("queue", "aws_sqs.IQueue", sqs.Queue),
}
each_destination = pytest.mark.parametrize("name", DESTINATIONS)


def resource(stack, name):
    _, _, kind = RESOURCES[name]
    return function(stack, "Fn") if kind is lambda_.Function else kind(stack, kind.__name__)


def in_words(value):
    """The same text in every process: an object's own has its address."""
    return "object" if type(value) is object else repr(value)


@each_destination
def test_an_arn_is_refused_and_the_message_says_how_to_import_it(name):
    parameter, wants, _ = RESOURCES[name]
    with pytest.raises(TypeError) as refused:
        getattr(destinations, name)("arn:aws:sns:eu-west-1:111111111111:x")
    assert str(refused.value).startswith(f"{name}({parameter}) wants an {wants}, got the string 'arn:aws:sns:")
    assert "import it with " in str(refused.value)


@each_destination
@pytest.mark.parametrize("wrong", ["", 0, 3.5, b"arn", [], {}, object(), True], ids=in_words)
def test_a_value_that_is_not_a_resource_is_refused(name, wrong):
    _, wants, _ = RESOURCES[name]
    with pytest.raises(TypeError, match=f"wants an {wants}, got "):
        getattr(destinations, name)(wrong)


@pytest.mark.parametrize("name", [name for name in DESTINATIONS if name != "EventBridgeDestination"])
def test_none_is_refused(name):
    _, wants, _ = RESOURCES[name]
    with pytest.raises(TypeError, match=f"wants an {wants}, got None$"):
        getattr(destinations, name)(None)


def test_no_event_bus_means_the_default_one(stack):
    function(stack, "Fn", on_success=destinations.EventBridgeDestination(None))


@each_destination
def test_a_class_is_refused_in_place_of_an_instance(name):
    _, _, kind = RESOURCES[name]
    with pytest.raises(TypeError, match=f"got the class {kind.__name__}: make an instance of it"):
        getattr(destinations, name)(kind)


@each_destination
def test_a_resource_of_another_kind_is_refused_with_its_class(name, stack):
    _, wants, _ = RESOURCES[name]
    for other in set(DESTINATIONS) - {name}:
        with pytest.raises(TypeError, match=f"wants an {wants}, got a .*{RESOURCES[other][2].__name__}"):
            getattr(destinations, name)(resource(stack, other))


def test_a_destination_is_not_a_resource(stack):
    with pytest.raises(TypeError, match=r"got a lambda_destinations\..*SnsDestination$"):
        destinations.SqsDestination(destinations.SnsDestination(sns.Topic(stack, "Topic")))


def test_imported_resources_are_accepted(stack):
    arn = "arn:aws:{}:eu-west-1:111111111111:{}".format
    destinations.SnsDestination(sns.Topic.from_topic_arn(stack, "T", arn("sns", "t")))
    destinations.SqsDestination(sqs.Queue.from_queue_arn(stack, "Q", arn("sqs", "q")))
    destinations.EventBridgeDestination(events.EventBus.from_event_bus_arn(stack, "B", arn("events", "event-bus/b")))
    destinations.LambdaDestination(lambda_.Function.from_function_arn(stack, "F", arn("lambda", "function:f")))
    destinations.S3Destination(s3.Bucket.from_bucket_arn(stack, "S", "arn:aws:s3:::archive"))


WITH_RESPONSE_ONLY = [
    name
    for name in DESTINATIONS
    if "response_only" in inspect.signature(getattr(destinations, name).__init__).parameters
]


@pytest.mark.parametrize("wrong", ["yes", "no", "", 1, 0, 1.0, [True], object()], ids=in_words)
@pytest.mark.parametrize("name", WITH_RESPONSE_ONLY)
def test_a_response_only_that_is_not_a_bool_is_refused(name, wrong, stack):
    with pytest.raises(TypeError, match=rf"{name}\(response_only\) wants True or False, got "):
        getattr(destinations, name)(resource(stack, name), response_only=wrong)


def test_a_child_of_the_user_with_the_id_of_the_default_bus_is_named(stack):
    fn = function(stack, "Fn")
    sns.Topic(stack, "DefaultEventBus")
    with pytest.raises(destinations.InvalidDestination, match=r"^Stack has a child 'DefaultEventBus' that is not an"):
        destinations.EventBridgeDestination().bind(stack, fn)


def test_bind_works_without_a_type_unless_it_is_needed(stack):
    topic = sns.Topic(stack, "Topic")
    config = destinations.SnsDestination(topic).bind(stack, function(stack, "Fn"))
    assert config.destination == topic.topic_arn


def test_bind_without_a_type_says_why_response_only_needs_it(stack):
    """Upstream says `Options must be defined when using responseOnly`, and there is no argument `options`."""
    chained = destinations.LambdaDestination(function(stack, "Target"), response_only=True)
    with pytest.raises(TypeError, match=r"response_only=True needs type=DestinationType\.SUCCESS or"):
        chained.bind(stack, function(stack, "Fn"))


def test_an_error_of_the_cdk_gets_the_destination_the_function_and_what_to_do(stack):
    fn = lambda_.Function.from_function_arn(stack, "Imported", "arn:aws:lambda:eu-west-1:111111111111:function:f")
    to_topic = destinations.SnsDestination(sns.Topic(stack, "Topic"))
    with pytest.raises(RuntimeError, match=r"\(while binding a SnsDestination to Stack/Imported: import .* role="):
        lambda_.EventInvokeConfig(stack, "Config", function=fn, on_failure=to_topic)


def test_a_copy_is_the_destination_itself_and_pickling_is_refused(stack):
    made = destinations.SqsDestination(sqs.Queue(stack, "Queue"))
    for one in (made, destinations.EventBridgeDestination()):
        assert copy.copy(one) is one
        assert copy.deepcopy(one) is one
        with pytest.raises(TypeError, match="Destination belongs to the app of its process and cannot be pickled"):
            pickle.dumps(one)


def test_a_subclass_makes_a_new_object_at_each_call(stack):
    class Mine(destinations.SqsDestination):
        pass

    queue = sqs.Queue(stack, "Queue")
    assert Mine(queue) is not Mine(queue)
    assert destinations.SqsDestination(queue) is not destinations.SqsDestination(queue, response_only=True)
