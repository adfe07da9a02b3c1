// Copyright 2026 The Argosy Authors
// SPDX-License-Identifier: Apache-2.0

package dev.argosy.examples;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import dev.argosy.common.v1.ScoredLabel;
import dev.argosy.vision.v1.ClassifyRequest;
import dev.argosy.vision.v1.ClassifyResponse;
import dev.argosy.vision.v1.Image;
import dev.argosy.vision.v1.VisionServiceGrpc;
import dev.argosy.vision.v1.VisionServiceGrpc.VisionServiceBlockingStub;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** A first call to Argosy from Java: classify an image, with a deadline, and read why a call failed. */
public final class Client {
  private final VisionServiceBlockingStub vision;
  private final ByteString image;

  private Client(VisionServiceBlockingStub vision, ByteString image) {
    this.vision = vision;
    this.image = image;
  }

  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 2) {
      System.err.println("usage: Client ADDRESS IMAGE");
      System.exit(2);
    }
    ByteString image = ByteString.copyFrom(Files.readAllBytes(Path.of(arguments[1])));
    ManagedChannel channel = Grpc.newChannelBuilder(arguments[0], InsecureChannelCredentials.create()).build();
    try {
      new Client(VisionServiceGrpc.newBlockingStub(channel), image).run();
    } finally {
      channel.shutdownNow();
    }
  }

  private void run() throws InvalidProtocolBufferException {
    ScoredLabel best = classify("digits", 10_000_000).getResults(0).getLabels(0);
    System.out.printf(Locale.ROOT, "answer: %s (%.3f)%n", best.getLabel(), best.getScore());
    try {
      classify("digits", 50);
    } catch (StatusRuntimeException error) {
      System.out.println("too late: " + explain(error));
    }
    try {
      classify("no-such-model", 10_000_000);
    } catch (StatusRuntimeException error) {
      System.out.println("unknown model: " + explain(error));
    }
  }

  private ClassifyResponse classify(String model, long limitMicros) {
    Image encoded = Image.newBuilder().setEncoded(image).build();
    ClassifyRequest request =
        ClassifyRequest.newBuilder().setModel(model).addImages(encoded).setTopK(1).build();
    return vision.withDeadlineAfter(limitMicros, TimeUnit.MICROSECONDS).classify(request);
  }

  /** Returns the status code and, where the server sent one, the reason for programs. */
  private static String explain(StatusRuntimeException error) throws InvalidProtocolBufferException {
    String code = error.getStatus().getCode().toString();
    com.google.rpc.Status status = StatusProto.fromThrowable(error);
    for (Any detail : status.getDetailsList()) {
      if (detail.is(ErrorInfo.class)) {
        return code + " " + detail.unpack(ErrorInfo.class).getReason();
      }
    }
    return code;
  }
}
