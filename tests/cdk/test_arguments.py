"""A wrong argument is refused at the constructor, in the caller's words."""

import copy
import pickle

import aws_cdk.aws_events as events
import aws_cdk.aws_lambda as lambda_
import aws_cdk.aws_sns as sns
import aws_cdk.aws_sqs as sqs
import pytest

import lambda_destinations as destinations
from support.cdk import cdk, function


@pytest.fixture
def stack():
    return cdk.Stack(cdk.App(), "Stack")


MAKERS = {
    "SnsDestination(topic)": (destinations.SnsDestination, "aws_sns.ITopic", sns.Topic),
    "SqsDestination(queue)": (destinations.SqsDestination, "aws_sqs.IQueue", sqs.Queue),
    "EventBridgeDestination(event_bus)": (destinations.EventBridgeDestination, "aws_events.IEventBus", events.EventBus),
    "LambdaDestination(fn)": (destinations.LambdaDestination, "aws_lambda.IFunction", lambda_.Function),
}


@pytest.mark.parametrize("where", MAKERS)
def test_an_arn_is_refused_with_the_import_that_takes_it(where):
    make, wants, _ = MAKERS[where]
    with pytest.raises(TypeError) as refused:
        make("arn:aws:sns:eu-west-1:111111111111:x")
    assert str(refused.value).startswith(f"{where} wants an {wants}, got the string 'arn:aws:sns:")
    assert "import it with " in str(refused.value)


@pytest.mark.parametrize("where", MAKERS)
@pytest.mark.parametrize("wrong", ["", 0, 3.5, b"arn", [], {}, object(), True], ids=repr)
def test_what_is_no_resource_is_refused_by_its_type(where, wrong):
    make, wants, _ = MAKERS[where]
    with pytest.raises(TypeError, match=f"wants an {wants}, got "):
        make(wrong)


@pytest.mark.parametrize("where", [where for where in MAKERS if "event_bus" not in where])
def test_none_is_refused(where):
    make, wants, _ = MAKERS[where]
    with pytest.raises(TypeError, match=f"wants an {wants}, got None$"):
        make(None)


def test_no_event_bus_means_the_default_one(stack):
    function(stack, "Fn", on_success=destinations.EventBridgeDestination(None))


@pytest.mark.parametrize("where", MAKERS)
def test_the_class_is_refused_where_an_instance_belongs(where):
    make, _, resource = MAKERS[where]
    with pytest.raises(TypeError, match=f"got the class {resource.__name__}: make an instance of it"):
        make(resource)


@pytest.mark.parametrize("where", MAKERS)
def test_a_resource_of_another_kind_is_refused_by_its_class(where, stack):
    make, wants, own = MAKERS[where]
    others = {
        sns.Topic: sns.Topic(stack, "Topic"),
        sqs.Queue: sqs.Queue(stack, "Queue"),
        events.EventBus: events.EventBus(stack, "Bus"),
        lambda_.Function: function(stack, "Fn"),
    }
    del others[own]
    for kind, other in others.items():
        with pytest.raises(TypeError, match=f"wants an {wants}, got a .*{kind.__name__}"):
            make(other)


def test_a_destination_is_no_resource(stack):
    with pytest.raises(TypeError, match=r"got a lambda_destinations\..*SnsDestination$"):
        destinations.SqsDestination(destinations.SnsDestination(sns.Topic(stack, "Topic")))


def test_imported_resources_are_taken(stack):
    arn = "arn:aws:{}:eu-west-1:111111111111:{}".format
    destinations.SnsDestination(sns.Topic.from_topic_arn(stack, "T", arn("sns", "t")))
    destinations.SqsDestination(sqs.Queue.from_queue_arn(stack, "Q", arn("sqs", "q")))
    destinations.EventBridgeDestination(events.EventBus.from_event_bus_arn(stack, "B", arn("events", "event-bus/b")))
    destinations.LambdaDestination(lambda_.Function.from_function_arn(stack, "F", arn("lambda", "function:f")))


@pytest.mark.parametrize("wrong", ["yes", "no", "", 1, 0, 1.0, [True], object()], ids=repr)
@pytest.mark.parametrize("where", ["SnsDestination", "SqsDestination", "LambdaDestination"])
def test_what_is_no_bool_is_refused_as_response_only(where, wrong, stack):
    made = {"Sns": sns.Topic, "Sqs": sqs.Queue, "Lambda": function}[where.removesuffix("Destination")](stack, "Made")
    with pytest.raises(TypeError, match=rf"{where}\(response_only\) wants True or False, got "):
        getattr(destinations, where)(made, response_only=wrong)


def test_a_child_of_the_users_under_the_id_of_the_default_bus_is_named(stack):
    fn = function(stack, "Fn")
    sns.Topic(stack, "DefaultEventBus")
    with pytest.raises(destinations.InvalidDestination, match=r"^Stack has a child 'DefaultEventBus' that is not an"):
        destinations.EventBridgeDestination().bind(stack, fn)


def test_bind_without_a_type_works_where_none_is_needed(stack):
    topic = sns.Topic(stack, "Topic")
    config = destinations.SnsDestination(topic).bind(stack, function(stack, "Fn"))
    assert config.destination == topic.topic_arn


def test_bind_without_a_type_says_what_response_only_needs_it_for(stack):
    """Upstream says `Options must be defined when using responseOnly`, which names no argument of anybody's."""
    chained = destinations.LambdaDestination(function(stack, "Target"), response_only=True)
    with pytest.raises(TypeError, match=r"response_only=True needs type=DestinationType\.SUCCESS or"):
        chained.bind(stack, function(stack, "Fn"))


def test_an_error_of_the_cdks_says_which_destination_of_which_function_and_what_to_do(stack):
    fn = lambda_.Function.from_function_arn(stack, "Imported", "arn:aws:lambda:eu-west-1:111111111111:function:f")
    to_topic = destinations.SnsDestination(sns.Topic(stack, "Topic"))
    with pytest.raises(RuntimeError, match=r"\(while binding a SnsDestination to Stack/Imported: import .* role="):
        lambda_.EventInvokeConfig(stack, "Config", function=fn, on_failure=to_topic)


def test_copies_are_the_destination_itself_and_a_pickle_is_refused(stack):
    made = destinations.SqsDestination(sqs.Queue(stack, "Queue"))
    for one in (made, destinations.EventBridgeDestination()):
        assert copy.copy(one) is one
        assert copy.deepcopy(one) is one
        with pytest.raises(TypeError, match="Destination belongs to the app of its process and cannot be pickled"):
            pickle.dumps(one)


def test_a_subclass_is_made_anew_for_each_call(stack):
    class Mine(destinations.SqsDestination):
        pass

    queue = sqs.Queue(stack, "Queue")
    assert Mine(queue) is not Mine(queue)
    assert destinations.SqsDestination(queue) is not destinations.SqsDestination(queue, response_only=True)
