# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Explanations against games whose answers are known."""

import itertools
import math
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from argosy.common.v1.explanation_pb2 import ExplanationOptions
from argosy_worker.domains._shared.explain import explaining, fidelity, methods
from argosy_worker.domains._shared.explain.game import Game
from argosy_worker.engines.port import Tensors
from argosy_worker.errors import InvalidInput
from argosy_worker.repository.schema import ModelConfig
from argosy_worker.repository.sections.base import ExplainSection
from numpy.typing import NDArray

from tests.support.tangled import BACKGROUND, ITEM, tangled
from tests.unit.worker.domains.fakes import FakeCall

#: A function of items [items, parts].
Model = Callable[[NDArray[Any]], NDArray[Any]]
LIMITS = ExplainSection(max_evaluations=50_000)
OFFERED: dict[str, explaining.Method] = {"shapley": "shapley", "occlusion": "occlusion", "rise": "rise"}


def game_of(model: Model, item: NDArray[Any], background: NDArray[Any], batch: int = 32) -> Game:
    """The game of an item whose parts are replaced by those of a background's rows."""
    config = ModelConfig.model_validate({"batching": {"max_batch_size": batch}})
    call = FakeCall(config, None, lambda inputs: {"y": model(inputs["x"])})

    def inputs(masks: NDArray[np.bool_], fillers: NDArray[np.intp]) -> Tensors:
        return {"x": np.where(masks, item, background[fillers])}

    return Game(call, item.shape[-1], inputs, lambda outputs, _: outputs["y"], fillers=len(background))


def exact_shapley(model: Model, item: NDArray[Any], background: NDArray[Any]) -> NDArray[np.float64]:
    """Shapley values by the definition: over all sets of parts, and the mean over the background."""
    parts = item.shape[-1]
    values = {}
    for size in range(parts + 1):
        for kept in itertools.combinations(range(parts), size):
            mask = np.isin(np.arange(parts), kept)
            values[kept] = float(model(np.where(mask, item, background)).mean())
    found = np.zeros(parts)
    for part in range(parts):
        for kept in (each for each in values if part not in each):
            weight = math.factorial(len(kept)) * math.factorial(parts - len(kept) - 1) / math.factorial(parts)
            found[part] += weight * (values[tuple(sorted((*kept, part)))] - values[kept])
    return found


@pytest.mark.parametrize("batch", [1, 32, 256])
async def test_shapley_approaches_the_exact_values(batch: int) -> None:
    game = game_of(tangled, ITEM, BACKGROUND, batch)

    found, base = await methods.shapley(game, methods.shapley_evaluations(6, 16_000), np.random.default_rng(1))

    assert found == pytest.approx(exact_shapley(tangled, ITEM, BACKGROUND), abs=0.12)
    assert found[5] == 0
    assert base == pytest.approx(tangled(BACKGROUND).mean(), abs=0.01)


async def test_shapley_of_a_sum_is_exact_with_one_pair_of_orders() -> None:
    weights = np.array([2.0, -1.0, 0.5])
    game = game_of(lambda x: x @ weights, np.ones(3), np.zeros((1, 3)))

    found, base = await methods.shapley(game, 8, np.random.default_rng(0))

    assert found == pytest.approx(weights)
    assert (base, game.evaluations) == (0.0, 8)


async def test_parts_that_do_something_together_share_it_with_one_pair_of_orders() -> None:
    game = game_of(lambda x: x[:, 0] * x[:, 3], np.ones(5), np.zeros((1, 5)))
    for seed in range(5):
        found, _ = await methods.shapley(game, 12, np.random.default_rng(seed))
        assert found.tolist() == [0.5, 0, 0, 0.5, 0]  # an order alone would give all to the later one


async def test_values_and_base_add_up_to_the_score_whatever_the_sample() -> None:
    for seed in range(5):
        options = ExplanationOptions(max_evaluations=250, seed=seed)
        found = await explaining.explain(game_of(tangled, ITEM, BACKGROUND), options, OFFERED, "y", LIMITS)
        assert found.summary.additivity_gap < 1e-9
        assert found.summary.value == pytest.approx(found.summary.base_value + found.attributions.sum())


async def test_the_same_seed_gives_the_same_and_another_gives_another() -> None:
    def explained(seed: int) -> Any:
        options = ExplanationOptions(max_evaluations=250, seed=seed)
        return explaining.explain(game_of(tangled, ITEM, BACKGROUND), options, OFFERED, "y", LIMITS)

    first, same, other = [(await explained(seed)).attributions.tolist() for seed in (3, 3, -4)]
    assert first == same != other


async def test_every_evaluation_runs_behind_all_other_calls_and_is_counted() -> None:
    game = game_of(tangled, ITEM, BACKGROUND)
    found = await explaining.explain(game, ExplanationOptions(), OFFERED, "y", LIMITS)

    call = game.call
    assert isinstance(call, FakeCall)
    assert call.behind == len(call.ran)
    assert found.summary.evaluation_count == sum(len(inputs["x"]) for inputs in call.ran)
    assert max(len(inputs["x"]) for inputs in call.ran) <= 32


@pytest.mark.parametrize("method", OFFERED)
@pytest.mark.parametrize("most", [0, 160, 777])
async def test_no_explanation_takes_more_than_it_may(method: str, most: int) -> None:
    game = game_of(tangled, ITEM, BACKGROUND)
    options = ExplanationOptions(method=method, max_evaluations=most)
    plan = explaining.planned(options, OFFERED[method], 6, 4, LIMITS)

    await explaining.explain(game, options, OFFERED, "y", LIMITS)

    assert game.evaluations == plan.own + plan.around <= (most or LIMITS.max_evaluations)


@pytest.mark.parametrize("method", OFFERED)
async def test_the_planted_part_is_found_and_the_order_better_than_a_random_one(method: str) -> None:
    parts, planted = 24, [5, 17]
    game = game_of(lambda x: x[:, planted].prod(axis=1) + 0.01 * x[:, 3], np.ones(parts), np.zeros((1, parts)))

    found = await explaining.explain(game, ExplanationOptions(method=method), OFFERED, "y", LIMITS)

    assert sorted(np.argsort(-found.attributions)[:2]) == planted
    chance = np.random.default_rng(0)
    random = [await fidelity.fidelity(game, chance.permutation(parts).astype(float)) for _ in range(60)]
    assert np.mean(random) == pytest.approx(0, abs=0.12)
    assert found.summary.fidelity > 0.85 > np.quantile(random, 0.95) + 0.1


@pytest.mark.parametrize("parts", [1, 2, 5, 16, 17, 33, 1000])
def test_with_each_step_of_a_curve_there_is_its_complement(parts: int) -> None:
    counts = fidelity.steps(parts)
    assert [parts - count for count in reversed(counts)] == counts
    assert (counts[0], counts[-1]) == (0, parts)
    assert len(counts) <= fidelity.STEPS + 2


async def test_many_parts_take_little_memory() -> None:
    parts = 3000
    game = game_of(lambda x: x.sum(axis=1), np.ones(parts), np.zeros((1, parts)))

    def score(outputs: Tensors, _: int) -> NDArray[Any]:
        assert isinstance(game.call, FakeCall)
        game.call.ran.clear()  # which a test would keep
        return outputs["y"]

    game.score = score
    tracemalloc.start()
    found, _ = await methods.shapley(game, methods.shapley_evaluations(parts, 0), np.random.default_rng(0))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == pytest.approx(np.ones(parts))
    assert peak < 10_000_000 < 2 * parts * parts  # of all masks at once


async def test_an_input_without_parts_has_nothing_to_explain() -> None:
    game = game_of(lambda x: np.ones(len(x)), np.zeros(0), np.zeros((2, 0)))
    found = await explaining.explain(game, ExplanationOptions(), OFFERED, "y", LIMITS)
    assert found.attributions.shape == (0,)
    assert (found.summary.value, found.summary.base_value, found.summary.fidelity) == (1, 1, 0)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (ExplanationOptions(method="lime"), "EXPLANATION_METHOD_UNKNOWN"),
        (ExplanationOptions(max_evaluations=-1), "EVALUATIONS_OUT_OF_RANGE"),
        (ExplanationOptions(max_evaluations=50_001), "EVALUATIONS_OUT_OF_RANGE"),
        (ExplanationOptions(max_evaluations=10), "EXPLANATION_TOO_COSTLY"),
        (ExplanationOptions(method="occlusion", max_evaluations=10), "EXPLANATION_TOO_COSTLY"),
    ],
)
async def test_what_cannot_be_asked_for_is_refused_before_the_model_runs(
    options: ExplanationOptions, reason: str
) -> None:
    game = game_of(tangled, ITEM, BACKGROUND)
    with pytest.raises(InvalidInput) as caught:
        await explaining.explain(game, options, OFFERED, "y", LIMITS)
    assert caught.value.reason == reason
    assert not game.evaluations


async def test_an_explanation_of_too_many_parts_is_refused_with_the_estimate() -> None:
    game = game_of(lambda x: x.sum(axis=1), np.ones(30_000), np.zeros((1, 30_000)))
    with pytest.raises(InvalidInput) as caught:
        await explaining.explain(game, ExplanationOptions(), OFFERED, "y", LIMITS)
    assert caught.value.reason == "EXPLANATION_TOO_COSTLY"
    assert int(caught.value.metadata["evaluations"]) > 60_000


async def test_an_explanation_that_would_take_too_long_is_refused_with_the_estimate() -> None:
    game = game_of(tangled, ITEM, BACKGROUND)
    assert isinstance(game.call, FakeCall)
    game.call.items_per_s = 10.0
    with pytest.raises(InvalidInput) as caught:
        await explaining.explain(game, ExplanationOptions(), OFFERED, "y", LIMITS)
    assert caught.value.reason == "EXPLANATION_TOO_COSTLY"
    assert float(caught.value.metadata["seconds"]) > LIMITS.max_s
    assert "s are allowed" in caught.value.message
    assert not game.evaluations


def test_a_picture_that_the_domain_cannot_draw_is_refused() -> None:
    options = ExplanationOptions(rendering="RENDERING_FORMAT_HTML")
    assert explaining.chosen_rendering(options, {3}) == 3
    with pytest.raises(InvalidInput) as caught:
        explaining.chosen_rendering(options, {1})
    assert caught.value.reason == "RENDERING_UNSUPPORTED"
    assert "RENDERING_FORMAT_PNG" in caught.value.message
