-- Sends the requests of a file in turn, and prints one line of JSON at the end.
--
--   wrk … -s wrk.lua ADDRESS -- FILE [statuses]
--
-- A line of the file is one request: method, path and headers ("Name: value"), separated by tabs. With "statuses", the
-- answers with status 304 are counted too; that costs wrk some time for each answer.

local requests, place = {}, 0
not_modified = 0

local threads = {}
function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  for line in io.lines(args[1]) do
    local parts = {}
    for part in string.gmatch(line, "[^\t]+") do
      table.insert(parts, part)
    end
    local headers = {}
    for name, value in pairs(wrk.headers) do
      headers[name] = value
    end
    for i = 3, #parts do
      local name, value = string.match(parts[i], "^([^:]+): (.*)$")
      headers[name] = value
    end
    table.insert(requests, wrk.format(parts[1], parts[2], headers))
  end
  if args[2] == "statuses" then
    response = function(status)
      if status == 304 then
        not_modified = not_modified + 1
      end
    end
  end
end

function request()
  place = place % #requests + 1
  return requests[place]
end

function done(summary, latency)
  local unmodified = 0
  for _, thread in ipairs(threads) do
    unmodified = unmodified + thread:get("not_modified")
  end
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "seconds": %.6f, "bytes": %d, "refused": %d, "broken": %d, "not_modified": %d, "p50_ms": %.4f, "p99_ms": %.4f}\n',
    summary.requests, summary.duration / 1e6, summary.bytes, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout, unmodified,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
