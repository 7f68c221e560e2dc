/* Keeps the memory of processes at hand: reads a byte of each of their pages that is in memory, on and on. Where a host takes
   resting pages away from a virtual machine, what a process costs then is what it costs where memory stays.
   atHand <pause in µs> <pid>... */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

enum { PAGE = 4096, MANY = 512, RANGES = 4096, MOST_PAGES = 1 << 16, ROUNDS_A_LOOK = 50 };

struct process {
  pid_t pid;
  int count;
  uintptr_t from[RANGES], to[RANGES];
};

static int is_alive(pid_t pid) { return kill(pid, 0) == 0; }

/* What of its memory can be read. */
static void look(struct process *p) {
  char path[64], line[512];
  snprintf(path, sizeof path, "/proc/%d/maps", p->pid);
  FILE *maps = fopen(path, "r");
  p->count = 0;
  if (!maps) return;
  while (p->count < RANGES && fgets(line, sizeof line, maps)) {
    uintptr_t from, to;
    char may[8];
    if (sscanf(line, "%lx-%lx %7s", &from, &to, may) != 3) continue;
    if (may[0] != 'r' || strstr(line, "[v")) continue;
    p->from[p->count] = from;
    p->to[p->count++] = to;
  }
  fclose(maps);
}

static void read_all(struct process *p, unsigned round) {
  static uint64_t entries[MOST_PAGES];
  char path[64], bytes[MANY];
  snprintf(path, sizeof path, "/proc/%d/pagemap", p->pid);
  int pagemap = open(path, O_RDONLY);
  if (pagemap < 0) return;
  for (int i = 0; i < p->count; i++) {
    size_t pages = (p->to[i] - p->from[i]) / PAGE;
    if (pages > MOST_PAGES) pages = MOST_PAGES;
    ssize_t got = pread(pagemap, entries, pages * 8, (off_t)(p->from[i] / PAGE * 8));
    struct iovec there[MANY], here = {.iov_base = bytes};
    size_t n = 0;
    for (ssize_t at = 0; at < got / 8; at++) {
      /* Bit 63: it is in memory. Not always the same line of a page, which would lie in a cache. */
      if (entries[at] >> 63)
        there[n++] = (struct iovec){(void *)(p->from[i] + at * PAGE + round * 64 % PAGE), 1};
      if (n < MANY && at + 1 < got / 8) continue;
      here.iov_len = n;
      if (n > 0) process_vm_readv(p->pid, &here, 1, there, n, 0);
      n = 0;
    }
  }
  close(pagemap);
}

int main(int argc, char **argv) {
  int count = argc - 2;
  if (count < 1) return 2;
  struct process *all = calloc(count, sizeof *all);
  for (int i = 0; i < count; i++) all[i].pid = atoi(argv[i + 2]);
  for (unsigned round = 0;; round++) {
    int alive = 0;
    for (int i = 0; i < count; i++) {
      if (!is_alive(all[i].pid)) continue;
      alive++;
      if (round % ROUNDS_A_LOOK == 0) look(&all[i]);
      read_all(&all[i], round);
    }
    if (alive == 0) return 0;
    usleep(atoi(argv[1]));
  }
}
