# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Every domain error has one status, with exactly one ErrorInfo."""

import grpc
import pytest
from argosy.status import DETAILS_KEY, DOMAIN, unpack
from argosy_worker import errors
from argosy_worker.serving.status import NO_RETRY_TRAILER, RETRY_TRAILER, TYPED_CODES, V2_CODES, describe
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status

CASES: list[tuple[errors.ArgosyError, grpc.StatusCode, grpc.StatusCode]] = [
    (errors.InvalidInput("m"), grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.INVALID_ARGUMENT),
    (errors.MessageTooLarge("m"), grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.RESOURCE_EXHAUSTED),
    (errors.ModelNotFound("m"), grpc.StatusCode.NOT_FOUND, grpc.StatusCode.NOT_FOUND),
    (errors.MethodNotSupported("m"), grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.FAILED_PRECONDITION),
    (errors.StaleEpoch("m"), grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.FAILED_PRECONDITION),
    (errors.Overloaded("m", retry_after_s=0.25), grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.UNAVAILABLE),
    (errors.NotReady("m"), grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.UNAVAILABLE),
    (errors.DeadlineExpired("m"), grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.DEADLINE_EXCEEDED),
    (errors.NotImplementedHere("m"), grpc.StatusCode.UNIMPLEMENTED, grpc.StatusCode.UNIMPLEMENTED),
    (errors.InputRefused("secret"), grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.INVALID_ARGUMENT),
    (errors.EngineFault("secret"), grpc.StatusCode.INTERNAL, grpc.StatusCode.INTERNAL),
    (errors.Defect("m"), grpc.StatusCode.INTERNAL, grpc.StatusCode.INTERNAL),
]


@pytest.mark.parametrize(("error", "typed", "v2"), CASES, ids=lambda value: type(value).__name__)
def test_each_error_has_its_status_and_one_error_info(
    error: errors.ArgosyError, typed: grpc.StatusCode, v2: grpc.StatusCode
) -> None:
    code, trailers = describe(error, TYPED_CODES)
    assert code is typed
    assert describe(error, V2_CODES)[0] is v2
    status = Status.FromString(dict(trailers)[DETAILS_KEY])
    assert (status.code, status.message) == (typed.value[0], error.message)
    infos = [detail for detail in status.details if detail.Is(ErrorInfo.DESCRIPTOR)]
    assert len(infos) == 1
    info = ErrorInfo.FromString(infos[0].value)
    assert (info.domain, info.reason) == (DOMAIN, error.reason)


def test_every_error_class_is_in_the_table() -> None:
    direct = errors.ArgosyError.__subclasses__()
    assert {type(case[0]) for case in CASES} == {*direct, *(cls for base in direct for cls in base.__subclasses__())}


def test_an_overload_carries_the_delay_and_never_asks_for_a_retry_elsewhere() -> None:
    _, trailers = describe(errors.Overloaded("m", retry_after_s=0.25), TYPED_CODES)
    assert unpack("", trailers).retry_after_s == 0.25
    assert RETRY_TRAILER not in trailers


def test_an_overload_that_shows_as_unavailable_forbids_grpcs_own_retries() -> None:
    assert NO_RETRY_TRAILER in describe(errors.Overloaded("m", retry_after_s=0.25), V2_CODES)[1]
    assert NO_RETRY_TRAILER not in describe(errors.NotReady("m", retry_elsewhere=True), V2_CODES)[1]


@pytest.mark.parametrize("elsewhere", [True, False])
def test_only_loading_and_draining_ask_for_a_retry_elsewhere(elsewhere: bool) -> None:
    _, trailers = describe(errors.NotReady("m", retry_elsewhere=elsewhere), TYPED_CODES)
    assert (RETRY_TRAILER in trailers) is elsewhere


def test_an_engines_own_words_are_not_sent() -> None:
    _, trailers = describe(errors.EngineFault("secret path"), TYPED_CODES)
    assert b"secret" not in dict(trailers)[DETAILS_KEY]  # type: ignore[operator]
