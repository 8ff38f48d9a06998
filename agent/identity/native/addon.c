/*
 * Node-API: the functions that JavaScript sees. Each is for one process or thread, and none of them needs another:
 *
 *   install, clearErrors   the thread that shakes hands (below)
 *   login                  the token process (login.c)
 *   forbidDumps            both processes (dumps.c)
 *
 * `install(sign)` keeps one JavaScript function for each thread; a signature that OpenSSL wants on that thread calls it.
 *
 *   sign(number, digest, padding, message) -> Buffer      padding: "none" | "pkcs1" | "pss"
 *
 * The function answers at once or throws; a throw, or an answer that is no Buffer or too long, fails the handshake and nothing more.
 */
#include "addon.h"
#include "token-key.h"

#include <openssl/err.h>

#include <string.h>

#if defined(_MSC_VER)
#define PER_THREAD __declspec(thread)
#else
#define PER_THREAD _Thread_local
#endif

/* INVARIANT: `env` is NULL on every thread without a living signer, above all on the threads of libuv's pool. */
static PER_THREAD struct {
  napi_env env;
  napi_ref sign;
} signer;

static const char *const padding_names[] = { "none", "pkcs1", "pss" };

static int make_arguments(napi_env env, const signing_request *request, napi_value arguments[4]) {
  return napi_create_uint32(env, request->key->number, &arguments[0]) == napi_ok &&
         napi_create_string_utf8(env, request->digest, NAPI_AUTO_LENGTH, &arguments[1]) == napi_ok &&
         napi_create_string_utf8(env, padding_names[request->padding], NAPI_AUTO_LENGTH, &arguments[2]) == napi_ok &&
         napi_create_buffer_copy(env, request->message_length, request->message, NULL, &arguments[3]) == napi_ok;
}

/* Copy the answer out; 0 when it is no Buffer, empty, or longer than there is room. */
static int take_answer(napi_env env, napi_value answer, unsigned char *signature, size_t *length, size_t size) {
  bool is_buffer = false;
  void *bytes = NULL;
  size_t count = 0;
  if (napi_is_buffer(env, answer, &is_buffer) != napi_ok || !is_buffer) return 0;
  if (napi_get_buffer_info(env, answer, &bytes, &count) != napi_ok || bytes == NULL || count == 0 || count > size) return 0;
  memcpy(signature, bytes, count);
  *length = count;
  return 1;
}

/* The caller is deep inside OpenSSL: an exception must not stay behind and surface somewhere else. */
static void drop_exception(napi_env env) {
  bool pending = false;
  napi_value exception;
  if (napi_is_exception_pending(env, &pending) == napi_ok && pending) napi_get_and_clear_last_exception(env, &exception);
}

int ask_for_signature(const signing_request *request, unsigned char *signature, size_t *length, size_t size) {
  napi_env env = signer.env;
  napi_handle_scope scope;
  napi_value function, nobody, answer, arguments[4];
  int signed_it = 0;
  if (env == NULL || napi_open_handle_scope(env, &scope) != napi_ok) {
    ERR_raise_data(ERR_LIB_USER, ERR_R_OPERATION_FAIL, "no signer on this thread");
    return 0;
  }
  if (napi_get_reference_value(env, signer.sign, &function) == napi_ok && function != NULL && napi_get_undefined(env, &nobody) == napi_ok &&
      make_arguments(env, request, arguments) && napi_call_function(env, nobody, function, 4, arguments, &answer) == napi_ok)
    signed_it = take_answer(env, answer, signature, length, size);
  if (!signed_it) {
    drop_exception(env);
    ERR_raise_data(ERR_LIB_USER, ERR_R_OPERATION_FAIL, "the token did not sign");
  }
  napi_close_handle_scope(env, scope);
  return signed_it;
}

/* The thread ends: OpenSSL may outlive it, its JavaScript does not. */
static void forget_signer(void *unused) {
  (void)unused;
  signer.env = NULL;
  signer.sign = NULL;
}

napi_value addon_refuse(napi_env env, const char *why) {
  napi_throw_error(env, NULL, why);
  return NULL;
}

/* install(sign): a second call on the same thread replaces the function. */
static napi_value install(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument;
  napi_valuetype type;
  napi_ref sign;
  if (napi_get_cb_info(env, info, &count, &argument, NULL, NULL) != napi_ok || count < 1) return addon_refuse(env, "a function is missing");
  if (napi_typeof(env, argument, &type) != napi_ok || type != napi_function) return addon_refuse(env, "not a function");
  if (!load_token_provider()) return addon_refuse(env, "OpenSSL did not take the provider");
  if (napi_create_reference(env, argument, 1, &sign) != napi_ok) return addon_refuse(env, "no memory");
  if (signer.env != NULL) {
    napi_delete_reference(env, signer.sign);
  } else if (napi_add_env_cleanup_hook(env, forget_signer, NULL) != napi_ok) {
    napi_delete_reference(env, sign);
    return addon_refuse(env, "no memory");
  }
  signer.env = env;
  signer.sign = sign;
  return NULL;
}

/* clearErrors(): after a refused signature. Node takes an entry that is left in OpenSSL's queue for its own next failure. */
static napi_value clear_errors(napi_env env, napi_callback_info info) {
  (void)env;
  (void)info;
  ERR_clear_error();
  return NULL;
}

NAPI_MODULE_INIT() {
  static const struct {
    const char *name;
    napi_callback function;
  } functions[] = {
    { "install", install },
    { "clearErrors", clear_errors },
    { "login", addon_login },
    { "forbidDumps", addon_forbid_dumps },
  };
  size_t at;
  for (at = 0; at < sizeof(functions) / sizeof(functions[0]); at++) {
    napi_value function;
    if (napi_create_function(env, functions[at].name, NAPI_AUTO_LENGTH, functions[at].function, NULL, &function) != napi_ok ||
        napi_set_named_property(env, exports, functions[at].name, function) != napi_ok)
      return NULL;
  }
  return exports;
}
