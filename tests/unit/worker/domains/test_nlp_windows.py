# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""NLP: texts longer than the model takes, cut or read through windows, and choices of pooling and scaling."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from argosy.nlp.v1 import nlp_pb2 as pb
from argosy_worker.domains.nlp.service import DOMAIN, classify, embed
from argosy_worker.domains.nlp.windows import Reader, Window

from tests.unit.worker.domains.fakes import FakeCall, assert_invalid, refusal
from tests.unit.worker.domains.nlp_models import BODY, floats, graph, model, one_hot, write_pieces

GOOD, BAD, FILM = 4, 5, 6
EMBED = {"embed": {"output": "v", "pooling": "mean"}}
CLASSIFY = {"classify": {"output": "y"}}


def share_of_good(inputs: Any) -> Any:
    """Says yes as strongly as "good" is among the tokens of a text."""
    body = (inputs["mask"] == 1) & (inputs["ids"] > 3)
    yes = (inputs["ids"] == GOOD).sum(axis=1) / np.maximum(body.sum(axis=1), 1)
    return {"y": np.stack([1 - yes, yes], axis=1).astype(np.float32)}


async def yes_of(call: FakeCall, text: str, overflow: Any) -> tuple[float, bool, int]:
    """The score of yes, whether the text was cut, and how many tokens were seen."""
    response = await classify(pb.ClassifyRequest(texts=[text], overflow=overflow), call)
    (result,) = response.results
    (score,) = [label.score for label in result.labels if label.label == "yes"]
    return score, result.truncated, result.token_count


LONG = "good good good good bad bad bad bad"


async def test_a_long_text_is_cut_unless_windows_are_asked_for(tmp_path: Path) -> None:
    call = model(tmp_path, share_of_good, "Classify", **CLASSIFY)
    for overflow in (pb.OVERFLOW_UNSPECIFIED, pb.OVERFLOW_TRUNCATE):
        assert await yes_of(call, LONG, overflow) == (1.0, True, BODY + 2)


async def test_windows_see_the_whole_text_and_their_labels_are_averaged(tmp_path: Path) -> None:
    call = model(tmp_path, share_of_good, "Classify", tokenizer={"window_overlap": 0}, **CLASSIFY)
    assert await yes_of(call, LONG, pb.OVERFLOW_WINDOW) == (0.5, False, 10)
    assert call.ran[0]["ids"].tolist() == [[1, *[GOOD] * 4, 2], [1, *[BAD] * 4, 2]]


async def test_short_texts_need_one_window_each_beside_long_ones(tmp_path: Path) -> None:
    call = model(tmp_path, share_of_good, "Classify", tokenizer={"window_overlap": 0}, **CLASSIFY)
    request = pb.ClassifyRequest(texts=["bad", LONG, "good film"], overflow=pb.OVERFLOW_WINDOW, top_k=1)
    labels = [(one.labels[0].label, one.labels[0].score) for one in (await classify(request, call)).results]
    assert labels == [("no", 1.0), ("no", 0.5), ("no", 0.5)]
    assert len(call.ran[0]["ids"]) == 4


@pytest.mark.parametrize(
    ("length", "overlap", "starts"),
    [(4, None, [0]), (5, None, [0, 1]), (7, None, [0, 3]), (8, None, [0, 2, 4]), (9, 0, [0, 2, 5]), (6, 99, [0, 1, 2])],
)
def test_windows_are_full_and_evenly_apart_and_overlap_as_declared(length: int, overlap: Any, starts: Any) -> None:
    windows = Reader(overlap).windows([length], 4, "window", 99)
    assert windows == [Window(0, start, start + 4) for start in starts]


async def test_a_request_of_too_many_windows_is_refused_with_the_numbers(tmp_path: Path) -> None:
    call = model(tmp_path, share_of_good, "Classify", "Embed", **CLASSIFY, **EMBED)
    text = "good " * 5000
    for answer in (
        classify(pb.ClassifyRequest(texts=[text], overflow=pb.OVERFLOW_WINDOW), call),
        embed(pb.EmbedRequest(texts=["a", text], overflow=pb.OVERFLOW_WINDOW), call),
    ):
        error = await refusal(answer)
        assert error.reason == "TOO_MANY_WINDOWS"
        assert error.metadata["limit"] == "8"
    assert not call.ran


async def test_vectors_of_windows_are_averaged_before_they_are_scaled(tmp_path: Path) -> None:
    call = model(tmp_path, one_hot(GOOD, BAD, FILM), "Embed", tokenizer={"window_overlap": 0}, **EMBED)
    request = pb.EmbedRequest(texts=[LONG, "good"], overflow=pb.OVERFLOW_WINDOW, normalization=pb.NORMALIZATION_L2)
    response = await embed(request, call)
    assert floats(response.embeddings) == pytest.approx(np.array([[0.5**0.5, 0.5**0.5, 0], [1, 0, 0]]), abs=1e-6)
    assert list(response.truncated) == [False, False]


@pytest.mark.parametrize(
    ("pooling", "expected"),
    [
        (pb.POOLING_UNSPECIFIED, [0.25, 0.25, 0]),
        (pb.POOLING_MEAN, [0.25, 0.25, 0]),
        (pb.POOLING_MAX, [1, 1, 0]),
        (pb.POOLING_FIRST, [0, 0, 0]),
    ],
)
async def test_the_request_chooses_the_pooling(tmp_path: Path, pooling: Any, expected: list[float]) -> None:
    call = model(tmp_path, one_hot(GOOD, BAD, FILM), "Embed", **EMBED)
    request = pb.EmbedRequest(texts=["good bad", "film film film film"], pooling=pooling)
    assert floats((await embed(request, call)).embeddings)[0].tolist() == expected


async def test_padding_is_never_the_greatest(tmp_path: Path) -> None:
    def run(inputs: Any) -> Any:
        return {"v": np.where(inputs["mask"][..., None] == 1, -1.0, 9.0) * np.ones(3, np.float32)}

    call = model(tmp_path, run, "Embed", **EMBED)
    request = pb.EmbedRequest(texts=["good", "good bad film"], pooling=pb.POOLING_MAX)
    assert (floats((await embed(request, call)).embeddings) == -1).all()


async def test_the_request_chooses_the_scaling(tmp_path: Path) -> None:
    call = model(tmp_path, one_hot(GOOD, BAD, FILM), "Embed", embed=EMBED["embed"] | {"normalize": True})
    lengths = []
    for way in (pb.NORMALIZATION_UNSPECIFIED, pb.NORMALIZATION_NONE, pb.NORMALIZATION_L2):
        response = await embed(pb.EmbedRequest(texts=["good"], normalization=way), call)
        lengths.append(round(float(np.linalg.norm(floats(response.embeddings))), 4))
    assert lengths == [1, 0.3333, 1]


async def test_pooling_of_vectors_of_texts_is_refused(tmp_path: Path) -> None:
    outputs = {"v": (-1, 3)}
    write_pieces(tmp_path)
    call = model(tmp_path, one_hot(1), "Embed", outputs=outputs, embed={"output": "v"})
    error = await refusal(embed(pb.EmbedRequest(texts=["good"], pooling=pb.POOLING_MEAN), call))
    assert error.reason == "POOLING_UNSUPPORTED"


@pytest.mark.parametrize("field", ["overflow", "pooling", "normalization"])
async def test_choices_that_do_not_exist_are_refused(tmp_path: Path, field: str) -> None:
    call = model(tmp_path, one_hot(GOOD, BAD, FILM), "Embed", **EMBED)
    for value in (-1, 99):
        error = await refusal(embed(pb.EmbedRequest(texts=["good"], **{field: value}), call))  # type: ignore[arg-type]
        assert (error.reason, error.metadata["field"]) == ("OPTION_UNKNOWN", field)


async def test_labels_that_do_not_exclude_each_other_have_scores_of_their_own(tmp_path: Path) -> None:
    def run(inputs: Any) -> Any:
        return {"y": np.tile(np.array([np.log(3), np.log(3)], np.float32), (len(inputs["ids"]), 1))}

    section = {"output": "y", "activation": "sigmoid", "multi_label": True}
    call = model(tmp_path, run, "Classify", classify=section)
    response = await classify(pb.ClassifyRequest(texts=["good"]), call)
    assert [round(label.score, 4) for label in response.results[0].labels] == [0.75, 0.75]


async def test_a_single_label_of_its_own_stays_single(tmp_path: Path) -> None:
    section = {"output": "s", "activation": "sigmoid", "multi_label": True}
    call = model(
        tmp_path, lambda inputs: {"s": np.zeros((1, 1), np.float32)}, "Classify", classify=section, labels=("spam",)
    )
    response = await classify(pb.ClassifyRequest(texts=["good"]), call)
    assert [(label.label, label.score) for label in response.results[0].labels] == [("spam", 0.5)]


def test_labels_that_do_not_exclude_each_other_have_no_softmax(tmp_path: Path) -> None:
    write_pieces(tmp_path)
    section = {"output": "y", "activation": "softmax", "multi_label": True}
    assert_invalid(DOMAIN, graph(tmp_path, "Classify", classify=section), "nlp.classify.output", "no softmax")


@pytest.mark.parametrize("overlap", [None, 0, 1, 5])
def test_windows_of_any_text_leave_nothing_out_and_overlap_at_least_as_declared(overlap: int | None) -> None:
    for room in (1, 2, 4, 7):
        least = room // 4 if overlap is None else min(overlap, room - 1)
        for length in range(60):
            windows = Reader(overlap).windows([length], room, "window", 99)
            assert (windows[0].start, windows[-1].end) == (0, length)
            assert all(window.end - window.start == min(room, length) for window in windows)
            for one, other in pairwise(windows):
                assert one.start < other.start <= one.end - least
