"""The queue is moto's own server, asked over HTTP."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from data.errors import BadInput
from serving.clock import Clock
from serving.consuming import Consumed, Consumer, connect
from serving.errors import NotReady
from serving.promoted import PromotedModel
from serving.settings import Settings
from serving.store.database import Store

boto3 = pytest.importorskip("boto3", reason="boto3 is not installed")
moto_server = pytest.importorskip("moto.server", reason="moto's server is not installed")

ROOT = Path(__file__).parents[2]
SECRET = "zebrafinch"


def message(text: str) -> str:
    fields = {"rdcrimetype": "Smuggling", "cbdrugsmug": 1, "txotheranyinfo": text}
    listed = [{"FieldName": name, "FieldValue": value} for name, value in fields.items()]
    return json.dumps({"EformFields": listed, "AdditionalPeople": [], "Attachments": []})


@pytest.fixture(scope="session")
def endpoint() -> Iterator[str]:
    """Where moto's server listens."""
    server = moto_server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def sqs(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    client = connect("queue", "eu-west-2", endpoint)
    yield client
    client.close()


@pytest.fixture
def queue(sqs: Any, request: pytest.FixtureRequest) -> str:
    """A queue whose messages stay away for a minute once they were taken."""
    name = f"forms-{abs(hash(request.node.name))}"
    made = sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "60"})
    return str(made["QueueUrl"])


@pytest.fixture
def consumer(sqs: Any, queue: str, store: Store, settings: Settings) -> Callable[..., Consumer]:
    def make(client: Any = sqs, **more: Any) -> Consumer:
        model = PromotedModel(settings.models_dir)
        return Consumer(client, queue, store, model, Clock(), wait=0, **more)

    return make


class Between:
    """A client that does something of its own before a request of one kind is sent."""

    def __init__(self, client: Any, method: str, act: Callable[[], None]) -> None:
        self._client, self._method, self._act = client, method, act

    def __getattr__(self, name: str) -> Any:
        if name == self._method:
            self._act()
        return getattr(self._client, name)


def on_the_queue(sqs: Any, queue: str) -> tuple[int, int]:
    """How many messages wait, and how many are away because somebody took them."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
    return int(found[names[0]]), int(found[names[1]])


def logged(store: Store, action: str) -> list[dict[str, Any]]:
    with store.reading() as unit:
        return [json.loads(one.details_text) for one in unit.audit.every() if one.action == action]


def test_messages_are_taken_in_and_deleted(
    sqs: Any, queue: str, consumer: Callable[..., Consumer], store: Store
) -> None:
    for number in range(12):
        sqs.send_message(QueueUrl=queue, MessageBody=message(f"Load number {number} by lorry"))
    assert consumer().run(once=True) == Consumed(taken=12)
    assert on_the_queue(sqs, queue) == (0, 0)
    assert len(logged(store, "received allegation")) == 12


def test_a_message_delivered_twice_is_taken_in_once(
    sqs: Any, queue: str, consumer: Callable[..., Consumer], store: Store
) -> None:
    for _ in range(2):
        sqs.send_message(QueueUrl=queue, MessageBody=message("Drugs in the boot"))
    assert consumer().run(once=True) == Consumed(taken=1, repeated=1)
    assert on_the_queue(sqs, queue) == (0, 0)
    assert len(logged(store, "received allegation")) == 1


def test_a_message_is_deleted_only_after_it_was_taken_in(
    sqs: Any, queue: str, consumer: Callable[..., Consumer], store: Store
) -> None:
    there: list[int] = []
    watching = Between(
        sqs, "delete_message", lambda: there.append(len(logged(store, "received allegation")))
    )
    sqs.send_message(QueueUrl=queue, MessageBody=message("Drugs in the boot"))
    consumer(watching).run(once=True)
    assert there == [1]


def test_killed_between_taking_in_and_deleting_nothing_is_lost_and_nothing_made_twice(
    sqs: Any, queue: str, consumer: Callable[..., Consumer], store: Store
) -> None:
    def die() -> None:
        raise KeyboardInterrupt

    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "0"})
    sqs.send_message(QueueUrl=queue, MessageBody=message("Drugs in the boot"))
    with pytest.raises(KeyboardInterrupt):
        consumer(Between(sqs, "delete_message", die)).run(once=True)
    assert on_the_queue(sqs, queue) == (1, 0)
    assert consumer().run(once=True) == Consumed(repeated=1)
    assert on_the_queue(sqs, queue) == (0, 0)
    assert len(logged(store, "received allegation")) == 1


def test_what_cannot_be_read_stays_on_the_queue_and_its_refusal_quotes_nothing(
    sqs: Any, queue: str, consumer: Callable[..., Consumer], store: Store
) -> None:
    for body in (f"{{{SECRET}", json.dumps({"EformFields": SECRET}), message("Drugs")):
        sqs.send_message(QueueUrl=queue, MessageBody=body)
    assert consumer().run(once=True) == Consumed(taken=1, refused=2)
    assert on_the_queue(sqs, queue) == (0, 2)
    refusals = logged(store, "refused message")
    assert [one["problems"][0]["field"] for one in refusals] == ["/", "/EformFields"]
    assert all(one["received"] == 1 for one in refusals)
    with store.reading() as unit:
        assert SECRET not in "".join(one.details_text for one in unit.audit.every())


def test_what_cannot_be_read_is_set_aside_by_the_queue_in_the_end(
    sqs: Any, queue: str, consumer: Callable[..., Consumer], store: Store
) -> None:
    aside = sqs.create_queue(QueueName=f"aside-{queue[-12:]}")["QueueUrl"]
    names = ["QueueArn"]
    arn = sqs.get_queue_attributes(QueueUrl=aside, AttributeNames=names)["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 2})
    attributes = {"RedrivePolicy": policy, "VisibilityTimeout": "0"}
    sqs.set_queue_attributes(QueueUrl=queue, Attributes=attributes)
    sqs.send_message(QueueUrl=queue, MessageBody="no json")
    for _ in range(3):
        consumer().run(once=True)
    assert on_the_queue(sqs, queue) == (0, 0)
    assert on_the_queue(sqs, aside)[0] == 1
    assert logged(store, "refused message")


def test_a_store_that_is_away_is_waited_for_longer_and_longer(
    sqs: Any, queue: str, settings: Settings, new_database: Callable[..., str]
) -> None:
    store = Store(new_database(migrated=False))
    pauses: list[float] = []

    def pause(seconds: float) -> bool:
        pauses.append(seconds)
        if len(pauses) == 3:
            store.migrate()
        return False

    sqs.send_message(QueueUrl=queue, MessageBody=message("Drugs in the boot"))
    model = PromotedModel(settings.models_dir)
    consumer = Consumer(sqs, queue, store, model, Clock(), wait=0, pause=pause)
    assert consumer.run(once=True) == Consumed(taken=1)
    assert pauses == [0.5, 1.0, 2.0]
    assert on_the_queue(sqs, queue) == (0, 0)
    store.close()


@pytest.mark.sqlite_alone
def test_a_queue_that_is_away_is_waited_for_until_told_to_stop(
    store: Store, settings: Settings, sqs: Any
) -> None:
    pauses: list[float] = []

    def pause(seconds: float) -> bool:
        pauses.append(seconds)
        if len(pauses) == 2:
            consumer.stop()
        return True

    model = PromotedModel(settings.models_dir)
    missing = "http://127.0.0.1:9/123456789012/missing"
    consumer = Consumer(
        connect(missing, "eu-west-2", sqs.meta.endpoint_url),
        missing,
        store,
        model,
        Clock(),
        wait=0,
        pause=pause,
    )
    assert consumer.run() == Consumed()
    assert pauses == [0.5, 1.0]


@pytest.mark.sqlite_alone
def test_asked_once_a_queue_that_is_not_there_is_told(
    store: Store, settings: Settings, sqs: Any, queue: str
) -> None:
    model = PromotedModel(settings.models_dir)
    with pytest.raises(NotReady, match="queue"):
        Consumer(sqs, f"{queue}-not", store, model, Clock()).run(once=True)


@pytest.mark.sqlite_alone
def test_told_to_stop_it_returns_what_it_has_not_looked_at(
    sqs: Any, queue: str, consumer: Callable[..., Consumer]
) -> None:
    for number in range(5):
        sqs.send_message(QueueUrl=queue, MessageBody=message(f"Load {number}"))
    mine: list[Consumer] = []
    mine.append(consumer(Between(sqs, "delete_message", lambda: mine[0].stop())))
    assert mine[0].run() == Consumed(taken=1)
    assert on_the_queue(sqs, queue) == (4, 0)


@pytest.mark.sqlite_alone
def test_an_endpoint_that_is_none_is_refused_by_name() -> None:
    with pytest.raises(BadInput, match=r"sqs\.example"):
        connect("https://sqs.example/1/q", "eu-west-2", "no endpoint")


@pytest.mark.sqlite_alone
@pytest.mark.slow
def test_the_command_takes_messages_until_it_is_told_to_end(
    sqs: Any, queue: str, endpoint: str, store: Store, settings: Settings
) -> None:
    sqs.send_message(QueueUrl=queue, MessageBody=message(f"Drugs in the boot, says {SECRET}"))
    command = [sys.executable, "secondlook.py", "consume", "--queue-url", queue]
    command += ["--region", "eu-west-2", "--endpoint-url", endpoint]
    environment = {
        **os.environ,
        "SECONDLOOK_DATABASE_URL": settings.database_url,
        "SECONDLOOK_MODELS_DIR": str(settings.models_dir),
    }
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, text=True, stdout=-1, stderr=subprocess.STDOUT
    ) as process:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if line.rstrip().endswith(" taken"):
                process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert said[-1].startswith("1 taken in")
    assert SECRET not in "".join(said)
    assert len(logged(store, "received allegation")) == 1
