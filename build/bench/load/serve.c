/* The server that the proxies reach: two threads, each with a listening socket and an epoll of its own. */
#define _GNU_SOURCE
#include "load.h"
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct guest {
  int fd;
  uint32_t order_bytes;
  struct order order;
  uint64_t left;
};

static uint8_t filler[CHUNK];

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
  int listener = listen_at(*(int *)argument, SOCK_NONBLOCK), epoll = epoll_create1(EPOLL_CLOEXEC);
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

int serve(int port) {
  pthread_t threads[2];
  for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, serve_thread, &port);
  usleep(50 * 1000);
  puts("ready");
  fflush(stdout);
  for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
  return 0;
}
