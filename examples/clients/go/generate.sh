#!/bin/sh
# Copyright 2026 The Argosy Authors
# SPDX-License-Identifier: Apache-2.0
# Generates Go code into gen/ from exported protos. Usage: ./generate.sh PROTOS
# Needs Go and protoc; PROTOC may name it, such as PROTOC="python -m grpc_tools.protoc".
set -eu
cd "$(dirname "$0")"
protos=$1
export GOBIN="$PWD/bin"
go install google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.10
go install google.golang.org/grpc/cmd/protoc-gen-go-grpc@v1.5.1
mkdir -p gen
cat >gen/go.mod <<'END'
module argosy.dev/gen

go 1.24.0
END
# Only argosy's own files: Go has modules with the code of google/api and google/rpc.
find "$protos/argosy" \( -path '*/v1/*.proto' -o -path '*/inference/*.proto' \) -exec ${PROTOC:-protoc} -I "$protos" \
  --plugin="$GOBIN/protoc-gen-go" --go_out=gen --go_opt=module=argosy.dev/gen \
  --plugin="$GOBIN/protoc-gen-go-grpc" --go-grpc_out=gen --go-grpc_opt=module=argosy.dev/gen {} +
