# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The queue from which free engines pull.

Order: strict priority, softened by age; inside a priority start-time fair queueing between tenants; inside a tenant
the earliest deadline first. Works that can share a batch (same signature) form a group of their own, so that filling
a batch never searches through works that do not fit.
"""

import heapq
from bisect import bisect_left, insort
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

from argosy_worker.errors import Overloaded
from argosy_worker.scheduling.fair import FairShare
from argosy_worker.scheduling.work import SHADOW_PRIORITY, Signature, Work

#: A priority that was not served for this long counts as one higher, twice as long as two, and so on. In seconds.
AGEING_S = 5.0
#: A work without a deadline is ordered among its tenant's others as if it had this one. In seconds.
PATIENCE_S = 10.0


@dataclass(slots=True)
class _Tenant:
    """One tenant's works in one level, latest due first, so that the next one is last."""

    works: list[tuple[float, int, Work]] = field(default_factory=list)
    items: int = 0


@dataclass(slots=True)
class _Level:
    """Works of one priority in one group."""

    served: float
    """When a work was last taken, or the first one came; monotonic, in seconds."""
    tenants: dict[str, _Tenant] = field(default_factory=dict)
    turns: list[tuple[float, str]] = field(default_factory=list)
    """Heap of (start tag, tenant); tags may be out of date and are checked when met."""
    in_turns: set[str] = field(default_factory=set)
    items: int = 0


class WorkQueue:
    """Holds waiting works, at most ``max_items`` items together."""

    def __init__(self, max_items: int) -> None:
        self._max_items = max_items
        self._groups: dict[Signature, dict[int, _Level]] = {}
        self._share: FairShare[str] = FairShare()
        self._number = count()
        self._items = 0
        self._shadows = 0
        """Items of copies of calls among them."""
        self._arrived: dict[Work, float] = {}
        """When each came, first come first; monotonic, in seconds."""

    @property
    def items(self) -> int:
        """Items waiting."""
        return self._items

    @property
    def oldest(self) -> float | None:
        """When the work came that has waited longest; None where none waits. May be read from any thread."""
        while True:
            try:
                return next(iter(self._arrived.values()), None)
            except RuntimeError:  # the event loop changed it in between
                continue

    def items_like(self, signature: Signature) -> int:
        """Items waiting that could share a batch."""
        return sum(level.items for level in self._groups.get(signature, {}).values())

    @property
    def only_shadows(self) -> bool:
        """Whether nothing but copies of calls waits."""
        return self._items == self._shadows

    def push(self, work: Work, retry_after_s: Callable[[Work], float]) -> None:
        """Adds a work.

        ``retry_after_s`` is asked for when to come back, in seconds, where there is no room.

        Raises:
            Overloaded: the queue is full. A work larger than an empty queue is taken all the same. For copies of calls
                it is full when it is half full, so that there is room for callers.
        """
        room = self._max_items // 2 if work.terms.shadow else self._max_items
        if self._items and self._items + work.items > room:
            raise Overloaded(
                f"{self._items} items are waiting, the model's queue holds {room}",
                retry_after_s=retry_after_s(work),
                metadata={"max_queue": str(room)},
            )
        level = self._groups.setdefault(work.signature, {}).setdefault(work.terms.priority, _Level(work.enqueued))
        name = work.terms.tenant
        tenant = level.tenants.get(name)
        if tenant is None:
            tenant = level.tenants[name] = _Tenant()
            if name not in level.in_turns:
                level.in_turns.add(name)
                heapq.heappush(level.turns, (self._share.tag(name), name))
        insort(tenant.works, (-_order(work), -next(self._number), work))
        tenant.items += work.items
        level.items += work.items
        self._items += work.items
        self._shadows += work.items if work.terms.shadow else 0
        self._arrived[work] = work.enqueued

    def discard(self, work: Work) -> None:
        """Removes a work whose caller has left; does nothing where it was taken already."""
        level = self._groups.get(work.signature, {}).get(work.terms.priority)
        tenant = level.tenants.get(work.terms.tenant) if level else None
        if level is None or tenant is None:
            return
        due = -_order(work)
        for index in range(bisect_left(tenant.works, due, key=_due_of), len(tenant.works)):
            if tenant.works[index][2] is work:
                del tenant.works[index]
                self._forget(work, level, tenant)
                return
            if tenant.works[index][0] != due:
                return

    def pop(self, now: float, signature: Signature | None, room: int, cost: Callable[[Work], float]) -> Work | None:
        """Removes and returns the next work, or None where there is none.

        Args:
            now: Monotonic time, in seconds.
            signature: Only works that can share a batch with it; None for any.
            room: Only a work of at most this many items, if its turn has come; 0 means any.
            cost: Engine time that a work is charged with, in seconds.
        """
        chosen = self._next_group(now) if signature is None else signature
        levels = self._groups.get(chosen) if chosen is not None else None
        if not levels:
            return None
        level = levels[min(levels, key=lambda priority: _urgency(priority, levels[priority], now))]
        name = self._next_tenant(level)
        tenant = level.tenants[name]
        work = tenant.works[-1][2]
        if room and work.items > room:
            return None
        tenant.works.pop()
        level.served = now
        self._share.charge(name, cost(work))
        self._forget(work, level, tenant)
        return work

    def ahead(self, work: Work) -> int:
        """Returns how many items are served before a work that would be added now."""
        total = own = others = 0
        for levels in self._groups.values():
            for priority, level in levels.items():
                if priority < work.terms.priority:
                    total += level.items
                elif priority == work.terms.priority:
                    tenant = level.tenants.get(work.terms.tenant)
                    mine = tenant.items if tenant else 0
                    others += level.items - mine
                    own += _earlier(tenant, work) if tenant else 0
                    if others:
                        # Each other tenant gets as much as we do while our earlier works and this one are served.
                        tenants = len(level.tenants) - (tenant is not None)
                        others = min(others, (own + work.items) * tenants)
        return total + own + others

    def behind(self, work: Work, items: int) -> Work | None:
        """Returns the work of its tenant that so many items go before, counted from where a work added now would be.

        Works are taken to be of one size.
        """
        level = self._groups.get(work.signature, {}).get(work.terms.priority)
        tenant = level.tenants.get(work.terms.tenant) if level else None
        if tenant is None:
            return None
        place = bisect_left(tenant.works, -_order(work), key=_due_of) - 1 - items // work.items
        return tenant.works[place][2] if place >= 0 else None

    def drain(self) -> list[Work]:
        """Removes everything."""
        works = list(self._works())
        self._groups.clear()
        self._arrived.clear()
        self._items = self._shadows = 0
        return works

    def _works(self) -> Iterator[Work]:
        for levels in self._groups.values():
            for level in levels.values():
                for tenant in level.tenants.values():
                    yield from (work for _, _, work in tenant.works)

    def _next_group(self, now: float) -> Signature | None:
        best: tuple[float, float, float] | None = None
        chosen = None
        for signature, levels in self._groups.items():
            for priority, level in levels.items():
                name = self._next_tenant(level)
                rank = (_urgency(priority, level, now), self._share.tag(name), -level.tenants[name].works[-1][0])
                if best is None or rank < best:
                    best, chosen = rank, signature
        return chosen

    def _next_tenant(self, level: _Level) -> str:
        while True:
            tag, name = level.turns[0]
            if name not in level.tenants:
                heapq.heappop(level.turns)
                level.in_turns.discard(name)
            elif (actual := self._share.tag(name)) > tag:
                heapq.heapreplace(level.turns, (actual, name))
            else:
                return name

    def _forget(self, work: Work, level: _Level, tenant: _Tenant) -> None:
        tenant.items -= work.items
        level.items -= work.items
        self._items -= work.items
        self._shadows -= work.items if work.terms.shadow else 0
        del self._arrived[work]
        if tenant.works:
            return
        del level.tenants[work.terms.tenant]
        if level.tenants:
            return
        levels = self._groups[work.signature]
        del levels[work.terms.priority]
        if not levels:
            del self._groups[work.signature]


def _order(work: Work) -> float:
    return min(work.due, work.enqueued + PATIENCE_S)


def _due_of(entry: tuple[float, int, Work]) -> float:
    return entry[0]


def _earlier(tenant: _Tenant, work: Work) -> int:
    """Items of the tenant that are due before the work, taking works to be of one size."""
    later = bisect_left(tenant.works, -_order(work), key=_due_of)
    return round(tenant.items * (1 - later / len(tenant.works)))


def _urgency(priority: int, level: _Level, now: float) -> float:
    """Lower goes first: the priority, less what the level has gained by not being served. Copies of calls gain none."""
    return priority if priority >= SHADOW_PRIORITY else priority - int((now - level.served) / AGEING_S)
