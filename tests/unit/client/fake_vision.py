# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What the fake fleet answers about images, beside labels and embeddings."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from argosy.common.v1 import explanation_pb2, label_pb2, tensor_pb2
from argosy.vision.v1 import vision_pb2 as pb

PICTURE = b"a picture"
SUMMARY = explanation_pb2.ExplanationSummary(
    method="occlusion", target="seven", value=0.75, base_value=0.1, evaluation_count=98, fidelity=0.5
)


def heat() -> tensor_pb2.Tensor:
    """Two rows of three parts."""
    data = np.array([[0, 0.25, 0], [0.5, 0, -1]], "<f4")
    return tensor_pb2.Tensor(data_type=tensor_pb2.DATA_TYPE_FP32, shape=data.shape, data=data.tobytes())


def _picture(wanted: int) -> explanation_pb2.Rendering | None:
    return explanation_pb2.Rendering(media_type="image/png", data=PICTURE) if wanted else None


def vision_methods(
    about: Mapping[str, str],
    results: Callable[[Any, Callable[[Any], Any]], list[Any]],
    labels: Sequence[label_pb2.ScoredLabel],
) -> dict[str, tuple[Any, Callable[[Any], Any]]]:
    """Request class and rule for each method."""
    box = pb.Box(x_min=1, y_min=2, x_max=3.5, y_max=4)
    found = pb.ImageDetections(detections=[pb.Detection(box=box, label=labels[0])], width=5, height=4)
    segments = [
        pb.Segment(label=labels[0], pixel_count=4, run_lengths=[1, 3, 1, 1]),
        pb.Segment(label=labels[1], pixel_count=2, run_lengths=[0, 1, 3, 1, 1]),
    ]
    masked = pb.ImageSegmentation(segments=segments, width=3, height=2)

    def verdict(request: pb.InspectRequest) -> Callable[[Any], Any]:
        return lambda _: pb.ImageInspection(
            score=2.5,
            threshold=2,
            defective=True,
            heatmap=heat(),
            regions=[box],
            rendering=_picture(request.rendering),
        )

    def explained(request: pb.ExplainRequest) -> pb.ExplainResponse:
        summary = explanation_pb2.ExplanationSummary(rendering=_picture(request.options.rendering))
        summary.MergeFrom(SUMMARY)
        return pb.ExplainResponse(**about, summary=summary, heatmap=heat())

    service = "argosy.vision.v1.VisionService"
    return {
        f"{service}/Detect": (
            pb.DetectRequest,
            lambda r: pb.DetectResponse(**about, results=results(r.images, lambda _: found)),
        ),
        f"{service}/Segment": (
            pb.SegmentRequest,
            lambda r: pb.SegmentResponse(**about, results=results(r.images, lambda _: masked)),
        ),
        f"{service}/Inspect": (
            pb.InspectRequest,
            lambda r: pb.InspectResponse(**about, results=results(r.images, verdict(r))),
        ),
        f"{service}/Compare": (
            pb.CompareRequest,
            lambda _: pb.CompareResponse(**about, similarity=0.75, threshold=0.5, same=True),
        ),
        f"{service}/Explain": (pb.ExplainRequest, explained),
    }
