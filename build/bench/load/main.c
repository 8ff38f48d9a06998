/*
 * The far ends of the benchmark: a server that the proxies reach, and the programs that go through them. Its own work is small beside a
 * proxy's: no allocation and no logging on the way, and bytes that are only counted are dropped in the kernel.
 *
 *   load serve PORT                                        prints `ready`, serves until killed
 *   load serve-tls PORT FOLDER SUITES tickets|no-tickets   the same in mutual TLS 1.3; the folder has ca.pem, server.pem, server.key
 *   load WHAT via=direct|fixed|socks5|http proxy=PORT server=PORT [key=value...]     prints one line of JSON
 */
#define _GNU_SOURCE
#include "load.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

struct wanted wanted = {.via = "direct", .direction = "up", .clients = 1, .count = 1000, .size = 64, .seconds = 2, .bytes = 1 << 30};
atomic_long failures;

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
  if (count == 6 && strcmp(words[1], "serve-tls") == 0)
    return serve_tls(atoi(words[2]), words[3], words[4], strcmp(words[5], "tickets") == 0);
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
