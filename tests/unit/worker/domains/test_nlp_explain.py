# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""NLP: explanations find the words that a label rests on."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from argosy.common.v1 import explanation_pb2 as common
from argosy.common.v1.explanation_pb2 import ExplanationOptions as Options
from argosy.nlp.v1 import nlp_pb2 as pb
from argosy_worker.domains.nlp.service import explain

from tests.unit.worker.domains.fakes import FakeCall, refusal
from tests.unit.worker.domains.nlp_models import model, one_hot

GOOD, BAD, FILM = 4, 5, 6
LENGTH = 12


def looks_for(number: int) -> Any:
    """A model that says yes where it sees one token, and nothing else interests it."""

    def run(inputs: Any) -> Any:
        seen = ((inputs["ids"] == number) & (inputs["mask"] == 1)).any(axis=1)
        yes = np.where(seen, 0.9, 0.2)
        return {"y": np.stack([1 - yes, yes], axis=1).astype(np.float32)}

    return run


def call_on(folder: Path, run: Any = None, **changes: Any) -> FakeCall:
    section = {"tokenizer": {"max_length": LENGTH}, "classify": {"output": "y"}} | changes
    return model(folder, run or looks_for(GOOD), "Explain", **section)


async def explained(call: FakeCall, text: str, **options: Any) -> pb.ExplainResponse:
    return await explain(pb.ExplainRequest(text=text, options=Options(**options)), call)


def weights(response: pb.ExplainResponse) -> list[tuple[str, float]]:
    return [(token.token, round(token.attribution, 6)) for token in response.tokens]


@pytest.mark.parametrize("method", ["", "erasure", "shapley"])
async def test_the_word_that_the_model_looks_for_gets_all_the_weight(tmp_path: Path, method: str) -> None:
    response = await explained(call_on(tmp_path), "film in good Rome", method=method)
    assert weights(response) == [("film", 0), ("in", 0), ("good", 0.7), ("Rome", 0)]
    summary = response.summary
    assert (summary.method, summary.target) == (method or "erasure", "yes")
    assert (summary.value, summary.base_value) == pytest.approx((0.9, 0.2))
    assert summary.fidelity > 0.1
    assert summary.HasField("additivity_gap") is (method == "shapley")
    assert not summary.HasField("rendering")


async def test_shapley_values_add_up_and_are_the_same_for_the_same_seed(tmp_path: Path) -> None:
    def run(inputs: Any) -> Any:
        yes = 0.1 * (inputs["ids"] == GOOD).sum(axis=1) + 0.3 * (inputs["ids"] == FILM).any(axis=1)
        return {"y": np.stack([1 - yes, yes], axis=1).astype(np.float32)}

    options = {"method": "shapley", "target": "yes", "seed": 3}
    first, second = [await explained(call_on(tmp_path, run), "good film in good film", **options) for _ in range(2)]
    assert first == second
    assert first.summary.additivity_gap == pytest.approx(0, abs=1e-6)
    assert dict(weights(first))["good"] == pytest.approx(0.1, abs=1e-6)
    assert sum(token.attribution for token in first.tokens) == pytest.approx(0.5, abs=1e-6)


async def test_what_speaks_against_a_label_is_negative(tmp_path: Path) -> None:
    response = await explained(call_on(tmp_path), "in good", target="no")
    assert weights(response) == [("in", 0), ("good", -0.7)]


async def test_a_word_of_several_pieces_is_one_part_with_its_place(tmp_path: Path) -> None:
    response = await explained(call_on(tmp_path, looks_for(9)), "\U0001f600 Anna in")
    assert weights(response)[1] == ("Anna", 0.7)
    span = response.tokens[1].span
    assert (span.byte_start, span.byte_end, span.character_start, span.character_end) == (5, 9, 2, 6)


async def test_special_tokens_stay_and_words_are_taken_out_behind_all_other_calls(tmp_path: Path) -> None:
    call = call_on(tmp_path)
    response = await explained(call, "good film")
    rows = [row for run in call.ran for row in run["ids"].tolist()]
    assert all(row[0] == 1 for row in rows)
    assert [1, FILM, 2, 0] in rows or [1, FILM, 2] in rows
    assert call.behind == len(call.ran) - 1
    assert response.summary.evaluation_count <= 2 + 2 + 6


async def test_labels_of_the_request_are_explained(tmp_path: Path) -> None:
    changes = {"classify": None, "zero_shot": {"temperature": 0.5}, "embed": {"output": "v", "pooling": "mean"}}
    call = call_on(tmp_path, one_hot(GOOD, BAD, FILM), **changes)
    request = pb.ExplainRequest(text="bad in Rome", candidate_labels=["good", "bad"])
    response = await explain(request, call)
    assert response.summary.target == "bad"
    assert max(weights(response), key=lambda each: each[1])[0] == "bad"


async def test_of_a_long_text_the_part_that_the_model_sees_is_explained(tmp_path: Path) -> None:
    response = await explained(call_on(tmp_path), "film " * 30 + "good")
    assert len(response.tokens) == LENGTH - 2
    assert response.summary.target == "no"


async def test_a_text_without_a_known_token_has_nothing_to_explain(tmp_path: Path) -> None:
    response = await explained(call_on(tmp_path), "\u200b")
    assert not [token for token in response.tokens if token.attribution]


@pytest.mark.parametrize(
    ("rendering", "media_type", "begins"),
    [("SVG", "image/svg+xml", b"<svg "), ("HTML", "text/html; charset=utf-8", b"<figure ")],
)
async def test_a_picture_is_drawn_where_one_is_asked_for(
    tmp_path: Path, rendering: str, media_type: str, begins: bytes
) -> None:
    kind = common.RenderingFormat.Value(f"RENDERING_FORMAT_{rendering}")
    drawn = (await explained(call_on(tmp_path), "good <film>", rendering=kind)).summary.rendering
    assert drawn.media_type == media_type
    assert drawn.data.startswith(begins) and b"good" in drawn.data and b"<film>" not in drawn.data


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"rendering": common.RENDERING_FORMAT_PNG}, "RENDERING_UNSUPPORTED"),
        ({"rendering": 99}, "RENDERING_UNSUPPORTED"),
        ({"method": "magic"}, "EXPLANATION_METHOD_UNKNOWN"),
        ({"method": "occlusion"}, "EXPLANATION_METHOD_UNKNOWN"),
        ({"target": "maybe"}, "TARGET_UNKNOWN"),
        ({"max_evaluations": -1}, "EVALUATIONS_OUT_OF_RANGE"),
        ({"max_evaluations": 2**31 - 1}, "EVALUATIONS_OUT_OF_RANGE"),
        ({"max_evaluations": 3}, "EXPLANATION_TOO_COSTLY"),
    ],
)
async def test_what_cannot_be_explained_is_refused(tmp_path: Path, options: Any, reason: str) -> None:
    assert (await refusal(explained(call_on(tmp_path), "good film", **options))).reason == reason


async def test_an_explanation_that_takes_too_long_is_refused_with_the_estimate(tmp_path: Path) -> None:
    call = call_on(tmp_path, explain={"max_s": 1.0})
    call.items_per_s = 2
    error = await refusal(explained(call, "good film"))
    assert error.reason == "EXPLANATION_TOO_COSTLY"
    assert float(error.metadata["seconds"]) > 1
    assert call.behind == 0


async def test_bad_texts_are_refused(tmp_path: Path) -> None:
    for text, reason in (("", "TEXT_EMPTY"), (" ", "TEXT_EMPTY"), ("a" * 100_001, "TEXT_TOO_LONG")):
        assert (await refusal(explained(call_on(tmp_path), text))).reason == reason
