# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What commands print: tables for people, JSON with stable keys for programs."""

import dataclasses
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from argosy_client.cli.text import clean

if TYPE_CHECKING:
    from argosy_client.results import Label, Timing

#: Width where the output is no terminal: wide enough that nothing a program greps for is broken over lines.
PIPE_WIDTH = 240

STATE_STYLES = {"READY": "green", "SERVING": "green", "LOADING": "yellow", "CONNECTING": "yellow", "DRAINING": "yellow"}


def console(*, err: bool = False) -> Console:
    """A console that takes every text as it is."""
    stream = sys.stderr if err else sys.stdout
    width = None if stream.isatty() else PIPE_WIDTH
    return Console(file=stream, width=width, markup=False, emoji=False, highlight=False)


def table(*headers: str, numeric: Iterable[str] = (), whole: Iterable[str] = ()) -> Table:
    """An empty table; columns named in ``numeric`` are aligned to the right, and those in ``whole`` never broken."""
    made = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False, show_edge=False, collapse_padding=True)
    right, unbroken = set(numeric), set(whole)
    for header in headers:
        justify: Literal["left", "right"] = "right" if header in right else "left"
        made.add_column(header, justify=justify, overflow="fold", no_wrap=header in right | unbroken)
    return made


def cell(value: object, style: str = "") -> Text:
    """A cell of a table."""
    return Text(clean(str(value)), style=style)


def state(value: str) -> Text:
    """A state, green where it is good, yellow on its way, red else."""
    return cell(value, STATE_STYLES.get(value, "red"))


def score(value: float) -> str:
    """A score with four decimals; a very small one in powers of ten, so that it does not look like none."""
    return f"{value:.1e}" if 0 < abs(value) < 0.00005 else f"{value:.4f}"


def number(value: float) -> str:
    """A figure with up to six significant digits."""
    return f"{value:.6g}"


def rest(labels: Sequence["Label"]) -> str:
    """The labels after the best one, in one cell."""
    return ", ".join(f"{one.label} {score(one.score)}" for one in labels[1:])


def answered_by(model: str, version: str) -> Text:
    """The line below an answer."""
    return cell(f"model {model}, version {version}", "dim")


#: Headings of the cells of timing_cells; times are in ms, the first is the whole call.
TIMING = ("ms", "queue", "compute", "batch", "replica", "device")


def timing_cells(timing: "Timing") -> list[Text]:
    """Where the time of one call went, for a row of a table."""
    times = (timing.total_ms, timing.queue_ms, timing.compute_ms)
    texts = ["-" if value is None else f"{value:.1f}" for value in times]
    batch = "-" if timing.batch_size is None else str(timing.batch_size)
    return [cell(text) for text in (*texts, batch, timing.replica or "-", timing.device or "-")]


def timing_line(timing: "Timing") -> Text:
    """Where the time of one call went."""
    parts = [f"total {timing.total_ms:.1f} ms"]
    if timing.queue_ms is not None:
        parts.append(f"queue {timing.queue_ms:.1f} ms")
    if timing.compute_ms is not None:
        parts.append(f"compute {timing.compute_ms:.1f} ms")
    if timing.batch_size is not None:
        parts.append(f"batch {timing.batch_size}")
    parts.extend(part for part in (timing.replica, timing.device) if part)
    return cell(", ".join(parts), "dim")


def print_json(value: object) -> None:
    """Prints a value made of dataclasses, mappings, sequences and arrays as JSON."""
    typer.echo(json.dumps(plain(value), indent=2, ensure_ascii=False))


def plain(value: Any) -> Any:
    """The value as JSON has it; keys of a dataclass are its field names."""
    if dataclasses.is_dataclass(value):
        return {one.name: plain(getattr(value, one.name)) for one in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value.tolist() if hasattr(value, "tolist") else value
