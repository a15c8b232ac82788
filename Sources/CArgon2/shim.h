// libargon2's C API.
#ifndef SEAWORTHY_CARGON2_SHIM_H
#define SEAWORTHY_CARGON2_SHIM_H

#include <argon2.h>

#endif
