// Copyright 2026 The Argosy Authors
// SPDX-License-Identifier: Apache-2.0

// A first call to Argosy from Node.js: classify an image, with a deadline, and read why a call failed.
import { readFileSync } from 'node:fs';
import grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const [address, imagePath, protos] = process.argv.slice(2);
if (!protos) {
  console.error('usage: node client.js ADDRESS IMAGE PROTOS');
  process.exit(2);
}

const definitions = loadSync(
  ['argosy/vision/v1/vision.proto', 'google/rpc/status.proto', 'google/rpc/error_details.proto'],
  { includeDirs: [protos], defaults: true },
);
const { VisionService } = grpc.loadPackageDefinition(definitions).argosy.vision.v1;
const vision = new VisionService(address, grpc.credentials.createInsecure());
const image = readFileSync(imagePath);

function classify(model, limitMs) {
  const request = { model, images: [{ encoded: image }], topK: 1 };
  const options = { deadline: Date.now() + limitMs };
  return new Promise((resolve, reject) => {
    vision.classify(request, options, (error, response) => (error ? reject(error) : resolve(response)));
  });
}

// Returns the status code and, where the server sent one, the reason for programs.
function explain(error) {
  const code = grpc.status[error.code];
  const [packed] = error.metadata?.get('grpc-status-details-bin') ?? [];
  if (!packed) return code;
  const { details } = definitions['google.rpc.Status'].deserialize(packed);
  const info = details.find((detail) => (detail.typeUrl ?? detail.type_url).endsWith('/google.rpc.ErrorInfo'));
  return info ? `${code} ${definitions['google.rpc.ErrorInfo'].deserialize(info.value).reason}` : code;
}

const response = await classify('digits', 10_000);
const best = response.results[0].labels[0];
console.log(`answer: ${best.label} (${best.score.toFixed(3)})`);
await classify('digits', 0).catch((error) => console.log(`too late: ${explain(error)}`));
await classify('no-such-model', 10_000).catch((error) => console.log(`unknown model: ${explain(error)}`));
vision.close();
