// SQLite's C API, and wrappers for what Swift cannot import: variadic functions and pthread names.
#ifndef SEAWORTHY_CSQLITE_SHIM_H
#define SEAWORTHY_CSQLITE_SHIM_H

#include <pthread.h>
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

#endif
