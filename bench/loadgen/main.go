// Copyright 2026 The Argosy Authors
// SPDX-License-Identifier: Apache-2.0

// Command loadgen is the benchmarks' load generator: it asks one gRPC method
// over and over, checks the status and the payload of every reply, and prints
// what became of the calls as one line of JSON.
//
// Closed loop: -in-flight calls at any time. Open loop: -rate calls a second
// at random (Poisson) times, whether earlier ones were answered or not.
//
// It shares a core with the gateway that it measures, so its calls must cost
// little: it writes and reads HTTP/2 frames itself (docs/decisions/0071).
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime/debug"
	"time"
)

// Garbage is collected less often than by default: memory is plenty, and the
// servers that are measured share the machine.
const collectAtPercent = 800

// What goes beyond is a slip: a rate that no core sends, and more than a day.
const mostPerSecond, mostSeconds = 1e6, 86400

type options struct {
	address, path, request, headers          string
	connections, inFlight, mark, markedBytes int
	rate, seconds                            float64
	deadline                                 time.Duration
	seed                                     int64
}

func main() {
	var o options
	flag.StringVar(&o.address, "address", "", "host:port of the server")
	flag.StringVar(&o.path, "path", "", "method, such as /package.Service/Method")
	flag.StringVar(&o.request, "request", "", "file with the request message")
	flag.StringVar(&o.headers, "metadata", "", "metadata, key=value, separated by commas")
	flag.IntVar(&o.connections, "connections", 8, "connections, used in turn")
	flag.IntVar(&o.inFlight, "in-flight", 64, "closed loop: calls in flight")
	flag.IntVar(&o.mark, "mark", -1, "offset in the request where the call's number goes, in 8 bytes")
	flag.IntVar(&o.markedBytes, "marked", 8, "bytes from there on that must be in the reply")
	flag.Float64Var(&o.rate, "rate", 0, "open loop: calls a second; 0 means closed loop")
	flag.Float64Var(&o.seconds, "seconds", 1, "how long to send")
	flag.DurationVar(&o.deadline, "deadline", 30*time.Second, "deadline of each call")
	flag.Int64Var(&o.seed, "seed", 1, "seed of the random times")
	flag.Parse()
	debug.SetGCPercent(collectAtPercent)
	found, err := run(o)
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(found)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "loadgen:", err)
		os.Exit(2)
	}
}

// check refuses what would ask nobody, or for ever; the request has so many bytes.
func (o options) check(bytes int) error {
	switch {
	case o.mark >= 0 && (o.markedBytes < numberBytes || o.mark > bytes-o.markedBytes):
		return fmt.Errorf("-mark and -marked do not fit the request of %d bytes", bytes)
	case o.connections < 1:
		return fmt.Errorf("-connections must be at least 1, not %d", o.connections)
	case !(o.rate >= 0 && o.rate <= mostPerSecond):
		return fmt.Errorf("-rate must be from 0 to %g calls a second, not %g", float64(mostPerSecond), o.rate)
	case o.rate == 0 && o.inFlight < 1:
		return fmt.Errorf("-in-flight must be at least 1, not %d", o.inFlight)
	case !(o.seconds > 0 && o.seconds <= mostSeconds):
		return fmt.Errorf("-seconds must be more than 0, and at most %g, not %g", float64(mostSeconds), o.seconds)
	case o.deadline < time.Microsecond:
		return fmt.Errorf("-deadline must be at least a microsecond, not %v", o.deadline)
	}
	return nil
}

func run(o options) (*report, error) {
	message, err := os.ReadFile(o.request)
	if err != nil {
		return nil, err
	}
	if err := o.check(len(message)); err != nil {
		return nil, err
	}
	caller := newCaller(o, message)
	defer caller.close()
	if o.rate > 0 {
		caller.openLoop()
	} else {
		caller.closedLoop()
	}
	return caller.outcome.report(), nil
}
