/*
 * The one private operation: sign a whole message at once, as TLS does for its CertificateVerify.
 *
 * SECURITY: signing a bare digest and signing in pieces are left out on purpose. The keeper of the key must see the message itself to
 * insist that it is the end of a TLS handshake (RFC 8446 section 4.4.3, RFC 5246 section 7.4.8).
 */
#include "token-key.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

#include <string.h>

typedef struct {
  const token_key *key; /* OpenSSL keeps it alive as long as this operation */
  char digest[32];
  token_padding padding;
  int salt_length;
} signing;

static void *ec_signing_new(void *provider, const char *query) {
  (void)provider;
  (void)query;
  return OPENSSL_zalloc(sizeof(signing));
}

static void *rsa_signing_new(void *provider, const char *query) {
  signing *self = ec_signing_new(provider, query);
  if (self == NULL) return NULL;
  self->padding = PADDING_PKCS1;
  self->salt_length = RSA_PSS_SALTLEN_DIGEST;
  return self;
}

static void signing_free(void *self) {
  OPENSSL_free(self);
}

static int set_digest(signing *self, const char *name) {
  if (name == NULL || name[0] == '\0') return 0;
  return OPENSSL_strlcpy(self->digest, name, sizeof(self->digest)) < sizeof(self->digest);
}

/* OpenSSL writes the choices of RSA now as numbers, now as words. */
static int set_padding(signing *self, const OSSL_PARAM *param) {
  const char *word = NULL;
  int number = 0;
  if (param->data_type == OSSL_PARAM_UTF8_STRING) {
    if (!OSSL_PARAM_get_utf8_string_ptr(param, &word) || word == NULL) return 0;
    if (strcmp(word, OSSL_PKEY_RSA_PAD_MODE_PSS) == 0) number = RSA_PKCS1_PSS_PADDING;
    else if (strcmp(word, OSSL_PKEY_RSA_PAD_MODE_PKCSV15) == 0) number = RSA_PKCS1_PADDING;
  } else if (!OSSL_PARAM_get_int(param, &number)) {
    return 0;
  }
  if (number != RSA_PKCS1_PADDING && number != RSA_PKCS1_PSS_PADDING) return 0;
  self->padding = number == RSA_PKCS1_PSS_PADDING ? PADDING_PSS : PADDING_PKCS1;
  return 1;
}

static int set_salt_length(signing *self, const OSSL_PARAM *param) {
  const char *word = NULL;
  if (param->data_type != OSSL_PARAM_UTF8_STRING) return OSSL_PARAM_get_int(param, &self->salt_length);
  if (!OSSL_PARAM_get_utf8_string_ptr(param, &word) || word == NULL) return 0;
  if (strcmp(word, OSSL_PKEY_RSA_PSS_SALT_LEN_DIGEST) != 0) return 0;
  self->salt_length = RSA_PSS_SALTLEN_DIGEST;
  return 1;
}

static int ec_set_params(void *context, const OSSL_PARAM params[]) {
  const OSSL_PARAM *digest;
  const char *name;
  if (params == NULL) return 1;
  digest = OSSL_PARAM_locate_const(params, OSSL_SIGNATURE_PARAM_DIGEST);
  if (digest == NULL) return 1;
  return OSSL_PARAM_get_utf8_string_ptr(digest, &name) && set_digest(context, name);
}

static int rsa_set_params(void *context, const OSSL_PARAM params[]) {
  signing *self = context;
  const OSSL_PARAM *param;
  if (params == NULL) return 1;
  if (!ec_set_params(self, params)) return 0;
  param = OSSL_PARAM_locate_const(params, OSSL_SIGNATURE_PARAM_PAD_MODE);
  if (param != NULL && !set_padding(self, param)) return 0;
  param = OSSL_PARAM_locate_const(params, OSSL_SIGNATURE_PARAM_PSS_SALTLEN);
  if (param != NULL && !set_salt_length(self, param)) return 0;
  return 1;
}

static const OSSL_PARAM *ec_settable_params(void *context, void *provider) {
  static const OSSL_PARAM table[] = { OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, NULL, 0), OSSL_PARAM_END };
  (void)context;
  (void)provider;
  return table;
}

/* No MGF1 digest: it is always the digest of the message, as TLS demands (RFC 8446 section 4.2.3). */
static const OSSL_PARAM *rsa_settable_params(void *context, void *provider) {
  static const OSSL_PARAM table[] = {
    OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, NULL, 0),
    OSSL_PARAM_int(OSSL_SIGNATURE_PARAM_PAD_MODE, NULL),
    OSSL_PARAM_int(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, NULL),
    OSSL_PARAM_END,
  };
  (void)context;
  (void)provider;
  return table;
}

/* `key` is NULL when an operation begins again with the key that it has. */
static int signing_begin(signing *self, const char *digest, const token_key *key) {
  if (self == NULL) return 0;
  if (key != NULL) self->key = key;
  if (self->key == NULL || self->key->public_half == NULL) return 0;
  return set_digest(self, digest != NULL && digest[0] != '\0' ? digest : "SHA256");
}

static int ec_sign_init(void *context, const char *digest, void *key, const OSSL_PARAM params[]) {
  return signing_begin(context, digest, key) && ec_set_params(context, params);
}

static int rsa_sign_init(void *context, const char *digest, void *key, const OSSL_PARAM params[]) {
  return signing_begin(context, digest, key) && rsa_set_params(context, params);
}

/* A salt as long as the digest is the only one that TLS knows (RFC 8446 section 4.2.3), and the only one that all tokens make. */
static int has_usual_salt(const signing *self) {
  EVP_MD *digest;
  int length;
  if (self->padding != PADDING_PSS || self->salt_length == RSA_PSS_SALTLEN_DIGEST) return 1;
  digest = EVP_MD_fetch(NULL, self->digest, "provider=default");
  length = digest == NULL ? -1 : EVP_MD_get_size(digest);
  EVP_MD_free(digest);
  return length > 0 && self->salt_length == length;
}

/* Called twice: without `signature` for its size, then for the signature itself. */
static int sign(void *context, unsigned char *signature, size_t *length, size_t size, const unsigned char *message, size_t message_length) {
  signing *self = context;
  signing_request request;
  int longest;
  if (self == NULL || self->key == NULL || self->key->public_half == NULL || length == NULL) return 0;
  longest = EVP_PKEY_get_size(self->key->public_half);
  if (longest <= 0) return 0;
  if (signature == NULL) {
    *length = (size_t)longest;
    return 1;
  }
  if (message == NULL || !has_usual_salt(self)) return 0;
  request.key = self->key;
  request.digest = self->digest;
  request.padding = self->padding;
  request.message = message;
  request.message_length = message_length;
  return ask_for_signature(&request, signature, length, size < (size_t)longest ? size : (size_t)longest);
}

const OSSL_DISPATCH ec_signature_functions[] = {
  ENTRY(OSSL_FUNC_SIGNATURE_NEWCTX, ec_signing_new),
  ENTRY(OSSL_FUNC_SIGNATURE_FREECTX, signing_free),
  ENTRY(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_INIT, ec_sign_init),
  ENTRY(OSSL_FUNC_SIGNATURE_DIGEST_SIGN, sign),
  ENTRY(OSSL_FUNC_SIGNATURE_SET_CTX_PARAMS, ec_set_params),
  ENTRY(OSSL_FUNC_SIGNATURE_SETTABLE_CTX_PARAMS, ec_settable_params),
  LAST_ENTRY,
};

const OSSL_DISPATCH rsa_signature_functions[] = {
  ENTRY(OSSL_FUNC_SIGNATURE_NEWCTX, rsa_signing_new),
  ENTRY(OSSL_FUNC_SIGNATURE_FREECTX, signing_free),
  ENTRY(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_INIT, rsa_sign_init),
  ENTRY(OSSL_FUNC_SIGNATURE_DIGEST_SIGN, sign),
  ENTRY(OSSL_FUNC_SIGNATURE_SET_CTX_PARAMS, rsa_set_params),
  ENTRY(OSSL_FUNC_SIGNATURE_SETTABLE_CTX_PARAMS, rsa_settable_params),
  LAST_ENTRY,
};
