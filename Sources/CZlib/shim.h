// zlib's C API.
#ifndef SEAWORTHY_CZLIB_SHIM_H
#define SEAWORTHY_CZLIB_SHIM_H

#include <zlib.h>

#endif
