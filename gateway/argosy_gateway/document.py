# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The fleet document: which workers there are, and what is wanted of their models. YAML, strict.

```yaml
workers:
  - domain: vision
    address: 127.0.0.1:8101       # IP and port on which the worker serves
    repository: models/vision     # its models; read by the local supervisor alone
    metrics: 127.0.0.1:9101       # where it serves metrics; read by the local supervisor alone
models:                           # optional
  digits:
    labels: {stable: 1, canary: 2}          # label -> version
    traffic: {split: {stable: 90, canary: 10}}  # see argosy_gateway.traffic
  faces: {loaded: false}          # out of service
programs:                         # optional; read by the local supervisor alone
  - name: voice of customer
    address: 127.0.0.1:8090
    command: [python, serve.py, --control-plane, "{control_plane}", --port, "8090"]
```
"""

import ipaddress
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import yaml
from argosy.names import MODEL_NAME, MODEL_NAME_LENGTH
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from argosy_gateway.services import domains
from argosy_gateway.traffic import TrafficSection

_Key = tuple[str | int, ...]


class DocumentError(Exception):
    """A fleet document that cannot be used; the text names file, line and key."""


def _known_domain(value: str) -> str:
    if value not in domains():
        raise ValueError(f"no such domain; there are {', '.join(domains())}")
    return value


def _ip_and_port(value: str) -> str:
    host, _, port = value.rpartition(":")
    try:
        ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        raise ValueError("must be an IP address and a port, such as 127.0.0.1:8101") from None
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError("must end in a port from 1 to 65535, such as 127.0.0.1:8101")
    return value


class _NoAliasLoader(yaml.SafeLoader):
    """Refuses aliases, with which a document can contain itself."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "aliases are not allowed", event.start_mark)
        return super().compose_node(parent, index)


Address = Annotated[str, AfterValidator(_ip_and_port)]
Label = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9._-]{0,62}$")]
ModelName = Annotated[str, Field(pattern=f"^{MODEL_NAME}$", max_length=MODEL_NAME_LENGTH)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class WorkerEntry(_Section):
    """One worker."""

    domain: Annotated[str, AfterValidator(_known_domain)] = Field(description="Domain that it serves.")
    address: Address = Field(description="IP address and port on which it serves.")
    repository: str | None = Field(default=None, description="Folder of its models, for the local supervisor.")
    metrics: Address | None = Field(default=None, description="Address of its metrics, for the local supervisor.")


class ModelEntry(_Section):
    """What is wanted of one model."""

    labels: dict[Label, Annotated[int, Field(ge=1)]] = Field(default={}, description="Version labels.")
    loaded: bool = Field(default=True, description="Whether workers load it.")
    traffic: TrafficSection = Field(default_factory=TrafficSection, description="How its versions share its calls.")

    @model_validator(mode="after")
    def _traffic_goes_to_known_labels(self) -> "ModelEntry":
        unknown = self.traffic.unknown_label(self.labels)
        if unknown is not None:
            known = ", ".join(self.labels) or "none"
            raise ValueError(f"traffic names the label '{unknown}', and labels has {known}")
        return self


class ProgramEntry(_Section):
    """A program that uses the fleet."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,62}$")] = Field(description="Its name, unique.")
    address: Address = Field(description="IP address and port on which it serves.")
    command: Annotated[list[str], Field(min_length=1)] = Field(
        description="Program and arguments. `python` is the interpreter that runs the fleet; `{control_plane}` and "
        "`{gateway}` stand for their addresses."
    )


class FleetDocument(_Section):
    """The whole document."""

    workers: list[WorkerEntry] = Field(min_length=1, description="At least one worker.")
    models: dict[ModelName, ModelEntry] = Field(default={}, description="Wanted settings of models, by name.")

    programs: list[ProgramEntry] = Field(
        default=[], description="Programs that use the fleet, for the local supervisor."
    )

    @model_validator(mode="after")
    def _addresses_are_distinct(self) -> "FleetDocument":
        seen: set[str] = set()
        for worker in self.workers:
            if worker.address in seen:
                raise ValueError(f"two workers have the address {worker.address}")
            seen.add(worker.address)
        return self

    @model_validator(mode="after")
    def _programs_are_distinct(self) -> "FleetDocument":
        names = [program.name for program in self.programs]
        if len(set(names)) < len(names):
            raise ValueError("two programs have the same name")
        return self

    @property
    def domains(self) -> tuple[str, ...]:
        """Domains that have a worker, sorted."""
        return tuple(sorted({worker.domain for worker in self.workers}))


def load(path: Path) -> FleetDocument:
    """Reads a fleet document. Raises DocumentError, with one line that names file, line and key."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not UTF-8"
        raise DocumentError(f"{path}: cannot be read: {reason}") from error
    return parse(text, str(path))


def parse(text: str, name: str) -> FleetDocument:
    """Parses a fleet document; ``name`` is its file in messages. Raises DocumentError."""
    loader = _NoAliasLoader(text)
    try:
        root = loader.get_single_node()
        if root is None:
            raise DocumentError(f"{name}: is empty; it needs workers")
        lines = dict(_lines(root, (), name))
        data = loader.construct_document(root)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise DocumentError(f"{name}:{line}: {error.problem or error.context}") from error
    except yaml.YAMLError as error:
        raise DocumentError(f"{name}: {' '.join(str(error).split())}") from error
    except RecursionError as error:
        raise DocumentError(f"{name}: is nested too deeply") from error
    finally:
        loader.dispose()
    try:
        return FleetDocument.model_validate(data)
    except ValidationError as error:
        raise DocumentError(_first(error, lines, name)) from error


def _lines(node: yaml.Node, key: _Key, name: str) -> Iterator[tuple[_Key, int]]:
    """Yields each key of the document with its line; refuses one that is given twice."""
    yield key, node.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode):
        for index, child in enumerate(node.value):
            yield from _lines(child, (*key, index), name)
    elif isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key_node, child in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise DocumentError(f"{name}:{line}: {_dotted(key)}: a key must be plain text")
            if key_node.value in seen:
                raise DocumentError(f"{name}:{line}: {_dotted((*key, key_node.value))}: is given twice")
            seen.add(key_node.value)
            yield from _lines(child, (*key, key_node.value), name)
            yield (*key, key_node.value), line


def _first(error: ValidationError, lines: dict[_Key, int], name: str) -> str:
    # A misspelt key is the cause where the right one is missing too.
    found: list[Any] = sorted(error.errors(include_url=False), key=lambda each: each["type"] != "extra_forbidden")
    detail = found[0]
    key: _Key = ()
    for part in detail["loc"]:
        if part != "[key]":
            # A number that is a key of a mapping, not a place in a list.
            key += (str(part) if (*key, str(part)) in lines else part,)
    unknown = detail["type"] == "extra_forbidden"
    message = "no such key" if unknown else detail["msg"].removeprefix("Value error, ")
    known = key
    while known not in lines:
        known = known[:-1]
    return f"{name}:{lines[known]}: {_dotted(key)}: {message}"


def _dotted(key: _Key) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in key)
    return text.removeprefix(".") or "document"
