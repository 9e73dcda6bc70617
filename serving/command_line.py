"""The commands that run the service, and let allegations in; nothing heavy loads before."""

from __future__ import annotations

from typing import Annotated

import typer

from data.arguments import File, Json, Mapping

commands = typer.Typer()


@commands.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address; this machine alone if unset.")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 takes a free one.")] = None,
    workers: Annotated[int | None, typer.Option(help="Server processes; 1 if unset.")] = None,
) -> None:
    """Answer requests and rank second looks; everything else is set by SECONDLOOK_… variables."""
    from serving import commands

    commands.serve(commands.settings(host, port, workers))


@commands.command()
def work() -> None:
    """Rank second looks as a process of its own, beside a server with its worker off."""
    from serving import commands

    commands.work(commands.settings())


@commands.command("import")
def import_(file: File, mapping: Mapping = None, json: Json = None) -> None:
    """Take a file of allegations in, assessed or not; run again, it goes on where it was."""
    from serving import commands

    commands.take_in(commands.settings(), file, mapping, json)


@commands.command()
def consume(
    queue_url: Annotated[str, typer.Option(help="The queue that the form puts its messages on.")],
    region: Annotated[str | None, typer.Option(help="Where it is, if nothing else says.")] = None,
    endpoint_url: Annotated[
        str | None, typer.Option(help="Another server that speaks SQS's protocol.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="End when the queue is empty.")] = False,
) -> None:
    """Take the form's messages from their SQS queue until interrupted."""
    from serving import commands

    commands.consume(commands.settings(), queue_url, region, endpoint_url, once=once)
