# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A plan is put together of parts: for each method the outputs that it reads, and how."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from argosy_client.bridge.plan import Facts, Plan


@dataclass(frozen=True, slots=True)
class Part:
    """What the outputs of a graph are read for.

    Args:
        methods: Methods that read them, the most telling one first.
        why: By what they were recognised.
        outputs: Names of the outputs.
        section: Keys of the domain's section.
        comments: Comments of keys, by their path in model.yaml.
        labels: Contents of labels.txt.
        assets: Files to copy beside model.yaml, by name.
        request: A request of the first method, in proto3 JSON; empty for the plan's.
        notes: What else it could be, or what is left to be said.
    """

    methods: tuple[str, ...]
    why: str
    outputs: tuple[str, ...] = ()
    section: Mapping[str, Any] = field(default_factory=dict)
    comments: Mapping[str, str] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    assets: Mapping[str, Path] = field(default_factory=dict)
    request: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finder:
    """Looks for what some methods read.

    Args:
        methods: Those that it may find.
        needs: What they need of a graph, in half a sentence.
        find: A part; a text where a graph looks like it and lacks something; None where it does not look like it.
    """

    methods: tuple[str, ...]
    needs: str
    find: Callable[[Facts], Part | str | None]


def by_tensors(domain: str, why: str, missing: str, facts: Facts) -> Plan:
    """The plan of a graph that no typed call fits.

    Raises:
        ValueError: a method was asked for; says what is missing.
    """
    if facts.asked.methods:
        raise ValueError(f"{facts.asked.methods[0]}: {missing}")
    return Plan(domain, why, missing=missing)


def put_together(plan: Plan, facts: Facts, finders: Sequence[Finder]) -> Plan:
    """A domain's plan with every method that its finders find, or with those that were asked for.

    Args:
        plan: Domain, reason, and what all methods of the domain share; its request fits the first method of every part.
        finders: Those whose parts are surest first: an output is read once.

    Raises:
        ValueError: a method was asked for that the domain does not have, or that the graph does not allow.
    """
    known = tuple(dict.fromkeys(method for finder in finders for method in finder.methods))
    _check_known(plan.domain, facts.asked.methods, known)
    missing: list[str] = []
    for finder in finders:
        wanted = [one for one in finder.methods if one not in plan.methods and one in (facts.asked.methods or known)]
        found = finder.find(facts) if wanted else None
        if isinstance(found, str):
            missing.append(f"{finder.methods[0]}: {found}")
        elif found is not None:
            methods = tuple(method for method in found.methods if method in wanted)
            if methods:
                plan = _with(plan, found, methods)
                facts = replace(facts, taken=facts.taken | {*found.outputs})
    for method in facts.asked.methods:
        if method not in plan.methods:
            needs = " or ".join(finder.needs for finder in finders if method in finder.methods)
            raise ValueError("; ".join([f"{method} needs {needs}", *missing]))
    if not any(method in plan.methods for finder in finders if finder.needs for method in finder.methods):
        needed = [f"{finder.methods[0]} reads {finder.needs}" for finder in finders if finder.needs]
        without = "; ".join(missing or needed)
        if facts.asked.methods:
            raise ValueError(f"{', '.join(facts.asked.methods)} needs a method beside it that reads outputs: {without}")
        return Plan(plan.domain, plan.why, missing=without)
    return replace(plan, notes=(*plan.notes, *missing))


def _with(plan: Plan, part: Part, methods: tuple[str, ...]) -> Plan:
    """A plan with some of a part's methods."""
    request = plan.request
    if not plan.methods:  # a request is one of the part's first method, and no other method need take it
        request = (part.request or plan.request) if methods[0] == part.methods[0] else {}
    return replace(
        plan,
        methods=(*plan.methods, *methods),
        section={**plan.section, **part.section},
        comments={**plan.comments, **part.comments},
        labels=plan.labels or part.labels,
        assets={**plan.assets, **part.assets},
        request=request,
        reasons=(*plan.reasons, *([f"{', '.join(methods)}: {part.why}"] if part.why else [])),
        notes=(*plan.notes, *part.notes),
    )


def _check_known(domain: str, asked: tuple[str, ...], known: tuple[str, ...]) -> None:
    unknown = [method for method in asked if method not in known]
    if unknown:
        raise ValueError(f"{domain} has no method '{unknown[0]}' that can be added; there are {', '.join(known)}")
