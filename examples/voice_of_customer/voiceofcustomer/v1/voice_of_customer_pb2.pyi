import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class AnalyzeRequest(_message.Message):
    __slots__ = ("recording", "shelf", "top_k")
    RECORDING_FIELD_NUMBER: _ClassVar[int]
    SHELF_FIELD_NUMBER: _ClassVar[int]
    TOP_K_FIELD_NUMBER: _ClassVar[int]
    recording: bytes
    shelf: str
    top_k: int
    def __init__(self, recording: _Optional[bytes] = ..., shelf: _Optional[str] = ..., top_k: _Optional[int] = ...) -> None: ...

class AnalyzeResponse(_message.Message):
    __slots__ = ("transcript", "sentiment", "mentioned_item_ids", "recommendations", "steps")
    TRANSCRIPT_FIELD_NUMBER: _ClassVar[int]
    SENTIMENT_FIELD_NUMBER: _ClassVar[int]
    MENTIONED_ITEM_IDS_FIELD_NUMBER: _ClassVar[int]
    RECOMMENDATIONS_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    transcript: str
    sentiment: Sentiment
    mentioned_item_ids: _containers.RepeatedScalarFieldContainer[str]
    recommendations: _containers.RepeatedCompositeFieldContainer[Recommendation]
    steps: _containers.RepeatedCompositeFieldContainer[Step]
    def __init__(self, transcript: _Optional[str] = ..., sentiment: _Optional[_Union[Sentiment, _Mapping]] = ..., mentioned_item_ids: _Optional[_Iterable[str]] = ..., recommendations: _Optional[_Iterable[_Union[Recommendation, _Mapping]]] = ..., steps: _Optional[_Iterable[_Union[Step, _Mapping]]] = ...) -> None: ...

class Sentiment(_message.Message):
    __slots__ = ("label", "score")
    LABEL_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    label: str
    score: float
    def __init__(self, label: _Optional[str] = ..., score: _Optional[float] = ...) -> None: ...

class Recommendation(_message.Message):
    __slots__ = ("item_id", "name", "score")
    ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    item_id: str
    name: str
    score: float
    def __init__(self, item_id: _Optional[str] = ..., name: _Optional[str] = ..., score: _Optional[float] = ...) -> None: ...

class Step(_message.Message):
    __slots__ = ("method", "model", "version", "duration")
    METHOD_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    method: str
    model: str
    version: str
    duration: _duration_pb2.Duration
    def __init__(self, method: _Optional[str] = ..., model: _Optional[str] = ..., version: _Optional[str] = ..., duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...
