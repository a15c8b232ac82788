// libcurl's C API, and wrappers for what Swift cannot import: variadic functions.
#ifndef SEAWORTHY_CCURL_SHIM_H
#define SEAWORTHY_CCURL_SHIM_H

#include <curl/curl.h>

#endif
