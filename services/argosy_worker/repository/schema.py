# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""``model.yaml``: every key with its unit and default. This module is the reference documentation of the file."""

from typing import Annotated, Any, Literal

from argosy.names import MODEL_NAME, MODEL_NAME_LENGTH
from pydantic import BaseModel, Field, model_validator

from argosy_worker.repository.sections import (
    NlpSection,
    RecommendationSection,
    SpeechSection,
    TabularSection,
    VisionSection,
)
from argosy_worker.repository.sections.base import RelativePath, Section

ModelName = Annotated[str, Field(pattern=f"^{MODEL_NAME}$", max_length=MODEL_NAME_LENGTH)]


class SequenceBatching(Section):
    """Which tensors have a length that varies, so that requests of different lengths can share a batch."""

    inputs: dict[str, float] = Field(
        min_length=1,
        description="Inputs of shape [batch, length, ...], the mask among them where the graph has one, "
        "each with the value that pads it.",
    )
    outputs: list[str] = Field(default=[], description="Outputs of the same length, cropped after the run.")
    buckets: list[int] = Field(
        default=[8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096],
        min_length=1,
        description="Lengths, ascending; requests share a batch where the same bucket is the smallest that holds them.",
    )
    max_tokens: int = Field(
        default=0,
        ge=0,
        description="Most items times padded length in one run, a budget beside max_batch_size; 0 means none.",
    )
    tolerance: float = Field(
        default=1e-3,
        ge=0,
        description="Largest absolute difference accepted between padded and unpadded results when the model loads.",
    )


class Batching(Section):
    """How requests are put together."""

    max_batch_size: int = Field(
        default=32,
        ge=0,
        le=4096,
        description="Most items in one run of the engine; 0 for a graph without a batch dimension.",
    )
    max_delay_ms: float = Field(
        default=0.0,
        ge=0,
        le=10_000,
        description="Longest time a free engine waits for more items, in ms; 0 never waits.",
    )
    sequences: SequenceBatching | None = Field(
        default=None, description="For inputs whose length varies; null where all requests have one shape."
    )
    max_queue: int = Field(
        default=1024,
        ge=1,
        le=1_000_000,
        description="Most items waiting; further ones are refused with RESOURCE_EXHAUSTED.",
    )


class WarmUp(Section):
    """Runs before the first caller: the first run of a shape is slow, and teaches how long such runs take."""

    batch_sizes: list[Annotated[int, Field(ge=1)]] | None = Field(
        default=None,
        min_length=1,
        description="Items of the runs; null: 1, 2, 4 and so on, and batching.max_batch_size.",
    )
    lengths: list[Annotated[int, Field(ge=1)]] | None = Field(
        default=None,
        min_length=1,
        description="Lengths of the runs of a model with batching.sequences; null: its buckets, up to the longest text "
        "that the model takes.",
    )
    max_s: float = Field(
        default=2.0,
        ge=0,
        le=3600,
        description="Longest time, in seconds; cheap shapes run first, and what does not fit is left to the first "
        "callers. 0 runs none.",
    )


class Execution(Section):
    """How the engine runs the model."""

    engine: str = Field(default="onnx", description="Name of the engine (entry point group argosy.engines).")
    instances: int = Field(
        default=1, ge=1, le=64, description="Engine instances of the model on a worker; each runs one batch at a time."
    )
    threads: int = Field(
        default=1,
        ge=1,
        le=256,
        description="Threads that one instance computes with, at most the processors that the worker may use. They are "
        "not pinned.",
    )
    providers: list[Literal["cuda", "cpu"]] = Field(
        default=["cpu"],
        min_length=1,
        description="Execution providers, the preferred one first; the model is FAILED where one is not there. "
        "Operators that CUDA lacks run on the CPU, whether it is named or not.",
    )
    device_ids: list[Annotated[int, Field(ge=0)]] = Field(
        default=[0], min_length=1, description="GPUs that the instances are spread over, in turn; unused on the CPU."
    )
    gpu_mem_limit_mb: int | None = Field(
        default=None, ge=1, description="Most GPU memory that the model takes on each device, in MB; null: no limit."
    )
    gpu_arena: Literal["power_of_two", "as_requested"] = Field(
        default="power_of_two",
        description="How the GPU memory grows: by powers of two, which is faster, or by what is needed.",
    )
    gpu_convolutions: Literal["exhaustive", "heuristic", "default"] = Field(
        default="exhaustive",
        description="How cuDNN's algorithms are chosen: by trying them all at the first run of each shape, by its "
        "heuristics, which makes first runs quick where shapes vary, or always the same.",
    )
    warm_up: WarmUp = Field(default_factory=WarmUp, description="Runs before the first caller.")
    parameters: dict[str, float | str] = Field(default={}, description="Settings of the engine itself; see its docs.")


class CodecSection(Section):
    """A plug-in between callers and the graph; see docs/codecs.md."""

    name: str = Field(description="Name of the codec (entry point group argosy.codecs).")
    parameters: dict[str, float | str] = Field(default={}, description="Settings of the codec itself; see its docs.")


class VersionPolicy(Section):
    """Which versions are served; set at most one key."""

    latest: int | None = Field(
        default=None, ge=1, description="The newest N versions. The default policy is latest: 1."
    )
    listed: list[int] | None = Field(default=None, min_length=1, description="These versions.")
    all: Literal[True] | None = Field(default=None, description="Every version.")

    @model_validator(mode="after")
    def _at_most_one(self) -> "VersionPolicy":
        if sum(value is not None for value in (self.latest, self.listed, self.all)) > 1:
            raise ValueError("set only one of latest, listed, all")
        return self


class Card(Section):
    """What people should know before they use the model; see also provenance and metrics."""

    intended_use: str = Field(default="", description="What it is for, and what it is not for.")
    limits: str = Field(default="", description="Where it is known to fail, and what its figures do not say.")


class Provenance(Section):
    """Where the model comes from."""

    dataset: str = Field(default="", description="Data on which it was trained.")
    licence: str = Field(default="", description="Licence of the weights, and of the data where it differs.")
    trained_by: str = Field(default="", description="Program that made it.")
    date: str = Field(
        default="", pattern=r"^(\d{4}-\d{2}-\d{2})?$", description="Date of the training, YYYY-MM-DD, quoted."
    )


class Metric(Section):
    """One measured figure of quality."""

    name: str = Field(description="Name, such as accuracy.")
    value: float = Field(description="Value.")
    split: str = Field(default="held-out", description="Data on which it was measured.")
    sample_count: int = Field(default=0, ge=0, description="Number of samples measured.")


class Golden(Section):
    """A golden sample: a known input with its expected output, run when the model loads.

    Either a typed call (method, request, response) or tensors (inputs, outputs).
    The file is JSON; see ``docs/model-repository.md``.
    """

    file: RelativePath = Field(description="JSON file beside model.yaml.")
    tolerance: float = Field(default=1e-4, ge=0, description="Largest absolute difference accepted in any number.")
    versions: list[int] | None = Field(
        default=None, min_length=1, description="Versions that it belongs to; null: all of them."
    )


class ModelConfig(BaseModel):
    """The whole of ``model.yaml``."""

    model_config = Section.model_config

    name: ModelName | None = Field(
        default=None, description="Name of the model; must equal the folder's. Null takes the folder's."
    )
    description: str = Field(default="", description="What the model does, for people.")
    methods: list[str] = Field(
        default=[], description="Methods of the domain's service that it implements; none means tensors (V2) only."
    )
    default_for: list[str] = Field(default=[], description="Methods for which it is the default model.")
    labels_file: RelativePath | None = Field(
        default=None, description="Text file beside model.yaml: one class name a line, in output order."
    )
    max_items: int = Field(default=256, ge=1, le=100_000, description="Most items in one request.")
    version_policy: VersionPolicy = Field(default_factory=VersionPolicy, description="Which versions are served.")
    batching: Batching = Field(default_factory=Batching, description="How requests are put together.")
    execution: Execution = Field(default_factory=Execution, description="How the engine runs the model.")
    codec: CodecSection | None = Field(
        default=None, description="A plug-in of your own between callers and the graph; null where there is none."
    )
    card: Card = Field(default_factory=Card, description="What people should know before they use it.")
    provenance: Provenance = Field(default_factory=Provenance, description="Where the model comes from.")
    metrics: list[Metric] = Field(default=[], description="Measured quality.")
    golden: list[Golden] = Field(default=[], description="Golden samples; the model is READY only if all pass.")
    vision: VisionSection | None = Field(default=None, description="How images become the graph's input.")
    speech: SpeechSection | None = Field(default=None, description="How an audio clip becomes the graph's input.")
    nlp: NlpSection | None = Field(default=None, description="How texts become the graph's inputs.")
    recommendation: RecommendationSection | None = Field(
        default=None, description="The catalogue and the graph's outputs."
    )
    tabular: TabularSection | None = Field(default=None, description="The features and what is predicted.")

    @model_validator(mode="before")
    @classmethod
    def _empty_file_is_all_defaults(cls, data: Any) -> Any:
        return {} if data is None else data

    @model_validator(mode="after")
    def _defaults_are_methods(self) -> "ModelConfig":
        missing = sorted(set(self.default_for) - set(self.methods))
        if missing:
            raise ValueError(f"default_for names {', '.join(missing)}, which is not in methods")
        return self
