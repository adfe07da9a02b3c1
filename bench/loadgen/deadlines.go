// Copyright 2026 The Argosy Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"sync"
	"time"
)

// deadlines ends calls whose time is over. All have the same time: the first to leave is the first to be ended.
type deadlines struct {
	after time.Duration
	mutex sync.Mutex
	open  []waiting // in the order in which they left, from next on
	next  int
}

type waiting struct {
	on   *connection
	call *call
}

func (d *deadlines) add(on *connection, one *call) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.forget()
	d.open = append(d.open, waiting{on, one})
}

// watch ends calls for as long as the program runs.
func (d *deadlines) watch() {
	for {
		if first, found := d.first(); found {
			time.Sleep(time.Until(first.call.left.Add(d.after)))
			first.on.expire(first.call)
		} else {
			time.Sleep(d.after) // what leaves meanwhile has as long
		}
	}
}

func (d *deadlines) first() (waiting, bool) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	d.forget()
	if d.next == len(d.open) {
		return waiting{}, false
	}
	return d.open[d.next], true
}

// forget drops the calls in front that have ended. The mutex is held.
func (d *deadlines) forget() {
	for d.next < len(d.open) && d.open[d.next].call.done.Load() {
		d.open[d.next] = waiting{}
		d.next++
	}
	if d.next > len(d.open)/2 {
		d.open = append(d.open[:0], d.open[d.next:]...)
		d.next = 0
	}
}
