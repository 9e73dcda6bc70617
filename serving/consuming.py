"""Consuming: messages of the intake form, taken from the queue that the form puts them on.

Delivery is at least once, and so is this: a message is deleted only after the transaction that
took it in was committed. Whoever is killed in between gets it again, and the store knows it by its
fingerprint. A message that cannot be read stays on the queue, for the queue's own redrive policy
to set aside, and the refusal is in the audit log without a word of its text.

The queue is Amazon's SQS or whatever speaks its protocol; boto3 is asked for only here.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, Literal

from data.errors import BadInput, CannotWrite, Problem, SecondLookError
from serving.actors import Actor
from serving.clock import Clock
from serving.errors import BadMessage, NotReady
from serving.promoted import PromotedModel
from serving.receiving import receive
from serving.store.database import Store
from serving.ways_in import of_form

FORM_QUEUE: Final = Actor(None, "form queue", "system")
AT_ONCE: Final = 10
LONGEST_PAUSE: Final = 60.0
Outcome = Literal["taken", "repeated", "refused", "failed"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Consumed:
    """How many messages were taken in, had come before, could not be read, or failed."""

    taken: int = 0
    repeated: int = 0
    refused: int = 0
    failed: int = 0


def connect(url: str, region: str | None = None, endpoint: str | None = None) -> Any:  # noqa: ANN401
    """Connect to a queue; credentials are found as boto3 finds them.

    Parameters
    ----------
    url
        The queue's URL.
    region
        Where it is, where the environment does not say.
    endpoint
        Of another server that speaks the protocol.

    Raises
    ------
    BadInput
        When boto3 is not installed, or what was said does not make a connection.
    """
    try:
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError
    except ImportError:
        remedy = "install Second Look with the extra sqs"
        raise BadInput("boto3 is needed", [Problem("sqs", "is not installed", remedy)]) from None
    retries = Config(retries={"mode": "standard", "max_attempts": 3}, read_timeout=40)
    try:
        return boto3.client("sqs", region_name=region, endpoint_url=endpoint, config=retries)
    except (BotoCoreError, ValueError) as problem:
        rule = f"makes no connection ({type(problem).__name__})"
        raise BadInput("The queue cannot be reached", [Problem(_host(url), rule)]) from None


class Consumer:
    """Takes messages from a queue until it is stopped.

    Parameters
    ----------
    queue
        A client as ``connect`` gives it.
    url
        The queue's URL.
    store
        Where what they say is kept.
    promoted
        The model in service, if any.
    clock
        By which the assessments are due.
    wait
        Seconds that one request waits for messages: also the longest that stopping takes.
    pause
        Waits some seconds and tells whether to stop; by default until stopped.

    Attributes
    ----------
    done
        How far it has come.
    """

    def __init__(
        self,
        queue: Any,  # noqa: ANN401
        url: str,
        store: Store,
        promoted: PromotedModel,
        clock: Clock,
        *,
        wait: int = 10,
        pause: Callable[[float], bool] | None = None,
    ) -> None:
        self.done = Consumed()
        self._queue, self._url = queue, url
        self._store, self._promoted, self._clock = store, promoted, clock
        self._wait = wait
        self._stopping = threading.Event()
        self._pause = pause or self._stopping.wait
        self._delay = 0.5
        self._seen: set[str] = set()
        self._away = _failures()

    def stop(self) -> None:
        """Finish the message in hand and end."""
        self._stopping.set()

    def run(self, *, once: bool = False) -> Consumed:
        """Take messages until stopped.

        Parameters
        ----------
        once
            End as soon as nothing is on the queue that was not looked at already.

        Raises
        ------
        NotReady
            With ``once``, when the queue cannot be reached.
        """
        while not self._stopping.is_set():
            found = self._receive(once=once)
            if once and all(one["MessageId"] in self._seen for one in found):
                self._return(found)
                break
            self._take_all(found)
        return self.done

    def _receive(self, *, once: bool) -> Sequence[dict[str, Any]]:
        try:
            answer = self._queue.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=AT_ONCE,
                WaitTimeSeconds=0 if once else self._wait,
                MessageSystemAttributeNames=["ApproximateReceiveCount"],
            )
        except self._away as problem:
            if once:
                raise NotReady(f"the queue cannot be reached ({type(problem).__name__})") from None
            log.error("the queue cannot be reached: %s", type(problem).__name__)  # noqa: TRY400
            self._back_off()
            return []
        found: Sequence[dict[str, Any]] = answer.get("Messages", [])
        return found

    def _take_all(self, found: Sequence[dict[str, Any]]) -> None:
        for at, message in enumerate(found):
            if self._stopping.is_set():
                self._return(found[at:])
                return
            try:
                outcome = self._take(message)
            except (NotReady, CannotWrite) as problem:
                log.error("the store is away, trying again: %s", problem)  # noqa: TRY400
                self._return(found[at:])
                self._back_off()
                return
            self._delay = 0.5
            self._seen.add(message["MessageId"])
            self.done = replace(self.done, **{outcome: getattr(self.done, outcome) + 1})
            log.info("message %s %s", message["MessageId"], outcome)
            if outcome in {"taken", "repeated"}:
                self._delete(message)

    def _take(self, message: dict[str, Any]) -> Outcome:
        now = datetime.now(UTC)
        try:
            case = of_form(message["Body"].encode(), now)
        except BadMessage as problem:
            self._record_refusal(message, problem)
            return "refused"
        except UnicodeEncodeError:
            self._record_refusal(message, BadMessage("", [Problem("/", "must be UTF-8")]))
            return "refused"
        try:
            receipt = receive(
                self._store, FORM_QUEUE, case, self._promoted.current(), self._clock, now=now
            )
        except (NotReady, CannotWrite):
            raise
        except Exception as problem:  # noqa: BLE001 - one odd message must not stop the others
            # its text is not told; it comes again, and in the end is set aside
            told = str(problem) if isinstance(problem, SecondLookError) else type(problem).__name__
            log.error("message %s: %s", message["MessageId"], told)  # noqa: TRY400
            return "failed"
        return "repeated" if receipt.repeated else "taken"

    def _record_refusal(self, message: dict[str, Any], problem: BadMessage) -> None:
        """Say in the audit log what is wrong with a message, and nothing of what it says."""
        count = message.get("Attributes", {}).get("ApproximateReceiveCount")
        details = {
            "problems": [{"field": one.where, "rule": one.rule} for one in problem.problems],
            "characters": len(message["Body"]),
            "received": int(count) if count else None,
        }
        with self._store.writing() as unit:
            unit.audit.append(FORM_QUEUE, "refused message", message["MessageId"], details)

    def _delete(self, message: dict[str, Any]) -> None:
        try:
            self._queue.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
        except self._away as problem:
            log.error("not deleted, it will come again: %s", type(problem).__name__)  # noqa: TRY400

    def _return(self, messages: Sequence[dict[str, Any]]) -> None:
        """Let others have at once what was taken from the queue and not looked at."""
        for message in messages:
            try:
                self._queue.change_message_visibility(
                    QueueUrl=self._url,
                    ReceiptHandle=message["ReceiptHandle"],
                    VisibilityTimeout=0,
                )
            except self._away as problem:  # they come back by themselves, later
                log.error("not returned: %s", type(problem).__name__)  # noqa: TRY400
                return

    def _back_off(self) -> None:
        self._pause(self._delay)
        self._delay = min(self._delay * 2, LONGEST_PAUSE)


def _failures() -> tuple[type[Exception], ...]:
    """Everything that boto3 raises when a queue cannot be asked; it has no common class."""
    from botocore.exceptions import BotoCoreError, ClientError

    return BotoCoreError, ClientError


def _host(url: str) -> str:
    return url.split("/")[2] if url.count("/") > 2 else "queue URL"
