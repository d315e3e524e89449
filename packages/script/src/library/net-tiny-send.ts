/** Programs that send their bytes in crumbs. */
export const netTinySend = `# net.tiny-send: tiny_run sends in a row on one connection handed over fewer than tiny_bytes bytes each.
# Each may cost a packet: gather them, cork the socket, or write through a buffer.
event net.tiny-send {
  len: u32, # of the last
  sends: u32, # in a row
  remoteAddress: string?,
  remotePort: u16?,
}

global tiny_bytes = 64, tiny_run = 10;
global runs; # sends in a row, by the two ports

probe await net.send {
  if (len >= tiny_bytes) {
    delete runs[localPort, remotePort];
    next;
  }
  runs[localPort, remotePort]++;
  sends = runs[localPort, remotePort];
  if (sends > 0 && sends % tiny_run == 0) {
    throw event net.tiny-send {
      len = len,
      sends = sends,
      remoteAddress = remoteAddress,
      remotePort = remotePort,
    };
  }
}

probe await net.close { delete runs[localPort, remotePort] }
`;
