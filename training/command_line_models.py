"""The commands under ``models``."""

from __future__ import annotations

from typing import Annotated

import typer

from data.arguments import Json, Tracking

models = typer.Typer(help="The registered models: list, show, promote, roll back, verify.")

Version = Annotated[str, typer.Argument(help="A version number, or an alias such as champion.")]


@models.command("list")
def models_list(tracking_uri: Tracking = None, json: Json = None) -> None:
    """List every registered version with its aliases and main figures."""
    from training import models as registered

    registered.show_all(tracking_uri, json)


@models.command("show")
def models_show(version: Version, tracking_uri: Tracking = None, json: Json = None) -> None:
    """Show one version: figures, gate's verdict, fingerprints."""
    from training import models as registered

    registered.show_one(version, tracking_uri, json)


@models.command("promote")
def models_promote(
    version: Version,
    despite_gate: Annotated[
        str | None, typer.Option(help="Why a version that the gate refused is promoted.")
    ] = None,
    tracking_uri: Tracking = None,
) -> None:
    """Make a version the champion and hand it to serving."""
    from training import models as registered

    registered.promote(version, despite_gate, tracking_uri)


@models.command("rollback")
def models_rollback(tracking_uri: Tracking = None) -> None:
    """Put the champion before this one back."""
    from training import models as registered

    registered.roll_back(tracking_uri)


@models.command("verify")
def models_verify(
    model: Annotated[
        str, typer.Argument(help="A folder, NAME@ALIAS or a version; all if unset.")
    ] = "",
    tracking_uri: Tracking = None,
) -> None:
    """Check every digest of an artefact, and that serving has what the registry promoted."""
    from training import models as registered

    registered.verify(model, tracking_uri)
