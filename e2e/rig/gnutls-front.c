/*
 * TLS by GnuTLS in front of a plain server: `gnutls-front PORT UPSTREAM CERT KEY CLIENT_CA PRIORITY`. GnuTLS comes with a server that
 * answers by itself and with none that passes on; the tests need one that shares no code with OpenSSL. One process for each connection.
 */
#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static struct sockaddr_in here(const char *port) {
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(port)) };
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/* Writes all of it; 0 when the other side is gone. */
static int pass(gnutls_session_t tls, int plain, const char *bytes, ssize_t count) {
  while (count > 0) {
    ssize_t sent = plain >= 0 ? write(plain, bytes, (size_t)count) : gnutls_record_send(tls, bytes, (size_t)count);
    if (sent <= 0) return 0;
    bytes += sent;
    count -= sent;
  }
  return 1;
}

static void relay(gnutls_session_t tls, int below, int plain) {
  struct pollfd sides[] = { { below, POLLIN, 0 }, { plain, POLLIN, 0 } };
  char bytes[16384];
  for (;;) {
    ssize_t count;
    if (gnutls_record_check_pending(tls) == 0 && poll(sides, 2, -1) < 0) return;
    if (gnutls_record_check_pending(tls) > 0 || sides[0].revents != 0) {
      count = gnutls_record_recv(tls, bytes, sizeof(bytes));
      if (count == GNUTLS_E_AGAIN || count == GNUTLS_E_INTERRUPTED) continue;
      if (count < 0) return;
      if (count == 0) {
        shutdown(plain, SHUT_WR);
        sides[0].fd = -1;
      } else if (!pass(tls, plain, bytes, count)) return;
    }
    if (sides[1].revents != 0) {
      count = read(plain, bytes, sizeof(bytes));
      if (count <= 0 || !pass(tls, -1, bytes, count)) return;
    }
    sides[0].revents = sides[1].revents = 0;
  }
}

int main(int count, char **words) {
  gnutls_certificate_credentials_t credentials;
  gnutls_datum_t ticket_key;
  struct sockaddr_in own, upstream;
  int yes = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
  if (count != 7) return 2;
  own = here(words[1]);
  upstream = here(words[2]);
  signal(SIGCHLD, SIG_IGN);
  signal(SIGPIPE, SIG_IGN);
  gnutls_certificate_allocate_credentials(&credentials);
  if (gnutls_certificate_set_x509_key_file(credentials, words[3], words[4], GNUTLS_X509_FMT_PEM) < 0) return 3;
  if (gnutls_certificate_set_x509_trust_file(credentials, words[5], GNUTLS_X509_FMT_PEM) < 1) return 4;
  gnutls_session_ticket_key_generate(&ticket_key);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  if (bind(listener, (struct sockaddr *)&own, sizeof(own)) != 0 || listen(listener, 64) != 0) return 5;
  for (;;) {
    gnutls_session_t tls;
    int plain, outcome, below = accept(listener, NULL, NULL);
    if (below < 0) continue;
    if (fork() != 0) {
      close(below);
      continue;
    }
    close(listener);
    gnutls_init(&tls, GNUTLS_SERVER);
    if (gnutls_priority_set_direct(tls, words[6], NULL) < 0) return 6;
    gnutls_credentials_set(tls, GNUTLS_CRD_CERTIFICATE, credentials);
    gnutls_certificate_server_set_request(tls, GNUTLS_CERT_REQUIRE);
    /* The handshake itself fails without a certificate of the authority. */
    gnutls_session_set_verify_cert(tls, NULL, 0);
    gnutls_session_ticket_enable_server(tls, &ticket_key);
    gnutls_transport_set_int(tls, below);
    do outcome = gnutls_handshake(tls);
    while (outcome < 0 && gnutls_error_is_fatal(outcome) == 0);
    plain = socket(AF_INET, SOCK_STREAM, 0);
    if (outcome == 0 && connect(plain, (struct sockaddr *)&upstream, sizeof(upstream)) == 0) relay(tls, below, plain);
    gnutls_bye(tls, GNUTLS_SHUT_WR);
    return 0;
  }
}
