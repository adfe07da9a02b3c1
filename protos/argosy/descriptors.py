# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The committed descriptor sets, and pools made from them."""

from functools import cache
from importlib import resources

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool


def descriptor_set(name: str) -> bytes:
    """Returns a serialized FileDescriptorSet: ``"all"`` (every service, for Envoy and reflection) or ``"v2"``."""
    return (resources.files("argosy") / f"{name}.binpb").read_bytes()


def pool_of(serialized: bytes, *, extra: tuple[bytes, ...] = ()) -> DescriptorPool:
    """Loads a descriptor set, and ``extra`` serialized files such as ``health_pb2.DESCRIPTOR.serialized_pb``, into a
    pool of its own, so that nothing clashes with other packages' copies in the default pool."""
    pool = DescriptorPool()
    for file in FileDescriptorSet.FromString(serialized).file:
        pool.Add(file)
    for serialized_file in extra:
        pool.Add(FileDescriptorProto.FromString(serialized_file))
    return pool


@cache
def v2_pool() -> DescriptorPool:
    """The private pool that holds the V2 protocol."""
    return pool_of(descriptor_set("v2"))
