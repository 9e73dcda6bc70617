"""Arguments that several commands take, named and explained once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

File = Annotated[Path, typer.Argument(help="CSV, JSON lines or Parquet, each may be gzipped.")]
Mapping = Annotated[Path | None, typer.Option(help="TOML file that names the columns.")]
Json = Annotated[Path | None, typer.Option("--json", help="Write the figures to this file.")]
Seed = Annotated[int, typer.Option(help="The same file and seed give the same bytes.")]
Tracking = Annotated[
    str | None, typer.Option(help="MLflow tracking URI; SQLite under the var folder if unset.")
]
