# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Guesses which domain a graph belongs to, and how requests become its tensors."""

from argosy_client.bridge.domains import nlp, recommendation, speech, tabular, vision
from argosy_client.bridge.plan import Facts, Plan

#: In the order in which they are tried: what is told by the most comes first.
_DOMAINS = {"recommendation": recommendation, "nlp": nlp, "vision": vision, "speech": speech, "tabular": tabular}
DOMAINS = tuple(_DOMAINS)


def guess(facts: Facts, domain: str | None, batched: bool) -> Plan:
    """A plan for a graph.

    Args:
        domain: The domain, where somebody said; None tells it by the graph.
        batched: Whether the graph has a batch dimension, which every typed call needs.

    Raises:
        ValueError: there is no such domain.
    """
    if domain is not None and domain not in _DOMAINS:
        raise ValueError(f"domain is '{domain}'; it must be one of {', '.join(sorted(DOMAINS))}")
    reasons = {name: module.fits(facts) for name, module in _DOMAINS.items()}
    name = domain or next((name for name, reason in reasons.items() if reason), "tabular")
    why = "as told" if domain else reasons[name] or "no domain's inputs look like its own"
    if not batched:
        return Plan(name, why, missing="typed calls need a batch dimension")
    made: Plan = _DOMAINS[name].plan(facts, why)
    return made
