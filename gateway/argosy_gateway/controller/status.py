# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The status of a ``Model``, as a pure function of what is wanted and what workers say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from argosy_gateway.controller import copies
from argosy_gateway.controller.copies import Copy
from argosy_gateway.model_resource import WantedModel

#: Longest message of a condition, in characters.
_MESSAGE = 1000


@dataclass(frozen=True, slots=True)
class Figures:
    """What calls of a model did lately, all workers together: calls a second, and the 99th percentile in seconds."""

    per_second: float | None = None
    p99_s: float | None = None
    disagreement: str = ""
    """How far answers to copies of calls are from those of the stable version, for people."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition."""

    type: str
    status: str
    reason: str
    message: str = ""


def conditions(model: WantedModel, chosen: Sequence[Copy]) -> tuple[Condition, ...]:
    """The conditions of a model with these copies on the workers that are to have it."""
    ready = [copy for copy in chosen if copy.state == copies.READY]
    moving = [copy for copy in chosen if copy.state in copies.ON_THE_WAY]
    troubled = [
        copy for copy in chosen if copy.state in copies.TROUBLED or (copy.state == copies.READY and copy.reason)
    ]
    pulled = [copy for copy in chosen if copy.pulled]
    all_pulled = bool(chosen) and len(pulled) == len(chosen)
    why = "Sound"
    if troubled:
        why = troubled[0].state if troubled[0].state != copies.READY else "VersionFailed"
    have_files = f"{len(pulled)} of {len(chosen)} workers have its files"
    return (
        _ready(model, chosen, ready),
        Condition("Pulled", _truth(all_pulled), "Pulled" if all_pulled else "NotPulled", have_files),
        Condition("Progressing", _truth(bool(moving)), moving[0].state if moving else "Settled", _about(moving)),
        Condition("Degraded", _truth(bool(troubled)), why, _about(troubled)),
    )


def invalid(reason: str, message: str) -> tuple[Condition, ...]:
    """The conditions of a resource that counts for nothing."""
    return (Condition("Ready", "False", reason, message[:_MESSAGE]),)


def body(
    model: WantedModel, chosen: Sequence[Copy], others: Sequence[Copy], figures: Figures, epoch: int
) -> dict[str, Any]:
    """The status but its conditions.

    Args:
        model: What is wanted.
        chosen: Copies on the workers that are to have it.
        others: Copies on others.
        figures: What its calls did.
        epoch: Epoch of the Lease under which it is written.
    """
    ready = [copy for copy in chosen if copy.state == copies.READY]
    versions = sorted({version for copy in (*chosen, *others) for version in copy.versions}, reverse=True)
    return {
        "observedGeneration": model.generation,
        "epoch": epoch,
        "copies": f"{len(ready)}/{len(chosen)}",
        "readyCopies": len(ready),
        "wantedCopies": len(chosen),
        "version": ",".join(map(str, versions)),
        "traffic": model.shares,
        "requestsPerSecond": "" if figures.per_second is None else f"{figures.per_second:.3g}",
        "p99": "" if figures.p99_s is None else _time(figures.p99_s),
        "disagreement": figures.disagreement,
        "workers": [copy.shown() for copy in sorted((*chosen, *others), key=lambda copy: copy.address)],
    }


def merged(
    old: Sequence[Mapping[str, Any]], new: Sequence[Condition], generation: int, now: str
) -> list[dict[str, Any]]:
    """Conditions as they are written: the time of each is that of its last change of status."""
    since = {(each["type"], each["status"]): each["lastTransitionTime"] for each in old}
    return [
        {
            "type": each.type,
            "status": each.status,
            "reason": each.reason,
            "message": each.message,
            "observedGeneration": generation,
            "lastTransitionTime": since.get((each.type, each.status), now),
        }
        for each in new
    ]


def _ready(model: WantedModel, chosen: Sequence[Copy], ready: Sequence[Copy]) -> Condition:
    least = model.placement.min_copies
    if model.deleting:
        return Condition("Ready", "False", "Deleting", "its calls in progress finish")
    if not model.loaded:
        return Condition("Ready", "False", "Unloaded", "spec.loaded is false")
    if not chosen:
        pool = f" in pool '{model.placement.pool}'" if model.placement.pool else ""
        return Condition("Ready", "False", "NoWorkers", f"there is no worker of domain '{model.domain}'{pool}")
    if len(ready) >= least:
        return Condition("Ready", "True", "Ready", f"{len(ready)} of {len(chosen)} copies answer")
    # What went wrong says more than what is on its way.
    waiting = sorted((copy for copy in chosen if copy.state != copies.READY), key=lambda copy: not copy.reason)
    waiting.sort(key=lambda copy: copy.state not in copies.TROUBLED)
    if not waiting:
        message = f"{len(ready)} copies answer, {least} are wanted, and there are no more workers"
        return Condition("Ready", "False", "TooFewWorkers", message)
    reason = waiting[0].state if waiting[0].state in copies.TROUBLED else "Progressing"
    return Condition("Ready", "False", reason, _about(waiting) or f"{len(ready)} of {least} copies answer")


def _about(found: Sequence[Copy]) -> str:
    """Says of each worker why, workers with one reason together."""
    by_reason: dict[str, list[str]] = {}
    for copy in found:
        by_reason.setdefault(copy.reason or copy.progress, []).append(copy.replica or copy.address)
    texts = [f"{', '.join(names)}: {reason}" for reason, names in by_reason.items() if reason]
    return "; ".join(texts)[:_MESSAGE]


def _truth(value: bool) -> str:
    return "True" if value else "False"


def _time(seconds: float) -> str:
    return f"{seconds:.3g} s" if seconds >= 1 else f"{seconds * 1e3:.3g} ms"
