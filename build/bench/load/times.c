/* Threads that start together, and what they report. */
#define _GNU_SOURCE
#include "load.h"
#include <stdio.h>
#include <stdlib.h>

pthread_barrier_t start_line;
double deadline;

void note(struct times *times, double seconds) {
  if (times->count == times->room) {
    times->room = times->room == 0 ? 4096 : times->room * 2;
    times->each = realloc(times->each, times->room * sizeof *times->each);
    if (times->each == NULL) fail("memory");
  }
  times->each[times->count++] = seconds;
}

double run_all(struct worker *workers, void *(*work)(void *)) {
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

void print_times(struct worker *workers, double seconds) {
  struct times all = {0};
  for (int i = 0; i < wanted.clients; i++)
    for (size_t j = 0; j < workers[i].times.count; j++) note(&all, workers[i].times.each[j]);
  qsort(all.each, all.count, sizeof *all.each, by_size);
  double median = all.count == 0 ? 0 : all.each[all.count / 2], slow = all.count == 0 ? 0 : all.each[all.count * 99 / 100];
  printf("{\"count\":%zu,\"seconds\":%.6f,\"median\":%.9f,\"p99\":%.9f,\"failures\":%ld}\n", all.count, seconds, median, slow, failures);
}

void print_bytes(struct worker *workers, double seconds) {
  uint64_t bytes = 0;
  for (int i = 0; i < wanted.clients; i++) bytes += workers[i].bytes;
  printf("{\"bytes\":%llu,\"seconds\":%.6f,\"failures\":%ld}\n", (unsigned long long)bytes, seconds, failures);
}
