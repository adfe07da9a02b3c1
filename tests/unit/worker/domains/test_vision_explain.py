# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Vision: two images compared, and a label explained by a model whose cause is known."""

from typing import Any

import cv2
import numpy as np
import pytest
from argosy.common.v1.explanation_pb2 import RENDERING_FORMAT_HTML, RENDERING_FORMAT_PNG, ExplanationOptions
from argosy.vision.v1 import vision_pb2 as pb
from argosy_worker.domains._shared.explain.fidelity import fidelity
from argosy_worker.domains._shared.explain.game import Game
from argosy_worker.domains.vision.explanation import hidden_parts
from argosy_worker.domains.vision.placement import place
from argosy_worker.domains.vision.service import DOMAIN, compare, explain
from argosy_worker.engines.port import Tensors

from tests.unit.worker.domains.fakes import FakeCall, assert_invalid, fake_call, loaded, refusal

SIDE = 32
#: The patch that alone decides: rows 8 to 11 and columns 20 to 23 of the input, cell (2, 5) of 8 x 8.
ROWS, COLUMNS = slice(8, 12), slice(20, 24)


def patch_model(**section: Any) -> FakeCall:
    """A model that looks at one patch and says "bright" as far as that is bright, and else "dark"."""
    planar = section.get("layout") == "NCHW"

    def run(inputs: Tensors) -> Tensors:
        images = inputs["x"].transpose(0, 2, 3, 1) if planar else inputs["x"]
        bright = images[:, ROWS, COLUMNS].mean(axis=(1, 2, 3))
        return {"y": np.stack([1 - bright, bright], axis=1).astype(np.float32)}

    vision = {"input": "x", "width": SIDE, "height": SIDE, "classify": {"output": "y"}} | section
    shape = (3, SIDE, SIDE) if planar else (SIDE, SIDE, 3)
    config = {"methods": ["Explain"], "batching": {"max_batch_size": 16}, "vision": vision}
    graph = loaded(config, {"x": (-1, *shape)}, {"y": (-1, 2)}, ["dark", "bright"])
    return fake_call(DOMAIN, graph, run)


def picture(height: int = SIDE, width: int = SIDE) -> Any:
    """Noise in which the patch is bright, in any size."""
    levels = np.random.default_rng(7).integers(0, 120, (SIDE, SIDE, 3), np.uint8)
    levels[ROWS, COLUMNS] = 250
    return cv2.resize(levels, (width, height), interpolation=cv2.INTER_NEAREST)


def message(pixels: Any) -> pb.Image:
    height, width, channels = pixels.shape
    return pb.Image(raw=pb.RawImage(data=pixels.tobytes(), height=height, width=width, channels=channels))


async def explained(call: FakeCall, pixels: Any = None, grid: int = 0, **options: Any) -> pb.ExplainResponse:
    image = message(picture() if pixels is None else pixels)
    request = pb.ExplainRequest(image=image, grid_size=grid, options=ExplanationOptions(**options))
    return await explain(request, call)


def heatmap(response: pb.ExplainResponse) -> Any:
    return np.frombuffer(response.heatmap.data, "<f4").reshape(tuple(response.heatmap.shape))


@pytest.mark.parametrize("layout", ["NHWC", "NCHW"])
@pytest.mark.parametrize("method", ["", "occlusion", "rise"])
async def test_the_heat_is_where_the_model_looks(method: str, layout: str) -> None:
    response = await explained(patch_model(layout=layout), method=method)
    found = heatmap(response)
    assert found.shape == (8, 8)
    assert np.unravel_index(found.argmax(), found.shape) == (2, 5)
    others = np.delete(found.ravel(), 2 * 8 + 5)
    assert found[2, 5] > 5 * np.abs(others).max()
    assert response.summary.method == (method or "occlusion")
    assert response.summary.target == "bright"
    assert response.summary.value == pytest.approx(250 / 255, abs=1e-4)


@pytest.mark.parametrize("method", ["occlusion", "rise"])
async def test_insertion_and_deletion_beat_random_orders_by_a_margin(method: str) -> None:
    call = patch_model()
    trusted = (await explained(call, grid=16, method=method)).summary.fidelity
    image = (picture() / 255).astype(np.float32)
    hidden = hidden_parts(image, place((SIDE, SIDE), (SIDE, SIDE), "stretch"), "NHWC", 16)
    game = Game(call, 256, lambda masks, _: {"x": hidden.inputs(masks)}, lambda outputs, _: outputs["y"][:, 1])
    chance = np.random.default_rng(1)
    by_chance = [await fidelity(game, chance.random(256)) for _ in range(10)]
    assert trusted > np.mean(by_chance) + 0.4
    assert trusted > max(by_chance) + 0.1


async def test_the_heat_lies_over_the_image_as_sent() -> None:
    wide = picture(SIDE, SIDE * 4)
    stretched = heatmap(await explained(patch_model(), wide))
    assert np.unravel_index(stretched.argmax(), stretched.shape) == (2, 5)
    # In the letterbox the image fills rows 12 to 19, which the patch is above of.
    boxed = heatmap(await explained(patch_model(resize="letterbox"), wide))
    assert np.abs(boxed).max() == 0
    # The model sees the middle quarter: the patch at columns 20 to 23 of 32 is at 68 to 71 of 128 there.
    centred = np.zeros((SIDE, SIDE * 4, 3), np.uint8)
    centred[8:12, 68:72] = 255
    cut = heatmap(await explained(patch_model(resize="center_crop"), centred, grid=32))
    rows, columns = np.nonzero(cut > 0.01)
    assert (set(rows.tolist()), set(columns.tolist())) == ({8, 9, 10, 11}, {17})


async def test_a_label_that_is_named_is_explained() -> None:
    response = await explained(patch_model(), target="dark")
    found = heatmap(response)
    assert np.unravel_index(found.argmin(), found.shape) == (2, 5)
    assert response.summary.target == "dark"


async def test_the_same_seed_gives_the_same_explanation() -> None:
    one, same, other = [
        heatmap(await explained(patch_model(), method="rise", max_evaluations=100, seed=seed)) for seed in (5, 5, 6)
    ]
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


async def test_runs_are_no_larger_than_a_batch_and_counted() -> None:
    call = patch_model()
    response = await explained(call)
    assert max(len(inputs["x"]) for inputs in call.ran) <= 16
    assert sum(len(inputs["x"]) for inputs in call.ran) == response.summary.evaluation_count + 1


async def test_a_picture_has_the_heat_over_the_image() -> None:
    response = await explained(patch_model(), picture(320, 320), rendering=RENDERING_FORMAT_PNG)
    drawn = cv2.imdecode(np.frombuffer(response.summary.rendering.data, np.uint8), cv2.IMREAD_COLOR)
    assert drawn.shape == (320, 320, 3)
    red = drawn[..., 2].astype(int) - drawn[..., 1]
    assert red[80:120, 200:240].mean() > red[200:, :100].mean() + 40


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"grid": 1}, "GRID_OUT_OF_RANGE"),
        ({"grid": 65}, "GRID_OUT_OF_RANGE"),
        ({"grid": -(2**31)}, "GRID_OUT_OF_RANGE"),
        ({"target": "nope"}, "TARGET_UNKNOWN"),
        ({"method": "shapley"}, "EXPLANATION_METHOD_UNKNOWN"),
        ({"max_evaluations": -1}, "EVALUATIONS_OUT_OF_RANGE"),
        ({"max_evaluations": 2**31 - 1}, "EVALUATIONS_OUT_OF_RANGE"),
        ({"grid": 64}, "EXPLANATION_TOO_COSTLY"),
        ({"max_evaluations": 50}, "EXPLANATION_TOO_COSTLY"),
        ({"rendering": RENDERING_FORMAT_HTML}, "RENDERING_UNSUPPORTED"),
        ({"rendering": 77}, "RENDERING_UNSUPPORTED"),
    ],
)
async def test_what_cannot_be_explained_is_refused(fields: dict[str, Any], reason: str) -> None:
    assert (await refusal(explained(patch_model(), **fields))).reason == reason


async def test_an_explanation_that_takes_too_long_is_refused_with_the_estimate() -> None:
    call = patch_model(explain={"max_s": 5.0})
    call.items_per_s = 10.0
    error = await refusal(explained(call))
    assert error.reason == "EXPLANATION_TOO_COSTLY"
    assert float(error.metadata["seconds"]) == pytest.approx(0.1 * int(error.metadata["evaluations"]), abs=0.1)


async def test_an_image_that_is_missing_or_broken_is_named_by_its_field() -> None:
    for image, reason in ((pb.Image(), "IMAGE_MISSING"), (pb.Image(encoded=b"?"), "IMAGE_FORMAT_UNSUPPORTED")):
        error = await refusal(explain(pb.ExplainRequest(image=image), patch_model()))
        assert (error.reason, error.metadata["field"]) == (reason, "image")
    broken = pb.CompareRequest(first=message(picture()), second=pb.Image(encoded=b"GIF89a"))
    error = await refusal(compare(broken, twins({})))
    assert (error.reason, error.metadata["field"]) == ("IMAGE_FORMAT_UNSUPPORTED", "second")
    assert error.message.startswith("second: ")


def twins(outputs: Tensors, **section: Any) -> FakeCall:
    vision = {"input": "x", "width": 4, "height": 4, "embed": {"output": "v"}, "compare": {"threshold": 0.8}} | section
    graph = loaded({"methods": ["Compare"], "vision": vision}, {"x": (-1, 4, 4, 3)}, {"v": (-1, 2)})
    return fake_call(DOMAIN, graph, outputs)


@pytest.mark.parametrize(
    ("first", "second", "similarity", "same"),
    [
        ([3, 4], [6, 8], 1.0, True),
        ([1, 0], [0, 1], 0.0, False),
        ([1, 0], [-2, 0], -1.0, False),
        ([1, 0], [0.8, 0.6], 0.8, True),
        ([0, 0], [0, 0], 0.0, False),
        ([3e38, 0], [3e38, 0], 1.0, True),
    ],
)
async def test_images_are_compared_by_the_angle_of_their_vectors(
    first: list[float], second: list[float], similarity: float, same: bool
) -> None:
    call = twins({"v": np.array([first, second], np.float32)})
    answer = await compare(pb.CompareRequest(first=message(picture()), second=message(picture(7, 3))), call)
    assert (answer.similarity, answer.threshold) == (pytest.approx(similarity), pytest.approx(0.8))
    assert answer.same is same


@pytest.mark.parametrize(("key", "part"), [("embed", "vision.embed"), ("compare", "vision.compare: must be set for")])
def test_a_model_that_compares_needs_vectors_and_a_threshold(key: str, part: str) -> None:
    sections: dict[str, Any] = {"embed": {"output": "v"}, "compare": {"threshold": 0.5}} | {key: None}
    vision = {"input": "x", "width": 4, "height": 4} | sections
    graph = loaded({"methods": ["Compare"], "vision": vision}, {"x": (-1, 4, 4, 3)}, {"v": (-1, 2)})
    assert_invalid(DOMAIN, graph, part)
