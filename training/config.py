"""Settings of a training run and of the places it writes to: frozen, each one documented."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from data.errors import BadInput


@dataclass(frozen=True, slots=True)
class GateSettings:
    """When a challenger takes the champion's place.

    Parameters
    ----------
    margin
        The gain in macro-F1 of value that the challenger's lower bound must exceed.
    confidence
        One-sided confidence of that lower bound.
    resamples
        Bootstrap resamples that the bound is read from.
    least_unseen
        Records that the champion was not trained on before both are compared on those alone;
        with fewer, the champion's recipe is fitted again on the same folds.
    worse_auc, worse_ece
        How much worse no-value AUC and calibration error may become.
    most_missed
        How far the share of valuable records that are missed may lie above the others' in any
        group: a model is refused where the whole 95% interval does.
    most_moved
        Share of narratives whose probability of "no value" may move by more than .05 when they
        tell of somebody else: a model is refused where its whole 95% interval lies above.
    """

    margin: float = 0.0
    confidence: float = 0.95
    resamples: int = 1000
    least_unseen: int = 200
    worse_auc: float = 0.01
    worse_ece: float = 0.02
    most_missed: float = 0.1
    most_moved: float = 0.01


FIELDS = (
    "children_involved",
    "timing",
    "timing_future",
    "transport",
    "organisation_sector",
    "owner_knows",
)
"""Answers on the intake form that say something about the allegation. Those about the reporter,
and the channel that stands for the kind of source, are left out: who tells is no measure of
what is told."""

SENSITIVE = (
    "nationality",
    "ethnicity",
    "birthplace",
    "religion",
    "name",
    "names",
    "gender",
    "sex",
    "age",
    "date_of_birth",
)
"""Columns that are never features, whatever the settings say."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a model is fitted and measured.

    Parameters
    ----------
    seed
        Drives folds, fitting and bootstrap; the same file and seed give the same bytes.
    folds
        Folds of the cross-validation.
    jobs
        Processes that fit folds at the same time; the figures do not depend on it.
    plain_folds
        Plain stratified folds. Otherwise near-duplicates never part, because a copy on the
        other side of a split flatters every figure.
    group_column
        Source column whose groups are held out whole, such as an event or a district.
    by_category
        Spread the categories evenly over the folds, instead of the values.
    time_ordered
        Test each fold on later records than those it learns from; for evaluating only.
    category_rows
        Categories with fewer records than this are left out, with a warning.
    not_categories
        Labels in the column of categories that mean "none of them".
    fields
        Columns of structured answers that become features where the table has them.
    gate
        When a challenger is promoted.

    Raises
    ------
    BadInput
        Where a sensitive column is named among ``fields``.
    """

    seed: int = 0
    folds: int = 5
    jobs: int = 2
    plain_folds: bool = False
    group_column: str | None = None
    by_category: bool = False
    time_ordered: bool = False
    category_rows: int = 10
    not_categories: tuple[str, ...] = ()
    fields: tuple[str, ...] = FIELDS
    gate: GateSettings = field(default_factory=GateSettings)

    def __post_init__(self) -> None:
        if sensitive := sorted({name.lower() for name in self.fields} & set(SENSITIVE)):
            raise BadInput(f"sensitive columns are never features: {', '.join(sensitive)}")

    def as_parameters(self) -> dict[str, str]:
        """Flat name-to-text view for the tracking store; ``jobs`` changes nothing, so is out."""
        flat = {name: value for name, value in asdict(self).items() if name != "jobs"}
        gate = {f"gate_{name}": value for name, value in flat.pop("gate").items()}
        return {name: str(value) for name, value in (flat | gate).items()}


@dataclass(frozen=True, slots=True)
class Places:
    """Where training keeps its store and hands models over.

    Parameters
    ----------
    var
        Folder for everything that is written; ``SECONDLOOK_VAR``, or ``var``.
    tracking_uri
        Any MLflow tracking URI; ``SECONDLOOK_TRACKING_URI``, or SQLite inside ``var``.
    models
        The plain folder that serving reads promoted artefacts from; ``SECONDLOOK_MODELS_DIR``,
        or ``models`` inside ``var``.
    name
        Name of the registered model; ``SECONDLOOK_MODEL_NAME``, or ``secondlook``.
    """

    var: Path = Path("var")
    tracking_uri: str | None = None
    models: Path = Path("var/models")
    name: str = "secondlook"

    @classmethod
    def from_environment(cls, tracking_uri: str | None = None) -> Places:
        """Read the environment; an explicit ``tracking_uri`` goes before it."""
        var = Path(os.environ.get("SECONDLOOK_VAR", "var"))
        return cls(
            var=var,
            tracking_uri=tracking_uri or os.environ.get("SECONDLOOK_TRACKING_URI"),
            models=Path(os.environ.get("SECONDLOOK_MODELS_DIR", var / "models")),
            name=os.environ.get("SECONDLOOK_MODEL_NAME", "secondlook"),
        )
