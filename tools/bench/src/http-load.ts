import { type NativeProgram, startNativeProgram } from './native-program.ts';

// Asks a server over and over on COUNT connections and waits for what comes: `PORT REQUESTS` a line,
// answered with the milliseconds that it took. All answers of a server are as long as its first.
const source = `
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
enum { most = 256 };
static char request[256], answer[65536];
static int size, connections[most];
static long received[1024];
static void fail(const char *what) { perror(what); exit(1); }
static double now_ms(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1e3 + t.tv_nsec / 1e6; }
static void ask(int fd) { if (write(fd, request, size) != size) fail("write"); }
static int connect_to(int port) {
  int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
  if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to)) fail("connect");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return fd;
}
static long measure_answer(int fd) {
  long have = 0, whole = -1;
  ask(fd);
  while (whole < 0 || have < whole) {
    long n = read(fd, answer + have, sizeof answer - 1 - have);
    if (n <= 0) fail("read");
    answer[have += n] = 0;
    char *end = strstr(answer, "\\r\\n\\r\\n"), *length = strcasestr(answer, "content-length: ");
    if (end && length) whole = end + 4 - answer + atol(length + 16);
  }
  if (strncmp(answer, "HTTP/1.1 200", 12)) { fprintf(stderr, "%.60s", answer); exit(1); }
  return whole;
}
int main(int count, char **args) {
  int n = atoi(args[1]);
  char line[64];
  if (count != 2 || n < 1 || n > most) return 2;
  puts("ready"); fflush(stdout);
  while (fgets(line, sizeof line, stdin)) {
    int port, poll = epoll_create1(0);
    long requests, asked = 0, answered = 0;
    if (sscanf(line, "%d %ld", &port, &requests) != 2) return 2;
    size = snprintf(request, sizeof request, "GET / HTTP/1.1\\r\\nHost: 127.0.0.1:%d\\r\\nConnection: keep-alive\\r\\n\\r\\n", port);
    for (int i = 0; i < n; i++) {
      int fd = connections[i] = connect_to(port);
      struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };
      if (fd >= 1024 || epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event)) fail("epoll");
      received[fd] = 0;
    }
    long whole = measure_answer(connections[0]);
    double start = now_ms();
    for (int i = 0; i < n && asked < requests; i++, asked++) ask(connections[i]);
    while (answered < requests) {
      struct epoll_event events[most];
      int ready = epoll_wait(poll, events, most, -1);
      for (int i = 0; i < ready; i++) {
        int fd = events[i].data.fd;
        long got = read(fd, answer, sizeof answer);
        if (got <= 0 || (received[fd] += got) > whole) fail("answer");
        if (received[fd] < whole) continue;
        received[fd] = 0;
        answered++;
        if (asked < requests) { ask(fd); asked++; }
      }
    }
    printf("%.3f\\n", now_ms() - start); fflush(stdout);
    for (int i = 0; i < n; i++) close(connections[i]);
    close(poll);
  }
}
`;

/** A client that asks a server as often as it can, and takes less of a processor than the server. */
export class HttpLoad implements AsyncDisposable {
  readonly #program: NativeProgram;

  private constructor(program: NativeProgram) {
    this.#program = program;
  }

  /** Compiles it, which needs gcc. */
  static async start(connections: number): Promise<HttpLoad> {
    return new HttpLoad(await startNativeProgram(source, ['-O2'], [String(connections)]));
  }

  /** Milliseconds until so many requests were answered; a further one comes before them. */
  async ask(port: number, requests: number): Promise<number> {
    return Number(await this.#program.ask(`${port} ${requests}`));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
  }
}
