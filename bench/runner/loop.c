/* A bare loop with the runner's pacing: count/20 checks each second, eight at once, nothing else. Its seconds begin
   elsewhere than the runner's, so that the two do not stand in each other's way.
   loop tcp|http|icmp COUNT PORT, or loop run COUNT 0 COMMAND [ARGUMENTS, {} stands for the address]
   loop awake CORES 0 does nothing on so many cores, and only while nobody else wants them: no core falls asleep. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { GROUP = 8, SLOTS = 20, ADDRESSES = 50 };
extern char **environ;
static int count, port, icmp_socket;
static char **command;

static struct sockaddr_in address(int index, int own) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
  uint32_t host = own ? 0x7f010000u | index : 0x7f000100u | (1 + index % ADDRESSES);
  to.sin_addr.s_addr = htonl(host);
  return to;
}

static void stream(int first, int many, int asks) {
  struct pollfd polled[GROUP];
  int open = many;
  for (int i = 0; i < many; i++) {
    struct sockaddr_in to = address(first + i, 0);
    polled[i].fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    polled[i].events = POLLOUT;
    connect(polled[i].fd, (struct sockaddr *)&to, sizeof to);
  }
  while (open > 0 && poll(polled, many, 5000) > 0) {
    for (int i = 0; i < many; i++) {
      char buffer[4096];
      if (polled[i].fd < 0 || polled[i].revents == 0) continue;
      if (asks && polled[i].events == POLLOUT) {
        int length = snprintf(buffer, sizeof buffer, "GET /%d HTTP/1.1\r\nHost: 127.0.1.1:%d\r\nConnection: close\r\n\r\n", first + i, port);
        if (write(polled[i].fd, buffer, length) == length) { polled[i].events = POLLIN; continue; }
      } else if (asks && read(polled[i].fd, buffer, sizeof buffer) < 0) {
        continue;
      }
      struct linger reset = {1, 0};
      if (!asks) setsockopt(polled[i].fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
      close(polled[i].fd);
      polled[i].fd = -1;
      open--;
    }
  }
  for (int i = 0; i < many; i++) if (polled[i].fd >= 0) close(polled[i].fd);
}

static uint16_t sum(const uint16_t *words, int many) {
  uint32_t total = 0;
  while (many-- > 0) total += *words++;
  total = (total >> 16) + (total & 0xffff);
  return ~(total + (total >> 16));
}

static void echo(int first, int many) {
  uint16_t id = getpid() & 0xffff;
  for (int i = 0; i < many; i++) {
    char packet[64] = {0};
    struct icmphdr *head = (struct icmphdr *)packet;
    struct sockaddr_in to = address(first + i, 1);
    head->type = ICMP_ECHO;
    head->un.echo.id = id;
    head->un.echo.sequence = htons(first + i);
    head->checksum = sum((uint16_t *)packet, sizeof packet / 2);
    sendto(icmp_socket, packet, sizeof packet, 0, (struct sockaddr *)&to, sizeof to);
  }
  for (int heard = 0; heard < many;) {
    char packet[256];
    if (recv(icmp_socket, packet, sizeof packet, 0) < 0) return;
    struct icmphdr *head = (struct icmphdr *)(packet + 20);
    if (head->type == ICMP_ECHOREPLY && head->un.echo.id == id) heard++;
  }
}

static void run(int first, int many) {
  for (int i = 0; i < many; i++) {
    char text[INET_ADDRSTRLEN], *arguments[64];
    struct sockaddr_in to = address(first + i, 0);
    int at = 0;
    inet_ntop(AF_INET, &to.sin_addr, text, sizeof text);
    for (; command[at] && at < 63; at++) arguments[at] = strcmp(command[at], "{}") ? command[at] : text;
    arguments[at] = NULL;
    pid_t child;
    if (posix_spawn(&child, arguments[0], NULL, NULL, arguments, environ) == 0) waitpid(child, NULL, 0);
  }
}

static void awake(void) {
  struct sched_param none = {0};
  for (int core = 1; core < count; core++) if (fork() == 0) break;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (sched_setscheduler(0, SCHED_IDLE, &none) != 0) exit(1);
  for (volatile unsigned long turns = 0;; turns++);
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  const char *kind = argv[1];
  count = atoi(argv[2]);
  port = atoi(argv[3]);
  command = argv + 4;
  if (!strcmp(kind, "awake")) awake();
  if (!strcmp(kind, "icmp")) {
    struct timeval wait = {5, 0};
    uint32_t blocked = ~(1u << ICMP_ECHOREPLY);
    icmp_socket = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
    if (icmp_socket < 0) return perror("socket"), 1;
    setsockopt(icmp_socket, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    setsockopt(icmp_socket, SOL_RAW, 1, &blocked, sizeof blocked);
  }
  struct timespec next;
  clock_gettime(CLOCK_REALTIME, &next);
  next.tv_nsec = !strcmp(kind, "run") ? 750000000 : 400000000;
  for (;;) {
    next.tv_sec++;
    clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &next, NULL);
    int slot = next.tv_sec % SLOTS;
    int from = (int)((long)count * slot / SLOTS), to = (int)((long)count * (slot + 1) / SLOTS);
    for (int first = from; first < to; first += GROUP) {
      int many = to - first < GROUP ? to - first : GROUP;
      if (!strcmp(kind, "icmp")) echo(first, many);
      else if (!strcmp(kind, "run")) run(first, many);
      else stream(first, many, !strcmp(kind, "http"));
    }
  }
}
