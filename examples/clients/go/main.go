// Copyright 2026 The Argosy Authors
// SPDX-License-Identifier: Apache-2.0

// A first call to Argosy from Go: classify an image, with a deadline, and read why a call failed.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	visionv1 "argosy.dev/gen/argosy/vision/v1"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
)

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: client ADDRESS IMAGE")
	}
	image, err := os.ReadFile(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	connection, err := grpc.NewClient(os.Args[1], grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		log.Fatal(err)
	}
	defer connection.Close()
	vision := visionv1.NewVisionServiceClient(connection)

	response, err := classify(vision, "digits", image, 10*time.Second)
	if err != nil {
		log.Fatal(err)
	}
	best := response.Results[0].Labels[0]
	fmt.Printf("answer: %s (%.3f)\n", best.Label, best.Score)

	_, err = classify(vision, "digits", image, 50*time.Microsecond)
	fmt.Printf("too late: %s\n", explain(err))

	_, err = classify(vision, "no-such-model", image, 10*time.Second)
	fmt.Printf("unknown model: %s\n", explain(err))
}

func classify(
	vision visionv1.VisionServiceClient, model string, image []byte, limit time.Duration,
) (*visionv1.ClassifyResponse, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	return vision.Classify(ctx, &visionv1.ClassifyRequest{
		Model:  model,
		Images: []*visionv1.Image{{Source: &visionv1.Image_Encoded{Encoded: image}}},
		TopK:   1,
	})
}

// explain returns the status code and, where the server sent one, the reason for programs.
func explain(err error) string {
	failed := status.Convert(err)
	for _, detail := range failed.Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			return fmt.Sprintf("%s %s", failed.Code(), info.Reason)
		}
	}
	return failed.Code().String()
}
