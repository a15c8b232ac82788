/* The baseline of the part `include`: steps rows out of SQLite and writes them as JSON by hand, over and over, and nothing else.

   rows DATABASE SQL SPEC ITERATIONS

   SPEC names the columns of SQL in order, separated by commas: `NAME:TYPE`, with the types i (integer), r (double), s (text),
   b (boolean), t (microseconds since 1970 as RFC 3339) and dN (decimal of scale N). `NAME:{` begins an object of the columns up to `}`,
   which is null when its first column is. Prints the last JSON, then on a line of its own the CPU microseconds of one iteration. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { MOST = 64 };
static struct {
    char name[64];
    char type;
    int scale;
} parts[MOST];
static int part_count;
static char buffer[1 << 20];
static char *out;

static void fail(const char *text) {
    fprintf(stderr, "rows: %s\n", text);
    exit(1);
}

static void text(const char *bytes, size_t length) {
    memcpy(out, bytes, length);
    out += length;
}

static void integer(sqlite3_int64 value) {
    char digits[24];
    int count = 0;
    unsigned long long rest = value < 0 ? 0ULL - (unsigned long long)value : (unsigned long long)value;
    if (value < 0) *out++ = '-';
    do digits[count++] = (char)('0' + rest % 10);
    while (rest /= 10);
    while (count) *out++ = digits[--count];
}

static void padded(long value, int width) {
    for (int index = width - 1; index >= 0; index--, value /= 10) out[index] = (char)('0' + value % 10);
    out += width;
}

static void quoted(const unsigned char *bytes, int length) {
    *out++ = '"';
    for (int index = 0; index < length; index++) {
        unsigned char byte = bytes[index];
        if (byte == '"' || byte == '\\') {
            *out++ = '\\';
            *out++ = (char)byte;
        } else if (byte < 0x20) {
            out += sprintf(out, "\\u%04x", byte);
        } else {
            *out++ = (char)byte;
        }
    }
    *out++ = '"';
}

static void decimal(sqlite3_int64 value, int scale) {
    sqlite3_int64 power = 1;
    for (int index = 0; index < scale; index++) power *= 10;
    *out++ = '"';
    if (value < 0) {
        *out++ = '-';
        value = -value;
    }
    integer(value / power);
    if (scale) {
        *out++ = '.';
        padded((long)(value % power), scale);
    }
    *out++ = '"';
}

static void timestamp(sqlite3_int64 value) {
    /* Days since 1970 to a date: Howard Hinnant's civil_from_days. */
    long long days = value / 86400000000LL, rest = value % 86400000000LL;
    if (rest < 0) rest += 86400000000LL, days--;
    days += 719468;
    long long era = (days >= 0 ? days : days - 146096) / 146097;
    unsigned day_of_era = (unsigned)(days - era * 146097);
    unsigned year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    unsigned shifted = (5 * day_of_year + 2) / 153;
    unsigned month = shifted < 10 ? shifted + 3 : shifted - 9;
    *out++ = '"';
    padded((long)(year_of_era + era * 400 + (month <= 2)), 4);
    *out++ = '-';
    padded(month, 2);
    *out++ = '-';
    padded(day_of_year - (153 * shifted + 2) / 5 + 1, 2);
    *out++ = 'T';
    padded((long)(rest / 3600000000LL), 2);
    *out++ = ':';
    padded((long)(rest / 60000000 % 60), 2);
    *out++ = ':';
    padded((long)(rest / 1000000 % 60), 2);
    *out++ = '.';
    padded((long)(rest % 1000000), 6);
    text("Z\"", 2);
}

static void read_spec(char *spec) {
    for (char *part = strtok(spec, ","); part; part = strtok(NULL, ",")) {
        char *colon = strchr(part, ':');
        if (part_count == MOST || (colon && colon - part > 60)) fail("too many or too long columns");
        if (*part == '}') {
            parts[part_count++].type = '}';
            continue;
        }
        if (!colon) fail("a column without a type");
        snprintf(parts[part_count].name, sizeof parts[0].name, "\"%.*s\":", (int)(colon - part), part);
        parts[part_count].type = colon[1];
        parts[part_count].scale = colon[1] == 'd' ? atoi(colon + 2) : 0;
        part_count++;
    }
}

static void write_row(sqlite3_stmt *statement) {
    int column = 0, is_first = 1;
    *out++ = '{';
    for (int index = 0; index < part_count; index++) {
        char type = parts[index].type;
        if (type == '}') {
            *out++ = '}';
            is_first = 0;
            continue;
        }
        if (!is_first) *out++ = ',';
        is_first = 0;
        text(parts[index].name, strlen(parts[index].name));
        if (type == '{') {
            if (sqlite3_column_type(statement, column) == SQLITE_NULL) {
                text("null", 4);
                while (parts[++index].type != '}') column++;
            } else {
                *out++ = '{';
                is_first = 1;
            }
            continue;
        }
        if (sqlite3_column_type(statement, column) == SQLITE_NULL) text("null", 4);
        else if (type == 'i') integer(sqlite3_column_int64(statement, column));
        else if (type == 'r') out += sprintf(out, "%.17g", sqlite3_column_double(statement, column));
        else if (type == 's') {
            const unsigned char *bytes = sqlite3_column_text(statement, column);
            quoted(bytes, sqlite3_column_bytes(statement, column));
        } else if (type == 'b') {
            if (sqlite3_column_int64(statement, column)) text("true", 4);
            else text("false", 5);
        } else if (type == 't') timestamp(sqlite3_column_int64(statement, column));
        else if (type == 'd') decimal(sqlite3_column_int64(statement, column), parts[index].scale);
        else fail("an unknown type");
        column++;
    }
    *out++ = '}';
}

static double cpu(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

int main(int count, char **arguments) {
    if (count != 5) fail("usage: rows DATABASE SQL SPEC ITERATIONS");
    sqlite3 *database;
    sqlite3_stmt *statement;
    if (sqlite3_open_v2(arguments[1], &database, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK) fail(sqlite3_errmsg(database));
    if (sqlite3_prepare_v2(database, arguments[2], -1, &statement, NULL) != SQLITE_OK) fail(sqlite3_errmsg(database));
    read_spec(arguments[3]);
    long iterations = atol(arguments[4]);
    double before = cpu();
    for (long iteration = 0; iteration < iterations; iteration++) {
        int status, rows = 0;
        out = buffer;
        *out++ = '[';
        while ((status = sqlite3_step(statement)) == SQLITE_ROW) {
            if (out - buffer > (long)sizeof buffer - 65536) fail("more than a mebibyte of JSON");
            if (rows++) *out++ = ',';
            write_row(statement);
        }
        if (status != SQLITE_DONE) fail(sqlite3_errmsg(database));
        *out++ = ']';
        sqlite3_reset(statement);
    }
    double spent = cpu() - before;
    fwrite(buffer, 1, (size_t)(out - buffer), stdout);
    printf("\n%.3f\n", spent / (double)iterations);
    return 0;
}
