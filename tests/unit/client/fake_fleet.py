# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""A fleet in this process, for tests of the client: answers by rule, and remembers what it was asked."""

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import grpc
import numpy as np
from argosy.common.v1 import explanation_pb2, label_pb2, tensor_pb2
from argosy.fleet.v1 import fleet_pb2, model_pb2
from argosy.nlp.v1 import nlp_pb2
from argosy.recommendation.v1 import recommendation_pb2
from argosy.speech.v1 import speech_pb2
from argosy.status import DETAILS_KEY, Problem, pack
from argosy.tabular.v1 import tabular_pb2
from argosy.vision.v1 import vision_pb2
from google.protobuf.wrappers_pb2 import Int32Value, StringValue

from tests.unit.client.fake_vision import vision_methods

TRAILERS = (
    ("argosy-model", "digits"),
    ("argosy-version", "3"),
    ("argosy-replica", "vision-0"),
    ("argosy-device", "cpu"),
    ("argosy-batch-size", "4"),
    ("argosy-queue-ms", "0.25"),
    ("argosy-compute-ms", "1.5"),
)
LABELS = [
    label_pb2.ScoredLabel(label="seven", index=7, score=0.75),
    label_pb2.ScoredLabel(label="one", index=1, score=0.25),
]

#: Features with their parts in an explanation or a score.
FEATURES = {"age": 0.5, "bmi": -2.5, "bp": 0.0}


@dataclass
class Asked:
    """One call that arrived."""

    path: str
    request: Any
    metadata: Mapping[str, str]
    remaining_s: float | None


@dataclass
class FakeFleet:
    """The fleet.

    ``problem`` fails every call, or the first ``failures``, with ``details`` in place of its own; ``bad_bytes`` fails
    an image of these bytes; ``answers`` by path come before the rules.
    """

    problem: tuple[grpc.StatusCode, Problem] | None = None
    failures: int | None = None
    details: bytes | None = None
    bad_bytes: bytes = b"broken"
    health: int = 1
    delay_s: float = 0.0
    drop_results: bool = False
    answers: dict[str, Any] = field(default_factory=dict)
    healthy_despite_problem: bool = False
    asked: list[Asked] = field(default_factory=list)
    cancelled: threading.Event = field(default_factory=threading.Event)
    address: str = ""

    @property
    def last(self) -> Asked:
        """The call that arrived last."""
        return self.asked[-1]

    def answer(self, path: str, make: Callable[[Any], Any]) -> Callable[[Any, grpc.ServicerContext], Any]:
        """A handler that takes note, fails where it is told to, and else answers."""

        def handle(request: Any, context: grpc.ServicerContext) -> Any:
            metadata = dict(context.invocation_metadata())
            self.asked.append(Asked(path, request, metadata, context.time_remaining()))
            if self.delay_s:
                self.cancelled.wait(self.delay_s)
            problem = self._problem_of(path) or self._item_problem(request)
            if problem:
                self._fail(context, *problem)
            context.set_trailing_metadata(TRAILERS)
            return self.answers.get(path) or make(request)

        return handle

    def _problem_of(self, path: str) -> tuple[grpc.StatusCode, Problem] | None:
        if self.failures is not None and len(self.asked) > self.failures:
            return None
        return None if self.healthy_despite_problem and "Health" in path else self.problem

    def _item_problem(self, request: Any) -> tuple[grpc.StatusCode, Problem] | None:
        if any(image.encoded == self.bad_bytes for image in getattr(request, "images", ())):
            problem = Problem("image 0 is no PNG, JPEG, WebP or BMP file", "INVALID_INPUT", {"item": "0"})
            return grpc.StatusCode.INVALID_ARGUMENT, problem
        return None

    def _fail(self, context: grpc.ServicerContext, code: grpc.StatusCode, problem: Problem) -> None:
        details = self.details or (pack(code.value[0], problem) if problem.reason else None)
        if details:
            context.set_trailing_metadata(((DETAILS_KEY, details),))
        context.abort(code, problem.message)

    def watch(self, request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        """Streams two models' worth of updates, then stays silent until the caller leaves."""
        context.add_callback(self.cancelled.set)
        yield fleet_pb2.WatchModelsResponse(changed=digits())
        yield fleet_pb2.WatchModelsResponse(synced=True)
        yield fleet_pb2.WatchModelsResponse(removed="digits")
        if self.problem:
            self._fail(context, *self.problem)
        self.cancelled.wait(30)

    def follow(self, requests: Iterator[Any], context: grpc.ServicerContext) -> Iterator[Any]:
        """Answers each reading of a stream: an anomaly of its first value, or an error where that is NaN."""
        context.add_callback(self.cancelled.set)
        count = 0
        for request in requests:
            self.asked.append(Asked("stream", request, dict(context.invocation_metadata()), context.time_remaining()))
            if self.problem:
                self._fail(context, *self.problem)
            for row in request.readings.rows:
                count += 1
                value = row.named[min(row.named)] if row.named else row.values[0]
                prediction = tabular_pb2.Prediction()
                if value != value:
                    prediction.error.reason, prediction.error.message = "VALUE_NOT_FINITE", "row 0 is nan"
                else:
                    prediction.anomaly.score, prediction.anomaly.threshold = value, 2.5
                    prediction.anomaly.anomalous = value >= 2.5
                    for name, part in FEATURES.items():
                        prediction.anomaly.features.add(feature=name, attribution=part)
                yield tabular_pb2.PredictStreamResponse(
                    model="digits", version="3", reading_count=count, prediction=prediction
                )

    def results(self, items: Any, make: Callable[[Any], Any]) -> list[Any]:
        """One result for each item, or one too few."""
        made = [make(item) for item in items]
        return made[1:] if self.drop_results else made


def digits() -> fleet_pb2.Model:
    """A model with one replica that is ready and one that failed."""
    ready = model_pb2.ModelVersion(
        version=3,
        state=model_pb2.MODEL_STATE_READY,
        inputs=[model_pb2.TensorSpec(name="image", data_type="FP32", shape=[-1, 28, 28, 1])],
        outputs=[model_pb2.TensorSpec(name="probabilities", data_type="FP32", shape=[-1, 10])],
        engine="onnx",
        device="cpu",
        sha256="ab12" * 16,
    )
    failed = model_pb2.ModelVersion(version=3, state=model_pb2.MODEL_STATE_FAILED, reason="golden sample differs")
    return fleet_pb2.Model(
        description=model_pb2.ModelDescription(
            name="digits",
            domain="vision",
            description="Reads one handwritten digit.",
            methods=["Classify", "Embed"],
            default_for=["Classify"],
            provenance=model_pb2.Provenance(
                dataset="Digits", licence="CC BY 4.0", trained_by="digits.py", date="2026-01-02"
            ),
            metrics=[model_pb2.Metric(name="accuracy", value=0.9889, split="held-out", sample_count=360)],
            card=model_pb2.Card(intended_use="To show a classifier.", limits="Knows ten digits alone."),
            class_labels=["zero", "one"],
            version_labels={"stable": "3"},
        ),
        state=model_pb2.MODEL_STATE_READY,
        replicas=[
            fleet_pb2.ModelReplica(replica="vision-0", address="127.0.0.1:8101", versions=[ready]),
            fleet_pb2.ModelReplica(replica="vision-1", address="127.0.0.1:8102", versions=[failed]),
        ],
    )


def _vectors(count: int) -> tensor_pb2.Tensor:
    data = np.arange(count * 3, dtype="<f4")
    return tensor_pb2.Tensor(data_type=tensor_pb2.DATA_TYPE_FP32, shape=[count, 3], data=data.tobytes())


def _similarities(texts: int, others: int) -> tensor_pb2.Tensor:
    data = np.linspace(-1, 1, texts * others, dtype="<f4")
    return tensor_pb2.Tensor(data_type=tensor_pb2.DATA_TYPE_FP32, shape=[texts, others], data=data.tobytes())


def _summary(options: explanation_pb2.ExplanationOptions) -> explanation_pb2.ExplanationSummary:
    summary = explanation_pb2.ExplanationSummary(
        method=options.method or "erasure",
        target=options.target or "place",
        value=0.9,
        base_value=0.2,
        evaluation_count=12,
        fidelity=0.4,
    )
    if options.rendering:
        summary.rendering.media_type, summary.rendering.data = "image/svg+xml", b"<svg/>"
    return summary


def _prediction(row: Any) -> Any:
    if any(value != value for value in getattr(row, "named", {}).values()):
        error = tabular_pb2.RowError(reason="VALUE_NOT_FINITE", message="row 0: feature 'age' is nan")
        return tabular_pb2.Prediction(error=error)
    return tabular_pb2.Prediction(values=[151.5])


def _explained(fleet: FakeFleet) -> Any:
    summary = explanation_pb2.ExplanationSummary(
        method="shapley", target="age", value=3.0, base_value=1.0, evaluation_count=42, additivity_gap=0.0
    )
    if fleet.last.request.options.rendering:
        summary.rendering.media_type, summary.rendering.data = "image/png", b"png"
    features = [tabular_pb2.FeatureAttribution(feature=name, attribution=value) for name, value in FEATURES.items()]
    return tabular_pb2.ExplainResponse(model="digits", version="3", summary=summary, features=features)


def _items(request: Any) -> Any:
    reason = recommendation_pb2.Reason(item_id="space-07", name="Near Suns", contribution=0.25)
    count = getattr(request, "reason_count", 0)
    return [recommendation_pb2.ScoredItem(item_id="space-01", name="Far Suns", score=0.5, reasons=[reason] * count)]


def _methods(fleet: FakeFleet) -> dict[str, tuple[Any, Callable[[Any], Any]]]:
    """Request class, and the rule that makes the answer, for each method."""
    image = vision_pb2.ImageClassification(labels=LABELS)
    text = nlp_pb2.TextClassification(labels=LABELS, token_count=4, truncated=True)
    tokens = nlp_pb2.Tokenization(ids=[5, 6], tokens=["good", "day"])
    span = nlp_pb2.Span(byte_start=5, byte_end=9, character_start=2, character_end=6)
    entity = nlp_pb2.Entity(text="Rome", label=label_pb2.ScoredLabel(label="place", index=3, score=0.9), span=span)
    about = {"model": "digits", "version": "3"}
    worker = fleet_pb2.Worker(
        replica="vision-0",
        domain="vision",
        address="127.0.0.1:8101",
        status=fleet_pb2.WORKER_STATUS_SERVING,
        ready_models=["digits"],
        software_version="0.1.0",
    )
    recommend = recommendation_pb2
    speech = speech_pb2.ClassifyResponse(model="digits", version="3", labels=LABELS)
    speech.duration.FromMilliseconds(800)
    return {
        "argosy.vision.v1.VisionService/Classify": (
            vision_pb2.ClassifyRequest,
            lambda r: vision_pb2.ClassifyResponse(**about, results=fleet.results(r.images, lambda _: image)),
        ),
        "argosy.vision.v1.VisionService/Embed": (
            vision_pb2.EmbedRequest,
            lambda r: vision_pb2.EmbedResponse(**about, embeddings=_vectors(len(r.images))),
        ),
        **vision_methods(about, fleet.results, LABELS),
        "argosy.speech.v1.SpeechService/Classify": (speech_pb2.ClassifyRequest, lambda _: speech),
        "argosy.nlp.v1.NlpService/Classify": (
            nlp_pb2.ClassifyRequest,
            lambda r: nlp_pb2.ClassifyResponse(**about, results=fleet.results(r.texts, lambda _: text)),
        ),
        "argosy.nlp.v1.NlpService/Embed": (
            nlp_pb2.EmbedRequest,
            lambda r: nlp_pb2.EmbedResponse(
                **about, embeddings=_vectors(len(r.texts)), truncated=[False] * len(r.texts)
            ),
        ),
        "argosy.nlp.v1.NlpService/Tokenize": (
            nlp_pb2.TokenizeRequest,
            lambda r: nlp_pb2.TokenizeResponse(**about, results=fleet.results(r.texts, lambda _: tokens)),
        ),
        "argosy.nlp.v1.NlpService/ClassifyTokens": (
            nlp_pb2.ClassifyTokensRequest,
            lambda r: nlp_pb2.ClassifyTokensResponse(
                **about, results=fleet.results(r.texts, lambda _: nlp_pb2.TextEntities(entities=[entity]))
            ),
        ),
        "argosy.nlp.v1.NlpService/Similarity": (
            nlp_pb2.SimilarityRequest,
            lambda r: nlp_pb2.SimilarityResponse(
                **about, similarities=_similarities(len(r.texts), len(r.others) or len(r.texts))
            ),
        ),
        "argosy.nlp.v1.NlpService/Rerank": (
            nlp_pb2.RerankRequest,
            lambda r: nlp_pb2.RerankResponse(
                **about,
                documents=[nlp_pb2.RankedDocument(index=i, score=0.5) for i in reversed(range(len(r.documents)))],
            ),
        ),
        "argosy.nlp.v1.NlpService/Explain": (
            nlp_pb2.ExplainRequest,
            lambda r: nlp_pb2.ExplainResponse(
                **about,
                summary=_summary(r.options),
                tokens=[
                    nlp_pb2.TokenAttribution(token="dull", attribution=-0.25),  # noqa: S106
                    nlp_pb2.TokenAttribution(token="Rome", span=span, attribution=0.5),  # noqa: S106
                ],
            ),
        ),
        "argosy.recommendation.v1.RecommendationService/Recommend": (
            recommend.RecommendRequest,
            lambda r: recommend.RecommendResponse(**about, items=_items(r)),
        ),
        "argosy.recommendation.v1.RecommendationService/SimilarItems": (
            recommend.SimilarItemsRequest,
            lambda r: recommend.SimilarItemsResponse(**about, items=_items(r)),
        ),
        "argosy.recommendation.v1.RecommendationService/SimilarUsers": (
            recommend.SimilarUsersRequest,
            lambda r: recommend.SimilarUsersResponse(
                **about, users=[recommend.ScoredUser(user_id="user-002", score=0.5)]
            ),
        ),
        "argosy.recommendation.v1.RecommendationService/Rank": (
            recommend.RankRequest,
            lambda r: recommend.RankResponse(**about, items=_items(r)),
        ),
        "argosy.tabular.v1.TabularService/Predict": (
            tabular_pb2.PredictRequest,
            lambda r: tabular_pb2.PredictResponse(
                **about, predictions=fleet.results(r.rows or range(r.tensor.shape[0]), _prediction)
            ),
        ),
        "argosy.tabular.v1.TabularService/Explain": (tabular_pb2.ExplainRequest, lambda _: _explained(fleet)),
        "argosy.fleet.v1.FleetService/ListModels": (
            fleet_pb2.ListModelsRequest,
            lambda _: fleet_pb2.ListModelsResponse(models=[digits()]),
        ),
        "argosy.fleet.v1.FleetService/GetModel": (
            fleet_pb2.GetModelRequest,
            lambda _: fleet_pb2.GetModelResponse(model=digits()),
        ),
        "argosy.fleet.v1.FleetService/ListWorkers": (
            fleet_pb2.ListWorkersRequest,
            lambda _: fleet_pb2.ListWorkersResponse(workers=[worker]),
        ),
        "grpc.health.v1.Health/Check": (StringValue, lambda _: Int32Value(value=fleet.health)),
    }


class _Handlers(grpc.GenericRpcHandler):  # type: ignore[misc]
    def __init__(self, fleet: FakeFleet) -> None:
        self._handlers: dict[str, grpc.RpcMethodHandler] = {}
        for path, (request, make) in _methods(fleet).items():
            self._handlers[f"/{path}"] = grpc.unary_unary_rpc_method_handler(
                fleet.answer(f"/{path}", make), request.FromString, lambda answer: answer.SerializeToString()
            )
        self._handlers["/argosy.fleet.v1.FleetService/WatchModels"] = grpc.unary_stream_rpc_method_handler(
            fleet.watch, fleet_pb2.WatchModelsRequest.FromString, lambda answer: answer.SerializeToString()
        )

        self._handlers["/argosy.tabular.v1.TabularService/PredictStream"] = grpc.stream_stream_rpc_method_handler(
            fleet.follow, tabular_pb2.PredictStreamRequest.FromString, lambda answer: answer.SerializeToString()
        )

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler | None:
        return self._handlers.get(details.method)


def serve(fleet: FakeFleet, port: int = 0) -> grpc.Server:
    """Starts the fleet on a free port; its address is ``fleet.address``."""
    server = grpc.server(
        ThreadPoolExecutor(max_workers=8),
        handlers=(_Handlers(fleet),),
        options=[("grpc.max_receive_message_length", 64 << 20), ("grpc.max_send_message_length", 64 << 20)],
    )
    fleet.address = f"127.0.0.1:{server.add_insecure_port(f'127.0.0.1:{port}')}"
    server.start()
    return server
