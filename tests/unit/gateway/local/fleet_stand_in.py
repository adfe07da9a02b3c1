# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A stand-in for gateway and control plane: answers WatchModels on a port with models in the states it is told.

``python fleet_stand_in.py PORT digits=READY shapes=FAILED``
"""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import grpc
from argosy import v2
from argosy.fleet.v1 import fleet_pb2, fleet_pb2_grpc, model_pb2


class Fleet(fleet_pb2_grpc.FleetServiceServicer):
    """Sends every model once, then stays silent for the stream's life."""

    def __init__(self, models: dict[str, str]) -> None:
        self._models = models

    def WatchModels(
        self, request: fleet_pb2.WatchModelsRequest, context: grpc.ServicerContext
    ) -> Iterator[fleet_pb2.WatchModelsResponse]:
        for name, state in self._models.items():
            yield changed(name, state)
        yield fleet_pb2.WatchModelsResponse(synced=True)


def changed(name: str, state: str, reason: str = "") -> fleet_pb2.WatchModelsResponse:
    description = model_pb2.ModelDescription(name=name, domain="vision")
    model = fleet_pb2.Model(description=description, state=f"MODEL_STATE_{state}", reason=reason)
    return fleet_pb2.WatchModelsResponse(changed=model)


def model_ready(request: object, context: grpc.ServicerContext) -> object:
    return v2.message("ModelReadyResponse")(ready=True)


def serve(port: int, models: dict[str, str]) -> None:
    server = grpc.server(ThreadPoolExecutor(2))
    fleet_pb2_grpc.add_FleetServiceServicer_to_server(Fleet(models), server)  # type: ignore[no-untyped-call]
    method = grpc.unary_unary_rpc_method_handler(
        model_ready,
        request_deserializer=v2.message("ModelReadyRequest").FromString,
        response_serializer=v2.message("ModelReadyResponse").SerializeToString,
    )
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(v2.SERVICE, {"ModelReady": method}),))
    server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    server.wait_for_termination()


if __name__ == "__main__":
    serve(int(sys.argv[1]), dict(argument.split("=") for argument in sys.argv[2:]))
