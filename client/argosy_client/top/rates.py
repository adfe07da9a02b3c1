# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Figures of a fleet between two reads of its workers' metrics."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from argosy_client.fleet_results import Model, Worker
from argosy_client.top.scrape import Page, Sample

#: Upper bounds of buckets with what was counted in each, those of lower ones left out.
Buckets = Mapping[float, float]


@dataclass(frozen=True, slots=True)
class ModelFigures:
    """One model, all its replicas and versions together. None where nothing ran that could be measured.

    Args:
        ready: Replicas that can answer, of ``replicas``.
        per_second: Calls answered in a second, with whatever status; ``errors_per_second`` are those that failed.
        p50_ms: Time from arrival to answer, of half of the calls at most.
        batch_items: Items in the run that answered, averaged over calls.
        queue_items: Items that wait now; ``queue_age_s`` is how long the oldest of them has, in seconds.
        refused_per_second: Works refused, expired or left by their callers in a second.
        busy: Part of the time in which the engine instances ran, 0 to 1.
    """

    model: str
    domain: str
    state: str
    ready: int
    replicas: int
    per_second: float = 0.0
    errors_per_second: float = 0.0
    p50_ms: float | None = None
    p99_ms: float | None = None
    batch_items: float | None = None
    queue_items: float = 0.0
    queue_age_s: float = 0.0
    refused_per_second: float = 0.0
    busy: float | None = None


@dataclass(frozen=True, slots=True)
class WorkerFigures:
    """One worker; ``error`` says why its metrics could not be read.

    Args:
        memory_bytes: Resident memory of the process.
        cpu: Processors that it kept busy.
    """

    replica: str
    domain: str
    address: str
    status: str
    error: str = ""
    memory_bytes: float | None = None
    cpu: float | None = None


@dataclass(slots=True)
class _Sums:
    """What two reads of all replicas add up to, for one model."""

    calls: float = 0.0
    errors: float = 0.0
    seconds: Buckets = field(default_factory=dict)
    batch_sum: float = 0.0
    batch_count: float = 0.0
    queue_items: float = 0.0
    queue_age_s: float = 0.0
    refused: float = 0.0
    engine: float = 0.0
    instances: float = 0.0


def quantile(part: float, buckets: Buckets) -> float | None:
    """Value below which a part (0 to 1) of what was counted lies, taken to be spread evenly within each bucket.

    The highest finite bound where it lies above all of them; None where nothing was counted.
    """
    total = sum(buckets.values())
    if total <= 0:
        return None
    rank, below, lower = part * total, 0.0, 0.0
    for bound in sorted(buckets):
        count = buckets[bound]
        if count > 0 and below + count >= rank:
            return lower if bound == float("inf") else lower + (bound - lower) * (rank - below) / count
        below += count
        lower = lower if bound == float("inf") else bound
    return lower


def figures(models: Sequence[Model], before: Sequence[Page], after: Sequence[Page]) -> list[ModelFigures]:
    """Makes the figures of each model; workers that were read only once count with what they hold now."""
    earlier = {page.worker.address: page for page in before if not page.error}
    per_model: dict[str, list[tuple[_Sums, float]]] = defaultdict(list)
    for page in after:
        if not page.error:
            old = earlier.get(page.worker.address)
            elapsed = page.time - old.time if old else 0.0
            for name, sums in _sums(old.samples if old else page.samples, page.samples).items():
                per_model[name].append((sums, elapsed))
    return [_figures(model, per_model[model.name]) for model in models]


def worker_figures(workers: Sequence[Worker], before: Sequence[Page], after: Sequence[Page]) -> list[WorkerFigures]:
    """Makes the figures of each worker."""
    earlier, now = ({page.worker.address: page for page in pages} for pages in (before, after))
    made = []
    for worker in workers:
        page, old = now.get(worker.address), earlier.get(worker.address)
        held = _process(page)
        cpu = None
        if page and old and page.time > old.time and _CPU in held and _CPU in _process(old):
            cpu = _grown(_process(old)[_CPU], held[_CPU]) / (page.time - old.time)
        made.append(
            WorkerFigures(
                worker.replica,
                worker.domain,
                worker.address,
                worker.status,
                page.error if page else "",
                held.get("process_resident_memory_bytes"),
                cpu,
            )
        )
    return made


_CPU = "process_cpu_seconds_total"


def _process(page: Page | None) -> dict[str, float]:
    return {one.name: one.value for one in page.samples if one.name.startswith("process_")} if page else {}


def _sums(before: Iterable[Sample], after: Iterable[Sample]) -> dict[str, _Sums]:
    old = {(one.name, *sorted(one.labels.items())): one.value for one in before}
    found: dict[str, _Sums] = defaultdict(_Sums)
    cumulative: dict[str, dict[float, float]] = defaultdict(lambda: defaultdict(float))
    for one in after:
        name = one.labels.get("model", "")
        sums = found[name]
        grown = _grown(old.get((one.name, *sorted(one.labels.items())), 0.0), one.value)
        match one.name:
            case "argosy_requests_total":
                sums.calls += grown
                sums.errors += grown if one.labels.get("code") != "OK" else 0.0
            case "argosy_request_seconds_bucket":
                cumulative[name][float(one.labels["le"])] += grown
            case "argosy_batch_items_sum":
                sums.batch_sum += grown
            case "argosy_batch_items_count":
                sums.batch_count += grown
            case "argosy_queue_items":
                sums.queue_items += one.value
            case "argosy_queue_age_seconds":
                sums.queue_age_s = max(sums.queue_age_s, one.value)
            case "argosy_refused_total" | "argosy_expired_total" | "argosy_cancelled_total":
                sums.refused += grown
            case "argosy_engine_seconds_total":
                sums.engine += grown
            case "argosy_engine_instances":
                sums.instances += one.value
    for name, counts in cumulative.items():
        found[name].seconds = _apart(counts)
    return found


def _grown(before: float, after: float) -> float:
    """How much a counter grew; one that fell began anew with its process."""
    return after - before if after >= before else after


def _apart(cumulative: Buckets) -> Buckets:
    below, made = 0.0, {}
    for bound in sorted(cumulative):
        made[bound], below = cumulative[bound] - below, cumulative[bound]
    return made


def _figures(model: Model, replicas: Sequence[tuple[_Sums, float]]) -> ModelFigures:
    buckets: dict[float, float] = defaultdict(float)
    for sums, _ in replicas:
        for bound, count in sums.seconds.items():
            buckets[bound] += count
    p50, p99 = quantile(0.5, buckets), quantile(0.99, buckets)
    batches = sum(sums.batch_count for sums, _ in replicas)
    watched = sum(sums.instances * elapsed for sums, elapsed in replicas)
    return ModelFigures(
        model=model.name,
        domain=model.domain,
        state=model.state,
        ready=sum(any(version.state == "READY" for version in replica.versions) for replica in model.replicas),
        replicas=len(model.replicas),
        per_second=_per_second((sums.calls, elapsed) for sums, elapsed in replicas),
        errors_per_second=_per_second((sums.errors, elapsed) for sums, elapsed in replicas),
        p50_ms=None if p50 is None else p50 * 1e3,
        p99_ms=None if p99 is None else p99 * 1e3,
        batch_items=sum(sums.batch_sum for sums, _ in replicas) / batches if batches else None,
        queue_items=sum(sums.queue_items for sums, _ in replicas),
        queue_age_s=max((sums.queue_age_s for sums, _ in replicas), default=0.0),
        refused_per_second=_per_second((sums.refused, elapsed) for sums, elapsed in replicas),
        busy=min(sum(sums.engine for sums, _ in replicas) / watched, 1.0) if watched else None,
    )


def _per_second(grown: Iterable[tuple[float, float]]) -> float:
    return sum(count / elapsed for count, elapsed in grown if elapsed > 0)
