// Copyright 2026 The Argosy Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/net/http2/hpack"
)

const (
	// prefixBytes is what gRPC sets before a message: whether it is compressed, and its size.
	prefixBytes = 5
	// numberBytes is the size of a call's number in its request.
	numberBytes = 8
)

// request is what every call sends.
type request struct {
	fields   []hpack.HeaderField
	message  []byte // with its prefix
	from, to int    // where the call's number is, and what else must come back; nowhere where both are 0
}

func newRequest(o options, message []byte) request {
	r := request{
		message: append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(message))), message...),
		fields: []hpack.HeaderField{
			{Name: ":method", Value: "POST"}, {Name: ":scheme", Value: "http"}, {Name: ":path", Value: o.path},
			{Name: ":authority", Value: o.address}, {Name: "content-type", Value: "application/grpc"},
			{Name: "user-agent", Value: "argosy-loadgen"}, {Name: "te", Value: "trailers"},
			{Name: "grpc-timeout", Value: timeout(o.deadline)},
		},
	}
	for _, pair := range strings.Split(o.headers, ",") {
		if name, value, paired := strings.Cut(pair, "="); paired {
			r.fields = append(r.fields, hpack.HeaderField{Name: strings.ToLower(name), Value: value})
		}
	}
	if o.mark >= 0 {
		r.from = prefixBytes + o.mark
		r.to = r.from + o.markedBytes
	}
	return r
}

// number writes a call's number into its message; what is returned must be in the reply.
func (r *request) number(message []byte, number uint64) []byte {
	if r.to == 0 {
		return nil
	}
	binary.LittleEndian.PutUint64(message[r.from:], number)
	return bytes.Clone(message[r.from:r.to])
}

// timeout writes a time as gRPC does: at most 8 digits and a unit.
func timeout(after time.Duration) string {
	if micros := after.Microseconds(); micros < 1e8 {
		return strconv.FormatInt(micros, 10) + "u"
	}
	return strconv.FormatInt(min(after.Milliseconds(), 1e8-1), 10) + "m"
}

// call is one call. Its connection's mutex guards stream, room and sent; replies alone reads and writes the rest.
type call struct {
	number   uint64
	left     time.Time
	done     atomic.Bool
	stream   uint32
	room     int64 // bytes that the server takes of it yet
	sent     bool
	expected []byte
	reply    []byte // with its prefix
	received int    // bytes that the server was not given new room for
	http     string
	grpc     string
}

// status is the call's, once it is answered.
func (c *call) status() int {
	status, err := strconv.Atoi(c.grpc)
	switch {
	case c.grpc == "":
		return statusOfHTTP(c.http)
	case err != nil:
		return statusUnknown
	case status == statusOK && !c.whole():
		return statusInternal
	}
	return status
}

// whole says whether the reply is one message, not compressed.
func (c *call) whole() bool {
	return len(c.reply) >= prefixBytes && c.reply[0] == 0 &&
		uint64(binary.BigEndian.Uint32(c.reply[1:])) == uint64(len(c.reply)-prefixBytes)
}

// message is the reply's.
func (c *call) message() []byte { return c.reply[prefixBytes:] }
