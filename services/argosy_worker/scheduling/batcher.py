# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The batcher: free engines pull batches from the queue; nobody waits for company that may not come."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from argosy_worker.engines.port import Engine, Tensors
from argosy_worker.errors import DeadlineExpired, NotReady, Overloaded
from argosy_worker.scheduling import admission, delivery
from argosy_worker.scheduling.claim import Limits, claim
from argosy_worker.scheduling.device import CLAIM_LEAD_PART, CLAIM_LEAD_S, NEVER, Device
from argosy_worker.scheduling.instance import DEPTH, Instance, Run
from argosy_worker.scheduling.latency import LatencyModel, Margin, Typical
from argosy_worker.scheduling.padding import Sequences
from argosy_worker.scheduling.queue import WorkQueue
from argosy_worker.scheduling.stats import Stats
from argosy_worker.scheduling.trace import BatchRecord, Part
from argosy_worker.scheduling.work import Result, Terms, Work, apart, fail, signature

#: Margin of a model about whose answers nothing is known yet.
FIRST_MARGIN_S = 0.0015
#: Timers of the event loop may fire this much early.
_TIMER_GRAIN_S = 0.001
#: An idle engine is given work that it is predicted to finish late, once in this time: the try corrects the prediction.
TRY_AGAIN_S = 1.0
#: The same for work that is late only by the margin, which the try corrects.
TRY_MARGIN_S = 0.1
#: Where arrivals are more than this part of the capacity, engine time is scarce.
SCARCE = 0.9


@dataclass(frozen=True, slots=True)
class BatcherOptions:
    """Limits of one model's batcher."""

    max_batch_size: int
    """Most items in a run; 0 runs every work alone, its arrays as they are."""
    max_queue: int
    sequences: Sequences | None = None
    max_delay_s: float = 0.0
    first_guess_s: float = 0.1
    """How long an item is taken to run while nothing is known of the model."""
    inline_below_s: float = 0.0005
    """Runs predicted to be shorter than this happen on the event loop: a thread would cost more. In seconds."""


class Batcher:
    """Schedules one model version's work over its engine instances. Lives on one event loop."""

    def __init__(self, engines: Sequence[Engine], options: BatcherOptions, device: Device | None = None) -> None:
        """
        Args:
            engines: The model's instances.
            options: Limits.
            device: Shared with other models; None gives each instance a slot of its own.
        """
        self._options = options
        self._device = device or Device(len(engines))
        sequences = options.sequences
        self._limits = Limits(max(options.max_batch_size, 1), sequences.max_tokens if sequences else 0)
        self._queue = WorkQueue(options.max_queue)
        self._instances = [Instance(engine, sequences, self._device) for engine in engines]
        self._model = LatencyModel(options.first_guess_s)
        self._margin = Margin(FIRST_MARGIN_S)
        self._lead = Margin(CLAIM_LEAD_S)
        """How long before a run's end the next is claimed, so that a busy event loop is not late with it."""
        self._short = Typical(options.first_guess_s)
        # An engine that hands runs to a device waits for it, however short the part that it is seen to run may be.
        self._inline_below_s = 0.0 if any(engine.queues_runs for engine in engines) else options.inline_below_s
        self._busy = 0
        """Runs handed over and not ended; closing counts as one, so that nothing runs on the loop any more."""
        self.stats = Stats()
        self._arrivals = admission.ArrivalRate()
        self._tried = 0.0
        self._refused: admission.Refusal | None = None
        """The last refusal for a deadline's sake; None once what it rests on has changed."""
        self._planned: asyncio.Handle | None = None
        self._planned_at = NEVER
        self._waits_behind: bool | None = None
        """Whether what is planned is for copies of calls alone; None while nothing is planned and nobody waits."""
        self._closed = False
        self._quiet = asyncio.Event()
        self._quiet.set()

    @property
    def waiting(self) -> int:
        """Items in the queue."""
        return self._queue.items

    @property
    def oldest_s(self) -> float:
        """How long the oldest work has waited, in seconds; 0 where none waits. May be read from any thread."""
        arrived = self._queue.oldest
        return 0.0 if arrived is None else max(time.monotonic() - arrived, 0.0)

    @property
    def instances(self) -> int:
        """Engine instances."""
        return len(self._instances)

    def run_now(self, inputs: Tensors, items: int, terms: Terms, now: float) -> Result | None:
        """Runs on the event loop where nothing else runs or waits and the run is short; None where that is not so.

        ``now`` is the monotonic time, in seconds.

        Raises:
            DeadlineExpired: the deadline has passed.
            EngineFault: the engine failed on these items.
        """
        if self._busy or self._queue.items or self._short.seconds * items >= self._inline_below_s:
            return None
        if terms.deadline is not None and terms.deadline <= now:
            self.stats.stale += not terms.shadow
            raise DeadlineExpired("the deadline had passed when the call arrived")
        outputs = self._instances[0].engine.run(inputs)
        elapsed = time.monotonic() - now
        self._short.learn(elapsed / items)
        stats = self.stats
        stats.runs += 1
        stats.items += items
        if not terms.shadow:
            stats.offered += items
        stats.engine_s += elapsed
        if self._options.sequences:
            stats.tokens += items * self._options.sequences.true_length(inputs)
        if terms.trace is not None:
            terms.trace.parts.append(Part(now, BatchRecord(now, now + elapsed, items, 1, [terms.trace])))
        return Result(outputs, items, 0.0, elapsed)

    def turn_away(self, terms: Terms) -> None:
        """Refuses what is known to be hopeless before anything is decoded for it.

        Raises:
            Overloaded: a call just like this one was refused, and nothing has changed since.
        """
        if self._refused is None or terms.deadline is None:
            return
        now = time.monotonic()
        if self._refused.concerns(terms, now):
            if not terms.shadow:
                self._arrivals.note(1, now)
                self.stats.offered += 1
            self.stats.refuse(terms, "on_arrival")
            raise admission.unmeetable(self._refused.done - terms.deadline)

    async def submit(self, inputs: Tensors, items: int, terms: Terms) -> Result:
        """Runs ``items`` items, at most the batch size, and returns their outputs.

        :meth:`run_now` is quicker where it can be had.

        Raises:
            Overloaded: the queue is full, or the deadline cannot be met.
            DeadlineExpired: the deadline passed first.
            NotReady: the model is being unloaded.
            EngineFault: the engine failed on these items.
        """
        now = time.monotonic()
        if self._closed:
            raise NotReady("the model is being unloaded", retry_elsewhere=True)
        if terms.deadline is not None and terms.deadline <= now:
            self.stats.stale += not terms.shadow
            raise DeadlineExpired("the deadline had passed when the call arrived")
        length = self._length(inputs)
        like = signature(inputs, length, self._options.sequences)
        if terms.shadow:
            like = apart(like)
        else:
            self._arrivals.note(items, now)
            self.stats.offered += items
        work = Work(inputs, items, like, length, terms, now, asyncio.get_running_loop().create_future())
        self._admit(work, now)
        try:
            self._queue.push(work, self._drained_s)
        except Overloaded:
            self.stats.refuse(terms, "queue_full")
            raise
        self._wake()
        try:
            return await work.future
        except asyncio.CancelledError:
            self.stats.cancel(terms)
            self._queue.discard(work)
            self._refused = None
            raise

    @property
    def capacity(self) -> float:
        """Items that all instances together are predicted to run in a second, in full batches; 0 while unknown."""
        item_s = self._item_s(1) if self.stats.runs else 0.0
        return len(self._instances) / item_s if item_s else 0.0

    @property
    def device_runs(self) -> int:
        """Runs that the device can have at a time, of this and of other models."""
        return self._device.slots

    def most_items(self, inputs: Tensors) -> int:
        """Returns the most items of a request's length in one run."""
        return self._limits.items(self._length(inputs))

    async def close(self) -> None:
        """Finishes running batches, refuses waiting works, frees the engines."""
        self._busy += not self._closed
        self._closed = True
        self._refused = None  # calls that come now are told to go elsewhere
        for work in self._queue.drain():
            fail(work, NotReady("the model is being unloaded", retry_elsewhere=True))
        self._device.leave(self)
        await self._quiet.wait()
        for instance in self._instances:
            instance.close()
        self._instances.clear()

    def _drained_s(self, work: Work) -> float:
        """How long all that waits is predicted to run."""
        return self._item_s(work.length) * self._queue.items

    def _item_s(self, length: int) -> float:
        limit = self._limits.items(length)
        return self._model.predict(limit, length) / limit

    def _length(self, inputs: Tensors) -> int:
        return self._options.sequences.length(inputs) if self._options.sequences else 1

    def _idle(self) -> Instance | None:
        return next((instance for instance in self._instances if not instance.depth), None)

    def _admit(self, work: Work, now: float) -> None:
        if work.terms.deadline is None:
            return
        idle = self._idle()
        free_at = max(min(instance.free_at(now) for instance in self._instances), self._device.free_at(now))
        limit = self._limits.items(work.length)
        if self._options.sequences is None:
            # Were all that waits served first: what is in time even so needs no closer look, and hurts nobody.
            batches = -(-(self._queue.items + work.items) // limit)
            if max(free_at, now) + batches * self._model.predict(limit) + self._margin.seconds <= work.due:
                return
        ahead = self._queue.ahead(work)
        done = self._done(work, ahead, free_at, now)
        late_s = done - work.due
        if late_s <= 0:
            # Whoever is last of the work's batch now would have to wait for the next.
            room = limit - ahead % limit
            before_it = ahead + room  # by the end of its batch
            if work.items > room:  # it begins the next one
                room, before_it = limit, before_it + limit
            pushed = self._queue.behind(work, max(room - work.items, 0))
            if pushed is None or (done := self._done(pushed, before_it, free_at, now)) <= pushed.due:
                return
            late_s = done - work.due
        again_s = TRY_AGAIN_S if late_s > self._margin.seconds else TRY_MARGIN_S
        if idle and not self._queue.items and now - self._tried >= again_s:
            self._tried, work.trial = now, True
            return
        self.stats.refuse(work.terms, "on_arrival")
        if self._options.sequences is None:
            until = min(now + admission.RELY_S, self._tried + again_s if idle else NEVER)
            self._refused = admission.Refusal(work.terms, work.due, done, until)
        raise admission.unmeetable(late_s)

    def _done(self, work: Work, ahead: int, free_at: float, now: float) -> float:
        """When a work would be done, with the margin, were so many items served before it. Monotonic, in seconds."""
        predicted = admission.forecast(
            work,
            ahead,
            free_at,
            now,
            len(self._instances),
            self._limits.items(work.length),
            self._arrivals.per_second,
            self._model,
        )
        return predicted.end + self._margin.seconds

    def _wake(self) -> None:
        """Plans a pull for when an instance wants a batch; at the earliest once the loop has heard everybody who is
        arriving now, and where batches are told to wait for company, once that has come or the time is over.

        While every instance, or the device, has a batch prepared nobody pulls: the end of a run does. What was planned
        stands however many arrive meanwhile.
        """
        behind = self._queue.only_shadows
        if behind == self._waits_behind and not self._options.max_delay_s:
            return
        self._waits_behind = behind
        now = time.monotonic()
        claim_at = min(self._claim_at(instance, now) for instance in self._instances)
        device_at = self._device.claim_at(now, self._lead.seconds)
        if claim_at <= device_at:
            # By then it may be another model's turn, or ours at another's end.
            self._device.wait(self, self._pull, behind=behind)
        wait_s = max(claim_at, device_at) - now
        if self._options.max_delay_s and self._queue.items < self._limits.max_items:
            wait_s = max(wait_s, self._options.max_delay_s)
        if now + wait_s >= self._planned_at:
            return
        if self._planned is not None:
            self._planned.cancel()
        self._planned_at = now + wait_s
        self._planned = asyncio.get_running_loop().call_later(max(wait_s, 0.0), self._pull_as_planned)

    def _claim_at(self, instance: Instance, now: float) -> float:
        """When the instance may be given its next batch; infinite while it has one prepared."""
        if not instance.depth:
            return now
        if instance.depth >= DEPTH:
            return NEVER
        free_at = instance.free_at(now)
        return free_at - min(self._lead.seconds, CLAIM_LEAD_PART * instance.predicted_s)

    def _pull_as_planned(self) -> None:
        self._lead.learn(time.monotonic() - self._planned_at)
        self._pull()

    def _pull(self) -> None:
        if self._planned is not None:
            self._planned.cancel()
        self._planned, self._planned_at, self._waits_behind = None, NEVER, None
        now = time.monotonic()
        for instance in sorted(self._instances, key=lambda each: each.free_at(now)):
            if self._claim_at(instance, now) > now + _TIMER_GRAIN_S:
                continue
            self._device.let_others_first(self, behind=self._queue.only_shadows)
            if (
                max(self._claim_at(instance, now), self._device.claim_at(now, self._lead.seconds))
                > now + _TIMER_GRAIN_S
            ):
                continue
            start = max(instance.free_at(now), self._device.free_at(now))
            works = claim(
                *(self._queue, now, start, self._limits, self._model, self._margin.seconds, self.stats),
                scarce=self._arrivals.per_second > SCARCE * self.capacity,
            )
            if works:
                self._start(instance, works, start)
        self._device.leave(self)
        self._waits_behind = None  # others that went first may have made us wait in between
        if self._queue.items:
            self._wake()

    def _start(self, instance: Instance, works: list[Work], start: float) -> None:
        items = sum(work.items for work in works)
        length = max(work.length for work in works)
        predicted = self._model.predict(items, length)
        self._quiet.clear()
        self._busy += 1
        self._refused = self._waits_behind = None
        turn = self._device.grant(self, start, predicted, free=works[0].terms.shadow)
        instance.start(Run(works, items, length, start + predicted, predicted, turn), self._ended)

    def _delivered(self, run: Run) -> None:
        late_s = time.monotonic() - run.promised
        if any(work.trial for work in run.works):
            self._margin.correct(late_s)
        else:
            self._margin.learn(late_s)

    def _ended(self, instance: Instance, run: Run) -> None:
        self._busy -= 1
        self._refused = self._waits_behind = None
        if run.items:
            self._model.learn(run.items, run.elapsed_s, run.length)
            self._short.learn(run.elapsed_s / run.items)
        delivery.count(run, self.stats, self._options.sequences)
        delivery.deliver(run, lambda: self._delivered(run))
        if not any(each.depth for each in self._instances):
            self._quiet.set()
        self._device.release(run.turn, run.ended)
        if self._queue.items:
            self._pull()
