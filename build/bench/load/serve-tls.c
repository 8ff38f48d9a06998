/*
 * The same server in mutual TLS 1.3, a thread for each connection, so that it is never what is measured. Gateways are asked by CONNECT: who
 * opens with one is answered and then served like anybody.
 */
#define _GNU_SOURCE
#include "load.h"
#include <openssl/ssl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static SSL_CTX *context;
static uint8_t filler[CHUNK];

static int read_fully(SSL *tls, void *into, int count) {
  for (int done = 0; done < count;) {
    int got = SSL_read(tls, (uint8_t *)into + done, count - done);
    if (got <= 0) return 0;
    done += got;
  }
  return 1;
}

/* The rest of a CONNECT, which ends with an empty line; nothing follows it before our answer. */
static int answer_connect(SSL *tls, const uint8_t *begun, int have) {
  char text[2048];
  memcpy(text, begun, (size_t)have);
  for (;;) {
    text[have] = 0;
    if (strstr(text, "\r\n\r\n") != NULL) return SSL_write(tls, "HTTP/1.1 200 OK\r\n\r\n", 19) == 19;
    int got = SSL_read(tls, text + have, (int)sizeof text - 1 - have);
    if (got <= 0) return 0;
    have += got;
  }
}

static int hear_order(SSL *tls, struct order *order) {
  if (!read_fully(tls, order, sizeof *order)) return 0;
  if (memcmp(order, "CONNECT ", 8) != 0) return 1;
  return answer_connect(tls, (const uint8_t *)order, sizeof *order) && read_fully(tls, order, sizeof *order);
}

static int swallow(SSL *tls, uint8_t *buffer, uint64_t left) {
  while (left > 0) {
    int got = SSL_read(tls, buffer, left < CHUNK ? (int)left : CHUNK);
    if (got <= 0) return 0;
    left -= (uint64_t)got;
  }
  return 1;
}

static void pour(SSL *tls, uint64_t left) {
  while (left > 0) {
    int part = left < CHUNK ? (int)left : CHUNK;
    if (SSL_write(tls, filler, part) != part) return;
    left -= (uint64_t)part;
  }
}

static void echo(SSL *tls, uint8_t *buffer) {
  for (int got; (got = SSL_read(tls, buffer, CHUNK)) > 0;)
    if (SSL_write(tls, buffer, got) != got) return;
}

static void obey(SSL *tls, const struct order *order) {
  uint8_t *buffer = malloc(CHUNK);
  if (buffer == NULL) return;
  if (order->wish == ECHO) echo(tls, buffer);
  else if (order->wish == POUR) pour(tls, order->count);
  else if (swallow(tls, buffer, order->count)) pour(tls, order->wish == ASK ? order->count : 8);
  free(buffer);
}

static void *serve_one(void *argument) {
  int fd = (int)(intptr_t)argument;
  SSL *tls = SSL_new(context);
  struct order order;
  SSL_set_fd(tls, fd);
  if (SSL_accept(tls) == 1 && hear_order(tls, &order)) {
    obey(tls, &order);
    SSL_shutdown(tls);
    shutdown(fd, SHUT_WR);
    /* Closing with unread bytes would reset the connection under the last ones that we sent. */
    struct pollfd end = {.fd = fd, .events = POLLIN};
    char rest[512];
    while (poll(&end, 1, 5000) > 0 && recv(fd, rest, sizeof rest, 0) > 0) continue;
  }
  SSL_free(tls);
  close(fd);
  return NULL;
}

static void *greet_all(void *argument) {
  int listener = listen_at(*(int *)argument, 0);
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 256 * 1024);
  pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);
  for (;;) {
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    pthread_t thread;
    if (fd < 0) continue;
    set_nodelay(fd);
    if (pthread_create(&thread, &small, serve_one, (void *)(intptr_t)fd) != 0) close(fd);
  }
  return NULL;
}

static SSL_CTX *open_context(const char *folder, const char *suites, int gives_tickets) {
  SSL_CTX *opened = SSL_CTX_new(TLS_server_method());
  char ca[512], certificate[512], key[512];
  snprintf(ca, sizeof ca, "%s/ca.pem", folder);
  snprintf(certificate, sizeof certificate, "%s/server.pem", folder);
  snprintf(key, sizeof key, "%s/server.key", folder);
  SSL_CTX_set_min_proto_version(opened, TLS1_3_VERSION);
  SSL_CTX_set_verify(opened, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
  SSL_CTX_set_session_id_context(opened, (const unsigned char *)"load", 4);
  if (!gives_tickets) SSL_CTX_set_num_tickets(opened, 0);
  if (SSL_CTX_set_ciphersuites(opened, suites) != 1 || SSL_CTX_load_verify_locations(opened, ca, NULL) != 1 ||
      SSL_CTX_use_certificate_chain_file(opened, certificate) != 1 || SSL_CTX_use_PrivateKey_file(opened, key, SSL_FILETYPE_PEM) != 1)
    fail(folder);
  return opened;
}

int serve_tls(int port, const char *folder, const char *suites, int gives_tickets) {
  pthread_t threads[2];
  context = open_context(folder, suites, gives_tickets);
  for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, greet_all, &port);
  puts("ready");
  fflush(stdout);
  for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
  return 0;
}
