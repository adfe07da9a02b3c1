# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The images: what each is made from, and how large it may be."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOMAINS = ("vision", "speech", "nlp", "recommendation", "tabular")
PREFIX = "argosy"


@dataclass(frozen=True, slots=True)
class Image:
    """One image."""

    name: str
    dockerfile: str
    """Path of its Dockerfile from the checkout."""
    limit_mb: int = 0
    """Most that its layers above the base may take uncompressed, in MB (10^6 bytes); 0 sets no limit."""
    arguments: Mapping[str, str] = field(default_factory=dict)
    """Build arguments."""
    usual: bool = True
    """Whether it is built when none is named."""
    based: bool = True
    """Whether its layers lie on the base image; else they lie on nothing."""


_WORKER = "deploy/docker/worker.Dockerfile"
IMAGES = (
    Image("envoy", "deploy/docker/envoy.Dockerfile", 160),
    Image("control-plane", "deploy/docker/control-plane.Dockerfile", 150),
    *(Image(f"worker-{domain}", _WORKER, 340 if domain == "vision" else 220, {"DOMAIN": domain}) for domain in DOMAINS),
    Image("demo-models", "deploy/docker/demo-models.Dockerfile", 20),
    Image("all-in-one", "deploy/docker/all-in-one.Dockerfile"),
    # Several GB of CUDA and cuDNN: built when it is named.
    Image("worker-gpu", _WORKER, arguments={"DOMAIN": ",".join(DOMAINS), "ENGINE": "gpu"}, usual=False),
    # No part of a fleet.
    Image("example-go", "examples/kubernetes/go/Dockerfile", usual=False, based=False),
    Image("example-python", "examples/kubernetes/python/Dockerfile", usual=False),
)


def choose(names: str) -> tuple[Image, ...]:
    """Returns the images of a list such as "envoy,control-plane"; the usual ones where it is empty.

    Raises:
        ValueError: an unknown name.
    """
    if not names:
        return tuple(image for image in IMAGES if image.usual)
    known = {image.name: image for image in IMAGES}
    wanted = [name.strip() for name in names.split(",")]
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise ValueError(f"no image {', '.join(unknown)}; there are {', '.join(known)}")
    return tuple(known[name] for name in wanted)
