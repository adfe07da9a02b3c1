-- Copyright 2026 The Argosy Authors
-- SPDX-License-Identifier: Apache-2.0
-- Runs on routes whose call carries no x-model, and on refusals that repeat what the caller sent.

-- Field extraction has put the model's name into dynamic metadata: sets x-model by it and has the route chosen again.
function envoy_on_request(handle)
  local fields = handle:streamInfo():dynamicMetadata():get("envoy.filters.http.grpc_field_extraction")
  if fields == nil then return end
  local model = fields["model"] or fields["model_name"] or fields["name"]
  if type(model) == "table" then model = model[1] end
  if model == nil or model == "" then return end
  -- The name becomes a header: anything that no model can be called is unknown anyway.
  if #model > 128 or not model:find("^[%w][%w%._%-]*$") then model = "?" end
  handle:headers():replace("x-model", model)
  handle:clearRouteCache()
end

-- Appends a length-delimited protobuf field.
local function field(number, value)
  local length, bytes = #value, ""
  while length > 127 do
    bytes = bytes .. string.char(128 + length % 128)
    length = math.floor(length / 128)
  end
  return string.char(number * 8 + 2) .. bytes .. string.char(length) .. value
end

-- A refusal's details are a google.rpc.Status that repeats the status and message as the caller reads them.
function envoy_on_response(handle)
  local headers = handle:headers()
  local reason = headers:get("argosy-reason")
  if reason == nil then return end
  local message = headers:get("grpc-message"):gsub("[^ -~]", "?")
  local info = field(1, reason) .. field(2, "argosy.dev")
  local detail = field(1, "type.googleapis.com/google.rpc.ErrorInfo") .. field(2, info)
  local status = string.char(8, tonumber(headers:get("grpc-status"))) .. field(2, message) .. field(3, detail)
  headers:replace("grpc-status-details-bin", handle:base64Escape(status))
  headers:replace("grpc-message", (message:gsub("%%", "%%25")))
  headers:remove("argosy-reason")
end
