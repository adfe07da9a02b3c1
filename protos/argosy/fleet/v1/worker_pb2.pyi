import datetime

from argosy.fleet.v1 import load_pb2 as _load_pb2
from argosy.fleet.v1 import model_pb2 as _model_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class WatchStateRequest(_message.Message):
    __slots__ = ("load_interval",)
    LOAD_INTERVAL_FIELD_NUMBER: _ClassVar[int]
    load_interval: _duration_pb2.Duration
    def __init__(self, load_interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class WatchStateResponse(_message.Message):
    __slots__ = ("generation", "snapshot", "model_changed", "model_removed", "draining", "load")
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    SNAPSHOT_FIELD_NUMBER: _ClassVar[int]
    MODEL_CHANGED_FIELD_NUMBER: _ClassVar[int]
    MODEL_REMOVED_FIELD_NUMBER: _ClassVar[int]
    DRAINING_FIELD_NUMBER: _ClassVar[int]
    LOAD_FIELD_NUMBER: _ClassVar[int]
    generation: int
    snapshot: WorkerState
    model_changed: _model_pb2.WorkerModel
    model_removed: str
    draining: bool
    load: _load_pb2.WorkerLoad
    def __init__(self, generation: _Optional[int] = ..., snapshot: _Optional[_Union[WorkerState, _Mapping]] = ..., model_changed: _Optional[_Union[_model_pb2.WorkerModel, _Mapping]] = ..., model_removed: _Optional[str] = ..., draining: bool = ..., load: _Optional[_Union[_load_pb2.WorkerLoad, _Mapping]] = ...) -> None: ...

class WorkerState(_message.Message):
    __slots__ = ("replica", "domain", "draining", "models", "metrics_address", "software_version")
    REPLICA_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    DRAINING_FIELD_NUMBER: _ClassVar[int]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    METRICS_ADDRESS_FIELD_NUMBER: _ClassVar[int]
    SOFTWARE_VERSION_FIELD_NUMBER: _ClassVar[int]
    replica: str
    domain: str
    draining: bool
    models: _containers.RepeatedCompositeFieldContainer[_model_pb2.WorkerModel]
    metrics_address: str
    software_version: str
    def __init__(self, replica: _Optional[str] = ..., domain: _Optional[str] = ..., draining: bool = ..., models: _Optional[_Iterable[_Union[_model_pb2.WorkerModel, _Mapping]]] = ..., metrics_address: _Optional[str] = ..., software_version: _Optional[str] = ...) -> None: ...

class ApplyDesiredRequest(_message.Message):
    __slots__ = ("epoch", "models", "all_sources")
    EPOCH_FIELD_NUMBER: _ClassVar[int]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    ALL_SOURCES_FIELD_NUMBER: _ClassVar[int]
    epoch: int
    models: _containers.RepeatedCompositeFieldContainer[DesiredModel]
    all_sources: bool
    def __init__(self, epoch: _Optional[int] = ..., models: _Optional[_Iterable[_Union[DesiredModel, _Mapping]]] = ..., all_sources: bool = ...) -> None: ...

class ApplyDesiredResponse(_message.Message):
    __slots__ = ("generation",)
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    generation: int
    def __init__(self, generation: _Optional[int] = ...) -> None: ...

class DesiredModel(_message.Message):
    __slots__ = ("name", "version_labels", "unloaded", "source")
    class VersionLabelsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: int
        def __init__(self, key: _Optional[str] = ..., value: _Optional[int] = ...) -> None: ...
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_LABELS_FIELD_NUMBER: _ClassVar[int]
    UNLOADED_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    name: str
    version_labels: _containers.ScalarMap[str, int]
    unloaded: bool
    source: ModelSource
    def __init__(self, name: _Optional[str] = ..., version_labels: _Optional[_Mapping[str, int]] = ..., unloaded: bool = ..., source: _Optional[_Union[ModelSource, _Mapping]] = ...) -> None: ...

class ModelSource(_message.Message):
    __slots__ = ("uri", "sha256", "settings", "revision")
    URI_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    REVISION_FIELD_NUMBER: _ClassVar[int]
    uri: str
    sha256: str
    settings: ModelSettings
    revision: str
    def __init__(self, uri: _Optional[str] = ..., sha256: _Optional[str] = ..., settings: _Optional[_Union[ModelSettings, _Mapping]] = ..., revision: _Optional[str] = ...) -> None: ...

class ModelSettings(_message.Message):
    __slots__ = ("max_batch_size", "max_delay_ms", "max_queue", "max_items", "gpu_memory_mb", "version_policy", "golden")
    MAX_BATCH_SIZE_FIELD_NUMBER: _ClassVar[int]
    MAX_DELAY_MS_FIELD_NUMBER: _ClassVar[int]
    MAX_QUEUE_FIELD_NUMBER: _ClassVar[int]
    MAX_ITEMS_FIELD_NUMBER: _ClassVar[int]
    GPU_MEMORY_MB_FIELD_NUMBER: _ClassVar[int]
    VERSION_POLICY_FIELD_NUMBER: _ClassVar[int]
    GOLDEN_FIELD_NUMBER: _ClassVar[int]
    max_batch_size: int
    max_delay_ms: float
    max_queue: int
    max_items: int
    gpu_memory_mb: int
    version_policy: VersionPolicy
    golden: _containers.RepeatedCompositeFieldContainer[GoldenSample]
    def __init__(self, max_batch_size: _Optional[int] = ..., max_delay_ms: _Optional[float] = ..., max_queue: _Optional[int] = ..., max_items: _Optional[int] = ..., gpu_memory_mb: _Optional[int] = ..., version_policy: _Optional[_Union[VersionPolicy, _Mapping]] = ..., golden: _Optional[_Iterable[_Union[GoldenSample, _Mapping]]] = ...) -> None: ...

class VersionPolicy(_message.Message):
    __slots__ = ("latest", "listed", "all")
    LATEST_FIELD_NUMBER: _ClassVar[int]
    LISTED_FIELD_NUMBER: _ClassVar[int]
    ALL_FIELD_NUMBER: _ClassVar[int]
    latest: int
    listed: VersionList
    all: bool
    def __init__(self, latest: _Optional[int] = ..., listed: _Optional[_Union[VersionList, _Mapping]] = ..., all: bool = ...) -> None: ...

class VersionList(_message.Message):
    __slots__ = ("versions",)
    VERSIONS_FIELD_NUMBER: _ClassVar[int]
    versions: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, versions: _Optional[_Iterable[int]] = ...) -> None: ...

class GoldenSample(_message.Message):
    __slots__ = ("file", "tolerance", "versions")
    FILE_FIELD_NUMBER: _ClassVar[int]
    TOLERANCE_FIELD_NUMBER: _ClassVar[int]
    VERSIONS_FIELD_NUMBER: _ClassVar[int]
    file: str
    tolerance: float
    versions: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, file: _Optional[str] = ..., tolerance: _Optional[float] = ..., versions: _Optional[_Iterable[int]] = ...) -> None: ...
