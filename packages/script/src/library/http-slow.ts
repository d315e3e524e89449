/** Slow requests, as the server and as the client saw them. */
export const httpSlow = `# http.slow: a request took longer than slow_ms milliseconds, from its head to its end.
# Posted in the thread that handled it: by servers when the response has been handed over, by clients
# when the head of the response came in, or the request failed.
event http.slow {
  durationNs: f64,
  role: string, # server or client
  method: string,
  host: string?,
  path: string,
  status: u16?,
  code: string?, # why it failed
}

global slow_ms = 500;

probe await http.server.request if (durationNs > slow_ms * 1e6) {
  throw event http.slow {
    durationNs = durationNs,
    role = "server",
    method = method,
    host = host,
    path = path,
    status = status,
  };
}

probe await http.client.request if (durationNs > slow_ms * 1e6) {
  throw event http.slow {
    durationNs = durationNs,
    role = "client",
    method = method,
    host = host,
    path = path,
    status = status,
    code = code,
  };
}
`;
