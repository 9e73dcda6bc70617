"""Opening the store: engines, units of work, migrations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_type_hints

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from serving.store.accounts import AccountRepository
from serving.store.allegations import AllegationRepository
from serving.store.assessment_lists import AssessmentLists
from serving.store.assessments import AssessmentRepository
from serving.store.audit import AuditRepository
from serving.store.candidates import CandidateRepository
from serving.store.case_notes import NoteRepository
from serving.store.cases import CaseRepository
from serving.store.claims import ClaimRepository
from serving.store.decisions import DecisionRepository
from serving.store.engines import (
    WRITERS,
    WRITES,
    Turn,
    alone,
    check_references,
    leave_references,
    make_engine,
    told_plainly,
    unhurried,
)
from serving.store.exhibits import ExhibitRepository
from serving.store.exports import ExportRepository
from serving.store.figures import FigureRepository
from serving.store.intake_records import IntakeRepository
from serving.store.keys import IdempotencyRepository
from serving.store.leases import LeaseRepository
from serving.store.links import LinkRepository
from serving.store.messages import MessageRepository
from serving.store.opinions import OpinionRepository
from serving.store.plants import PlantRepository
from serving.store.rankings import RankingRepository
from serving.store.replays import ReplayRepository
from serving.store.retention import RetentionRepository
from serving.store.samples import SampleRepository
from serving.store.sessions import ServiceKeyRepository, SessionRepository
from serving.store.worklists import WorkListRepository

MIGRATIONS = Path(__file__).parent / "migrations"


@dataclass(frozen=True, slots=True)
class Unit:
    """The repositories over one transaction."""

    allegations: AllegationRepository
    rankings: RankingRepository
    decisions: DecisionRepository
    leases: LeaseRepository
    keys: IdempotencyRepository
    audit: AuditRepository
    accounts: AccountRepository
    sessions: SessionRepository
    service_keys: ServiceKeyRepository
    retention: RetentionRepository
    exports: ExportRepository
    replays: ReplayRepository
    samples: SampleRepository
    figures: FigureRepository
    exhibits: ExhibitRepository
    candidates: CandidateRepository
    claims: ClaimRepository
    opinions: OpinionRepository
    plants: PlantRepository
    cases: CaseRepository
    assessments: AssessmentRepository
    assessment_lists: AssessmentLists
    notes: NoteRepository
    intake: IntakeRepository
    messages: MessageRepository
    links: LinkRepository
    worklists: WorkListRepository


REPOSITORIES: Mapping[str, Callable[[Connection], Any]] = get_type_hints(Unit)
"""The repositories by their names in a unit: adding one to :class:`Unit` is enough."""


class Store:
    """The database, by URL.

    Parameters
    ----------
    url
        A SQLAlchemy URL. SQLite is opened in WAL mode, its folder made when absent; writers
        take the write lock at once, so that none fails half-way for want of it. PostgreSQL's
        readers see the store as it was when they began, as SQLite's do.

    Raises
    ------
    BadInput
        When the URL is none, or names a database that the store does not know.
    """

    def __init__(self, url: str) -> None:
        self.engine = make_engine(url)
        self._turn = Turn(WRITERS[self.engine.dialect.name])
        self._snapshots = self._questions = self.engine
        if self.engine.dialect.name == "postgresql":
            self._questions = self.engine.execution_options(isolation_level="AUTOCOMMIT")
            self._snapshots = self.engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )

    @contextmanager
    def reading(self) -> Iterator[Unit]:
        """One transaction in which nothing should be changed."""
        with told_plainly(), self._snapshots.begin() as connection:
            yield from _at_work(connection)

    @contextmanager
    def asking(self) -> Iterator[Unit]:
        """One statement that changes nothing, without the cost of a transaction around it."""
        with told_plainly(), self._questions.connect() as connection:
            yield from _at_work(connection)

    @contextmanager
    def writing(self) -> Iterator[Unit]:
        """One transaction, committed whole when the block ends and undone when it fails."""
        with told_plainly(), self._write() as connection:
            yield from _at_work(connection)

    def migrate(self, revision: str = "head") -> None:
        """Bring the tables to ``revision``; the whole step succeeds or nothing changes."""
        with self.altering() as config:
            command.upgrade(config, revision)

    def unmigrate(self, revision: str = "base") -> None:
        """Take the tables back to ``revision``."""
        with self.altering() as config:
            command.downgrade(config, revision)

    def is_migrated(self) -> bool:
        """Whether the tables are those that this version of the service needs.

        Raises
        ------
        NotReady
            When the store cannot be reached.
        """
        with told_plainly(), self.engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
        return current == ScriptDirectory(str(MIGRATIONS)).get_current_head()

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """One transaction that sees the store as it was when it began, for as long as it takes."""
        with told_plainly(), self._snapshots.begin() as connection:
            unhurried(connection)
            yield connection

    def close(self) -> None:
        """Let every connection go."""
        self.engine.dispose()

    @contextmanager
    def _write(self, *, altering: bool = False) -> Iterator[Connection]:
        writes = {WRITES: True}
        with self._turn, self.engine.connect().execution_options(**writes) as connection:
            if altering:
                leave_references(connection)
            with connection.begin():
                yield connection

    @contextmanager
    def altering(self) -> Iterator[Config]:
        """One transaction, alone, in which migrations run; its connection is an attribute."""
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        with told_plainly(), self._write(altering=True) as connection:
            alone(connection)
            config.attributes["connection"] = connection
            yield config
            check_references(connection)


def _at_work(connection: Connection) -> Iterator[Unit]:
    unit = Unit(**{name: repository(connection) for name, repository in REPOSITORIES.items()})
    yield unit
    unit.audit.write()
