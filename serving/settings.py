"""What an operator may set: one typed object, read from ``SECONDLOOK_…`` and nothing else."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Final, Literal, Self, get_args

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from serving.actors import Role
from serving.clock import Clock
from serving.passwords import Cost
from serving.sealing import SHORTEST_KEY

WEEK: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Settings(BaseSettings):
    """Settings of the service, each with a safe default.

    A setting ``some_name`` is read from the environment variable ``SECONDLOOK_SOME_NAME``.
    Each is described in ``docs/how-to/operator.md``; a test fails if one is not.

    Raises
    ------
    pydantic.ValidationError
        When a value does not fit; the message names the setting.
    """

    model_config = SettingsConfigDict(env_prefix="SECONDLOOK_", frozen=True)

    database_url: str = Field(
        default="sqlite:///var/secondlook.db",
        description="Where allegations and decisions are kept: a SQLAlchemy URL.",
    )
    models_dir: Path = Field(
        default=Path("var/models"),
        description="Folder of promoted artefacts; its file CURRENT names the version served.",
    )
    taxonomy: Path | None = Field(
        default=None,
        description="TOML file with the organisation's own values, categories and channels.",
    )
    host: str = Field(default="127.0.0.1", description="Address that the service listens on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port; 0 takes a free one.")
    public_url: str | None = Field(
        default=None,
        pattern=r"^https?://[A-Za-z0-9.\[\]:-]+$",
        description="Address under which people reach the service, such as "
        "https://triage.example; made of host and port where it is unset.",
    )
    secret_key: SecretStr | None = Field(
        default=None,
        min_length=SHORTEST_KEY,
        description="Signs cookies: at least 32 characters, random and secret. Needed on any "
        "address but this machine's own; there, one is made at each start.",
    )
    secret_keys_old: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        default=(),
        description="Earlier secret keys, newest first, separated by commas: what they signed "
        "still holds.",
    )
    session_idle_minutes: int = Field(
        default=30, ge=1, le=1440, description="A session unused for so long has ended."
    )
    session_hours: int = Field(
        default=12, ge=1, le=168, description="A session ends after so long, however it is used."
    )
    sign_in_failures: int = Field(
        default=10,
        ge=3,
        le=100,
        description="Wrong passwords in a row after which an account is locked.",
    )
    lockout_minutes: int = Field(
        default=15, ge=1, le=1440, description="How long an account stays locked."
    )
    password_max_days: int = Field(
        default=0,
        ge=0,
        description="Days after which a password must be changed; 0 for never, as the NCSC "
        "advises: people who must change passwords choose weaker ones.",
    )
    password_cost: Cost = Field(
        default="rfc9106",
        description="What a password's hash costs: rfc9106 (64 MiB, argon2id), owasp (19 MiB), "
        "or cheapest, which protects nothing and is for tests.",
    )
    oidc_issuer: str | None = Field(
        default=None,
        description="Issuer of the OpenID provider that people may sign in with, as its "
        "configuration names it.",
    )
    oidc_client_id: str | None = Field(
        default=None, description="What the OpenID provider knows the service as."
    )
    oidc_client_secret: SecretStr | None = Field(
        default=None, description="The service's secret with the OpenID provider."
    )
    oidc_roles_claim: str = Field(
        default="roles", description="Claim of the ID token that says what somebody may do."
    )
    oidc_roles: Annotated[tuple[tuple[str, str], ...], NoDecode] = Field(
        default=(),
        description="What the claim's values mean: value=role, separated by commas. Whoever has "
        "none of them is not let in.",
    )
    workers: int = Field(
        default=1,
        ge=1,
        le=64,
        description="How many server processes share the address; one of them ranks.",
    )
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("127.0.0.1", "localhost", "[::1]"),
        description="Host names under which requests are answered, separated by commas.",
    )
    migrate_on_start: bool = Field(
        default=True, description="Bring the store's tables up to date when the service starts."
    )
    ranking_worker: bool = Field(
        default=True,
        description="Rank inside the server too, so that no separate worker is needed.",
    )
    ranking_depth: int = Field(
        default=500,
        ge=1,
        le=10_000,
        description="How many allegations a ranking keeps in its queue.",
    )
    ranking_poll_seconds: float = Field(
        default=1.0,
        gt=0,
        le=60,
        description="How often the worker looks for something new to rank.",
    )
    lease_seconds: float = Field(
        default=30.0,
        gt=1,
        le=3600,
        description="How long a worker that fell silent blocks the others.",
    )
    audit_share: float = Field(
        default=0.1,
        ge=0,
        lt=1,
        description="Share of each queue drawn at random, to estimate misses.",
    )
    tracking_url: str = Field(
        default="",
        description="Where MLflow shows the training runs; a link on the data scientist's page.",
    )
    retention_days: int = Field(
        default=2192,
        ge=1,
        description="Days after which a record is to be looked at for keeping or erasing, unless "
        "an earlier review said otherwise; six years as it stands.",
    )
    claim_minutes: float = Field(
        default=30.0,
        gt=0,
        le=1440,
        description="How long a record is one reviewer's own before it goes to another.",
    )
    claims_held: int = Field(
        default=2, ge=1, le=20, description="How many records a reviewer may hold at once."
    )
    planted_share: float = Field(
        default=0.02,
        ge=0,
        le=0.5,
        description="Share of records given out whose answer is known, if any were planted.",
    )
    second_opinion_share: float = Field(
        default=0.05,
        ge=0,
        le=1,
        description="Share of decisions that a second reviewer answers too, without knowing them.",
    )
    undo_minutes: int = Field(
        default=10,
        ge=0,
        le=1440,
        description="How long an assessor may take an assessment back.",
    )
    assessment_hours: float = Field(
        default=48,
        gt=0,
        le=10_000,
        description="Hours within which an allegation is to be assessed.",
    )
    assessment_counts: Literal["all_hours", "working_hours"] = Field(
        default="all_hours",
        description="Which hours count: all_hours, or working_hours as the next ones have them.",
    )
    working_days: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("mon", "tue", "wed", "thu", "fri"),
        description="Working days, separated by commas.",
    )
    working_opens: str = Field(default="09:00", description="When a working day begins.")
    working_closes: str = Field(default="17:00", description="When a working day ends.")
    closed_days: Annotated[tuple[date, ...], NoDecode] = Field(
        default=(),
        description="Days that do not count, such as bank holidays: 2026-12-25,2026-12-28.",
    )
    time_zone: str = Field(default="Europe/London", description="Time zone of the working hours.")
    max_body_bytes: int = Field(
        default=16 * 1024 * 1024, ge=1024, description="Largest request body that is read."
    )
    page_size: int = Field(
        default=20, ge=1, le=200, description="Allegations on one page of the second-look list."
    )
    log_level: str = Field(
        default="INFO",
        pattern="^(DEBUG|INFO|WARNING|ERROR)$",
        description="Least serious message that is logged.",
    )

    @field_validator(
        "allowed_hosts", "secret_keys_old", "working_days", "closed_days", mode="before"
    )
    @classmethod
    def _split(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(part.strip() for part in value.split(",") if part.strip())

    @field_validator("oidc_roles", mode="before")
    @classmethod
    def _pair(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        pairs = [part.partition("=")[::2] for part in value.split(",") if part.strip()]
        return tuple((left.strip(), right.strip()) for left, right in pairs)

    @field_validator("oidc_roles")
    @classmethod
    def _known(cls, value: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        if not all(role in get_args(Role) for _, role in value):
            raise ValueError(f"each role must be one of {', '.join(get_args(Role))}")
        return value

    @model_validator(mode="after")
    def _counts_some_time(self) -> Self:
        if strange := set(self.working_days) - set(WEEK):
            raise ValueError(f"working_days: {', '.join(sorted(strange))} is none of {WEEK}")
        _ = self.clock
        return self

    @property
    def clock(self) -> Clock:
        """The clock of the initial harm assessment."""
        return Clock(
            self.assessment_hours,
            self.assessment_counts,
            tuple(WEEK.index(day) for day in self.working_days),
            self.working_opens,
            self.working_closes,
            frozenset(self.closed_days),
            self.time_zone,
        )
