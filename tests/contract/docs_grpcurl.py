# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Does what the documented grpcurl commands do, for machines without grpcurl: calls by reflection alone."""

from collections.abc import Sequence

import grpc
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.json_format import MessageToJson, Parse
from google.protobuf.message_factory import GetMessageClass
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase


def grpcurl(arguments: Sequence[str]) -> str:
    """Returns what grpcurl prints for ``-plaintext [-d JSON] ADDRESS list`` or ``ADDRESS SERVICE/METHOD``."""
    rest = [argument for argument in arguments if argument != "-plaintext"]
    data = "{}"
    if rest[0] == "-d":
        data, rest = rest[1], rest[2:]
    address, wanted = rest
    with grpc.insecure_channel(address) as channel:
        database = ProtoReflectionDescriptorDatabase(channel)
        if wanted == "list":
            return "".join(f"{name}\n" for name in sorted(database.get_services()))
        service, _, name = wanted.partition("/")
        method = DescriptorPool(database).FindServiceByName(service).methods_by_name[name]
        answer = GetMessageClass(method.output_type)
        call = channel.unary_unary(f"/{wanted}", response_deserializer=answer.FromString)
        request = Parse(data, GetMessageClass(method.input_type)())
        return MessageToJson(call(request.SerializeToString(), timeout=10)) + "\n"
