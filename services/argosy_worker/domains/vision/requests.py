# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""What requests ask for beside images, checked."""

import math
from collections.abc import Sequence

from argosy.vision.v1 import vision_pb2 as pb

from argosy_worker.domains.vision.source import Source, refused
from argosy_worker.errors import InvalidInput
from argosy_worker.repository.sections.vision import DetectOutput

#: Detections of an image where a request does not say how many.
DEFAULT_DETECTIONS = 100
#: Most pixels of all images of a request whose answer has a mask as large as the image.
MOST_MASK_PIXELS = 100_000_000
#: Longest side of such an image. A JPEG has no longer ones.
LONGEST_SIDE = 65_535
#: Most pictures in one answer.
MOST_PICTURES = 16


def chosen_min_score(request: pb.DetectRequest, section: DetectOutput) -> float:
    """The least score that a request wants, or the model's own.

    Raises:
        InvalidInput: MIN_SCORE_OUT_OF_RANGE.
    """
    if not request.HasField("min_score"):
        return section.min_score
    if not 0 <= request.min_score <= 1:  # written so that NaN is refused
        raise InvalidInput(
            f"min_score is {request.min_score:g}; it must be from 0 to 1, or absent for the model's own",
            reason="MIN_SCORE_OUT_OF_RANGE",
            metadata={"min_score": str(request.min_score)},
        )
    return request.min_score


def chosen_max_detections(wanted: int, section: DetectOutput) -> int:
    """How many detections of an image a request wants, at most as many as the model gives.

    Raises:
        InvalidInput: MAX_DETECTIONS_NEGATIVE.
    """
    if wanted < 0:
        raise InvalidInput(
            f"max_detections is {wanted}; it must be at least 0 (0 selects {DEFAULT_DETECTIONS})",
            reason="MAX_DETECTIONS_NEGATIVE",
            metadata={"max_detections": str(wanted)},
        )
    return min(wanted or DEFAULT_DETECTIONS, section.max_detections)


def chosen_mask_format(wanted: int) -> int:
    """The format of masks that a request wants.

    Raises:
        InvalidInput: MASK_FORMAT_UNKNOWN.
    """
    if wanted not in pb.MaskFormat.values():
        raise InvalidInput(
            f"mask_format {wanted} is not known; use MASK_FORMAT_PNG or MASK_FORMAT_RUN_LENGTHS",
            reason="MASK_FORMAT_UNKNOWN",
            metadata={"mask_format": str(wanted)},
        )
    return wanted or pb.MASK_FORMAT_PNG


def check_mask_sizes(sources: Sequence[Source]) -> None:
    """Checks that masks as large as the images are not too much for one answer.

    Raises:
        InvalidInput: IMAGE_TOO_LONG, or IMAGES_TOO_LARGE for all of them together.
    """
    for source in sources:
        if max(source.size) > LONGEST_SIDE:
            width, height = source.size
            text = f"{width} x {height} pixels; a mask has at most {LONGEST_SIDE} on a side"
            raise refused(source.where, text, "IMAGE_TOO_LONG", width=width, height=height, limit=LONGEST_SIDE)
    total = sum(math.prod(source.size) for source in sources)
    if total > MOST_MASK_PIXELS:
        raise InvalidInput(
            f"the images have {total:,} pixels together; send at most {MOST_MASK_PIXELS:,} in one request",
            reason="IMAGES_TOO_LARGE",
            metadata={"pixels": str(total), "limit": str(MOST_MASK_PIXELS)},
        )


def check_pictures(count: int) -> None:
    """Checks how many pictures a request wants drawn.

    Raises:
        InvalidInput: TOO_MANY_PICTURES.
    """
    if count > MOST_PICTURES:
        raise InvalidInput(
            f"pictures of {count} images are asked for; send at most {MOST_PICTURES} in one request, or no rendering",
            reason="TOO_MANY_PICTURES",
            metadata={"count": str(count), "limit": str(MOST_PICTURES)},
        )
