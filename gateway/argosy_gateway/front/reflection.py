# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Server reflection, v1 and v1alpha, of everything that is reachable through the gateway."""

import grpc
from argosy.descriptors import descriptor_set, pool_of
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection, reflection_pb2, reflection_pb2_grpc

from argosy_gateway import services

_ALPHA, _STABLE = "grpc.reflection.v1alpha", "grpc.reflection.v1"


def add_reflection(server: grpc.aio.Server) -> None:
    """Serves reflection from a pool of its own: the V2 protocol must not enter the default one."""
    extra = (
        health_pb2.DESCRIPTOR.serialized_pb,
        reflection_pb2.DESCRIPTOR.serialized_pb,
        _stable_file().SerializeToString(),
    )
    pool = pool_of(descriptor_set("all"), extra=extra)
    servicer = reflection.aio.ReflectionServicer(services.public_services(), pool=pool)
    reflection_pb2_grpc.add_ServerReflectionServicer_to_server(servicer, server)
    # The two versions have the same messages, so one servicer answers both.
    method = grpc.stream_stream_rpc_method_handler(
        servicer.ServerReflectionInfo,
        reflection_pb2.ServerReflectionRequest.FromString,
        reflection_pb2.ServerReflectionResponse.SerializeToString,
    )
    handler = grpc.method_handlers_generic_handler(f"{_STABLE}.ServerReflection", {"ServerReflectionInfo": method})
    server.add_generic_rpc_handlers((handler,))


def _stable_file() -> FileDescriptorProto:
    """The descriptor of v1: that of v1alpha under its other name."""
    file = FileDescriptorProto.FromString(reflection_pb2.DESCRIPTOR.serialized_pb)
    file.name, file.package = "grpc/reflection/v1/reflection.proto", _STABLE
    for message in file.message_type:
        for field in message.field:
            if field.type_name:
                field.type_name = field.type_name.replace(f".{_ALPHA}.", f".{_STABLE}.")
    for method in file.service[0].method:
        method.input_type = method.input_type.replace(f".{_ALPHA}.", f".{_STABLE}.")
        method.output_type = method.output_type.replace(f".{_ALPHA}.", f".{_STABLE}.")
    return file
