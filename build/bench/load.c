/*
 * The far ends of the benchmark: a server that the proxies reach, and the programs that go through them. Its own work is small beside a
 * proxy's: no allocation and no logging on the way, and bytes that are only counted are dropped in the kernel.
 *
 *   load serve PORT                                        prints `ready`, serves until killed
 *   load WHAT via=direct|fixed|socks5|http proxy=PORT server=PORT [key=value...]     prints one line of JSON
 *
 * A client opens its conversation with an order of 16 bytes: what it wants, and a number.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum wish {
  ECHO = 'e',     /* send back what comes */
  SWALLOW = 's',  /* take `count` bytes, then send 8 bytes and end */
  POUR = 'p',     /* send `count` bytes, then end */
  ASK = 'a',      /* take `count` bytes, send as many, then end */
};
struct order {
  uint8_t wish;
  uint8_t unused[7];
  uint64_t count;
};
_Static_assert(sizeof(struct order) == 16, "an order has 16 bytes");

#define CHUNK (256 * 1024)
#define QUESTION 64
#define PATIENCE_S 30

static void fail(const char *what) {
  fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
  exit(1);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void *claim(size_t count, size_t size) {
  void *memory = calloc(count, size);
  if (memory == NULL) fail("memory");
  return memory;
}

static void set_nodelay(int fd) {
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

/* ---- server: two threads, each with a listening socket and an epoll of its own ---- */

struct guest {
  int fd;
  uint32_t order_bytes;
  struct order order;
  uint64_t left;
};

static uint8_t filler[CHUNK];

static int listen_at(int port) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(fd, 4096) != 0) fail("listen");
  return fd;
}

/* Small answers: they fit into the socket's buffer, but for an echo to somebody who does not read, who is waited for. */
static void answer(int fd, const uint8_t *bytes, size_t count) {
  while (count > 0) {
    ssize_t sent = send(fd, bytes, count, MSG_NOSIGNAL);
    if (sent > 0) {
      bytes += sent;
      count -= (size_t)sent;
    } else if (sent < 0 && errno == EAGAIN) {
      struct pollfd room = {.fd = fd, .events = POLLOUT};
      if (poll(&room, 1, PATIENCE_S * 1000) <= 0) return;
    } else {
      return;
    }
  }
}

static void await_readiness(int epoll, struct guest *guest, uint32_t events, int operation) {
  struct epoll_event event = {.events = events, .data.ptr = guest};
  if (epoll_ctl(epoll, operation, guest->fd, &event) != 0) fail("epoll_ctl");
}

static void greet_all(int listener, int epoll) {
  for (int fd; (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
    struct guest *guest = claim(1, sizeof *guest);
    guest->fd = fd;
    set_nodelay(fd);
    await_readiness(epoll, guest, EPOLLIN, EPOLL_CTL_ADD);
  }
}

/* Returns false when the guest has left or is served. */
static int take_order(struct guest *guest, int epoll) {
  uint8_t *into = (uint8_t *)&guest->order + guest->order_bytes;
  ssize_t got = recv(guest->fd, into, sizeof guest->order - guest->order_bytes, 0);
  if (got <= 0) return got < 0 && errno == EAGAIN;
  guest->order_bytes += (uint32_t)got;
  if (guest->order_bytes < sizeof guest->order) return 1;
  guest->left = guest->order.count;
  if (guest->order.wish == POUR) await_readiness(epoll, guest, EPOLLOUT, EPOLL_CTL_MOD);
  return 1;
}

static int pour(struct guest *guest, int epoll) {
  for (int turn = 0; turn < 8 && guest->left > 0; turn++) {
    ssize_t sent = send(guest->fd, filler, guest->left < CHUNK ? guest->left : CHUNK, MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN;
    guest->left -= (uint64_t)sent;
  }
  if (guest->left == 0) {
    shutdown(guest->fd, SHUT_WR);
    await_readiness(epoll, guest, EPOLLIN, EPOLL_CTL_MOD);
  }
  return 1;
}

static int hear(struct guest *guest, uint8_t *buffer) {
  int wants_bytes = guest->order.wish == ECHO;
  for (int turn = 0; turn < 16; turn++) {
    ssize_t got = recv(guest->fd, buffer, CHUNK, wants_bytes ? 0 : MSG_TRUNC);
    if (got <= 0) return got < 0 && errno == EAGAIN;
    if (wants_bytes) {
      answer(guest->fd, buffer, (size_t)got);
    } else if (guest->left > 0) {
      guest->left = (uint64_t)got > guest->left ? 0 : guest->left - (uint64_t)got;
      if (guest->left == 0) {
        answer(guest->fd, filler, guest->order.wish == ASK ? guest->order.count : 8);
        shutdown(guest->fd, SHUT_WR);
      }
    }
    if (got < CHUNK / 4) return 1;
  }
  return 1;
}

static int attend(struct guest *guest, int epoll, uint8_t *buffer) {
  if (guest->order_bytes < sizeof guest->order) return take_order(guest, epoll);
  if (guest->order.wish == POUR && guest->left > 0) return pour(guest, epoll);
  return hear(guest, buffer);
}

static void *serve_thread(void *argument) {
  int listener = listen_at(*(int *)argument), epoll = epoll_create1(EPOLL_CLOEXEC);
  uint8_t *buffer = claim(1, CHUNK);
  struct epoll_event door = {.events = EPOLLIN, .data.ptr = NULL}, events[256];
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &door);
  for (;;) {
    int count = epoll_wait(epoll, events, 256, -1);
    for (int i = 0; i < count; i++) {
      struct guest *guest = events[i].data.ptr;
      if (guest == NULL) {
        greet_all(listener, epoll);
      } else if (!attend(guest, epoll, buffer)) {
        close(guest->fd);
        free(guest);
      }
    }
  }
  return NULL;
}

static int serve(int port) {
  pthread_t threads[2];
  for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, serve_thread, &port);
  usleep(50 * 1000);
  puts("ready");
  fflush(stdout);
  for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
  return 0;
}

/* ---- clients ---- */

static struct {
  const char *via, *direction;
  int proxy, server, clients, count, size;
  double seconds;
  uint64_t bytes;
} wanted = {.via = "direct", .direction = "up", .clients = 1, .count = 1000, .size = 64, .seconds = 2, .bytes = 1 << 30};

static atomic_long failures;

static int read_all(int fd, void *into, size_t count) {
  for (size_t done = 0; done < count;) {
    ssize_t got = recv(fd, (uint8_t *)into + done, count - done, 0);
    if (got <= 0) return 0;
    done += (size_t)got;
  }
  return 1;
}

static int send_all(int fd, const void *bytes, size_t count) {
  for (size_t done = 0; done < count;) {
    ssize_t sent = send(fd, (const uint8_t *)bytes + done, count - done, MSG_NOSIGNAL);
    if (sent <= 0) return 0;
    done += (size_t)sent;
  }
  return 1;
}

/* RFC 1928, as most clients do: one offer, then the request by address. */
static int open_by_socks5(int fd) {
  uint8_t choice[2], reply[10], request[10] = {5, 1, 0, 1, 127, 0, 0, 1, (uint8_t)(wanted.server >> 8), (uint8_t)wanted.server};
  return send_all(fd, "\5\1\0", 3) && read_all(fd, choice, 2) && choice[1] == 0 && send_all(fd, request, sizeof request) &&
         read_all(fd, reply, sizeof reply) && reply[1] == 0;
}

static int open_by_http(int fd) {
  char text[2048];
  int length = snprintf(text, sizeof text, "CONNECT 127.0.0.1:%d HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n", wanted.server, wanted.server);
  if (!send_all(fd, text, (size_t)length)) return 0;
  /* The server says nothing before it is asked, so whatever comes is the proxy's answer. */
  for (size_t have = 0; have < sizeof text - 1;) {
    ssize_t got = recv(fd, text + have, sizeof text - 1 - have, 0);
    if (got <= 0) return 0;
    have += (size_t)got;
    text[have] = 0;
    if (strstr(text, "\r\n\r\n") != NULL) return strncmp(text + 8, " 200", 4) == 0;
  }
  return 0;
}

/* A connection to the server, through the proxy; -1 and counted when there is none. */
static int dial(void) {
  int is_direct = strcmp(wanted.via, "direct") == 0;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in at = {.sin_family = AF_INET,
                           .sin_port = htons((uint16_t)(is_direct ? wanted.server : wanted.proxy)),
                           .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct timeval patience = {.tv_sec = PATIENCE_S};
  if (fd >= 0) {
    set_nodelay(fd);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    int is_open = connect(fd, (struct sockaddr *)&at, sizeof at) == 0;
    if (is_open && strcmp(wanted.via, "socks5") == 0) is_open = open_by_socks5(fd);
    if (is_open && strcmp(wanted.via, "http") == 0) is_open = open_by_http(fd);
    if (is_open) return fd;
    close(fd);
  }
  failures++;
  return -1;
}

static int give_order(int fd, enum wish wish, uint64_t count) {
  struct order order = {.wish = (uint8_t)wish, .count = count};
  return send_all(fd, &order, sizeof order);
}

/* Times of one thread, in seconds. */
struct times {
  double *each;
  size_t count, room;
};

static void note(struct times *times, double seconds) {
  if (times->count == times->room) {
    times->room = times->room == 0 ? 4096 : times->room * 2;
    times->each = realloc(times->each, times->room * sizeof *times->each);
    if (times->each == NULL) fail("memory");
  }
  times->each[times->count++] = seconds;
}

struct worker {
  pthread_t thread;
  struct times times;
  uint64_t bytes;
};

static pthread_barrier_t start_line;
static double deadline;
static atomic_int turn;
static int *held;
static atomic_int held_count;

/* One stream of bytes; the clock starts when all streams are open. */
static void *stream_thread(void *argument) {
  struct worker *self = argument;
  uint64_t share = wanted.bytes / (uint64_t)wanted.clients;
  uint8_t *buffer = claim(1, CHUNK), done[8];
  int is_up = strcmp(wanted.direction, "up") == 0, fd = dial();
  pthread_barrier_wait(&start_line);
  if (fd < 0 || !give_order(fd, is_up ? SWALLOW : POUR, share)) return NULL;
  for (uint64_t left = share; left > 0;) {
    size_t part = left < CHUNK ? (size_t)left : CHUNK;
    ssize_t moved = is_up ? send(fd, buffer, part, MSG_NOSIGNAL) : recv(fd, buffer, CHUNK, MSG_TRUNC);
    if (moved <= 0) break;
    left -= (uint64_t)moved;
    self->bytes += (uint64_t)moved;
  }
  if (self->bytes != share || (is_up && !read_all(fd, done, sizeof done))) failures++;
  close(fd);
  free(buffer);
  return NULL;
}

/* Whole lives of connections, one after another: open, ask, hear the answer, see the end. */
static void *connect_thread(void *argument) {
  struct worker *self = argument;
  struct {
    struct order order;
    uint8_t text[QUESTION];
  } question = {.order = {.wish = ASK, .count = QUESTION}};
  uint8_t reply[QUESTION + 1];
  pthread_barrier_wait(&start_line);
  for (double begun = now(); begun < deadline; begun = now()) {
    int fd = dial();
    if (fd < 0) {
      usleep(1000);
      continue;
    }
    int is_answered = send_all(fd, &question, sizeof question) && read_all(fd, reply, QUESTION);
    if (is_answered) note(&self->times, now() - begun);
    else failures++;
    while (recv(fd, reply, sizeof reply, 0) > 0) continue;
    close(fd);
  }
  return NULL;
}

static void *message_thread(void *argument) {
  struct worker *self = argument;
  uint8_t *message = claim(1, (size_t)wanted.size);
  int fd = dial(), warm = 200;
  pthread_barrier_wait(&start_line);
  if (fd < 0 || !give_order(fd, ECHO, 0)) return NULL;
  for (int i = -warm; i < wanted.count; i++) {
    double begun = now();
    if (!send_all(fd, message, (size_t)wanted.size) || !read_all(fd, message, (size_t)wanted.size)) {
      failures++;
      break;
    }
    if (i >= 0) note(&self->times, now() - begun);
  }
  close(fd);
  return NULL;
}

/* Open tunnels and keep them; each has carried a message, so that it is open to its far end. */
static void *hold_thread(void *argument) {
  (void)argument;
  uint8_t message[8] = {0};
  pthread_barrier_wait(&start_line);
  while (turn++ < wanted.count) {
    int fd = dial();
    if (fd < 0) continue;
    if (give_order(fd, ECHO, 0) && send_all(fd, message, sizeof message) && read_all(fd, message, sizeof message)) held[held_count++] = fd;
    else failures++;
  }
  return NULL;
}

/* Runs `work` in so many threads; returns the seconds from the common start to the last end. */
static double run_all(struct worker *workers, void *(*work)(void *)) {
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 128 * 1024);
  pthread_barrier_init(&start_line, NULL, (unsigned)wanted.clients + 1);
  for (int i = 0; i < wanted.clients; i++) pthread_create(&workers[i].thread, &small, work, &workers[i]);
  double begun = now();
  deadline = begun + wanted.seconds;
  pthread_barrier_wait(&start_line);
  begun = now();
  for (int i = 0; i < wanted.clients; i++) pthread_join(workers[i].thread, NULL);
  return now() - begun;
}

static int by_size(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void print_times(struct worker *workers, double seconds) {
  struct times all = {0};
  for (int i = 0; i < wanted.clients; i++)
    for (size_t j = 0; j < workers[i].times.count; j++) note(&all, workers[i].times.each[j]);
  qsort(all.each, all.count, sizeof *all.each, by_size);
  double median = all.count == 0 ? 0 : all.each[all.count / 2], slow = all.count == 0 ? 0 : all.each[all.count * 99 / 100];
  printf("{\"count\":%zu,\"seconds\":%.6f,\"median\":%.9f,\"p99\":%.9f,\"failures\":%ld}\n", all.count, seconds, median, slow, failures);
}

static void print_bytes(struct worker *workers, double seconds) {
  uint64_t bytes = 0;
  for (int i = 0; i < wanted.clients; i++) bytes += workers[i].bytes;
  printf("{\"bytes\":%llu,\"seconds\":%.6f,\"failures\":%ld}\n", (unsigned long long)bytes, seconds, failures);
}

/* Wait until whoever started this closes our input. */
static void wait_for_leave(void) {
  char ignored;
  while (read(STDIN_FILENO, &ignored, 1) > 0) continue;
}

static void hold(struct worker *workers) {
  held = claim((size_t)wanted.count + (size_t)wanted.clients, sizeof *held);
  double seconds = run_all(workers, hold_thread);
  printf("{\"open\":%d,\"seconds\":%.6f,\"failures\":%ld}\n", held_count, seconds, failures);
  fflush(stdout);
  wait_for_leave();
}

/* Ask for bytes, do not read them until told, then take them all. */
static void stall(void) {
  uint8_t *buffer = claim(1, CHUNK);
  uint64_t taken = 0;
  int fd = dial();
  if (fd < 0 || !give_order(fd, POUR, wanted.bytes)) fail("stall");
  puts("stalled");
  fflush(stdout);
  wait_for_leave();
  for (ssize_t got; (got = recv(fd, buffer, CHUNK, MSG_TRUNC)) > 0;) taken += (uint64_t)got;
  printf("{\"bytes\":%llu,\"failures\":%d}\n", (unsigned long long)taken, taken == wanted.bytes ? 0 : 1);
}

static void understand(char *word) {
  char *value = strchr(word, '=');
  if (value == NULL) fail(word);
  *value++ = 0;
  if (strcmp(word, "via") == 0) wanted.via = value;
  else if (strcmp(word, "direction") == 0) wanted.direction = value;
  else if (strcmp(word, "proxy") == 0) wanted.proxy = atoi(value);
  else if (strcmp(word, "server") == 0) wanted.server = atoi(value);
  else if (strcmp(word, "clients") == 0) wanted.clients = atoi(value);
  else if (strcmp(word, "count") == 0) wanted.count = atoi(value);
  else if (strcmp(word, "size") == 0) wanted.size = atoi(value);
  else if (strcmp(word, "seconds") == 0) wanted.seconds = atof(value);
  else if (strcmp(word, "bytes") == 0) wanted.bytes = strtoull(value, NULL, 10);
  else fail(word);
}

int main(int count, char **words) {
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  signal(SIGPIPE, SIG_IGN);
  if (count == 3 && strcmp(words[1], "serve") == 0) return serve(atoi(words[2]));
  for (int i = 2; i < count; i++) understand(words[i]);
  const char *what = count > 1 ? words[1] : "";
  struct worker *workers = claim((size_t)wanted.clients, sizeof *workers);
  if (strcmp(what, "stream") == 0) print_bytes(workers, run_all(workers, stream_thread));
  else if (strcmp(what, "connect") == 0) print_times(workers, run_all(workers, connect_thread));
  else if (strcmp(what, "message") == 0) print_times(workers, run_all(workers, message_thread));
  else if (strcmp(what, "hold") == 0) hold(workers);
  else if (strcmp(what, "stall") == 0) stall();
  else fail("what");
  return failures > 0 ? 3 : 0;
}
