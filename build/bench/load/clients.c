/* What clients do. */
#define _GNU_SOURCE
#include "load.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static atomic_int turn;
static int *held;
static atomic_int held_count;

/* One stream of bytes; the clock starts when all streams are open. */
void *stream_thread(void *argument) {
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
void *connect_thread(void *argument) {
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

void *message_thread(void *argument) {
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

/* Wait until whoever started this closes our input. */
static void wait_for_leave(void) {
  char ignored;
  while (read(STDIN_FILENO, &ignored, 1) > 0) continue;
}

void hold(struct worker *workers) {
  held = claim((size_t)wanted.count + (size_t)wanted.clients, sizeof *held);
  double seconds = run_all(workers, hold_thread);
  printf("{\"open\":%d,\"seconds\":%.6f,\"failures\":%ld}\n", held_count, seconds, failures);
  fflush(stdout);
  wait_for_leave();
}

/* Ask for bytes, do not read them until told, then take them all. */
void stall(void) {
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
