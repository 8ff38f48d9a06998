/* From a PEM block to a key. Any other text is left to the decoders of others. */
#include "token-key.h"

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/core_object.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <string.h>

/* An RSA key of 16384 bits takes 3 KB as PEM. */
#define LONGEST_TEXT 16384

OSSL_FUNC_BIO_read_ex_fn *core_bio_read;

/* Decoders have no state, but OpenSSL wants to hold something. */
static void *decoder_new(void *provider) {
  return provider;
}

static void decoder_free(void *decoder) {
  (void)decoder;
}

static int decoder_selects(void *provider, int selection) {
  (void)provider;
  return selection == 0 || (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) != 0;
}

/* All of `in` as a memory BIO; NULL when it is too long to be ours, or there is no memory. */
static BIO *read_text(OSSL_CORE_BIO *in) {
  unsigned char chunk[1024];
  size_t count = 0, total = 0;
  BIO *text = BIO_new(BIO_s_mem());
  if (text == NULL) return NULL;
  while (core_bio_read(in, chunk, sizeof(chunk), &count) && count > 0) {
    total += count;
    if (total > LONGEST_TEXT || BIO_write(text, chunk, (int)count) != (int)count) {
      BIO_free(text);
      return NULL;
    }
  }
  return text;
}

/* The payload of the PEM block as a key of type `wanted`; NULL when it is anything else. */
static token_key *parse_payload(const unsigned char *payload, long length, const char *wanted) {
  const unsigned char *at = payload + 4;
  const unsigned char *end = payload + length;
  token_key *key;
  if (length <= 4) return NULL;
  key = token_key_new();
  if (key == NULL) return NULL;
  key->number = (uint32_t)payload[0] << 24 | (uint32_t)payload[1] << 16 | (uint32_t)payload[2] << 8 | (uint32_t)payload[3];
  key->public_half = d2i_PUBKEY_ex(NULL, &at, length - 4, NULL, "provider=default");
  if (key->public_half != NULL && at == end && EVP_PKEY_is_a(key->public_half, wanted)) return key;
  token_key_free(key);
  return NULL;
}

static token_key *parse_text(BIO *text, const char *wanted) {
  char *name = NULL, *header = NULL;
  unsigned char *payload = NULL;
  long length = 0;
  token_key *key = NULL;
  if (PEM_read_bio(text, &name, &header, &payload, &length) && strcmp(name, TOKEN_KEY_LABEL) == 0 && header[0] == '\0')
    key = parse_payload(payload, length, wanted);
  OPENSSL_free(name);
  OPENSSL_free(header);
  OPENSSL_free(payload);
  return key;
}

/* 1: go on with other decoders (also when this text is not ours); 0: the taker failed. */
static int decode(const char *wanted, OSSL_CORE_BIO *in, OSSL_CALLBACK *take, void *taker) {
  int type = OSSL_OBJECT_PKEY;
  OSSL_PARAM object[4];
  token_key *key;
  int taken = 1;
  BIO *text = read_text(in);
  if (text == NULL) return 1;
  /* That a text is not ours is no error: leave no trace in the queue for Node to find. */
  ERR_set_mark();
  key = parse_text(text, wanted);
  ERR_pop_to_mark();
  BIO_free(text);
  if (key == NULL) return 1;
  object[0] = OSSL_PARAM_construct_int(OSSL_OBJECT_PARAM_TYPE, &type);
  object[1] = OSSL_PARAM_construct_utf8_string(OSSL_OBJECT_PARAM_DATA_TYPE, (char *)wanted, 0);
  object[2] = OSSL_PARAM_construct_octet_string(OSSL_OBJECT_PARAM_REFERENCE, &key, sizeof(key));
  object[3] = OSSL_PARAM_construct_end();
  taken = take(object, taker);
  /* NULL when key_load took it. */
  token_key_free(key);
  return taken;
}

static int ec_decode(void *decoder, OSSL_CORE_BIO *in, int selection, OSSL_CALLBACK *take, void *taker, OSSL_PASSPHRASE_CALLBACK *ask, void *asked) {
  (void)decoder;
  (void)selection;
  (void)ask;
  (void)asked;
  return decode("EC", in, take, taker);
}

static int rsa_decode(void *decoder, OSSL_CORE_BIO *in, int selection, OSSL_CALLBACK *take, void *taker, OSSL_PASSPHRASE_CALLBACK *ask, void *asked) {
  (void)decoder;
  (void)selection;
  (void)ask;
  (void)asked;
  return decode("RSA", in, take, taker);
}

#define DECODER_FUNCTIONS(function)                            \
  ENTRY(OSSL_FUNC_DECODER_NEWCTX, decoder_new),                \
  ENTRY(OSSL_FUNC_DECODER_FREECTX, decoder_free),              \
  ENTRY(OSSL_FUNC_DECODER_DOES_SELECTION, decoder_selects),    \
  ENTRY(OSSL_FUNC_DECODER_DECODE, function),                   \
  LAST_ENTRY

const OSSL_DISPATCH ec_decoder_functions[] = { DECODER_FUNCTIONS(ec_decode) };
const OSSL_DISPATCH rsa_decoder_functions[] = { DECODER_FUNCTIONS(rsa_decode) };
