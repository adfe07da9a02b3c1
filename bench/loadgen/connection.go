// Copyright 2026 The Argosy Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"net"
	"sync"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

const (
	// windowBytes is what a server may send before it is given more room: of a reply, and of all.
	windowBytes = 1 << 20
	bufferBytes = 64 << 10
	// What a server takes until it says otherwise (RFC 9113, 6.5.2).
	defaultWindow, defaultFrame, defaultTable = 65535, 16384, 4096
	dialTimeout                               = 5 * time.Second
)

// connection is an HTTP/2 connection on which gRPC calls are made.
type connection struct {
	ended  func(on *connection, one *call, status int)
	socket net.Conn
	frames *http2.Framer

	mutex   sync.Mutex // guards what follows, and writing
	changed *sync.Cond // more room, a call's end, or the connection's
	writer  *bufio.Writer
	encoder *hpack.Encoder
	block   bytes.Buffer
	request request
	next    uint32 // stream
	calls   map[uint32]*call
	gone    bool
	room    int64 // bytes that the server takes of all calls yet
	window  int64 // bytes that it takes of a new one
	frame   int64 // bytes that it takes in a frame
	most    int   // calls that it takes at a time; 0 until it has said so
}

// dial connects. Where that fails, all calls on the connection do.
func dial(o options, message []byte, ended func(*connection, *call, int)) *connection {
	c := &connection{
		ended: ended, request: newRequest(o, message), next: 1, calls: map[uint32]*call{},
		room: defaultWindow, window: defaultWindow, frame: defaultFrame,
	}
	c.changed = sync.NewCond(&c.mutex)
	socket, err := net.DialTimeout("tcp", o.address, dialTimeout)
	if err != nil {
		c.gone = true
		return c
	}
	c.socket = socket
	c.writer = bufio.NewWriterSize(socket, bufferBytes)
	c.encoder = hpack.NewEncoder(&c.block)
	reader := bufio.NewReaderSize(socket, bufferBytes)
	c.frames = http2.NewFramer(c.writer, reader)
	c.frames.SetReuseFrames()
	c.writer.WriteString(http2.ClientPreface)
	c.frames.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: windowBytes})
	c.frames.WriteWindowUpdate(0, windowBytes-defaultWindow)
	c.writer.Flush()
	go newReplies(c, reader).read()
	c.await()
	return c
}

// await waits until the server has said what it takes. One that accepts connections and says nothing is given up.
func (c *connection) await() {
	c.socket.SetReadDeadline(time.Now().Add(dialTimeout))
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for c.most == 0 && !c.gone {
		c.changed.Wait()
	}
	c.socket.SetReadDeadline(time.Time{})
}

func (c *connection) close() {
	if c.socket != nil {
		c.socket.Close()
	}
}

func (c *connection) lost() bool {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.gone
}

func (c *connection) flush() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if !c.gone {
		c.writer.Flush()
	}
}

// start sends a call's request, or has it sent once the server has room for it.
func (c *connection) start(one *call) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if one.done.Load() { // its time was over first
		return
	}
	if c.hasRoom() {
		c.begin(one, c.request.message)
		c.send(one, c.request.message)
	} else {
		go c.sendLater(one)
	}
}

// hasRoom says whether a request can be sent without waiting. The mutex is held, as it is below.
func (c *connection) hasRoom() bool {
	return !c.gone && len(c.calls) < c.most && int64(len(c.request.message)) <= min(c.room, c.window, bufferBytes/2)
}

// begin opens the call's stream.
func (c *connection) begin(one *call, message []byte) {
	one.expected = c.request.number(message, one.number)
	one.stream, one.room = c.next, c.window
	c.next += 2
	c.calls[one.stream] = one
	c.block.Reset()
	for _, field := range c.request.fields {
		c.encoder.WriteField(field)
	}
	c.frames.WriteHeaders(http2.HeadersFrameParam{
		StreamID: one.stream, BlockFragment: c.block.Bytes(), EndHeaders: true,
	})
}

// send writes the message, and waits for room where there is none.
func (c *connection) send(one *call, message []byte) {
	for len(message) > 0 && !c.gone && !one.done.Load() {
		part := min(int64(len(message)), c.frame, c.room, one.room)
		if part <= 0 {
			c.writer.Flush()
			c.changed.Wait()
			continue
		}
		c.frames.WriteData(one.stream, part == int64(len(message)), message[:part])
		message = message[part:]
		c.room -= part
		one.room -= part
	}
	one.sent = len(message) == 0
}

// sendLater sends a request of the call's own: others' numbers must not come between its parts.
func (c *connection) sendLater(one *call) {
	c.mutex.Lock()
	message := bytes.Clone(c.request.message)
	for len(c.calls) >= c.most && !c.gone && !one.done.Load() {
		c.changed.Wait()
	}
	if !c.gone && !one.done.Load() {
		c.begin(one, message)
		c.send(one, message)
		c.writer.Flush()
	}
	gone := c.gone
	c.mutex.Unlock()
	if gone {
		c.finish(one, statusUnavailable, false)
	}
}

// expire ends a call whose time is over.
func (c *connection) expire(one *call) {
	c.finish(one, statusDeadlineExceeded, false)
	c.flush()
}

// finish ends a call, once. A server that may still be at it is told.
func (c *connection) finish(one *call, status int, answered bool) {
	if one.done.Swap(true) {
		return
	}
	c.mutex.Lock()
	if one.stream != 0 {
		delete(c.calls, one.stream)
		if !c.gone && !(one.sent && answered) {
			c.frames.WriteRSTStream(one.stream, http2.ErrCodeCancel)
		}
	}
	c.changed.Broadcast()
	c.mutex.Unlock()
	c.ended(c, one, status)
}

// end fails what is open: the server is gone.
func (c *connection) end() {
	c.mutex.Lock()
	c.gone = true
	open := make([]*call, 0, len(c.calls))
	for _, one := range c.calls {
		open = append(open, one)
	}
	c.changed.Broadcast()
	c.mutex.Unlock()
	for _, one := range open {
		c.finish(one, statusUnavailable, false)
	}
}
