# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Options that many verbs share, as dataclasses: ``command`` spreads their fields over a verb's signature."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from argosy_client import Argosy


@dataclass(frozen=True, slots=True)
class Connection:
    """How to reach the fleet and how to answer."""

    address: Annotated[
        str,
        typer.Option(
            "--address",
            envvar="ARGOSY_ADDRESS",
            help="Gateway of the fleet, host:port; xds:/// calls workers without it.",
            rich_help_panel="Fleet",
        ),
    ] = "127.0.0.1:8080"
    timeout: Annotated[
        float,
        typer.Option("--timeout", min=0.001, help="Deadline of each call, in seconds.", rich_help_panel="Fleet"),
    ] = 10.0
    json: Annotated[bool, typer.Option("--json", help="Answer in JSON, errors too.", rich_help_panel="Output")] = False

    def open(self) -> "Argosy":
        """A client of the fleet."""
        from argosy_client import Argosy

        return Argosy(self.address, timeout_s=self.timeout)


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """Which model answers, and whether to tell where the time went."""

    model: Annotated[str | None, typer.Option("--model", help="Name of the model; the default one if not given.")] = (
        None
    )
    model_version: Annotated[
        str | None, typer.Option("--model-version", help="Version number or label, such as stable.")
    ] = None
    timing: Annotated[
        bool, typer.Option("--timing", help="Show times, replica and device.", rich_help_panel="Output")
    ] = False


TopK = Annotated[int, typer.Option("--top-k", min=0, help="Results wanted, best first; 0 takes the method's default.")]
