// Copyright 2026 The Argosy Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"math/rand"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// numberBytes is the size of a call's number in its request.
const numberBytes = 8

// caller makes calls and notes what became of them.
type caller struct {
	o           options
	message     []byte
	metadata    metadata.MD
	connections []*grpc.ClientConn
	started     time.Time
	outcome     *outcome
	calls       atomic.Uint64
}

func (c *caller) closedLoop() {
	until := c.started.Add(time.Duration(c.o.seconds * float64(time.Second)))
	var group sync.WaitGroup
	for number := range c.o.inFlight {
		group.Add(1)
		go func() {
			defer group.Done()
			for time.Now().Before(until) {
				c.call(c.connections[number%len(c.connections)])
			}
		}()
	}
	group.Wait()
}

func (c *caller) openLoop() {
	chance := rand.New(rand.NewSource(c.o.seed))
	var group sync.WaitGroup
	number := 0
	for due := chance.ExpFloat64() / c.o.rate; due < c.o.seconds; due += chance.ExpFloat64() / c.o.rate {
		at := c.started.Add(time.Duration(due * float64(time.Second)))
		time.Sleep(time.Until(at))
		c.outcome.lag(time.Since(at))
		connection := c.connections[number%len(c.connections)]
		number++
		group.Add(1)
		go func() {
			defer group.Done()
			c.call(connection)
		}()
	}
	group.Wait()
}

func (c *caller) call(connection *grpc.ClientConn) {
	message := c.message
	if c.o.mark >= 0 {
		message = bytes.Clone(message)
		binary.LittleEndian.PutUint64(message[c.o.mark:], c.calls.Add(1))
	}
	left := time.Now()
	ctx, cancel := context.WithDeadline(metadata.NewOutgoingContext(context.Background(), c.metadata), left.Add(c.o.deadline))
	defer cancel()
	var reply []byte
	err := connection.Invoke(ctx, c.o.path, &message, &reply)
	ended := time.Now()
	switch {
	case err != nil:
		c.outcome.failed(status.Code(err), ended.Sub(left))
	case c.o.mark >= 0 && !bytes.Contains(reply, message[c.o.mark:c.o.mark+c.o.markedBytes]):
		c.outcome.count(wrongReply)
	case ended.Sub(left) > c.o.deadline:
		c.outcome.count(okLate)
	default:
		if c.o.mark < 0 {
			c.outcome.reply(reply)
		}
		c.outcome.answered(ended, ended.Sub(left))
	}
}

// raw sends and receives messages as they are.
type raw struct{}

func (raw) Name() string                        { return "proto" }
func (raw) Marshal(message any) ([]byte, error) { return *message.(*[]byte), nil }
func (raw) Unmarshal(data []byte, message any) error {
	*message.(*[]byte) = bytes.Clone(data) // the buffer is used again
	return nil
}
