// Copyright 2026 The Argosy Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"math/rand"
	"sync"
	"sync/atomic"
	"time"
)

// caller makes calls and notes what became of them.
type caller struct {
	o              options
	connections    []*connection
	started, until time.Time
	outcome        *outcome
	deadlines      *deadlines
	calls          atomic.Uint64
	open           sync.WaitGroup
}

func newCaller(o options, message []byte) *caller {
	c := &caller{o: o, deadlines: &deadlines{after: o.deadline}}
	for range o.connections {
		c.connections = append(c.connections, dial(o, message, c.ended))
	}
	c.started = time.Now()
	c.until = c.started.Add(time.Duration(o.seconds * float64(time.Second)))
	c.outcome = newOutcome(c.started)
	go c.deadlines.watch()
	return c
}

func (c *caller) close() {
	for _, connection := range c.connections {
		connection.close()
	}
}

func (c *caller) closedLoop() {
	for number := range c.o.inFlight {
		c.call(c.connections[number%len(c.connections)])
	}
	for _, connection := range c.connections {
		connection.flush()
	}
	c.open.Wait()
}

func (c *caller) openLoop() {
	chance := rand.New(rand.NewSource(c.o.seed))
	number := 0
	for due := chance.ExpFloat64() / c.o.rate; due < c.o.seconds; due += chance.ExpFloat64() / c.o.rate {
		at := c.started.Add(time.Duration(due * float64(time.Second)))
		time.Sleep(time.Until(at))
		c.outcome.lag(time.Since(at))
		connection := c.connections[number%len(c.connections)]
		number++
		c.call(connection)
		connection.flush()
	}
	c.open.Wait()
}

// call starts a call; the connection is still to be flushed.
func (c *caller) call(on *connection) {
	one := &call{number: c.calls.Add(1), left: time.Now()}
	c.open.Add(1)
	c.deadlines.add(on, one)
	on.start(one)
}

// ended notes what became of a call. In a closed loop the next one takes its place.
func (c *caller) ended(on *connection, one *call, status int) {
	c.note(one, status)
	if c.o.rate == 0 && !on.lost() && time.Now().Before(c.until) {
		c.call(on)
	}
	c.open.Done()
}

func (c *caller) note(one *call, status int) {
	now := time.Now()
	took := now.Sub(one.left)
	switch {
	case status != statusOK:
		c.outcome.failed(status, took)
	case c.o.mark >= 0 && !bytes.Contains(one.message(), one.expected):
		c.outcome.count(wrongReply)
	case took > c.o.deadline:
		c.outcome.count(okLate)
	default:
		if c.o.mark < 0 {
			c.outcome.reply(one.message())
		}
		c.outcome.answered(now, took)
	}
}
