/*
 * The provider: a table of tables. It can sign and nothing else: no import, no verification, no key generation, so it cannot take over
 * the keys and checks of the rest of the process.
 */
#include "token-key.h"

#include <openssl/provider.h>
#include <uv.h>

static const OSSL_ALGORITHM key_types[] = {
  { EC_NAMES, TOKEN_KEY_PROPERTIES, ec_key_functions, "EC keys in a token" },
  { RSA_NAMES, TOKEN_KEY_PROPERTIES, rsa_key_functions, "RSA keys in a token" },
  { NULL, NULL, NULL, NULL },
};

static const OSSL_ALGORITHM signatures[] = {
  { "ECDSA", TOKEN_KEY_PROPERTIES, ec_signature_functions, "ECDSA by a token" },
  { RSA_NAMES, TOKEN_KEY_PROPERTIES, rsa_signature_functions, "RSA by a token" },
  { NULL, NULL, NULL, NULL },
};

static const OSSL_ALGORITHM decoders[] = {
  { EC_NAMES, TOKEN_KEY_PROPERTIES ",input=pem", ec_decoder_functions, "PEM to EC key in a token" },
  { RSA_NAMES, TOKEN_KEY_PROPERTIES ",input=pem", rsa_decoder_functions, "PEM to RSA key in a token" },
  { NULL, NULL, NULL, NULL },
};

static const OSSL_ALGORITHM *query(void *provider, int operation, int *no_cache) {
  (void)provider;
  *no_cache = 0;
  switch (operation) {
    case OSSL_OP_KEYMGMT: return key_types;
    case OSSL_OP_SIGNATURE: return signatures;
    case OSSL_OP_DECODER: return decoders;
    default: return NULL;
  }
}

static const OSSL_DISPATCH provider_functions[] = { ENTRY(OSSL_FUNC_PROVIDER_QUERY_OPERATION, query), LAST_ENTRY };

static int provider_init(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in, const OSSL_DISPATCH **out, void **context) {
  for (; in->function_id != 0; in++)
    if (in->function_id == OSSL_FUNC_BIO_READ_EX) core_bio_read = OSSL_FUNC_BIO_read_ex(in);
  if (core_bio_read == NULL) return 0;
  *out = provider_functions;
  *context = (void *)handle;
  return 1;
}

static uv_once_t once = UV_ONCE_INIT;
static int loaded;

/* "default" first and by name: loading any provider switches off OpenSSL's silent fallback to it, and who comes first is asked first. */
static void load(void) {
  loaded = OSSL_PROVIDER_load(NULL, "default") != NULL && OSSL_PROVIDER_add_builtin(NULL, "portail-token", provider_init) &&
           OSSL_PROVIDER_load(NULL, "portail-token") != NULL;
}

int load_token_provider(void) {
  uv_once(&once, load);
  return loaded;
}
