/* Makes every fsync and fdatasync of a process take SYNC_DELAY_US microseconds longer (LD_PRELOAD, Linux): a disk that keeps what it
   acknowledges, on machines whose disk only says so. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

static int slowly(const char *name, int file) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    const char *delay = getenv("SYNC_DELAY_US");
    if (delay) usleep((useconds_t)atoi(delay));
    return real(file);
}

int fsync(int file) { return slowly("fsync", file); }

int fdatasync(int file) { return slowly("fdatasync", file); }
