// PostgreSQL's C library, and what Swift cannot import: pthread names.
#ifndef SEAWORTHY_CPOSTGRESQL_SHIM_H
#define SEAWORTHY_CPOSTGRESQL_SHIM_H

#include <libpq-fe.h>
#include <pthread.h>

#if defined(__linux__)
/// The C library declares it only for `_GNU_SOURCE`, which Swift does not set.
int pthread_setname_np(pthread_t thread, const char *name);
#endif

/// The fields of a refusal, which are character constants there. <https://www.postgresql.org/docs/15/protocol-error-fields.html>
enum {
    seaworthy_postgres_sqlstate = PG_DIAG_SQLSTATE,
    seaworthy_postgres_message = PG_DIAG_MESSAGE_PRIMARY,
    seaworthy_postgres_detail = PG_DIAG_MESSAGE_DETAIL,
    seaworthy_postgres_table = PG_DIAG_TABLE_NAME,
    seaworthy_postgres_column = PG_DIAG_COLUMN_NAME,
    seaworthy_postgres_function = PG_DIAG_SOURCE_FUNCTION,
};

/// Names the calling thread, for debuggers and `top -H`; Linux takes at most 15 bytes.
static inline int seaworthy_postgres_name_thread(const char *name) {
#if defined(__linux__)
    return pthread_setname_np(pthread_self(), name);
#else
    return pthread_setname_np(name);
#endif
}

#endif
