# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""The V2 tensor protocol on the worker's models, beside the typed API and through the same batchers."""

from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

import grpc
from argosy import v2

from argosy_worker.errors import InvalidInput, ModelNotFound, NotImplementedHere, NotReady
from argosy_worker.lifecycle.call import ActiveCall
from argosy_worker.lifecycle.finding import is_number
from argosy_worker.lifecycle.manager import ModelManager
from argosy_worker.lifecycle.served import ServedModel
from argosy_worker.lifecycle.state import ANSWERING
from argosy_worker.serving.edge import Edge, Exchange, Serve
from argosy_worker.serving.status import V2_CODES
from argosy_worker.serving.typed import chosen_model
from argosy_worker.serving.v2 import codec, parameters

PLATFORM = "onnxruntime_onnx"
_INFER_RESPONSE = v2.message("ModelInferResponse")


class V2Service:
    """The six open-inference rpcs, and the shared-memory rpcs that clients call to clean up."""

    def __init__(self, manager: ModelManager, executor: Executor, software_version: str) -> None:
        self._manager = manager
        self._executor = executor
        self._software_version = software_version

    async def server_live(self, _request: Any, _exchange: Exchange) -> Any:
        """A server that answers is alive."""
        return v2.message("ServerLiveResponse")(live=True)

    async def server_ready(self, _request: Any, _exchange: Exchange) -> Any:
        """Ready where any model answers and the worker is not leaving."""
        snapshot = self._manager.board.snapshot
        ready = not snapshot.draining and any(model.ready for model in snapshot.models.values())
        return v2.message("ServerReadyResponse")(ready=ready)

    async def server_metadata(self, _request: Any, _exchange: Exchange) -> Any:
        """Names the server; no extension is implemented yet."""
        return v2.message("ServerMetadataResponse")(name="argosy", version=self._software_version)

    async def model_ready(self, request: Any, exchange: Exchange) -> Any:
        """Unknown models and versions are not ready."""
        try:
            version = exchange.context.wanted_version(request.version)
            self._manager.resolve(_named(request.name, exchange), version, None)
            ready = True
        except (ModelNotFound, NotReady):
            ready = False
        return v2.message("ModelReadyResponse")(ready=ready)

    async def model_metadata(self, request: Any, exchange: Exchange) -> Any:
        """Describes the tensors of the version asked for and lists those that answer."""
        served = await self._obtain(request.name, request.version, exchange)
        state = self._manager.board.snapshot.models[served.graph.name]
        response = v2.message("ModelMetadataResponse")(
            name=served.graph.name,
            versions=[str(version.version) for version in state.versions if version.state in ANSWERING],
            platform=PLATFORM,
        )
        for specs, field in ((served.graph.inputs, response.inputs), (served.graph.outputs, response.outputs)):
            for spec in specs:
                field.add(name=spec.name, datatype=spec.datatype, shape=spec.shape)
        return response

    async def model_infer(self, request: Any, exchange: Exchange) -> Any:
        """Runs the model; see the proto for the errors."""
        served = await self._obtain(request.model_name, request.model_version, exchange)
        terms = exchange.context.terms
        stable = self._manager.stable_of(served) if exchange.context.shadow else None
        call = exchange.call = ActiveCall(served, terms, self._executor, stable)
        served.batcher.turn_away(terms)
        name = served.name
        parameters.check_request(request.parameters)
        wanted = _requested(request, served) if request.outputs else served.output_specs
        arrays = codec.read_inputs(request, served.input_specs, name)
        if served.max_batch_size:
            codec.check_batch(arrays, served.max_batch_size, name)
        outputs = await call.infer(arrays)
        response = _INFER_RESPONSE(model_name=name, model_version=served.version_text, id=request.id)
        for output in wanted:
            codec.write_output(response, served.output_specs[output], outputs[output])
        return response

    async def unregister_shared_memory(self, request: Any, _exchange: Exchange) -> Any:
        """Nothing can be registered, so forgetting everything succeeds."""
        if request.name:
            raise NotImplementedHere("shared memory is not available", reason="SHARED_MEMORY_UNSUPPORTED")
        kind = type(request).DESCRIPTOR.name.removesuffix("Request")
        return v2.message(f"{kind}Response")()

    async def _obtain(self, name: str, version: str, exchange: Exchange) -> ServedModel:
        model = _named(name, exchange)
        wanted = exchange.context.wanted_version(version)
        try:
            served = self._manager.serving(model, wanted, None)
            if served is None:
                exchange.may_load(model)
                served = await self._manager.obtain(model, wanted, None, exchange.context.deadline)
        except ModelNotFound as error:
            if error.reason == "VERSION_NOT_FOUND" and not is_number(wanted):
                raise InvalidInput(
                    f"'{wanted}' is neither a version number nor a label of model '{model}'", reason="VERSION_INVALID"
                ) from error
            raise
        exchange.use(served)
        return served


def handlers(service: V2Service, edge: Edge) -> dict[str, Any]:
    """Returns the handlers of all 20 rpcs by path; those not implemented answer UNIMPLEMENTED."""
    implemented: dict[str, Serve] = {
        "ServerLive": service.server_live,
        "ServerReady": service.server_ready,
        "ServerMetadata": service.server_metadata,
        "ModelReady": service.model_ready,
        "ModelMetadata": service.model_metadata,
        "ModelInfer": service.model_infer,
        "SystemSharedMemoryUnregister": service.unregister_shared_memory,
        "CudaSharedMemoryUnregister": service.unregister_shared_memory,
    }
    made = {}
    for method in v2.service().methods:
        full_name = f"{v2.SERVICE}/{method.name}"
        parse: Callable[[bytes], Any] = v2.message(method.input_type.name).FromString
        handler = edge.unary(full_name, parse, implemented.get(method.name) or _unimplemented(method.name), V2_CODES)
        made[f"/{full_name}"] = _as_stream(handler) if method.client_streaming else handler
    return made


def _named(name: str, exchange: Exchange) -> str:
    model = chosen_model(name, exchange)
    if not model:
        raise InvalidInput("model name is required", reason="MODEL_REQUIRED")
    return model


def _requested(request: Any, served: ServedModel) -> list[str]:
    """Names of the outputs that a request names."""
    wanted: list[str] = []
    for output in request.outputs:
        if output.name not in served.output_specs:
            raise InvalidInput(f"unexpected inference output '{output.name}' for model '{served.name}'")
        if output.name in wanted:
            raise InvalidInput(f"output '{output.name}' is requested twice")
        parameters.check_output(output.name, output.parameters)
        wanted.append(output.name)
    return wanted


def _unimplemented(name: str) -> Serve:
    async def serve(_request: Any, _exchange: Exchange) -> Any:
        raise NotImplementedHere(f"{name} is not implemented by this server")

    return serve


def _as_stream(handler: Any) -> Any:
    """Answers a stream with what the unary handler answers to an empty message: its refusal."""

    async def handle(_requests: Any, rpc: grpc.aio.ServicerContext) -> None:
        await handler.unary_unary(b"", rpc)

    return grpc.stream_stream_rpc_method_handler(handle)
