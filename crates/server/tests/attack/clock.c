/* A system clock that runs ahead of the real one, or behind it, by as many seconds as the first eight bytes of a file
   say. It is loaded before the C library. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static const volatile long *ahead = MAP_FAILED;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("W3PIN_TEST_CLOCK");
    int file = path ? open(path, O_RDONLY) : -1;
    if (file >= 0) {
        ahead = mmap(NULL, sizeof *ahead, PROT_READ, MAP_SHARED, file, 0);
        close(file);
    }
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    int result = syscall(SYS_clock_gettime, clock, time);
    if (result == 0 && clock == CLOCK_REALTIME && ahead != MAP_FAILED) {
        time->tv_sec += *ahead;
    }
    return result;
}
