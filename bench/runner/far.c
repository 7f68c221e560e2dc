/* Puts a network far away: carries IPv4 packets between this network and that of a process, each way for half the round trip
   of the 127/8 address it goes to or comes from. Here 127.0.0.1 alone stays at home. It keeps to a tenth of a millisecond at thousands of packets
   a second, for which bench/reliability/cable.ts is not made.
   far <pid of a process in the other network> <mean round trip in ms> */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 1600, ON_THE_WAY = 1 << 16 };

static const char *HERE =
    "ip link set lo up && ip addr add 10.127.0.1/32 dev far0 && ip link set far0 up"
    " && echo 1 > /proc/sys/net/ipv4/conf/far0/route_localnet"
    " && echo '0 2147483647' > /proc/sys/net/ipv4/ping_group_range"
    " && ip route del table local local 127.0.0.0/8 dev lo && ip route add 127.0.0.0/8 dev far0 src 10.127.0.1";
static const char *THERE =
    "ip link set near0 up && echo 1 > /proc/sys/net/ipv4/conf/near0/route_localnet"
    " && ip route add 10.127.0.1/32 dev near0";

struct packet {
  int64_t due_ns;
  int to, length;
  unsigned char bytes[MOST];
};

static struct packet *heap[ON_THE_WAY];
static int count;
static int64_t mean_ns;

static void die(const char *what) {
  fprintf(stderr, "far: %s: %s\n", what, strerror(errno));
  exit(1);
}

static int64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static int tunnel(const char *name, const char *setup) {
  struct ifreq wish = {.ifr_flags = IFF_TUN | IFF_NO_PI};
  int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  strncpy(wish.ifr_name, name, IFNAMSIZ - 1);
  if (fd < 0 || ioctl(fd, TUNSETIFF, &wish) < 0) die(name);
  if (system(setup) != 0) {
    fprintf(stderr, "far: %s could not be set up\n", name);
    exit(1);
  }
  return fd;
}

/* As awayUs in plan.ts: from a tenth of the mean to nearly twice as much. */
static int64_t half_way_ns(const unsigned char *address) {
  return mean_ns * (10 + address[3] * 2 % 100 * 19 / 10) / 100 / 2;
}

static int earlier(int a, int b) { return heap[a]->due_ns < heap[b]->due_ns; }

static void swap(int a, int b) {
  struct packet *held = heap[a];
  heap[a] = heap[b];
  heap[b] = held;
}

static void push(struct packet *one) {
  int at = count++;
  heap[at] = one;
  for (; at > 0 && earlier(at, (at - 1) / 2); at = (at - 1) / 2) swap(at, (at - 1) / 2);
}

static struct packet *pop(void) {
  struct packet *first = heap[0];
  heap[0] = heap[--count];
  for (int at = 0, next; (next = 2 * at + 1) < count; at = next) {
    if (next + 1 < count && earlier(next + 1, next)) next++;
    if (!earlier(next, at)) break;
    swap(at, next);
  }
  return first;
}

static void take(int from, int to, int address_at) {
  for (;;) {
    struct packet *one = malloc(sizeof *one);
    one->length = read(from, one->bytes, MOST);
    if (one->length < 20 || one->bytes[0] >> 4 != 4 || count == ON_THE_WAY) {
      int last = one->length < 0;
      free(one);
      if (last) return;
      continue;
    }
    one->to = to;
    one->due_ns = now_ns() + half_way_ns(one->bytes + address_at);
    push(one);
  }
}

int main(int argc, char **argv) {
  char path[64];
  if (argc < 3) return 2;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  mean_ns = atoi(argv[2]) * 1000000LL;
  int here = tunnel("far0", HERE);
  snprintf(path, sizeof path, "/proc/%s/ns/net", argv[1]);
  int other = open(path, O_RDONLY | O_CLOEXEC);
  if (other < 0 || setns(other, CLONE_NEWNET) < 0) die(path);
  int there = tunnel("near0", THERE);
  puts("ready");
  fflush(stdout);
  struct pollfd both[2] = {{.fd = here, .events = POLLIN}, {.fd = there, .events = POLLIN}};
  for (;;) {
    int64_t left = count ? heap[0]->due_ns - now_ns() : 1000000000LL;
    struct timespec wait = {left > 0 ? left / 1000000000LL : 0, left > 0 ? left % 1000000000LL : 0};
    if (left > 0 && ppoll(both, 2, &wait, NULL) < 0 && errno != EINTR) die("poll");
    take(here, there, 16);
    take(there, here, 12);
    while (count && heap[0]->due_ns <= now_ns()) {
      struct packet *one = pop();
      if (write(one->to, one->bytes, one->length) < 0 && errno != EAGAIN && errno != EINVAL) die("write");
      free(one);
    }
  }
}
