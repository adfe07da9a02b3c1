# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Images."""

import base64
import struct
import zlib
from collections.abc import Mapping
from typing import Any

from argosy_client.bridge.plan import Facts, Plan

_CHANNELS = (1, 3)
#: Extent that is taken where the graph fixes none, in pixels.
_EXTENT = 224


def fits(facts: Facts) -> str:
    """Why a graph looks like one of images; empty where it does not."""
    if len(facts.graph.inputs) != 1:
        return ""
    value = facts.graph.inputs[0]
    dims = facts.dims(value)
    layout = _layout(dims)
    if not layout or value.datatype == "BYTES":
        return ""
    return f"its one input '{value.name}' [{', '.join(map(str, dims))}] looks like images ({layout})"


def plan(facts: Facts, why: str) -> Plan:
    """A plan for Classify or Embed; by tensors alone where the graph does not allow it."""
    output = facts.scores()
    if not fits(facts) or output is None:
        missing = "Classify and Embed take one input of images and read one output [batch, classes or dimensions]"
        return Plan("vision", why, missing=missing)
    value = facts.graph.inputs[0]
    dims = facts.dims(value)
    layout = _layout(dims)
    channels = dims[1] if layout == "NCHW" else dims[3]
    sizes = dims[2:] if layout == "NCHW" else dims[1:3]
    said = facts.companions.preprocessing
    height, width = (
        size if isinstance(size, int) else _size(said, key)
        for size, key in zip(sizes, ("height", "width"), strict=True)
    )
    section: dict[str, Any] = {"input": value.name, "width": width, "height": height}
    section |= {"color": "gray" if channels == 1 else "rgb", "layout": layout, "resize": _resize(said)}
    section |= _normalisation(said, value.datatype)
    comments = {
        "vision.layout": "channels first" if layout == "NCHW" else "channels last",
        "vision.resize": "stretch, center_crop (cut) or letterbox (padded): as in training",
        "vision.scale": "from preprocessor_config.json"
        if said
        else "GUESSED: 0..255 becomes 0..1; what the graph itself scales (a Rescaling layer) needs 1.0",
        "vision.mean": "from preprocessor_config.json"
        if said
        else "GUESSED: nothing is subtracted; torchvision's pretrained models need mean [0.485, 0.456, 0.406] "
        "and std [0.229, 0.224, 0.225]",
    }
    labels = facts.labels(output)
    embeds = not labels and any(word in output.name.lower() for word in ("embed", "feature", "pooler"))
    if embeds:
        section["embed"] = {"output": output.name, "normalize": False}
    else:
        section["classify"] = {"output": output.name, "activation": facts.activation(output)}
    request = {"images": [{"encoded": base64.b64encode(png(8, 8)).decode()}]}
    method = "Embed" if embeds else "Classify"
    return Plan("vision", why, (method,), section, comments, () if embeds else labels, request=request)


def png(width: int, height: int) -> bytes:
    """A small grey picture, dark above and bright below, as PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes([255 * row // max(height - 1, 1)]) * width for row in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _layout(dims: tuple[int | str, ...]) -> str:
    if len(dims) != 4:
        return ""
    if dims[1] in _CHANNELS and dims[3] not in _CHANNELS:
        return "NCHW"
    return "NHWC" if dims[3] in _CHANNELS else "NCHW" if dims[1] in _CHANNELS else ""


def _size(said: Mapping[str, Any], key: str) -> int:
    for name in ("crop_size", "size"):
        size = said.get(name)
        if isinstance(size, int):
            return size
        if isinstance(size, Mapping):
            found = size.get(key) or size.get("shortest_edge")
            if isinstance(found, int):
                return found
    return _EXTENT


def _resize(said: Mapping[str, Any]) -> str:
    size = said.get("size")
    cut = said.get("do_center_crop") or (isinstance(size, Mapping) and "shortest_edge" in size)
    return "center_crop" if cut else "stretch"


def _normalisation(said: Mapping[str, Any], datatype: str) -> dict[str, Any]:
    if not said:
        whole = datatype.startswith(("INT", "UINT"))
        return {"scale": 1.0 if whole else 1 / 255, "mean": [0.0], "std": [1.0]}
    scale = said.get("rescale_factor", 1 / 255) if said.get("do_rescale", True) else 1.0
    shifted = said.get("do_normalize", True) and said.get("image_mean")
    mean, std = (said.get("image_mean"), said.get("image_std")) if shifted else ([0.0], [1.0])
    return {"scale": float(scale), "mean": [*map(float, mean or [0.0])], "std": [*map(float, std or [1.0])]}
