# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""One real call to each domain, whose answer is known: ``argosy demo``, and the check after ``make run``."""

from typing import TYPE_CHECKING

from argosy_client.demo.compare import difference
from argosy_client.demo.play import Outcome, play
from argosy_client.demo.samples import Sample, samples

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["Outcome", "Sample", "difference", "play", "run", "samples"]


def run(address: str, console: "Console", *, only_served: bool = False) -> bool:
    """Plays the demo against the fleet at an address and prints it (needs the extra ``cli``).

    Args:
        address: Where the gateway is.
        console: Where to print.
        only_served: Leave out models that the fleet does not have, instead of calling them in vain.

    Returns:
        Whether every answer is as expected; false, after one line, where nothing answers at the address.
    """
    from argosy_client.cli.demo_view import print_outcomes
    from argosy_client.cli.errors import describe
    from argosy_client.errors import ArgosyError

    try:
        outcomes = play(address, only_served=only_served)
    except ArgosyError as error:
        console.print(describe(error, address), markup=False, highlight=False)
        return False
    if outcomes:
        print_outcomes(outcomes, console, address)
    return all(outcome.equal for outcome in outcomes)
