# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``argosy.tabular.v1.TabularService``."""

from argosy.tabular.v1 import tabular_pb2 as pb

from argosy_worker.domains.tabular.codec import TabularCodec, prepare, with_errors
from argosy_worker.domains.tabular.explain import explain
from argosy_worker.domains.tabular.features import Items
from argosy_worker.domains.tabular.stream import predict_stream
from argosy_worker.lifecycle.domain import Call, Domain


async def predict(request: pb.PredictRequest, call: Call) -> pb.PredictResponse:
    """Predicts one result for each row or sequence."""
    codec: TabularCodec = call.codec
    size = request.ByteSize()
    items: Items = await call.offload(codec.items, request, call.config.max_items, payload_bytes=size)
    count = len(items.features)
    predictions = []
    if count:
        predictions = codec.results.predictions(await call.infer(codec.inputs(items.features)), count)
    return pb.PredictResponse(predictions=with_errors(predictions, items.errors))


DOMAIN = Domain(
    name="tabular",
    service=pb.DESCRIPTOR.services_by_name["TabularService"],
    methods={"Predict": predict, "Explain": explain},
    prepare=prepare,
    streams={"PredictStream": predict_stream},
)
