/* What the files of the load program share. main.c tells what the program is. */
#pragma once
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum wish {
  ECHO = 'e',    /* send back what comes */
  SWALLOW = 's', /* take `count` bytes, then send 8 bytes and end */
  POUR = 'p',    /* send `count` bytes, then end */
  ASK = 'a',     /* take `count` bytes, send as many, then end */
};

/* How a client opens its conversation: what it wants, and a number. */
struct order {
  uint8_t wish;
  uint8_t unused[7];
  uint64_t count;
};
_Static_assert(sizeof(struct order) == 16, "an order has 16 bytes");

#define CHUNK (256 * 1024)
#define QUESTION 64
#define PATIENCE_S 30

/* What was asked for on the command line. `server` is the port behind the proxy. */
struct wanted {
  const char *via, *direction;
  int proxy, server, clients, count, size;
  double seconds;
  uint64_t bytes;
};
extern struct wanted wanted;
extern atomic_long failures;

/* common.c */
void fail(const char *what) __attribute__((noreturn));
double now(void);
void *claim(size_t count, size_t size);
void set_nodelay(int fd);
int listen_at(int port, int flags);
int read_all(int fd, void *into, size_t count);
int send_all(int fd, const void *bytes, size_t count);

/* serve.c, serve-tls.c: they never return */
int serve(int port);
int serve_tls(int port, const char *folder, const char *suites, int gives_tickets);

/* dial.c: a connection to the server, through the proxy; -1 and counted when there is none */
int dial(void);
int give_order(int fd, enum wish wish, uint64_t count);

/* times.c */
struct times {
  double *each; /* seconds */
  size_t count, room;
};
void note(struct times *times, double seconds);

/* One thread of a client. */
struct worker {
  pthread_t thread;
  struct times times;
  uint64_t bytes;
};
/* Runs `work` in so many threads; returns the seconds from the common start to the last end. */
double run_all(struct worker *workers, void *(*work)(void *));
extern pthread_barrier_t start_line;
extern double deadline;
void print_times(struct worker *workers, double seconds);
void print_bytes(struct worker *workers, double seconds);

/* clients.c */
void *stream_thread(void *worker);
void *connect_thread(void *worker);
void *message_thread(void *worker);
void hold(struct worker *workers);
void stall(void);
