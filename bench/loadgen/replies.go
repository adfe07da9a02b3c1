// Copyright 2026 The Argosy Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"cmp"
	"io"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// unlimited is how many calls a server takes that names no limit.
const unlimited = 1 << 30

// replies reads what a server sends on a connection.
type replies struct {
	*connection
	reader   *bufio.Reader
	decoder  *hpack.Decoder
	of       *call // whose fields are read; nil where it has ended
	last     bool  // nothing comes after them
	received int   // bytes that the server was not given new room for
}

func newReplies(c *connection, reader *bufio.Reader) *replies {
	r := &replies{connection: c, reader: reader}
	r.decoder = hpack.NewDecoder(defaultTable, r.field)
	return r
}

// read goes on until the connection ends. What is to be said meanwhile is said when there is nothing more to read.
func (r *replies) read() {
	for {
		if r.reader.Buffered() == 0 {
			r.flush()
		}
		frame, err := r.frames.ReadFrame()
		if err == nil {
			err = r.handle(frame)
		}
		if err != nil {
			r.end()
			return
		}
	}
}

func (r *replies) handle(frame http2.Frame) error {
	switch frame := frame.(type) {
	case *http2.DataFrame:
		r.data(frame)
	case *http2.HeadersFrame:
		r.of, r.last = r.call(frame.StreamID), frame.StreamEnded()
		return r.headers(frame.HeaderBlockFragment(), frame.HeadersEnded())
	case *http2.ContinuationFrame:
		return r.headers(frame.HeaderBlockFragment(), frame.HeadersEnded())
	case *http2.RSTStreamFrame:
		if one := r.call(frame.StreamID); one != nil {
			r.finish(one, statusOfReset(frame.ErrCode), true)
		}
	case *http2.SettingsFrame:
		return r.settings(frame)
	case *http2.WindowUpdateFrame:
		r.moreRoom(frame.StreamID, int64(frame.Increment))
	case *http2.PingFrame:
		return r.pong(frame)
	case *http2.GoAwayFrame:
		return io.EOF
	}
	return nil
}

func (r *replies) call(stream uint32) *call {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.calls[stream]
}

func (r *replies) data(frame *http2.DataFrame) {
	one, size := r.call(frame.StreamID), int(frame.Length)
	if r.received += size; r.received >= windowBytes/2 {
		r.giveRoom(0, &r.received)
	}
	if one == nil {
		return
	}
	one.reply = append(one.reply, frame.Data()...)
	if one.received += size; one.received >= windowBytes/2 && !frame.StreamEnded() {
		r.giveRoom(one.stream, &one.received)
	}
	if frame.StreamEnded() {
		r.answered(one)
	}
}

func (r *replies) answered(one *call) {
	r.finish(one, one.status(), true)
	one.reply = nil
}

func (r *replies) giveRoom(stream uint32, received *int) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.frames.WriteWindowUpdate(stream, uint32(*received))
	*received = 0
}

func (r *replies) headers(fragment []byte, ended bool) error {
	if _, err := r.decoder.Write(fragment); err != nil {
		return err
	}
	if !ended {
		return nil
	}
	if err := r.decoder.Close(); err != nil {
		return err
	}
	if r.of != nil && r.last {
		r.answered(r.of)
	}
	return nil
}

func (r *replies) field(field hpack.HeaderField) {
	switch {
	case r.of == nil:
	case field.Name == ":status":
		r.of.http = field.Value
	case field.Name == "grpc-status":
		r.of.grpc = field.Value
	}
}

func (r *replies) settings(frame *http2.SettingsFrame) error {
	if frame.IsAck() {
		return nil
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.most = cmp.Or(r.most, unlimited)
	frame.ForeachSetting(func(setting http2.Setting) error {
		switch setting.ID {
		case http2.SettingInitialWindowSize:
			for _, one := range r.calls {
				one.room += int64(setting.Val) - r.window
			}
			r.window = int64(setting.Val)
		case http2.SettingMaxFrameSize:
			r.frame = int64(setting.Val)
		case http2.SettingMaxConcurrentStreams:
			r.most = int(setting.Val)
		case http2.SettingHeaderTableSize:
			r.encoder.SetMaxDynamicTableSizeLimit(setting.Val)
		}
		return nil
	})
	r.changed.Broadcast()
	return r.frames.WriteSettingsAck()
}

func (r *replies) moreRoom(stream uint32, bytes int64) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if stream == 0 {
		r.room += bytes
	} else if one := r.calls[stream]; one != nil {
		one.room += bytes
	}
	r.changed.Broadcast()
}

func (r *replies) pong(frame *http2.PingFrame) error {
	if frame.IsAck() {
		return nil
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.frames.WritePing(true, frame.Data)
}
