// SQLite's C API, and wrappers for what Swift cannot import: variadic functions and pthread names.
#ifndef SEAWORTHY_CSQLITE_SHIM_H
#define SEAWORTHY_CSQLITE_SHIM_H

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sqlite3.h>

/// `sqlite3_db_config` is variadic: the form that takes an int and returns the new value.
static inline int seaworthy_sqlite_db_config(sqlite3 *db, int option, int value, int *current) {
    return sqlite3_db_config(db, option, value, current);
}

/// `sqlite3_config` is variadic: switches the global memory statistics off, whose mutex every allocation of every connection takes.
/// Has no effect, and answers SQLITE_MISUSE, once SQLite is in use.
static inline int seaworthy_sqlite_disable_memory_statistics(void) {
    return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

#if defined(__linux__)
/// The C library declares it only for `_GNU_SOURCE`, which Swift does not set.
int pthread_setname_np(pthread_t thread, const char *name);
#endif

/// Names the calling thread, for debuggers and `top -H`; Linux takes at most 15 bytes.
static inline int seaworthy_sqlite_name_thread(const char *name) {
#if defined(__linux__)
    return pthread_setname_np(pthread_self(), name);
#else
    return pthread_setname_np(name);
#endif
}

/// Locks bytes of a file against every other descriptor, of this process too where the system can (Linux); 0 when they are free.
/// <https://man7.org/linux/man-pages/man2/F_GETLK.2const.html>
static inline int seaworthy_sqlite_lock_range(int descriptor, long long start, long long count) {
    struct flock lock = {0};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    lock.l_start = start;
    lock.l_len = count;
#if defined(__linux__)
    // F_OFD_SETLK, which the C library declares only for _GNU_SOURCE.
    return fcntl(descriptor, 37, &lock);
#else
    return fcntl(descriptor, F_SETLK, &lock);
#endif
}

#endif
