/*
 * C_Login of the PKCS#11 module that is loaded in this process, with the bytes of the PIN where they lie, or with none.
 *
 * pkcs11js takes a PIN as a JavaScript string only: such a copy can be neither left out, as readers with their own keypad want it
 * (CKF_PROTECTED_AUTHENTICATION_PATH, PKCS#11 section 5.6.7), nor overwritten after use.
 */
#include "addon.h"

#include <dlfcn.h>
#include <string.h>

#include <pkcs11.h>

#define LONGEST_PATH 4096

/* The functions of a module that somebody else has loaded already; NULL when it is not. The second reference is given back at once. */
static CK_FUNCTION_LIST *functions_of(const char *path) {
  CK_FUNCTION_LIST *list = NULL;
  CK_C_GetFunctionList get_list = NULL;
  void *library = dlopen(path, RTLD_LAZY | RTLD_NOLOAD);
  if (library == NULL) return NULL;
  /* ISO C knows no cast from an object to a function; POSIX promises this one (dlsym, rationale). */
  *(void **)&get_list = dlsym(library, "C_GetFunctionList");
  if (get_list == NULL || get_list(&list) != CKR_OK) list = NULL;
  dlclose(library);
  return list;
}

/* A handle as pkcs11js gives it: the bytes of a CK_ULONG. */
static int take_handle(napi_env env, napi_value value, CK_SESSION_HANDLE *handle) {
  void *bytes = NULL;
  size_t count = 0;
  bool is_buffer = false;
  if (napi_is_buffer(env, value, &is_buffer) != napi_ok || !is_buffer) return 0;
  if (napi_get_buffer_info(env, value, &bytes, &count) != napi_ok || bytes == NULL || count != sizeof(*handle)) return 0;
  memcpy(handle, bytes, sizeof(*handle));
  return 1;
}

/* SECURITY: the bytes stay where they are, so that their owner can overwrite the only copy. null: the PIN is typed at the reader. */
static int take_pin(napi_env env, napi_value value, CK_UTF8CHAR **pin, CK_ULONG *length) {
  napi_valuetype type;
  bool is_buffer = false;
  void *bytes = NULL;
  size_t count = 0;
  *pin = NULL;
  *length = 0;
  if (napi_typeof(env, value, &type) != napi_ok) return 0;
  if (type == napi_null) return 1;
  if (napi_is_buffer(env, value, &is_buffer) != napi_ok || !is_buffer) return 0;
  /* An empty PIN would look like none, and that would make a reader ask. */
  if (napi_get_buffer_info(env, value, &bytes, &count) != napi_ok || bytes == NULL || count == 0) return 0;
  *pin = bytes;
  *length = count;
  return 1;
}

/* login(modulePath, session, userType, pin | null) -> CK_RV; waits as long as the module does. */
napi_value addon_login(napi_env env, napi_callback_info info) {
  size_t count = 4, path_length = 0;
  napi_value words[4], result;
  char path[LONGEST_PATH];
  uint32_t user = 0;
  CK_SESSION_HANDLE session = 0;
  CK_UTF8CHAR *pin = NULL;
  CK_ULONG length = 0;
  CK_FUNCTION_LIST *functions;
  if (napi_get_cb_info(env, info, &count, words, NULL, NULL) != napi_ok || count < 4) return addon_refuse(env, "four arguments are wanted");
  if (napi_get_value_string_utf8(env, words[0], path, sizeof(path), &path_length) != napi_ok || path_length + 1 >= sizeof(path))
    return addon_refuse(env, "the first argument is no path");
  if (!take_handle(env, words[1], &session)) return addon_refuse(env, "the second argument is no session");
  if (napi_get_value_uint32(env, words[2], &user) != napi_ok) return addon_refuse(env, "the third argument is no kind of user");
  if (!take_pin(env, words[3], &pin, &length)) return addon_refuse(env, "the fourth argument is neither a PIN nor null");
  functions = functions_of(path);
  if (functions == NULL || functions->C_Login == NULL) return addon_refuse(env, "the module is not loaded in this process");
  if (napi_create_double(env, (double)functions->C_Login(session, user, pin, length), &result) != napi_ok)
    return addon_refuse(env, "no memory");
  return result;
}
