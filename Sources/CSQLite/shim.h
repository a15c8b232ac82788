// SQLite's C API, and wrappers for what Swift cannot import: variadic functions and pointer-cast macros.
#ifndef SEAWORTHY_CSQLITE_SHIM_H
#define SEAWORTHY_CSQLITE_SHIM_H

#include <sqlite3.h>

/// `SQLITE_TRANSIENT` is a cast macro: SQLite copies the bytes before the call returns.
static inline sqlite3_destructor_type seaworthy_sqlite_transient(void) {
    return SQLITE_TRANSIENT;
}

/// `sqlite3_db_config` is variadic: the form that takes an int and returns the new value.
static inline int seaworthy_sqlite_db_config(sqlite3 *db, int option, int value, int *current) {
    return sqlite3_db_config(db, option, value, current);
}

#endif
