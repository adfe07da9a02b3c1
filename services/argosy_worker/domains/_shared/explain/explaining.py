# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""From a request's options to attributions and the summary that says how far they can be trusted."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from argosy.common.v1.explanation_pb2 import ExplanationOptions, ExplanationSummary, RenderingFormat
from numpy.typing import NDArray

from argosy_worker.domains._shared.explain import fidelity, methods
from argosy_worker.domains._shared.explain.game import Game
from argosy_worker.errors import InvalidInput
from argosy_worker.lifecycle.domain import Call
from argosy_worker.repository.sections.base import ExplainSection

Method = Literal["occlusion", "erasure", "rise", "shapley"]

#: Evaluations where a request does not say how many: of a method that draws, and for each part of one that orders.
_DRAWS, _EACH = 500, 40


@dataclass(frozen=True, slots=True)
class Explanation:
    """What was found."""

    attributions: NDArray[np.float64]
    """[parts]; higher speaks more for the target."""
    summary: ExplanationSummary
    """Without its picture."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Evaluations of an explanation: those of the method itself, and those around it."""

    own: int
    around: int


def chosen_method(options: ExplanationOptions, offered: Mapping[str, Method]) -> tuple[str, Method]:
    """Returns the name that was asked for and the method behind it; the first offered is the default.

    Raises:
        InvalidInput: EXPLANATION_METHOD_UNKNOWN.
    """
    name = options.method or next(iter(offered))
    if name not in offered:
        raise InvalidInput(
            f"options.method is {name!r}; it must be one of {', '.join(offered)}",
            reason="EXPLANATION_METHOD_UNKNOWN",
            metadata={"method": name},
        )
    return name, offered[name]


def chosen_rendering(options: ExplanationOptions, offered: Container[int]) -> RenderingFormat:
    """Returns the picture that was asked for, of those that the domain can draw.

    Raises:
        InvalidInput: RENDERING_UNSUPPORTED.
    """
    wanted = options.rendering
    if wanted != RenderingFormat.RENDERING_FORMAT_UNSPECIFIED and wanted not in offered:
        known = [name for name, number in RenderingFormat.items() if number in offered]
        name = RenderingFormat.Name(wanted) if wanted in RenderingFormat.values() else str(wanted)
        raise InvalidInput(
            f"options.rendering is {name}; it must be {' or '.join(known)}, or not set",
            reason="RENDERING_UNSUPPORTED",
            metadata={"rendering": name},
        )
    return wanted


def planned(options: ExplanationOptions, method: Method, parts: int, fillers: int, limits: ExplainSection) -> Plan:
    """Returns how many evaluations an explanation takes.

    Raises:
        InvalidInput: EVALUATIONS_OUT_OF_RANGE; EXPLANATION_TOO_COSTLY where the least that the method needs is more
            than may be taken.
    """
    asked = options.max_evaluations
    if asked < 0 or asked > limits.max_evaluations:
        raise InvalidInput(
            f"options.max_evaluations is {asked}; it must be from 0 to {limits.max_evaluations} (0 selects a default)",
            reason="EVALUATIONS_OUT_OF_RANGE",
            metadata={"limit": str(limits.max_evaluations)},
        )
    around = 1 + fidelity.cost(parts, fillers)  # the whole and the curves
    if method != "shapley":
        around += fillers  # the empty ones, which shapley counts among its own
    least = {"occlusion": parts, "erasure": parts, "rise": 2, "shapley": 2 * (parts + 1)}[method] + around
    usual = {"occlusion": parts, "erasure": parts, "rise": _DRAWS, "shapley": _EACH * (parts + 1)}[method] + around
    most = min(asked or usual, limits.max_evaluations)
    if least > most:
        raise InvalidInput(
            f"{method} of {parts} parts takes at least {least} evaluations of the model, and {most} are allowed: "
            "explain fewer parts, or allow more in options.max_evaluations, up to the model's "
            f"{limits.max_evaluations}",
            reason="EXPLANATION_TOO_COSTLY",
            metadata={"evaluations": str(least), "limit": str(most)},
        )
    if method == "shapley":
        return Plan(methods.shapley_evaluations(parts, most - around), around)
    return Plan((most - around) // 2 * 2 if method == "rise" else parts, around)


async def explain(
    game: Game, options: ExplanationOptions, offered: Mapping[str, Method], target: str, limits: ExplainSection
) -> Explanation:
    """Explains a game's whole input.

    Args:
        game: The input, its parts and the target's score.
        options: What the caller wants.
        offered: Methods of the domain by name, the default first.
        target: What is explained, for the summary.
        limits: The model's.

    Raises:
        InvalidInput: see :func:`chosen_method` and :func:`planned`; EXPLANATION_TOO_COSTLY also where the evaluations
            would take longer than the model allows, by what is known of its speed.
        ArgosyError: see :meth:`Call.infer`.
    """
    name, method = chosen_method(options, offered)
    plan = planned(options, method, game.parts, game.fillers, limits)
    check_time(game.call, plan.own + plan.around, limits)
    chance = np.random.default_rng(options.seed % 2**63)
    whole = await game.whole()
    gap: float | None = None
    if method == "shapley":
        attributions, base = await methods.shapley(game, plan.own, chance)
        gap = abs(whole - base - float(attributions.sum()))
    else:
        base = await game.empty()
        if method == "rise":
            attributions = await methods.rise(game, plan.own, chance)
        else:
            attributions = await methods.occlusion(game, whole)
    trusted = await fidelity.fidelity(game, attributions)
    summary = ExplanationSummary(
        method=name,
        target=target,
        value=whole,
        base_value=base,
        evaluation_count=game.evaluations,
        additivity_gap=gap,
        fidelity=trusted,
    )
    return Explanation(attributions, summary)


def check_time(call: Call, evaluations: int, limits: ExplainSection) -> None:
    """Refuses what would keep the model busy for longer than it allows.

    Raises:
        InvalidInput: EXPLANATION_TOO_COSTLY, with the estimate.
    """
    expected_s = call.expected_s(evaluations)
    if expected_s > limits.max_s:
        raise InvalidInput(
            f"the explanation would take about {expected_s:.1f} s ({evaluations} evaluations), and {limits.max_s:g} s "
            "are allowed: ask for fewer evaluations, or for fewer parts",
            reason="EXPLANATION_TOO_COSTLY",
            metadata={"evaluations": str(evaluations), "seconds": f"{expected_s:.1f}", "limit_s": f"{limits.max_s:g}"},
        )
