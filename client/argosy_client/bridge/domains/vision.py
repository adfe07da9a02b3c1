# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Images."""

import base64
import struct
import zlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from argosy_client.bridge.companions import number
from argosy_client.bridge.domains import detection, maps
from argosy_client.bridge.domains.views import layout_of, view_of
from argosy_client.bridge.graph import Value
from argosy_client.bridge.parts import Finder, Part, by_tensors, put_together
from argosy_client.bridge.plan import Facts, Plan

#: What says how pictures were prepared in training.
_SAID = "preprocessor_config.json"
METHODS = ("Classify", "Embed", "Detect", "Segment", "Inspect", "Compare", "Explain")


def fits(facts: Facts) -> str:
    """Why a graph looks like one of images; empty where it does not."""
    if len(facts.graph.inputs) != 1:
        return ""
    value = facts.graph.inputs[0]
    dims = facts.dims(value)
    layout = layout_of(dims)
    if not layout or value.datatype == "BYTES":
        return ""
    return f"its one input '{value.name}' [{', '.join(map(str, dims))}] looks like images ({layout})"


def plan(facts: Facts, why: str) -> Plan:
    """A plan; by tensors alone where the graph does not take one input of images.

    Raises:
        ValueError: a method was asked for that the graph does not allow.
    """
    if not fits(facts):
        missing = "typed calls need one input of images, [batch, 1 or 3, height, width] or channels last"
        return by_tensors("vision", why, missing, facts)
    value = facts.graph.inputs[0]
    seen = view_of(facts)
    said = facts.companions.preprocessing
    section: dict[str, Any] = {"input": value.name, "width": seen.width, "height": seen.height}
    section |= {"color": "gray" if seen.channels == 1 else "rgb", "layout": seen.layout, "resize": _resize(said)}
    section |= _normalisation(said, value.datatype)
    comments = {
        "vision.layout": "channels first" if seen.layout == "NCHW" else "channels last",
        "vision.resize": "stretch, center_crop (cut) or letterbox (padded): as in training",
        "vision.scale": f"from {_SAID}"
        if said
        else "GUESSED: 0..255 becomes 0..1; what the graph itself scales (a Rescaling layer) needs 1.0",
        "vision.mean": f"from {_SAID}"
        if said
        else "GUESSED: nothing is subtracted; torchvision's pretrained models need mean [0.485, 0.456, 0.406] "
        "and std [0.229, 0.224, 0.225]",
    }
    finders = (*detection.FINDERS, *maps.FINDERS, *_FINDERS)
    request = {"images": [{"encoded": base64.b64encode(png(8, 8)).decode()}]}
    made = put_together(Plan("vision", why, section=section, comments=comments, request=request), facts, finders)
    whole = {"Segment", "Inspect"} & {*made.methods}  # the margins must not be cut off
    resize = "stretch" if whole and section["resize"] == "center_crop" else section["resize"]
    return replace(made, section={**made.section, "resize": resize}) if made.methods else made


def _classes(facts: Facts) -> Part | str | None:
    """A row of scores for each image."""
    found = facts.rows()
    value = next((one for one in found if not _is_vectors(one)), None)
    if (value is None and facts.told("Classify")) or (found and facts.labels(found[0])):
        value = next(iter(found), None)
    if value is None:
        return None
    labels, width = facts.labels(value), facts.width(value)
    section = {"classify": {"output": value.name, "activation": facts.activation(value)}}
    why = f"output '{value.name}' has {width} number{'s' * (width > 1)} for each image"
    nameless = f"the {width} classes have no names: put them into labels.txt beside the graph, one a line"
    comments = {"vision.classify.activation": "by what the graph gave for the samples"}
    notes = () if labels else (nameless,)
    return Part(("Classify", "Explain"), why, (value.name,), section, comments, labels, notes=notes)


def _vectors(facts: Facts) -> Part | str | None:
    """A vector for each image."""
    found = facts.rows()
    value = next((one for one in found if _is_vectors(one)), None)
    if value is None and facts.told("Embed", "Compare"):
        value = next(iter(found), None)
    if value is None:
        return None
    why = f"output '{value.name}' is a vector of {facts.width(value)} numbers for each image"
    section: dict[str, Any] = {"embed": {"output": value.name, "normalize": facts.told("Compare")}}
    comments = {}
    if facts.told("Compare"):
        section["compare"] = {"threshold": 0.5}
        comments["vision.compare.threshold"] = "GUESSED: choose it on pairs that show the same and pairs that do not"
    methods = ("Embed", "Compare") if facts.told("Compare") else ("Embed",)
    notes = (
        ()
        if facts.told("Compare")
        else ("to tell whether two images show the same, say --method Embed --method Compare",)
    )
    return Part(methods, why, (value.name,), section, comments, notes=notes)


def _is_vectors(value: Value) -> bool:
    return value.named("embed", "feature", "pooler")


_FINDERS = (
    Finder(("Classify", "Explain"), "an output [batch, classes]", _classes),
    Finder(("Embed", "Compare"), "an output of vectors [batch, dimensions]", _vectors),
)


def png(width: int, height: int) -> bytes:
    """A small grey picture, dark above and bright below, as PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes([255 * row // max(height - 1, 1)]) * width for row in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


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
    mean, std = ("image_mean", "image_std") if shifted else ("", "")
    return {
        "scale": number(_SAID, "rescale_factor", scale),
        "mean": _channels(said, mean) or [0.0],
        "std": _channels(said, std) or [1.0],
    }


def _channels(said: Mapping[str, Any], key: str) -> list[float]:
    """A number for each channel, or one for all; empty where nothing is said."""
    value = said.get(key) or []
    return [number(_SAID, key, one) for one in (value if isinstance(value, list) else [value])]
