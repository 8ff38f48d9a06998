/* Ways to the server: directly, or as clients of each kind of proxy open a connection. */
#define _GNU_SOURCE
#include "load.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

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

int dial(void) {
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

int give_order(int fd, enum wish wish, uint64_t count) {
  struct order order = {.wish = (uint8_t)wish, .count = count};
  return send_all(fd, &order, sizeof order);
}
