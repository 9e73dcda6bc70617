"""What a running service consists of; routes reach it through the application's state."""

from __future__ import annotations

from dataclasses import dataclass

from data.taxonomy import Taxonomy
from serving.comparing import Comparisons
from serving.errors import NotReady
from serving.gate import Gate
from serving.intake import QUEUE
from serving.metrics import Metrics
from serving.promoted import PromotedModel
from serving.ranking import RankingWorker
from serving.settings import Settings
from serving.store.database import Store


@dataclass(frozen=True, slots=True)
class Service:
    """The parts of a running service.

    Parameters
    ----------
    taxonomy
        Titles for the codes that pages show.
    worker
        The ranking worker inside this process, or ``None`` where another process ranks.
    gate
        What guards the service.
    comparisons
        What promoting the challenger would change, worked out once.
    """

    settings: Settings
    store: Store
    promoted: PromotedModel
    taxonomy: Taxonomy
    metrics: Metrics
    worker: RankingWorker | None
    gate: Gate
    comparisons: Comparisons

    def something_new(self) -> None:
        """Let the worker look at once instead of at its next turn."""
        if self.worker is not None:
            self.worker.wake()

    def ranked(self) -> tuple[int, int]:
        """Give the current ranking's number and how many wait in it; zeros without a store."""
        try:
            with self.store.reading() as unit:
                ranking = unit.rankings.current(QUEUE)
                return (ranking.id, unit.rankings.queued(ranking.id)) if ranking else (0, 0)
        except NotReady:
            return 0, 0
