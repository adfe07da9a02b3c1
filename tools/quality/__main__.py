# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``python -m tools.quality``: the table of all figures; exits 1 where one is off its record or misses its bound."""

import argparse
import asyncio
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from argosy_client import Argosy, ArgosyError
from argosy_client.cli.output import console, print_json
from argosy_gateway.local.errors import CannotRun

from tools.free_fleet import free_fleet
from tools.quality.models import MEASURES
from tools.quality.page import PAGE, with_rows
from tools.quality.reading import MODELS
from tools.quality.verdicts import Row, judged
from tools.quality.view import table

#: Deadline of each call in seconds; some carry hundreds of samples.
TIMEOUT_S = 60.0


def measure(address: str, models: Sequence[str]) -> list[Row]:
    """Measures models through the gateway at an address; says on stderr which one it is at.

    Raises:
        argosy_client.ArgosyError: a call failed.
    """
    rows: list[Row] = []
    progress = console(err=True)
    with Argosy(address, timeout_s=TIMEOUT_S) as argosy:
        for number, model in enumerate(models, 1):
            progress.print(f"{number}/{len(models)} {model}")
            rows += judged(model, MEASURES[model](argosy))
    return rows


async def measure_in_own_fleet(models: Sequence[str]) -> list[Row]:
    """Measures models through a fleet that serves these alone, and stops it.

    Raises:
        argosy_client.ArgosyError: a call failed.
        argosy_gateway.local.errors.CannotRun: the fleet does not start, as where a model fails to load.
    """
    console(err=True).print(f"starting a fleet of {len(models)} models")
    with tempfile.TemporaryDirectory() as folder:
        repositories = {}
        for model in models:
            domain = model.partition("/")[0]
            repositories[domain] = Path(folder) / "models" / domain
            shutil.copytree(MODELS / model, Path(folder) / "models" / model)
        async with free_fleet(Path(folder) / "fleet", repositories) as address:
            return await asyncio.to_thread(measure, address, models)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, prints, writes; returns the exit code."""
    parser = argparse.ArgumentParser(prog="tools.quality", description=__doc__)
    parser.add_argument("models", nargs="*", metavar="MODEL", help="domain/name; all models where none is named")
    parser.add_argument("--address", metavar="HOST:PORT", help="gateway of a running fleet; else one is started")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--write", action="store_true", help=f"write the figures into {PAGE.parent.name}/{PAGE.name}")
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.models) - set(MEASURES))
    if unknown:
        parser.error(f"nothing measures {', '.join(unknown)}; known: {', '.join(MEASURES)}")
    models = [model for model in MEASURES if not options.models or model in options.models]
    try:
        rows = measure(options.address, models) if options.address else asyncio.run(measure_in_own_fleet(models))
    except (ArgosyError, CannotRun) as error:
        print(f"tools.quality: {error}", file=sys.stderr)
        return 1
    if options.json:
        print_json(rows)
    else:
        console().print(table(rows))
    if options.write:
        PAGE.write_text(with_rows(PAGE.read_text("utf-8"), rows), "utf-8")
    wrong = [row for row in rows if not row.verdict.good]
    for row in wrong:
        print(f"{row.model}: {row.figure} ({row.split}): {row.verdict.value}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
