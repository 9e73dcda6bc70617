"""What an operator may set: one typed object, read from ``SECONDLOOK_…`` and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


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
    allow_network: bool = Field(
        default=False,
        description="Listen on an address other than this machine's own. There are no accounts "
        "yet: anybody who reaches the address reads everything.",
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
    retention_days: int = Field(
        default=2192,
        ge=1,
        description="Days after which a record is to be looked at for keeping or erasing, unless "
        "an earlier review said otherwise; six years as it stands.",
    )
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

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(part.strip() for part in value.split(",") if part.strip())
