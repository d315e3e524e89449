/** Lost segments, as the kernel resends them, and connections that were given up. */
export const netRetransmit = `# net.retransmit: a segment of TCP was sent again, or a connection was given up for lack of answers.
# The first comes from the kernel, in whatever thread its timer interrupted, and needs the rights that
# kernel tracepoints need; the second from the program's own sockets.
event net.retransmit {
  source: string, # kernel or program
  localPort: u16?,
  remotePort: u16?,
  remoteAddress: string?,
}

probe await tracepoint:tcp:tcp_retransmit_skb {
  throw event net.retransmit { source = "kernel", localPort = sport, remotePort = dport };
}

probe await net.error if (code == "ETIMEDOUT" || code == "ECONNRESET") {
  throw event net.retransmit {
    source = "program",
    localPort = localPort,
    remotePort = remotePort,
    remoteAddress = remoteAddress,
  };
}
`;
