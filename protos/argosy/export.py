# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Writes the contract as a folder that a client in any language builds from, with nothing else at hand."""

from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from google.rpc import error_details_pb2, status_pb2

from argosy.descriptors import descriptor_set

#: What the .proto files import, and what decodes the details of an error. The installed package
#: googleapis-common-protos, which the stubs need anyway, holds them.
GOOGLE_FILES = (
    "google/api/annotations.proto",
    "google/api/http.proto",
    "google/rpc/error_details.proto",
    "google/rpc/status.proto",
)

BUF_YAML = """\
version: v2
lint:
  use: [STANDARD, COMMENTS]
  ignore:
    # Wire-compatible with the V2 protocol, whose names are given.
    - argosy/inference
    # Wire-compatible with KEDA's external scalers, whose names are given.
    - argosy/keda
    - google
"""

README = """\
# Argosy's protos

Everything that a gRPC client of Argosy is generated from. This folder is the root of all imports (`protoc -I .`).

| path | what it is |
|---|---|
| `argosy/<domain>/v1` | typed services: vision, speech, nlp, recommendation, tabular |
| `argosy/fleet/v1` | what the fleet holds: models, versions, workers |
| `argosy/inference` | tensors for any model: the V2 protocol (`inference.GRPCInferenceService`) |
| `argosy/keda` | what KEDA asks the control plane; no client needs it |
| `google/api` | imported for the HTTP mapping; needs no generated code in most languages |
| `google/rpc` | `Status` and `ErrorInfo`: why a call failed, in the trailer `grpc-status-details-bin` |
| `all.binpb` | all of it as one descriptor set, for `grpcurl -protoset`, Envoy and other tools |
| `buf.yaml` | for `buf lint` and `buf generate` |

For example, with a fleet that listens on 127.0.0.1:8080:

    grpcurl -plaintext -protoset all.binpb 127.0.0.1:8080 argosy.fleet.v1.FleetService/ListModels
"""


class FolderNotEmpty(Exception):
    """The folder to write holds something already."""


def export(folder: Path, *, force: bool = False) -> list[Path]:
    """Writes the protos, buf.yaml, all.binpb and a README into ``folder``, and returns the paths written.

    Existing files are replaced only with ``force``; files of other names are never touched.

    Raises:
        FolderNotEmpty: the folder holds something and ``force`` is not given.
        OSError: a file cannot be written.
    """
    if not force and folder.exists() and any(folder.iterdir()):
        raise FolderNotEmpty(f"{folder} is not empty; choose another folder, or replace files there with --force")
    written = []
    for name, content in sorted(contents()):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        written.append(path)
    return written


def contents() -> Iterator[tuple[str, bytes]]:
    """Yields each exported file: its path below the folder, and what it holds."""
    yield from _protos(resources.files("argosy"), "argosy")
    for name in GOOGLE_FILES:
        package, _, file = name.rpartition("/")
        yield name, (resources.files(package.replace("/", ".")) / file).read_bytes()
    yield "all.binpb", _descriptors()
    yield "buf.yaml", BUF_YAML.encode()
    yield "README.md", README.encode()


def _protos(folder: Traversable, prefix: str) -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _protos(entry, f"{prefix}/{entry.name}")
        elif entry.name.endswith(".proto"):
            yield f"{prefix}/{entry.name}", entry.read_bytes()


def _descriptors() -> bytes:
    """The committed descriptor set with the files that decode errors, which no service imports, added."""
    files = FileDescriptorSet.FromString(descriptor_set("all"))
    known = {file.name for file in files.file}
    for module in (error_details_pb2, status_pb2):
        for dependency in (*module.DESCRIPTOR.dependencies, module.DESCRIPTOR):
            if dependency.name not in known:
                known.add(dependency.name)
                files.file.append(FileDescriptorProto.FromString(dependency.serialized_pb))
    return files.SerializeToString(deterministic=True)
