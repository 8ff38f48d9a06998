/*
 * SECURITY: a core file would hold PINs, keys and tickets in clear. From here on the kernel writes none of this process, whatever collects
 * them (a limit of 0 alone does not stop a collector behind a pipe), and no other process of the same user may read its memory.
 */
#include "addon.h"

#include <sys/resource.h>

#if defined(__linux__)
#include <sys/prctl.h>
#endif

/* forbidDumps() -> whether everything that this system offers was done. It cannot be taken back, and a new program begins without it. */
napi_value addon_forbid_dumps(napi_env env, napi_callback_info info) {
  const struct rlimit none = { 0, 0 };
  napi_value result;
  bool done = setrlimit(RLIMIT_CORE, &none) == 0;
  (void)info;
#if defined(__linux__)
  done = prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && done;
#endif
  return napi_get_boolean(env, done, &result) == napi_ok ? result : NULL;
}
