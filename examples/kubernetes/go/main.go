// Copyright 2026 The Argosy Authors
// SPDX-License-Identifier: Apache-2.0

// A program beside the fleet that has a picture and a text classified without a proxy: gRPC learns from the control plane,
// which the file in GRPC_XDS_BOOTSTRAP names, where the replicas of a model are, and balances over them.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	nlpv1 "argosy.dev/gen/argosy/nlp/v1"
	visionv1 "argosy.dev/gen/argosy/vision/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
	_ "google.golang.org/grpc/xds" // makes targets xds:/// known
)

const (
	deadline = 5 * time.Second
	// Calls are sent again only up to this size, in bytes; gRPC's default is 256 KiB.
	retryBuffer = 16 << 20
	callers     = 4
)

// A question has a known answer; ask returns the label that a model gives.
type question struct {
	name, model, want string
	ask               func(ctx context.Context, options ...grpc.CallOption) (string, error)
}

func main() {
	picture := flag.String("picture", "/seven.png", "picture of a seven")
	seconds := flag.Float64("seconds", 0, "how long to go on calling")
	flag.Parse()
	image, err := os.ReadFile(*picture)
	if err != nil {
		log.Fatal(err)
	}
	vision, nlp := connect("vision"), connect("nlp")
	defer vision.Close()
	defer nlp.Close()
	questions := []question{classifyImage(vision, image), classifyText(nlp, "A lovely film.")}

	for _, each := range questions {
		label, _, err := call(each)
		if err != nil {
			log.Fatalf("%s: %v", each.name, err)
		}
		fmt.Printf("%s: %s\n", each.name, label)
	}
	if *seconds > 0 && !goOn(questions, time.Duration(*seconds*float64(time.Second))) {
		os.Exit(1)
	}
}

// connect returns a channel to the workers of a domain. Each connection follows one worker; a model's replicas are told
// apart by the header x-model of a call.
func connect(domain string) *grpc.ClientConn {
	connection, err := grpc.NewClient(
		"xds:///argosy."+domain,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		// No proxy finds workers that hang. grpc-go pings every ten seconds at most.
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 10 * time.Second, Timeout: 2 * time.Second}),
		grpc.WithDefaultCallOptions(grpc.MaxRetryRPCBufferSize(retryBuffer)),
	)
	if err != nil {
		log.Fatal(err)
	}
	return connection
}

func classifyImage(connection *grpc.ClientConn, image []byte) question {
	client := visionv1.NewVisionServiceClient(connection)
	request := &visionv1.ClassifyRequest{
		Images: []*visionv1.Image{{Source: &visionv1.Image_Encoded{Encoded: image}}},
	}
	ask := func(ctx context.Context, options ...grpc.CallOption) (string, error) {
		answer, err := client.Classify(ctx, request, options...)
		if err != nil {
			return "", err
		}
		return answer.Results[0].Labels[0].Label, nil
	}
	return question{"vision digits", "digits", "7", ask}
}

func classifyText(connection *grpc.ClientConn, text string) question {
	client := nlpv1.NewNlpServiceClient(connection)
	request := &nlpv1.ClassifyRequest{Texts: []string{text}}
	ask := func(ctx context.Context, options ...grpc.CallOption) (string, error) {
		answer, err := client.Classify(ctx, request, options...)
		if err != nil {
			return "", err
		}
		return answer.Results[0].Labels[0].Label, nil
	}
	return question{"nlp sentiment", "sentiment", "positive", ask}
}

// call asks a question and returns the answer and the worker that gave it. A wrong answer is an error.
func call(asked question) (label, replica string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	// gRPC does not read messages: the model that a call is for must be in its metadata.
	ctx = metadata.AppendToOutgoingContext(ctx, "x-model", asked.model)
	var trailer metadata.MD
	label, err = asked.ask(ctx, grpc.Trailer(&trailer))
	if err == nil && label != asked.want {
		err = fmt.Errorf("answered %q in the place of %q", label, asked.want)
	}
	return label, strings.Join(trailer.Get("argosy-replica"), ","), err
}

// goOn keeps asking for a while, says every second how it went, and returns whether nothing failed.
func goOn(questions []question, length time.Duration) bool {
	counted := tally{replicas: map[string]bool{}}
	var running sync.WaitGroup
	end := time.Now().Add(length)
	for caller := range callers {
		running.Add(1)
		go func() {
			defer running.Done()
			for number := caller; time.Now().Before(end); number++ {
				_, replica, err := call(questions[number%len(questions)])
				counted.add(replica, err)
			}
		}()
	}
	for time.Now().Before(end) {
		time.Sleep(min(time.Second, time.Until(end)))
		fmt.Println(counted.line("so far"))
	}
	running.Wait()
	fmt.Println(counted.line("in all"))
	return counted.failed == 0
}

// A tally counts calls. Its methods may be used at the same time.
type tally struct {
	lock          sync.Mutex
	calls, failed int
	replicas      map[string]bool
}

func (t *tally) add(replica string, err error) {
	t.lock.Lock()
	defer t.lock.Unlock()
	t.calls++
	if err != nil {
		t.failed++
		log.Print(err)
		return
	}
	t.replicas[replica] = true
}

func (t *tally) line(when string) string {
	t.lock.Lock()
	defer t.lock.Unlock()
	workers := strings.Join(slices.Sorted(maps.Keys(t.replicas)), " ")
	return fmt.Sprintf("%s: %d calls, %d failed, answered by %s", when, t.calls, t.failed, workers)
}
