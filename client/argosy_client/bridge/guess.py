# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Guesses which domain a graph belongs to, and how requests become its tensors."""

from argosy_client.bridge.domains import nlp, recommendation, speech, tabular, vision
from argosy_client.bridge.parts import by_tensors
from argosy_client.bridge.plan import Facts, Plan

#: In the order in which they are tried: what is told by the most comes first.
_DOMAINS = {"recommendation": recommendation, "nlp": nlp, "vision": vision, "speech": speech, "tabular": tabular}
DOMAINS = tuple(_DOMAINS)


def guess(facts: Facts, batched: bool) -> Plan:
    """A plan for a graph.

    Args:
        batched: Whether the graph has a batch dimension, which every typed call needs.

    Raises:
        ValueError: there is no such domain, or a method that was asked for is none of its own or not possible.
    """
    domain, methods = facts.asked.domain, facts.asked.methods
    if domain is not None and domain not in _DOMAINS:
        raise ValueError(f"domain is '{domain}'; it must be one of {', '.join(sorted(DOMAINS))}")
    having = [name for name, module in _DOMAINS.items() if {*methods} <= {*module.METHODS}]
    if methods and domain is None and not having:
        raise ValueError(f"no domain has the methods {', '.join(methods)}")
    reasons = {name: module.fits(facts) for name, module in _DOMAINS.items()}
    name = domain or next((name for name in having if reasons[name]), "") or _fallback(methods, having)
    why = "as told" if domain else reasons[name] or "no domain's inputs look like its own"
    if not batched:
        return by_tensors(name, why, "typed calls need a batch dimension, and the graph has none", facts)
    made: Plan = _DOMAINS[name].plan(facts, why)
    return made


def _fallback(methods: tuple[str, ...], having: list[str]) -> str:
    return having[0] if methods else "tabular"
