// Copyright 2026 The Argosy Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"sort"
	"sync"
	"time"
)

const (
	wrongReply = "WRONG_REPLY"
	okLate     = "OK_LATE"
	// mostReplies is how many different replies are kept for the caller to check.
	mostReplies = 64
)

// outcome counts what became of calls.
type outcome struct {
	started       time.Time
	mutex         sync.Mutex
	codes         map[string]int
	perSecond     []int
	replies       map[string]int
	took, refused []float64
	lags          []float64 // of one goroutine only
}

func newOutcome(started time.Time) *outcome {
	return &outcome{started: started, codes: map[string]int{}, replies: map[string]int{}}
}

func (o *outcome) failed(status int, took time.Duration) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.codes[statusName(status)]++
	if status == statusResourceExhausted || status == statusUnavailable {
		o.refused = append(o.refused, took.Seconds())
	}
}

func (o *outcome) count(what string) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.codes[what]++
}

func (o *outcome) answered(ended time.Time, took time.Duration) {
	second := int(ended.Sub(o.started).Seconds())
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.codes["OK"]++
	o.took = append(o.took, took.Seconds())
	for len(o.perSecond) <= second {
		o.perSecond = append(o.perSecond, 0)
	}
	o.perSecond[second]++
}

// reply keeps each different reply once; what goes beyond the limit is wrong.
func (o *outcome) reply(payload []byte) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	if _, known := o.replies[string(payload)]; known || len(o.replies) < mostReplies {
		o.replies[string(payload)]++
	} else {
		o.codes[wrongReply]++
	}
}

func (o *outcome) lag(behind time.Duration) { o.lags = append(o.lags, behind.Seconds()) }

// report is what is printed; times in seconds.
type report struct {
	Seconds    float64        `json:"seconds"`
	Codes      map[string]int `json:"codes"`
	PerSecond  []int          `json:"answered_per_second"`
	P50        float64        `json:"p50_s"`
	P99        float64        `json:"p99_s"`
	RefusedP99 float64        `json:"refused_p99_s"`
	LagP99     float64        `json:"lag_p99_s"`
	Replies    []reply        `json:"replies"`
}

// reply is one payload, in base64 where it is printed, and how often it came.
type reply struct {
	Payload []byte `json:"payload"`
	Count   int    `json:"count"`
}

func (o *outcome) report() *report {
	found := &report{
		Seconds: time.Since(o.started).Seconds(), Codes: o.codes, PerSecond: o.perSecond,
		P50: quantile(o.took, 0.5), P99: quantile(o.took, 0.99),
		RefusedP99: quantile(o.refused, 0.99), LagP99: quantile(o.lags, 0.99),
	}
	for payload, count := range o.replies {
		found.Replies = append(found.Replies, reply{[]byte(payload), count})
	}
	return found
}

// quantile is the value that this share of all does not exceed; 0 where there are none.
func quantile(values []float64, share float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sort.Float64s(values)
	return values[min(int(share*float64(len(values))), len(values)-1)]
}
