# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The methods that callers may reach, read from the committed descriptors: no list of methods is kept by hand."""

from dataclasses import dataclass
from functools import cache

from argosy import v2
from argosy.descriptors import descriptor_set, v2_pool
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

#: Packages of ``argosy.*.v1`` that serve the fleet itself and no domain of models.
_NOT_DOMAINS = frozenset({"common", "fleet", "accounts"})
#: Services that only workers, control planes and KEDA speak to each other; never reachable through the gateway.
_INTERNAL = frozenset(
    {"argosy.fleet.v1.WorkerService", "argosy.fleet.v1.DemandService", "externalscaler.ExternalScaler"}
)
#: The field of each V2 request that names its model, for the methods that a replica of the model answers.
_V2_MODEL_FIELDS = {
    "ModelInfer": "model_name",
    "ModelStreamInfer": "model_name",
    "ModelReady": "name",
    "ModelMetadata": "name",
    "ModelConfig": "name",
}
#: Those of them that run it.
_V2_RUNNING = frozenset({"ModelInfer", "ModelStreamInfer"})
#: V2 methods about a server as a whole, which any worker answers.
_V2_FLEET = ("ServerLive", "ServerReady", "ServerMetadata")

HEALTH_SERVICE = "grpc.health.v1.Health"
REFLECTION_SERVICES = ("grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection")
FLEET_SERVICE = "argosy.fleet.v1.FleetService"


@dataclass(frozen=True, slots=True)
class Method:
    """A method that belongs to one model: where it is called and which field of the request names the model."""

    service: str
    name: str
    request_type: str
    model_field: str
    domain: str = ""
    client_streaming: bool = False
    runs_model: bool = True
    """Whether a call runs the model; some V2 methods only ask about it."""

    @property
    def path(self) -> str:
        """The ``:path`` of a call."""
        return f"/{self.service}/{self.name}"


@cache
def _files() -> tuple[FileDescriptorProto, ...]:
    return tuple(FileDescriptorSet.FromString(descriptor_set("all")).file)


def _domain_of(package: str) -> str:
    parts = package.split(".")
    is_domain = len(parts) == 3 and parts[0] == "argosy" and parts[1] not in _NOT_DOMAINS
    return parts[1] if is_domain else ""


@cache
def typed_methods() -> tuple[Method, ...]:
    """Every method of the domain services, such as ``argosy.vision.v1.VisionService/Classify``."""
    return tuple(
        Method(
            f"{file.package}.{service.name}",
            method.name,
            method.input_type[1:],
            "model",
            domain,
            method.client_streaming,
        )
        for file in _files()
        if (domain := _domain_of(file.package))
        for service in file.service
        for method in service.method
    )


@cache
def v2_model_methods() -> tuple[Method, ...]:
    """The V2 methods that a replica holding the model answers."""
    service = v2_pool().FindServiceByName(v2.SERVICE)
    described = {name: service.methods_by_name[name] for name in _V2_MODEL_FIELDS}
    return tuple(
        Method(
            v2.SERVICE,
            name,
            described[name].input_type.full_name,
            field,
            client_streaming=described[name].client_streaming,
            runs_model=name in _V2_RUNNING,
        )
        for name, field in _V2_MODEL_FIELDS.items()
    )


@cache
def v2_fleet_paths() -> tuple[str, ...]:
    """Paths of the V2 methods that any worker answers alike."""
    return tuple(f"/{v2.SERVICE}/{name}" for name in _V2_FLEET)


@cache
def v2_front_methods() -> tuple[str, ...]:
    """Names of the V2 methods that the front answers: all that no worker answers through the gateway."""
    elsewhere = {*_V2_MODEL_FIELDS, *_V2_FLEET}
    return tuple(
        method.name for method in v2_pool().FindServiceByName(v2.SERVICE).methods if method.name not in elsewhere
    )


@cache
def domains() -> tuple[str, ...]:
    """Every domain that has a service, sorted."""
    return tuple(sorted({method.domain for method in typed_methods()}))


@cache
def public_services() -> tuple[str, ...]:
    """Full names of every service that is reachable through the gateway."""
    described = {
        f"{file.package}.{service.name}" if file.package else service.name
        for file in _files()
        for service in file.service
    }
    return tuple(sorted((described - _INTERNAL) | {HEALTH_SERVICE, *REFLECTION_SERVICES}))


@cache
def front_paths() -> tuple[str, ...]:
    """Paths of every call that the front answers whatever the fleet's state."""
    fleet = [
        f"/{FLEET_SERVICE}/{method.name}"
        for file in _files()
        if file.package == "argosy.fleet.v1"
        for service in file.service
        if service.name == "FleetService"
        for method in service.method
    ]
    health = [f"/{HEALTH_SERVICE}/{name}" for name in ("Check", "Watch")]
    reflection = [f"/{service}/ServerReflectionInfo" for service in REFLECTION_SERVICES]
    whole_repository = [f"/{v2.SERVICE}/{name}" for name in v2_front_methods()]
    return (*fleet, *health, *reflection, *whole_repository)


@cache
def service_domains() -> dict[str, str]:
    """The domain of each typed service."""
    return {method.service: method.domain for method in typed_methods()}


@cache
def model_methods() -> dict[str, Method]:
    """Every method that belongs to one model, by path."""
    return {method.path: method for method in (*typed_methods(), *v2_model_methods())}
