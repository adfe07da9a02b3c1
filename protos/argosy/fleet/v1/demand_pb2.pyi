import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class WatchDemandRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class WatchDemandResponse(_message.Message):
    __slots__ = ("instance", "domains", "wakes")
    INSTANCE_FIELD_NUMBER: _ClassVar[int]
    DOMAINS_FIELD_NUMBER: _ClassVar[int]
    WAKES_FIELD_NUMBER: _ClassVar[int]
    instance: str
    domains: _containers.RepeatedCompositeFieldContainer[DomainDemand]
    wakes: _containers.RepeatedCompositeFieldContainer[ModelWake]
    def __init__(self, instance: _Optional[str] = ..., domains: _Optional[_Iterable[_Union[DomainDemand, _Mapping]]] = ..., wakes: _Optional[_Iterable[_Union[ModelWake, _Mapping]]] = ...) -> None: ...

class DomainDemand(_message.Message):
    __slots__ = ("domain", "age", "delay")
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    AGE_FIELD_NUMBER: _ClassVar[int]
    DELAY_FIELD_NUMBER: _ClassVar[int]
    domain: str
    age: _duration_pb2.Duration
    delay: _duration_pb2.Duration
    def __init__(self, domain: _Optional[str] = ..., age: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., delay: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class ModelWake(_message.Message):
    __slots__ = ("model", "waits")
    MODEL_FIELD_NUMBER: _ClassVar[int]
    WAITS_FIELD_NUMBER: _ClassVar[int]
    model: str
    waits: _containers.RepeatedCompositeFieldContainer[_duration_pb2.Duration]
    def __init__(self, model: _Optional[str] = ..., waits: _Optional[_Iterable[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]]] = ...) -> None: ...
