-- For wrk: ask for the paths of a file in turns, and tell at the end what came as one line of JSON.
local requests, at = {}, 0

function init(args)
  for path in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format("GET", path)
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency, _)
  local wrong = summary.errors
  io.write(string.format(
    '{"seconds": %f, "requests": %d, "bytes": %d, "wrong": %d, "median": %f, "p95": %f, "p99": %f}\n',
    summary.duration / 1e6, summary.requests, summary.bytes,
    wrong.connect + wrong.read + wrong.write + wrong.status + wrong.timeout,
    latency:percentile(50) / 1e6, latency:percentile(95) / 1e6, latency:percentile(99) / 1e6))
end
