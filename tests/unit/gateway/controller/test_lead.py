# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A term begins only where no earlier controller can have had its epoch, or a higher one."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from argosy_gateway.controller import lead, operator
from argosy_gateway.controller.settings import Settings
from argosy_gateway.controller.world import Seen
from argosy_gateway.latest import Latest

from tests.unit.gateway.controller.resources import resource


class Nobody:
    """Takes what is written."""

    def write_status(self, resource: Mapping[str, Any], status: Mapping[str, Any]) -> Mapping[str, Any]:
        del status
        return resource

    def change(self, resource: Mapping[str, Any], patch: Mapping[str, Any]) -> None:
        del resource, patch

    def tell(self, resource: Mapping[str, Any], reason: str, message: str, *, warning: bool) -> None:
        del resource, reason, message, warning


def seen(*epochs: int) -> Seen:
    """Resources without a worker, whose status was written under these epochs."""
    resources = {f"m{epoch}": resource(f"m{epoch}") | {"status": {"epoch": epoch}} for epoch in epochs}
    return Seen({**resources, "new": resource("new")}, {}, frozenset(), ())


@pytest.mark.parametrize(
    ("epoch", "again", "outdone"),
    [
        (8, False, []),
        (7, False, [7]),  # of another controller: the Lease was made anew
        (7, True, []),  # its own: the API server was away, and nobody else has had the Lease
        (2, False, [7]),
        (2, True, [7]),
    ],
)
async def test_nothing_is_done_under_an_epoch_that_was_reported_before(
    monkeypatch: pytest.MonkeyPatch, epoch: int, again: bool, outdone: list[int]
) -> None:
    begun, found, led = asyncio.Event(), list[int](), list[str]()

    async def begin(namespace: str, _drained: Callable[[str], bool]) -> None:
        led.append(namespace)
        begun.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(operator, "run", begin)

    def note(reported: int) -> None:
        found.append(reported)
        begun.set()

    world: Latest[Seen | None] = Latest(seen(3, 7, 1 << 40))
    term = asyncio.create_task(lead.Term(epoch, again, world, Nobody(), Settings(), note).run())
    async with asyncio.timeout(10):
        await begun.wait()
    for _ in range(10):  # enough for whatever it would begin now
        await asyncio.sleep(0)
    term.cancel()
    await asyncio.gather(term, return_exceptions=True)
    assert (found, bool(led)) == (outdone, not outdone)


def test_an_epoch_that_no_lease_can_have_counted_is_not_believed() -> None:
    assert lead.reported_epoch(seen(3, 1 << 40).resources) == 3
    assert lead.reported_epoch(seen().resources) == 0
