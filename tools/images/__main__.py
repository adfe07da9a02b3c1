# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``python -m tools.images build|push``: builds the images and says how large they are; sends them to a registry."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tools.images.catalogue import PREFIX, ROOT, Image, choose
from tools.images.engines import Builder, BuilderError, find
from tools.images.pins import pin
from tools.images.reach import build_secrets, on_this_machine
from tools.images.sizes import layer_sizes

MB = 1_000_000


def local_name(image: Image, tag: str) -> str:
    """Name of an image on this machine."""
    return f"localhost/{PREFIX}/{image.name}:{tag}"


def size_above_base(builder: Builder, image: str, base: str | None) -> int:
    """Bytes of an image's uncompressed layers above its base, or of all where it has none."""
    ours, below = builder.layers(image), builder.layers(base) if base else []
    if ours[: len(below)] != below:
        raise BuilderError(f"{image} is not built on {base}")
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "image.tar"
        builder.save(image, archive)
        return sum(layer_sizes(archive)[len(below) :])


def build(images: Sequence[Image], base: str, tag: str) -> int:
    """Builds images and prints how large they are; returns 1 where one is larger than it may be."""
    builder = find()
    with build_secrets() as secrets:
        for image in images:
            print(f"building {local_name(image, tag)} with {builder.program}", file=sys.stderr, flush=True)
            arguments = {"BASE_IMAGE": base, **image.arguments}
            builder.build(local_name(image, tag), ROOT / image.dockerfile, ROOT, arguments, secrets)
    return report(images, base, tag)


def report(images: Sequence[Image], base: str, tag: str) -> int:
    """Prints how large images are; returns 1 where one is larger than it may be."""
    builder, too_large = find(), 0
    print(f"MB above {base}, uncompressed")
    for image in images:
        size = size_above_base(builder, local_name(image, tag), base if image.based else None) / MB
        over = 0 < image.limit_mb < size
        too_large += over
        limit = f"of at most {image.limit_mb}" if image.limit_mb else ""
        print(f"{image.name:24}{size:8.0f} {limit}{': too large' * over}".rstrip(), flush=True)
    return 1 if too_large else 0


def push(images: Sequence[Image], tag: str, registry: str, overlay: Path, secure: bool) -> int:
    """Sends images to a registry and pins what was sent in an overlay."""
    builder, pinned = find(), {}
    for image in images:
        place = f"{registry.rstrip('/')}/{PREFIX}/{image.name}"
        pinned[f"{PREFIX}/{image.name}"] = (place, builder.push(local_name(image, tag), f"{place}:{tag}", secure))
        print(f"{place}@{pinned[f'{PREFIX}/{image.name}'][1]}", flush=True)
    kustomization = overlay / "kustomization.yaml"
    kustomization.write_text(pin(kustomization.read_text(encoding="utf-8"), pinned), encoding="utf-8")
    print(f"pinned in {kustomization}")
    return 0


def main(arguments: Sequence[str]) -> int:
    """Returns 0, or 1 with one line on standard error where something failed."""
    parser = argparse.ArgumentParser(prog="tools.images", description="Builds and pushes Argosy's images.")
    parser.add_argument("action", choices=("build", "sizes", "push"))
    parser.add_argument(
        "--images", default="", help="names, with commas between; default all of a fleet but worker-gpu"
    )
    parser.add_argument("--tag", default="dev", help="default %(default)s")
    parser.add_argument("--base", default="python:3.11-slim", help="image to build on; default %(default)s")
    parser.add_argument("--registry", help="where to push, such as registry.example/team")
    parser.add_argument("--overlay", type=Path, default=ROOT / "deploy/k8s/overlays/prod", help="where to pin digests")
    parser.add_argument("--insecure", action="store_true", help="push without TLS, as to this machine always")
    chosen = parser.parse_args(arguments)
    try:
        images = choose(chosen.images)
        if chosen.action == "build":
            return build(images, chosen.base, chosen.tag)
        if chosen.action == "sizes":
            return report(images, chosen.base, chosen.tag)
        if not chosen.registry:
            parser.error("push needs --registry")
        secure = not (chosen.insecure or on_this_machine(chosen.registry))
        return push(images, chosen.tag, chosen.registry, chosen.overlay, secure)
    except (BuilderError, ValueError, OSError) as error:
        print(f"images: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
