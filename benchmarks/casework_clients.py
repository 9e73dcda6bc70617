"""Reviewers as programs: each claims, decides and goes on, over one kept-alive connection."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Any

CLAIMS = "/api/v1/second-looks/claims"
UPHOLD, OVERTURN = (
    {"verdict": "uphold", "reason": "detail", "note": "nothing that could be looked into"},
    {"verdict": "overturn", "value": "low", "reason": "detail"},
)


@dataclass(frozen=True)
class Person:
    """A reviewer who is signed in."""

    name: str
    cookie: str
    csrf: str


@dataclass(frozen=True)
class Deed:
    """A decision that was acknowledged, and how long claim and decision took."""

    claim: int
    key: str
    verdict: str
    claim_ms: float
    decide_ms: float


class Client:
    """One reviewer."""

    def __init__(self, port: int, person: Person) -> None:
        self.done = 0
        self.deeds: list[Deed] = []
        self.empty = False
        self._port = port
        self._head = (
            f"Host: 127.0.0.1:{port}\r\nCookie: {person.cookie}\r\nX-CSRF-Token: {person.csrf}\r\n"
        )
        self._chance = random.Random(person.name)
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self.troubles = 0

    async def one(self) -> bool:
        """Claim a record and decide it; says whether there was one."""
        claimed, claim_ms = await self._claimed()
        if claimed is None:
            self.empty = True
            return False
        sent = OVERTURN if self._chance.random() < 0.1 else UPHOLD
        path = f"{CLAIMS}/{claimed['claim']}/decision"
        once = f"Idempotency-Key: {claimed['claim']}-{self._chance.getrandbits(64)}\r\n"
        began = time.perf_counter()
        while True:
            status, answer = await self._ask("POST", path, sent, once)
            if status in {200, 201}:
                break
            if status in {404, 409}:
                return True  # its time ran out while nothing answered
            await self._pause()
        decide_ms = (time.perf_counter() - began) * 1000
        self.deeds.append(
            Deed(answer["decision"], answer["key"], answer["verdict"], claim_ms, decide_ms)
        )
        self.done += 1
        return True

    async def close(self) -> None:
        if self._streams:
            self._streams[1].close()
        self._streams = None

    async def _claimed(self) -> tuple[dict[str, Any] | None, float]:
        while True:
            began = time.perf_counter()
            status, answer = await self._ask("POST", CLAIMS, {})
            spent = (time.perf_counter() - began) * 1000
            if status == 200 and answer["claimed"]:
                return answer["claimed"], spent
            if status in {200, 409}:  # where an answer was lost, a record is held all the same
                held, answer = await self._ask("GET", CLAIMS)
                if held == 200 and answer["claims"]:
                    return answer["claims"][0], spent
                if (status, held) == (200, 200):
                    return None, spent
            await self._pause()

    async def _pause(self) -> None:
        self.troubles += 1
        await asyncio.sleep(0.2)

    async def _ask(
        self, method: str, path: str, sent: object = None, more: str = ""
    ) -> tuple[int, Any]:
        try:
            return await asyncio.wait_for(self._asked(method, path, sent, more), 30)
        except (OSError, EOFError, ValueError, IndexError, TimeoutError):
            await self.close()
            return 0, None

    async def _asked(self, method: str, path: str, sent: object, more: str) -> tuple[int, Any]:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        body = b"" if sent is None else json.dumps(sent).encode()
        head = (
            f"{method} {path} HTTP/1.1\r\n{self._head}{more}Content-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        writer.write(head.encode() + body)
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status = int(lines[0].split()[1])
        fields = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
        answer = await reader.readexactly(int(fields.get("content-length", "0")))
        if fields.get("connection") == "close":
            await self.close()
        return status, json.loads(answer) if answer else None


async def run_clients(
    clients: Sequence[Client],
    *,
    pace: float,
    seconds: float | None = None,
    beside: Awaitable[None] | None = None,
) -> list[Deed]:
    """Let all work at once until the time is over, the queue empty or ``beside`` done.

    Parameters
    ----------
    pace
        Seconds from the beginning of one claim to that of the next; 0 for no pause.
    """
    over = asyncio.Event()
    for one in clients:
        one.deeds = []
        one.empty = False

    async def work(client: Client, first: float) -> None:
        turn = time.perf_counter() + first
        while not over.is_set():
            await asyncio.sleep(max(0.0, turn - time.perf_counter()))
            turn += pace
            if pace and turn < time.perf_counter():
                turn = time.perf_counter()
            if over.is_set() or (not await client.one() and beside is None):
                break
        await client.close()

    tasks = [
        asyncio.create_task(work(one, number * pace / len(clients)))
        for number, one in enumerate(clients)
    ]
    if beside is not None:
        await beside
    else:
        await asyncio.wait(tasks, timeout=seconds)
    over.set()
    await asyncio.gather(*tasks)
    return [deed for one in clients for deed in one.deeds]


def percentile(times: Sequence[float], share: float) -> float:
    """Give the time that so many are not above."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
