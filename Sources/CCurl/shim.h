// libcurl's C API, and wrappers for what Swift cannot import: variadic functions, and names that depend on the version.
#ifndef SEAWORTHY_CCURL_SHIM_H
#define SEAWORTHY_CCURL_SHIM_H

#include <curl/curl.h>
#include <pthread.h>
#include <stdbool.h>

#if defined(__linux__)
/// The C library declares it only for `_GNU_SOURCE`, which Swift does not set.
int pthread_setname_np(pthread_t thread, const char *name);
#endif

/// Names the calling thread, for debuggers and `top -H`; Linux takes at most 15 bytes.
static inline int seaworthy_curl_name_thread(const char *name) {
#if defined(__linux__)
    return pthread_setname_np(pthread_self(), name);
#else
    return pthread_setname_np(name);
#endif
}

/// What has to be called once, before any other.
static inline CURLcode seaworthy_curl_begin(void) {
    return curl_global_init(CURL_GLOBAL_DEFAULT);
}

static inline CURLcode seaworthy_curl_set_number(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

/// libcurl copies the text.
static inline CURLcode seaworthy_curl_set_text(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}

/// The list has to stay until the handle goes.
static inline CURLcode seaworthy_curl_set_recipients(CURL *handle, struct curl_slist *value) {
    return curl_easy_setopt(handle, CURLOPT_MAIL_RCPT, value);
}

/// The buffer, of `CURL_ERROR_SIZE` bytes, has to stay until the handle goes.
static inline CURLcode seaworthy_curl_set_error_buffer(CURL *handle, char *buffer) {
    return curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, buffer);
}

typedef size_t (*seaworthy_curl_read)(char *buffer, size_t size, size_t count, void *context);
typedef int (*seaworthy_curl_progress)(
    void *context, curl_off_t toLoad, curl_off_t loaded, curl_off_t toSend, curl_off_t sent);

static inline CURLcode seaworthy_curl_set_upload(CURL *handle, curl_off_t size, seaworthy_curl_read read, void *context) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L);
    if (code == CURLE_OK) code = curl_easy_setopt(handle, CURLOPT_INFILESIZE_LARGE, size);
    if (code == CURLE_OK) code = curl_easy_setopt(handle, CURLOPT_READFUNCTION, read);
    if (code == CURLE_OK) code = curl_easy_setopt(handle, CURLOPT_READDATA, context);
    return code;
}

static inline CURLcode seaworthy_curl_set_progress(CURL *handle, seaworthy_curl_progress progress, void *context) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
    if (code == CURLE_OK) code = curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, progress);
    if (code == CURLE_OK) code = curl_easy_setopt(handle, CURLOPT_XFERINFODATA, context);
    return code;
}

static size_t seaworthy_curl_drop(char *buffer, size_t size, size_t count, void *context) {
    (void)buffer;
    (void)context;
    return size * count;
}

/// Takes no other protocol than SMTP, and prints nothing: answers would go to standard output.
static inline CURLcode seaworthy_curl_only_smtp(CURL *handle) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, seaworthy_curl_drop);
#if LIBCURL_VERSION_NUM >= 0x075500
    if (code == CURLE_OK) code = curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    if (code == CURLE_OK) code = curl_easy_setopt(handle, CURLOPT_REDIR_PROTOCOLS_STR, "smtp,smtps");
#else
    if (code == CURLE_OK) code = curl_easy_setopt(handle, CURLOPT_PROTOCOLS, (long)(CURLPROTO_SMTP | CURLPROTO_SMTPS));
    if (code == CURLE_OK) code = curl_easy_setopt(handle, CURLOPT_REDIR_PROTOCOLS, (long)(CURLPROTO_SMTP | CURLPROTO_SMTPS));
#endif
    return code;
}

/// How long one answer may take, in seconds. A macro in some versions and an enumerator in others.
static inline CURLcode seaworthy_curl_set_answer_timeout(CURL *handle, long seconds) {
    return curl_easy_setopt(handle, CURLOPT_SERVER_RESPONSE_TIMEOUT, seconds);
}

/// The newest answer's code, 0 when there was none.
static inline long seaworthy_curl_reply_code(CURL *handle) {
    long code = 0;
    return curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &code) == CURLE_OK ? code : 0;
}

#endif
