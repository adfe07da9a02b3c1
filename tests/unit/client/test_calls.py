# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What both clients send and how they read the answers."""

import math
from pathlib import Path

import numpy as np
import pytest
from argosy_client import ArgosyError, HealthStatus

from tests.unit.client.conftest import Ask
from tests.unit.client.fake_fleet import FakeFleet


async def test_one_image_gives_one_result_with_model_version_and_timing(ask: Ask, fleet: FakeFleet) -> None:
    result = await ask(lambda client: client.vision.classify(b"png", top_k=2))

    assert (result.best.label, result.best.index, result.best.score) == ("seven", 7, 0.75)
    assert [label.label for label in result.labels] == ["seven", "one"]
    assert (result.model, result.version) == ("digits", "3")
    timing = result.timing
    assert (timing.replica, timing.device, timing.batch_size) == ("vision-0", "cpu", 4)
    assert (timing.queue_ms, timing.compute_ms) == (0.25, 1.5)
    assert timing.total_ms > 0
    assert fleet.last.request.top_k == 2


async def test_a_list_of_images_gives_a_list_in_one_call(ask: Ask, fleet: FakeFleet, tmp_path: Path) -> None:
    file = tmp_path / "seven.png"
    file.write_bytes(b"from a file")
    pixels = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)

    results = await ask(lambda client: client.vision.classify([str(file), file, b"bytes", pixels, pixels[:, :, 0]]))

    assert len(results) == 5
    assert len(fleet.asked) == 1
    path, same, raw, colour, grey = fleet.last.request.images
    assert (path.encoded, same.encoded, raw.encoded) == (b"from a file", b"from a file", b"bytes")
    assert (colour.raw.height, colour.raw.width, colour.raw.channels) == (2, 2, 3)
    assert colour.raw.data == bytes(range(12))
    assert (grey.raw.channels, grey.raw.data) == (1, bytes([0, 3, 6, 9]))


async def test_a_named_model_travels_in_the_message_and_as_metadata(ask: Ask, fleet: FakeFleet) -> None:
    await ask(lambda client: client.vision.classify(b"png", model="digits", version=3))

    assert (fleet.last.request.model, fleet.last.request.version) == ("digits", "3")
    assert fleet.last.metadata["x-model"] == "digits"


async def test_without_a_model_there_is_no_model_metadata(ask: Ask, fleet: FakeFleet) -> None:
    await ask(lambda client: client.nlp.classify("text"))

    assert "x-model" not in fleet.last.metadata


@pytest.mark.parametrize(
    "call",
    [
        lambda c: c.vision.embed(b"png", model="m"),
        lambda c: c.speech.classify(b"wav", model="m"),
        lambda c: c.nlp.classify("text", model="m"),
        lambda c: c.nlp.embed("text", model="m"),
        lambda c: c.nlp.tokenize("text", model="m"),
        lambda c: c.recommendation.recommend(["a"], model="m"),
        lambda c: c.recommendation.similar_items("a", model="m"),
        lambda c: c.recommendation.similar_users(["a"], model="m"),
        lambda c: c.recommendation.rank(["a"], ["b"], model="m"),
        lambda c: c.tabular.predict({"age": 1.0}, model="m"),
    ],
)
async def test_every_method_names_its_model_in_metadata(ask: Ask, fleet: FakeFleet, call: object) -> None:
    await ask(call)  # type: ignore[arg-type]

    assert fleet.last.metadata["x-model"] == "m"
    assert fleet.last.request.model == "m"


async def test_a_call_has_the_default_deadline_and_can_have_its_own(ask: Ask, fleet: FakeFleet) -> None:
    await ask(lambda client: client.models())
    assert fleet.last.remaining_s is not None
    assert 5 < fleet.last.remaining_s <= 10.1

    await ask(lambda client: client.models(timeout_s=60))
    assert fleet.last.remaining_s is not None
    assert 30 < fleet.last.remaining_s <= 60.1


@pytest.mark.parametrize("timeout_s", [0, -1, math.inf, math.nan])
async def test_an_unusable_timeout_is_refused_before_anything_is_sent(
    ask: Ask, fleet: FakeFleet, timeout_s: float
) -> None:
    with pytest.raises(ValueError, match="timeout_s"):
        await ask(lambda client: client.models(timeout_s=timeout_s))
    assert not fleet.asked


async def test_embeddings_are_one_float32_array_that_numpy_takes_as_it_is(ask: Ask) -> None:
    answer = await ask(lambda client: client.vision.embed([b"one", b"two"]))

    assert answer.vectors.dtype == np.float32
    assert answer.shape == (2, 3)
    assert np.array_equal(np.asarray(answer), [[0, 1, 2], [3, 4, 5]])
    assert (answer.model, answer.timing.batch_size) == ("digits", 4)


async def test_a_clip_is_read_with_its_duration(ask: Ask, fleet: FakeFleet) -> None:
    result = await ask(lambda client: client.speech.classify(b"wav"))

    assert result.duration_s == pytest.approx(0.8)
    assert fleet.last.request.audio.encoded == b"wav"


async def test_samples_are_sent_as_pcm_with_rate_and_channels(ask: Ask, fleet: FakeFleet) -> None:
    stereo = np.array([[1, 2], [3, 4]], dtype=np.int16)
    await ask(lambda client: client.speech.classify((stereo, 16_000)))

    pcm = fleet.last.request.audio.pcm
    assert (pcm.data, pcm.sample_rate_hz, pcm.channels, pcm.sample_format) == (stereo.tobytes(), 16_000, 2, 1)

    await ask(lambda client: client.speech.classify((np.zeros(3, np.float32), 8_000)))
    assert (fleet.last.request.audio.pcm.channels, fleet.last.request.audio.pcm.sample_format) == (1, 2)


async def test_texts_are_classified_and_tokenized(ask: Ask) -> None:
    one = await ask(lambda client: client.nlp.classify("good day"))
    many = await ask(lambda client: client.nlp.classify(["good", "day"]))
    tokens = await ask(lambda client: client.nlp.tokenize("good day"))

    assert (one.best.label, one.token_count, one.truncated) == ("seven", 4, True)
    assert len(many) == 2
    assert (tokens.ids.dtype, tokens.ids.tolist(), tokens.tokens) == (np.int32, [5, 6], ("good", "day"))


async def test_a_history_is_a_list_or_weights_by_item(ask: Ask, fleet: FakeFleet) -> None:
    items = await ask(lambda client: client.recommendation.recommend(["a", "b"], exclude=["c"], top_k=1))
    assert [(item.item_id, item.name, item.score) for item in items] == [("space-01", "Far Suns", 0.5)]
    assert [(one.item_id, one.HasField("weight")) for one in fleet.last.request.history] == [("a", False), ("b", False)]
    assert list(fleet.last.request.exclude_item_ids) == ["c"]

    filters = {"genre": ["space", "horror"], "price": "low"}
    (item,) = await ask(lambda client: client.recommendation.recommend({}, filters=filters, reasons=1))
    assert [(why.item_id, why.name, why.contribution) for why in item.reasons] == [("space-07", "Near Suns", 0.25)]
    sent = fleet.last.request
    assert [(one.attribute, list(one.values)) for one in sent.filters] == [
        ("genre", ["space", "horror"]),
        ("price", ["low"]),
    ]
    assert (sent.reason_count, len(sent.history)) == (1, 0)

    users = await ask(lambda client: client.recommendation.similar_users({"a": 2.0}, user_id="user-001"))
    assert [(user.user_id, user.score) for user in users] == [("user-002", 0.5)]
    assert (fleet.last.request.history[0].weight, fleet.last.request.user_id) == (2.0, "user-001")

    await ask(lambda client: client.recommendation.rank(["a"], ["x", "y"]))
    assert list(fleet.last.request.candidate_item_ids) == ["x", "y"]

    await ask(lambda client: client.recommendation.similar_items("a", top_k=3))
    assert (fleet.last.request.item_id, fleet.last.request.top_k) == ("a", 3)


async def test_rows_are_sent_by_name_and_arrays_as_one_tensor(ask: Ask, fleet: FakeFleet) -> None:
    one = await ask(lambda client: client.tabular.predict({"age": 52, "bmi": 24.5}))
    assert one.values == (151.5,)
    assert dict(fleet.last.request.rows[0].named) == {"age": 52.0, "bmi": 24.5}

    many = await ask(lambda client: client.tabular.predict(np.ones((3, 2), np.float32)))
    assert len(many) == 3
    assert (list(fleet.last.request.tensor.shape), fleet.last.request.tensor.data_type) == ([3, 2], 1)

    await ask(lambda client: client.tabular.predict(np.ones((2, 5, 2), np.int64)))
    assert (list(fleet.last.request.tensor.shape), fleet.last.request.tensor.data_type) == ([2, 5, 2], 2)


async def test_models_and_workers_are_read_in_full(ask: Ask, fleet: FakeFleet) -> None:
    (model,) = await ask(lambda client: client.models("vision"))
    assert fleet.last.request.domain == "vision"
    assert model == await ask(lambda client: client.model("digits"))
    assert (model.name, model.domain, model.state, model.class_labels) == ("digits", "vision", "READY", ("zero", "one"))
    assert model.version_labels == {"stable": "3"}
    assert (model.metrics[0].name, model.metrics[0].value) == ("accuracy", 0.9889)
    assert model.provenance.dataset == "Digits"
    ready, failed = (replica.versions[0] for replica in model.replicas)
    assert (ready.inputs[0].name, ready.inputs[0].shape, ready.device) == ("image", (-1, 28, 28, 1), "cpu")
    assert (failed.state, failed.reason) == ("FAILED", "golden sample differs")

    (worker,) = await ask(lambda client: client.workers())
    assert (worker.replica, worker.status, worker.ready_models) == ("vision-0", "SERVING", ("digits",))


@pytest.mark.parametrize(
    ("status", "expected"),
    [(0, HealthStatus.UNKNOWN), (1, HealthStatus.SERVING), (2, HealthStatus.NOT_SERVING), (9, HealthStatus.UNKNOWN)],
)
async def test_health_is_read_without_the_health_package(
    ask: Ask, fleet: FakeFleet, status: int, expected: HealthStatus
) -> None:
    fleet.health = status

    assert await ask(lambda client: client.health("model/digits")) is expected
    assert fleet.last.request.value == "model/digits"


async def test_an_answer_with_too_few_results_is_an_error_not_a_shorter_list(ask: Ask, fleet: FakeFleet) -> None:
    fleet.drop_results = True

    with pytest.raises(ArgosyError, match="sent 1 results for 2 items") as caught:
        await ask(lambda client: client.nlp.classify(["one", "two"]))
    assert caught.value.reason == "BAD_ANSWER"


async def test_a_message_above_the_default_grpc_limit_goes_through(ask: Ask, fleet: FakeFleet) -> None:
    await ask(lambda client: client.vision.classify(bytes(8 << 20)))

    assert len(fleet.last.request.images[0].encoded) == 8 << 20
