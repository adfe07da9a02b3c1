# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What happens when a run has ended: it is counted, and its answers go to their callers."""

import asyncio
from collections.abc import Callable

from argosy_worker.errors import ArgosyError, DeadlineExpired
from argosy_worker.scheduling.instance import Run
from argosy_worker.scheduling.padding import Sequences
from argosy_worker.scheduling.stats import TIGHT, Stats
from argosy_worker.scheduling.trace import BatchRecord, Part
from argosy_worker.scheduling.work import Result, Work, fail, finish

#: Answers that go out before the event loop hears of anything else: answering takes longer than anything that the
#: scheduler does. A large batch all at once would make it late for its next claim, and have those wait who are to be
#: refused or who are another tenant's: in `python -m bench b3 b5` their p99 grows with this.
PORTION = 2


def deliver(run: Run, delivered: Callable[[], None]) -> None:
    """Hands the answers of a run to their callers; ``delivered`` is called once the last of them has its own."""
    _deliver_from(0, run, delivered)


def _deliver_from(start: int, run: Run, delivered: Callable[[], None]) -> None:
    end = start + PORTION
    for work, answer in zip(run.works[start:end], run.answers[start:end], strict=True):
        if isinstance(answer, ArgosyError):
            fail(work, answer)
        else:
            finish(work, Result(answer, run.items, run.started - work.enqueued, run.elapsed_s))
    # What was woken above runs before what is asked for here.
    loop = asyncio.get_running_loop()
    if end < len(run.works):
        loop.call_soon(_deliver_from, end, run, delivered)
    else:
        loop.call_soon(delivered)


def count(run: Run, stats: Stats, sequences: Sequences | None) -> None:
    """Counts a run, and notes it with each traced call in it."""
    stats.runs += 1
    stats.items += run.items
    stats.engine_s += run.elapsed_s
    ran = []
    for work, answer in zip(run.works, run.answers, strict=True):
        if isinstance(answer, DeadlineExpired):
            stats.expire(work.terms)
            continue
        ran.append(work)
        if work.terms.deadline is not None and not work.terms.shadow:
            stats.timed += 1
            stats.tight += run.ended - work.enqueued > TIGHT * (work.due - work.enqueued)
        if not work.live or work.due <= run.ended:
            stats.wasted_s += run.elapsed_s * work.items / max(run.items, 1)
    if sequences and ran:
        _count_padding(ran, sequences, stats)
    _note(run, ran)


def _count_padding(ran: list[Work], sequences: Sequences, stats: Stats) -> None:
    """Counts tokens of works that were stacked: each was padded to the longest among them."""
    lengths = [sequences.true_length(work.inputs) for work in ran]
    tokens = sum(work.items * length for work, length in zip(ran, lengths, strict=True))
    stats.tokens += tokens
    stats.padding_tokens += sum(work.items for work in ran) * max(lengths) - tokens


def _note(run: Run, ran: list[Work]) -> None:
    traced = [(work.terms.trace, work.enqueued) for work in ran if work.terms.trace is not None]
    if traced:
        record = BatchRecord(run.started, run.ended, run.items, len(ran), [trace for trace, _ in traced])
        for trace, enqueued in traced:
            trace.parts.append(Part(enqueued, record))
