"""A store for the casework benchmark: filled before, looked through afterwards."""

from __future__ import annotations

import itertools
import random
import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from benchmarks.casework_clients import Deed, Person
from data.mapping import ColumnMapping, load_mapping
from data.reading import read_allegations
from data.schema import Allegation
from model.artifact import save
from model.classifier import TriageClassifier
from serving import auditing
from serving.intake import QUEUE
from serving.promoted import CURRENT, PromotedModel
from serving.sealing import Seal
from serving.sessions import digest
from serving.store.database import Store
from serving.store.records import Doubt, Marks, NewAllegation, NewEntry
from serving.store.tables import decisions
from serving.store.tables_access import account_roles, accounts, sessions
from serving.store.tables_casework import claims
from serving.store.tables_oversight import audit_log

ROOT = Path(__file__).resolve().parents[1]
KEY = "casework-benchmark-" * 3
AT_ONCE = 2000
LEARNED_FROM = 1200
GENERATED = "generated"
NOTHING = {"suggested_value": None, "reasons": [], "details": []}


@dataclass(frozen=True)
class Found:
    """What the store holds, beside what was acknowledged."""

    acknowledged: int
    lost: int
    twice: int
    unaudited: int
    rows: int
    sound: bool
    waiting: int


def make_model(folder: Path) -> Path:
    """Train a small model on the sample and put it in force."""
    table = read_allegations(ROOT / "data/sample/allegations.csv", _mapping())
    some = table.frame.head(LEARNED_FROM)
    model = TriageClassifier(value_order=table.value_order, folds=3, seed=0)
    model.fit(
        [
            Allegation(reference, text)
            for reference, text in zip(some.reference, some.narrative, strict=False)
        ],
        list(some.value),
        [tuple(one) for one in some.categories],
    )
    save(model, folder / "v1")
    (folder / CURRENT).write_text("v1\n")
    return folder


def _mapping() -> ColumnMapping:
    return load_mapping(ROOT / "data/sample/mapping.toml")


def fill(store: Store, models: Path, records: int, queued: int) -> None:
    """Put generated records in, so many of them dismissed, doubted and ranked at random.

    Doubts are drawn instead of worked out: how the model comes by them is measured elsewhere.
    """
    table = read_allegations(ROOT / "data/sample/allegations.csv", _mapping())
    texts = list(table.frame.narrative)
    chance = random.Random(0)
    order = table.value_order
    predictor = PromotedModel(models).current()
    assert predictor
    with store.writing() as unit:
        unit.allegations.open_queue(QUEUE, order)
    every = queued / records
    for first in range(0, records, AT_ONCE):
        new = [
            _record(number, texts, order, int(number * every) != int((number + 1) * every))
            for number in range(first, min(first + AT_ONCE, records))
        ]
        with store.writing() as unit:
            unit.allegations.add_many(QUEUE, new)
    while True:
        with store.writing() as unit:
            more = unit.allegations.without_doubt(QUEUE, predictor.version, limit=AT_ONCE)
            doubts = [Doubt(one.id, chance.random() ** 3, {}) for one in more]
            unit.allegations.keep_doubts(predictor.version, doubts)
        if not more:
            break
    with store.writing() as unit:
        waiting = unit.allegations.waiting(QUEUE, predictor.version)
        top = sorted(waiting, key=lambda one: -one.doubt)[:2000]
        entries = [
            NewEntry(one.id, one.doubt, one.doubt, 1.0, False, dict(NOTHING)) for one in top
        ]
        unit.rankings.publish(
            QUEUE,
            entries,
            made_at=datetime.now(UTC),
            method=GENERATED,
            model_version=predictor.version,
            marks=Marks(0, 0),
            waiting=len(waiting),
        )
    if store.engine.dialect.name == "postgresql":
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")


def _record(
    number: int, texts: Sequence[str], order: Sequence[str], dismissed: bool
) -> NewAllegation:
    text = texts[number % len(texts)]
    return NewAllegation(
        reference=f"C-{number:06d}",
        narrative=f"{text} ({number})",
        first_value=order[0] if dismissed else order[1 + number % (len(order) - 1)],
        dismissed=dismissed,
        channel="web_form",
        categories=("illegal_working",),
    )


def sign_in_all(store: Store, count: int, role: str = "reviewer") -> list[Person]:
    """Make people of a role with sessions."""
    now = datetime.now(UTC)
    seal = Seal(KEY)
    people = []
    with store.engine.begin() as connection:
        for number in range(count):
            token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
            name = f"{role}{number}"
            account = connection.scalar(
                sa.insert(accounts)
                .values(username=name, display_name=name, kind="person", created_at=now)
                .returning(accounts.c.id)
            )
            connection.execute(sa.insert(account_roles).values(account_id=account, role=role))
            connection.execute(
                sa.insert(sessions).values(
                    token_sha256=digest(token),
                    account_id=account,
                    csrf_token=csrf,
                    created_at=now,
                    seen_at=now,
                    expires_at=now + timedelta(hours=12),
                )
            )
            people.append(Person(name, f"secondlook={seal.put('session', token)}", csrf))
    return people


def look_through(store: Store, deeds: Sequence[Deed]) -> Found:
    """Compare what the clients were told with what the store holds."""
    with store.engine.connect() as connection:
        kept = {
            row.id: row.verdict
            for row in connection.execute(sa.select(decisions.c.id, decisions.c.verdict))
        }
        opinions = {
            row.id: row
            for row in connection.execute(
                sa.select(claims.c.id).where(
                    claims.c.purpose == "second_opinion", claims.c.state == "decided"
                )
            )
        }
        spans = connection.execute(
            sa.select(
                claims.c.allegation_id,
                claims.c.purpose,
                claims.c.claimed_at,
                sa.func.coalesce(claims.c.ended_at, claims.c.expires_at),
            ).order_by(claims.c.allegation_id, claims.c.purpose, claims.c.claimed_at)
        ).all()
        logged = connection.scalars(
            sa.select(audit_log.c.details).where(audit_log.c.action == "decided second look")
        )
        audited = Counter(logged)
        doubled = connection.execute(
            sa.select(decisions.c.allegation_id)
            .group_by(decisions.c.allegation_id)
            .having(sa.func.count() > 1)
        ).all()
    overlapping = sum(
        one[:2] == two[:2] and two[2] < one[3] for one, two in itertools.pairwise(spans)
    )
    lost = [
        one for one in deeds if kept.get(one.claim) != one.verdict and one.claim not in opinions
    ]
    numbers = {int(text.split('"decision":')[1].split(",")[0]) for text in audited}
    verdict = auditing.verify(store)
    with store.reading() as unit:
        waiting = unit.decisions.counts(QUEUE).waiting
        rows = unit.audit.head()[0]
    return Found(
        acknowledged=len(deeds),
        lost=len(lost),
        twice=overlapping + len(doubled),
        unaudited=len((set(kept) | set(opinions)) - numbers),
        rows=rows,
        sound=verdict.sound,
        waiting=waiting,
    )
