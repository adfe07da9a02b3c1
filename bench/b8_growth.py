# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""B8: what happens to costs as the work grows: models of a worker, endpoints of a control plane, bytes of a message."""

from collections.abc import Callable
from dataclasses import asdict

from bench import growth_endpoints, growth_messages, growth_models
from bench.growth import NOT_STRAIGHT, Cost
from bench.report import Section, Table
from bench.stats import Bound, spread

#: Most rounds: each one starts every size anew.
MOST_ROUNDS = 3
_COLUMNS = ("cost", "at", "measured", "exponent of each step")


async def run(rounds: int, progress: Callable[[str], None]) -> Section:
    """Measures every size ``rounds`` times, at most :data:`MOST_ROUNDS`.

    Raises:
        bench.procs.ServerFailed: a server did not start, or answered wrong.
    """
    rounds = min(rounds, MOST_ROUNDS)
    costs = [
        *await growth_models.measure(rounds, progress),
        *growth_endpoints.measure(rounds, progress),
        *await growth_messages.measure(rounds, progress),
    ]
    return section(costs, rounds)


def section(costs: list[Cost], rounds: int) -> Section:
    """Makes the table, and the bound that no cost grows with the square of the work."""
    steepest = max((cost for cost in costs if cost.judged), key=lambda cost: cost.exponents[-1])
    notes = (
        f"Medians of {rounds} rounds. The exponent of a step is the power of the work with which the cost grows from "
        "one size to the next: 0 stays the same, 1 is in proportion, 2 is with the square. CPU times are counted in "
        "steps of 10 ms. Times on the clock are shown and not judged: they wait for the neighbours too.",
        f"Simulated workers tell their state and are healthy, {growth_endpoints.MODELS} models each; models of a "
        "worker are copies of the tiny one; messages are sent and returned whole.",
    )
    return Section(
        "b8",
        Table("B8: costs as the work grows", _COLUMNS, tuple(cost.row() for cost in costs), notes),
        (Bound(f"steepest last step ({steepest.name}), exponent", spread([steepest.exponents[-1]]), NOT_STRAIGHT),),
        [asdict(cost) for cost in costs],
    )
