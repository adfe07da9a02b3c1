# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Takes a version out of the shares of a model's calls where it does worse than the one that it is to replace."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from argosy_gateway.controller.status import Condition
from argosy_gateway.controller.usage import Counts
from argosy_gateway.model_resource import WantedModel

#: Annotation of a resource whose canary was taken out: which trial that was, and why.
ANNOTATION = "argosy.dev/rolled-back"
#: Slower by less than this is not slower, in seconds: bounds of histograms are that far from each other.
_LEAST_S = 0.005


@dataclass(frozen=True, slots=True)
class Verdict:
    """A canary that is to be taken out, and why."""

    reason: str
    message: str


def judge(model: WantedModel, stable: Counts, canary: Counts) -> Verdict | None:
    """Compares the calls of the two versions; None where the canary may go on, or too little is known."""
    rule = model.canary
    if rule is None or canary.total < rule.min_requests:
        return None
    more = canary.error_percent - stable.error_percent
    if rule.max_error_percent is not None and more > rule.max_error_percent:
        return Verdict(
            "ErrorRate",
            f"{canary.error_percent:.3g} % of {canary.total:.0f} calls failed, {stable.error_percent:.3g} % of those of"
            f" '{rule.stable}'; at most {rule.max_error_percent:g} % more are allowed",
        )
    slow, usual = canary.quantile(0.99), stable.quantile(0.99)
    if rule.max_latency_factor is None or slow is None or usual is None or stable.total < rule.min_requests:
        return None
    if slow > usual * rule.max_latency_factor and slow - usual > _LEAST_S:
        return Verdict(
            "Latency",
            f"99 of 100 calls ended within {slow * 1e3:.3g} ms, those of '{rule.stable}' within {usual * 1e3:.3g} ms; "
            f"at most {rule.max_latency_factor:g} times as long is allowed",
        )
    return None


def trial(model: WantedModel) -> str:
    """Names what is on trial: the source, the versions and their shares. Another of these is another trial."""
    traffic = [(share.version, share.hundredths) for share in model.traffic.split]
    text = json.dumps([model.source.revision, sorted(model.labels.items()), traffic])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def on_trial(model: WantedModel) -> bool:
    """Whether a canary has a share of a model's calls, be it by its label, another label or its number."""
    rule = model.canary
    if rule is None or not model.served or model.labels[rule.label] == model.labels[rule.stable]:
        return False
    return any(share.version == model.labels[rule.label] for share in model.traffic.split)


def failed_before(resource: Mapping[str, Any], model: WantedModel) -> Verdict | None:
    """Why what is on trial was taken out already, where somebody has put it back as it was."""
    said = _annotation(resource)
    return Verdict(said["reason"], said["message"]) if said and said["trial"] == trial(model) else None


def patch(resource: Mapping[str, Any], model: WantedModel, verdict: Verdict) -> dict[str, Any]:
    """What to change of a resource: the canary's share goes to the stable version, and the reason is noted."""
    rule = model.canary
    assert rule is not None  # noqa: S101 - it was judged by its rule
    split, version = resource["spec"]["traffic"]["split"], model.labels[rule.label]
    taken = {name: share for name, share in split.items() if version in (model.labels.get(name), _number(name))}
    stable = round(split.get(rule.stable, 0) + sum(taken.values()), 2)  # shares have two decimals, sums of floats more
    noted = json.dumps({"trial": trial(model), "reason": verdict.reason, "message": verdict.message})
    return {
        "metadata": {"annotations": {ANNOTATION: noted}},
        "spec": {"traffic": {"split": {**dict.fromkeys(taken), rule.stable: stable}}},
    }


def condition(resource: Mapping[str, Any], model: WantedModel) -> tuple[Condition, ...]:
    """Says of a model with a canary whether that was taken out, and why."""
    if model.canary is None:
        return ()
    running = on_trial(model)
    said = None if running else _annotation(resource)
    if said is None:
        return (Condition("RolledBack", "False", "OnTrial" if running else "NoCanary"),)
    return (Condition("RolledBack", "True", said["reason"], said["message"]),)


def _number(name: str) -> int | None:
    return int(name) if name.isdecimal() else None


def _annotation(resource: Mapping[str, Any]) -> dict[str, str] | None:
    try:
        said = json.loads(resource["metadata"].get("annotations", {}).get(ANNOTATION, "null"))
        return {key: str(said[key]) for key in ("trial", "reason", "message")}
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
