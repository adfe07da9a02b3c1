# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The demo's samples: golden samples of the models that come with Argosy, one for each domain.

``data/samples.json`` lists them; ``data/DOMAIN/MODEL/`` holds copies of the models' own files.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from argosy.nlp.v1 import nlp_pb2
from argosy.recommendation.v1 import recommendation_pb2
from argosy.speech.v1 import speech_pb2
from argosy.tabular.v1 import tabular_pb2
from argosy.vision.v1 import vision_pb2
from google.protobuf import json_format
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

_SERVICES = {
    "vision": vision_pb2.DESCRIPTOR.services_by_name["VisionService"],
    "speech": speech_pb2.DESCRIPTOR.services_by_name["SpeechService"],
    "nlp": nlp_pb2.DESCRIPTOR.services_by_name["NlpService"],
    "recommendation": recommendation_pb2.DESCRIPTOR.services_by_name["RecommendationService"],
    "tabular": tabular_pb2.DESCRIPTOR.services_by_name["TabularService"],
}


@dataclass(frozen=True, slots=True)
class Sample:
    """One known call.

    Args:
        domain: Domain that serves it.
        model: Name of the model that it is meant for.
        method: Method of the domain's service.
        request: The request in proto3 JSON, where bytes may be ``{"$file": path}``.
        expected: The answer in proto3 JSON.
        tolerance: Largest absolute difference accepted in any number of the answer.
        files: Files of the request by name.
    """

    domain: str
    model: str
    method: str
    request: Mapping[str, Any]
    expected: Mapping[str, Any]
    tolerance: float
    files: Mapping[str, bytes]

    @property
    def path(self) -> str:
        """gRPC path of the method."""
        return f"/{_SERVICES[self.domain].full_name}/{self.method}"

    @property
    def response_type(self) -> type[Message]:
        """Class of the answer."""
        return GetMessageClass(_SERVICES[self.domain].methods_by_name[self.method].output_type)

    def message(self) -> Message:
        """The request, with its files in place and its model named."""
        request = GetMessageClass(_SERVICES[self.domain].methods_by_name[self.method].input_type)()
        return json_format.ParseDict({**_filled(self.request, self.files), "model": self.model}, request)

    def expected_dict(self) -> dict[str, Any]:
        """The expected answer with all its fields, those of default value too."""
        return as_dict(json_format.ParseDict(dict(self.expected), self.response_type()))


def as_dict(message: Message) -> dict[str, Any]:
    """A message in proto3 JSON with all its fields."""
    fields: dict[str, Any] = json_format.MessageToDict(message, always_print_fields_with_no_presence=True)
    return fields


def samples() -> list[Sample]:
    """Reads the demo's samples, one for each domain."""
    data = resources.files("argosy_client.demo") / "data"
    return [_sample(data, entry) for entry in json.loads((data / "samples.json").read_text("utf-8"))]


def _sample(data: Traversable, entry: Mapping[str, Any]) -> Sample:
    folder = data / entry["domain"] / entry["model"]
    golden = json.loads((folder / entry["golden"]).read_text("utf-8"))
    return Sample(
        domain=entry["domain"],
        model=entry["model"],
        method=golden["method"],
        request=golden["request"],
        expected=golden["response"],
        tolerance=entry["tolerance"],
        files={name.rpartition("/")[2]: (folder / name).read_bytes() for name in _file_names(golden["request"])},
    )


def _file_names(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        if set(value) == {"$file"}:
            return [value["$file"]]
        value = list(value.values())
    return [name for item in value for name in _file_names(item)] if isinstance(value, list) else []


def _filled(value: Any, files: Mapping[str, bytes]) -> Any:
    if isinstance(value, Mapping):
        if set(value) == {"$file"}:
            return base64.b64encode(files[value["$file"].rpartition("/")[2]]).decode()
        return {key: _filled(item, files) for key, item in value.items()}
    return [_filled(item, files) for item in value] if isinstance(value, list) else value
