// Copyright 2026 The Argosy Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"

	"golang.org/x/net/http2"
)

// statusNames are the canonical ones by number, as gRPC's specification has them.
var statusNames = [...]string{
	"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
	"PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
	"INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
}

const (
	statusOK                = 0
	statusCancelled         = 1
	statusUnknown           = 2
	statusDeadlineExceeded  = 4
	statusPermissionDenied  = 7
	statusResourceExhausted = 8
	statusUnimplemented     = 12
	statusInternal          = 13
	statusUnavailable       = 14
	statusUnauthenticated   = 16
)

func statusName(status int) string {
	if status >= 0 && status < len(statusNames) {
		return statusNames[status]
	}
	return fmt.Sprintf("CODE_%d", status)
}

// statusOfHTTP is the status of an answer that names none (gRPC's "HTTP to gRPC Status Code Mapping").
func statusOfHTTP(status string) int {
	switch status {
	case "400":
		return statusInternal
	case "401":
		return statusUnauthenticated
	case "403":
		return statusPermissionDenied
	case "404":
		return statusUnimplemented
	case "429", "502", "503", "504":
		return statusUnavailable
	}
	return statusUnknown
}

// statusOfReset is the status of a call whose stream the server reset (gRPC's "Errors" of its HTTP/2 protocol).
func statusOfReset(code http2.ErrCode) int {
	switch code {
	case http2.ErrCodeRefusedStream:
		return statusUnavailable
	case http2.ErrCodeCancel:
		return statusCancelled
	case http2.ErrCodeEnhanceYourCalm:
		return statusResourceExhausted
	case http2.ErrCodeInadequateSecurity:
		return statusPermissionDenied
	}
	return statusInternal
}
