# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
"""Has recordings analysed: ``python examples/voice_of_customer/call.py call.wav --shelf mystery``."""

import argparse
import sys
from pathlib import Path

import grpc
from google.protobuf.json_format import MessageToJson
from voiceofcustomer.v1 import voice_of_customer_pb2 as messages
from voiceofcustomer.v1 import voice_of_customer_pb2_grpc


def main() -> None:
    """Calls once for each file and prints the answers as JSON."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("recordings", nargs="+", type=Path, metavar="FILE", help="WAV, FLAC or OGG")
    options.add_argument("--address", default="127.0.0.1:8090", help="where the service is; default %(default)s")
    options.add_argument("--shelf", default="", help="where items are that are named by number alone")
    options.add_argument("--timeout", type=float, default=10.0, help="deadline in seconds; default %(default)s")
    chosen = options.parse_args()
    with grpc.insecure_channel(chosen.address) as channel:
        stub = voice_of_customer_pb2_grpc.VoiceOfCustomerServiceStub(channel)  # type: ignore[no-untyped-call]
        for path in chosen.recordings:
            request = messages.AnalyzeRequest(recording=path.read_bytes(), shelf=chosen.shelf)
            try:
                print(MessageToJson(stub.Analyze(request, timeout=chosen.timeout)))
            except grpc.RpcError as error:
                sys.exit(f"{path}: {error.code().name}: {error.details()}")


if __name__ == "__main__":
    main()
