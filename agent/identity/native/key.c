/* Key management: everything that OpenSSL asks about the key is answered by the public half. */
#include "token-key.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>

token_key *token_key_new(void) {
  return OPENSSL_zalloc(sizeof(token_key));
}

void token_key_free(token_key *key) {
  if (key == NULL) return;
  EVP_PKEY_free(key->public_half);
  OPENSSL_free(key);
}

static void *key_new(void *provider) {
  (void)provider;
  return token_key_new();
}

static void key_free(void *key) {
  token_key_free(key);
}

/* "Is there a private half?" Yes: it is only not here. */
static int key_has(const void *key, int selection) {
  (void)selection;
  return key != NULL && ((const token_key *)key)->public_half != NULL;
}

static int key_match(const void *left, const void *right, int selection) {
  const token_key *a = left, *b = right;
  (void)selection;
  if (a == NULL || b == NULL || a->public_half == NULL || b->public_half == NULL) return 0;
  return EVP_PKEY_eq(a->public_half, b->public_half) == 1;
}

/* The decoder hands a key over by the address of its pointer; taking it leaves NULL behind, so that it is freed by one owner only. */
static void *key_load(const void *reference, size_t size) {
  token_key *key;
  if (reference == NULL || size != sizeof(key)) return NULL;
  key = *(token_key **)reference;
  *(token_key **)reference = NULL;
  return key;
}

static int key_get_params(void *key, OSSL_PARAM params[]) {
  const token_key *self = key;
  return self != NULL && self->public_half != NULL && EVP_PKEY_get_params(self->public_half, params);
}

static const OSSL_PARAM *key_gettable_params(void *provider) {
  static const OSSL_PARAM table[] = {
    OSSL_PARAM_int(OSSL_PKEY_PARAM_BITS, NULL),
    OSSL_PARAM_int(OSSL_PKEY_PARAM_SECURITY_BITS, NULL),
    OSSL_PARAM_int(OSSL_PKEY_PARAM_MAX_SIZE, NULL),
    OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, NULL, 0),
    OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_DEFAULT_DIGEST, NULL, 0),
    OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, NULL, 0),
    OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_N, NULL, 0),
    OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_E, NULL, 0),
    OSSL_PARAM_END,
  };
  (void)provider;
  return table;
}

/* SECURITY: there is nothing private to give; who asks for it is refused instead of being given half a key. */
static int key_export(void *key, int selection, OSSL_CALLBACK *take, void *taker) {
  const token_key *self = key;
  if ((selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0 || self == NULL || self->public_half == NULL) return 0;
  return EVP_PKEY_export(self->public_half, EVP_PKEY_PUBLIC_KEY, take, taker);
}

static const OSSL_PARAM *key_export_types(int selection) {
  return (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0 ? NULL : key_gettable_params(NULL);
}

/* Without this OpenSSL would look for a signature algorithm called "EC". */
static const char *ec_operation_name(int operation) {
  return operation == OSSL_OP_SIGNATURE ? "ECDSA" : NULL;
}

#define COMMON_KEY_FUNCTIONS                                        \
  ENTRY(OSSL_FUNC_KEYMGMT_NEW, key_new),                            \
  ENTRY(OSSL_FUNC_KEYMGMT_FREE, key_free),                          \
  ENTRY(OSSL_FUNC_KEYMGMT_HAS, key_has),                            \
  ENTRY(OSSL_FUNC_KEYMGMT_MATCH, key_match),                        \
  ENTRY(OSSL_FUNC_KEYMGMT_LOAD, key_load),                          \
  ENTRY(OSSL_FUNC_KEYMGMT_GET_PARAMS, key_get_params),              \
  ENTRY(OSSL_FUNC_KEYMGMT_GETTABLE_PARAMS, key_gettable_params),    \
  ENTRY(OSSL_FUNC_KEYMGMT_EXPORT, key_export),                      \
  ENTRY(OSSL_FUNC_KEYMGMT_EXPORT_TYPES, key_export_types)

const OSSL_DISPATCH ec_key_functions[] = {
  COMMON_KEY_FUNCTIONS,
  ENTRY(OSSL_FUNC_KEYMGMT_QUERY_OPERATION_NAME, ec_operation_name),
  LAST_ENTRY,
};

const OSSL_DISPATCH rsa_key_functions[] = { COMMON_KEY_FUNCTIONS, LAST_ENTRY };
