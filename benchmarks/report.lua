-- What benchmarks/wrk.py reads: wrk's totals as one line of JSON, times in microseconds.
done = function(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    'measured {"requests": %d, "duration": %d, "bytes": %d, "connect": %d, "read": %d, "write": %d, ' ..
    '"status": %d, "timeout": %d, "p50": %.1f, "p99": %.1f}\n',
    summary.requests, summary.duration, summary.bytes, errors.connect, errors.read, errors.write,
    errors.status, errors.timeout, latency:percentile(50), latency:percentile(99)))
end
