/*
 * Node-API: AES-GCM as SSH uses it (RFC 5647), one context for all packets of one direction. Node's own cipher objects serve one packet each,
 * and making one costs more than the cipher itself.
 *
 *   createSealer(key, iv), createOpener(key, iv) -> context      key: 16 or 32 bytes, iv: the 12 bytes of the first packet
 *   seal(sealer, packet)                                         packet: length (4), body, room for the tag (16); encrypted in place
 *   open(opener, source, at, target) -> boolean                  source from `at`: length (4), body as long as target, tag (16)
 *
 * `open` answers false when the tag is wrong, and the target is then empty of what was decrypted.
 */
#define NAPI_VERSION 8
#include <node_api.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <stdlib.h>
#include <string.h>

enum { LENGTH_BYTES = 4, TAG_BYTES = 16, IV_BYTES = 12, FIXED_BYTES = 4, BLOCK_BYTES = 16, MOST_BYTES = 256 * 1024 };

typedef struct {
  EVP_CIPHER_CTX *cipher;
  unsigned char iv[IV_BYTES];
  int seals;
} direction;

typedef struct {
  unsigned char *bytes;
  size_t length;
} piece;

static napi_value refuse(napi_env env, const char *why) {
  napi_throw_error(env, NULL, why);
  return NULL;
}

static int is_piece(napi_env env, napi_value value, piece *out) {
  bool is_buffer = false;
  void *bytes = NULL;
  if (napi_is_buffer(env, value, &is_buffer) != napi_ok || !is_buffer) return 0;
  if (napi_get_buffer_info(env, value, &bytes, &out->length) != napi_ok) return 0;
  out->bytes = bytes;
  return 1;
}

static direction *take_direction(napi_env env, napi_value value, int seals) {
  void *found = NULL;
  napi_valuetype type;
  if (napi_typeof(env, value, &type) != napi_ok || type != napi_external) return NULL;
  if (napi_get_value_external(env, value, &found) != napi_ok || found == NULL) return NULL;
  return ((direction *)found)->seals == seals ? found : NULL;
}

static void forget(napi_env env, void *data, void *hint) {
  direction *self = data;
  (void)env;
  (void)hint;
  EVP_CIPHER_CTX_free(self->cipher);
  OPENSSL_cleanse(self, sizeof *self);
  free(self);
}

static napi_value create(napi_env env, napi_callback_info info, int seals) {
  size_t count = 2;
  napi_value arguments[2], context;
  piece key, iv;
  direction *self;
  if (napi_get_cb_info(env, info, &count, arguments, NULL, NULL) != napi_ok || count < 2) return refuse(env, "a key and an IV are needed");
  if (!is_piece(env, arguments[0], &key) || (key.length != 16 && key.length != 32)) return refuse(env, "the key is not 16 or 32 bytes");
  if (!is_piece(env, arguments[1], &iv) || iv.length != IV_BYTES) return refuse(env, "the IV is not 12 bytes");
  self = calloc(1, sizeof *self);
  if (self == NULL) return refuse(env, "no memory");
  self->seals = seals;
  memcpy(self->iv, iv.bytes, IV_BYTES);
  self->cipher = EVP_CIPHER_CTX_new();
  if (self->cipher == NULL ||
      EVP_CipherInit_ex(self->cipher, key.length == 16 ? EVP_aes_128_gcm() : EVP_aes_256_gcm(), NULL, key.bytes, NULL, seals) != 1 ||
      napi_create_external(env, self, forget, NULL, &context) != napi_ok) {
    forget(env, self, NULL);
    return refuse(env, "OpenSSL did not take the key");
  }
  return context;
}

static napi_value create_sealer(napi_env env, napi_callback_info info) { return create(env, info, 1); }

static napi_value create_opener(napi_env env, napi_callback_info info) { return create(env, info, 0); }

/* SECURITY: RFC 5647 section 7.1. No IV serves twice, whether or not the packet went well. */
static int next_iv(direction *self) {
  int at;
  int is_taken = EVP_CipherInit_ex(self->cipher, NULL, NULL, NULL, self->iv, -1) == 1;
  for (at = IV_BYTES - 1; at >= FIXED_BYTES; at--)
    if (++self->iv[at] != 0) break;
  return is_taken;
}

/* The length is authenticated and not encrypted. */
static int run(direction *self, const unsigned char *head, const unsigned char *from, unsigned char *to, size_t length) {
  int done = 0;
  return next_iv(self) && EVP_CipherUpdate(self->cipher, NULL, &done, head, LENGTH_BYTES) == 1 &&
         EVP_CipherUpdate(self->cipher, to, &done, from, (int)length) == 1 && (size_t)done == length;
}

static napi_value seal(napi_env env, napi_callback_info info) {
  size_t count = 2, length;
  napi_value arguments[2];
  piece packet;
  direction *self;
  unsigned char *body, rest[BLOCK_BYTES];
  int done = 0;
  if (napi_get_cb_info(env, info, &count, arguments, NULL, NULL) != napi_ok || count < 2) return refuse(env, "a packet is needed");
  self = take_direction(env, arguments[0], 1);
  if (self == NULL) return refuse(env, "not a sealer");
  if (!is_piece(env, arguments[1], &packet) || packet.length < LENGTH_BYTES + BLOCK_BYTES + TAG_BYTES || packet.length > MOST_BYTES)
    return refuse(env, "not a packet with room for its tag");
  length = packet.length - LENGTH_BYTES - TAG_BYTES;
  body = packet.bytes + LENGTH_BYTES;
  /* RFC 4253 section 6: the first byte says how long the padding is, which lies at the end and is random. */
  if (body[0] >= length || RAND_bytes(body + length - body[0], body[0]) != 1) return refuse(env, "the padding cannot be made");
  if (!run(self, packet.bytes, body, body, length) || EVP_CipherFinal_ex(self->cipher, rest, &done) != 1 ||
      EVP_CIPHER_CTX_ctrl(self->cipher, EVP_CTRL_AEAD_GET_TAG, TAG_BYTES, body + length) != 1)
    return refuse(env, "OpenSSL did not encrypt");
  return NULL;
}

static napi_value open_packet(napi_env env, napi_callback_info info) {
  size_t count = 4;
  uint32_t at = 0;
  napi_value arguments[4], answer;
  piece source, target;
  direction *self;
  unsigned char *head, rest[BLOCK_BYTES];
  int done = 0, is_good;
  if (napi_get_cb_info(env, info, &count, arguments, NULL, NULL) != napi_ok || count < 4) return refuse(env, "a packet and room are needed");
  self = take_direction(env, arguments[0], 0);
  if (self == NULL) return refuse(env, "not an opener");
  if (!is_piece(env, arguments[1], &source) || napi_get_value_uint32(env, arguments[2], &at) != napi_ok || !is_piece(env, arguments[3], &target))
    return refuse(env, "not a packet and room for it");
  if (target.length == 0 || target.length > MOST_BYTES || at > source.length || source.length - at < LENGTH_BYTES + target.length + TAG_BYTES)
    return refuse(env, "the packet is not all here");
  head = source.bytes + at;
  is_good = run(self, head, head + LENGTH_BYTES, target.bytes, target.length) &&
            EVP_CIPHER_CTX_ctrl(self->cipher, EVP_CTRL_AEAD_SET_TAG, TAG_BYTES, head + LENGTH_BYTES + target.length) == 1 &&
            EVP_CipherFinal_ex(self->cipher, rest, &done) == 1;
  /* SECURITY: nothing that nobody vouches for leaves here. */
  if (!is_good) OPENSSL_cleanse(target.bytes, target.length);
  return napi_get_boolean(env, is_good, &answer) == napi_ok ? answer : NULL;
}

NAPI_MODULE_INIT() {
  static const struct {
    const char *name;
    napi_callback function;
  } functions[] = {
    { "createSealer", create_sealer },
    { "createOpener", create_opener },
    { "seal", seal },
    { "open", open_packet },
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
