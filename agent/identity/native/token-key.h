/*
 * A private key that is not here. OpenSSL inside Node sees an ordinary EC or RSA private key; what it holds is the public half and a
 * number. The only private operation that exists is "sign this TLS handshake", and it calls one JavaScript function, at once, on the
 * thread that wants the signature.
 *
 *   key.c        the key itself, as OpenSSL's key management
 *   signature.c  the one operation
 *   decoder.c    from a PEM block to a key, so that Node's ordinary `key:` option takes it
 *   provider.c   the table of the above, registered inside the process
 *   addon.c      Node-API: where the JavaScript function is kept and called
 *
 * Beside it, for other processes: login.c and dumps.c (addon.h).
 *
 * Only Node-API and OpenSSL's provider interface are used: no V8, no Node C++, no private OpenSSL structure. All OpenSSL symbols come
 * from the Node executable itself.
 */
#ifndef PORTAIL_TOKEN_KEY_H
#define PORTAIL_TOKEN_KEY_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/core_dispatch.h>
#include <openssl/evp.h>

/* PEM label. The payload: number (4 bytes, big endian), then SubjectPublicKeyInfo (DER). */
#define TOKEN_KEY_LABEL "PORTAIL TOKEN KEY"

/* Names and properties of the algorithms that all tables use. */
#define TOKEN_KEY_PROPERTIES "provider=portail-token"
#define EC_NAMES "EC:id-ecPublicKey:1.2.840.10045.2.1"
#define RSA_NAMES "RSA:rsaEncryption:1.2.840.113549.1.1.1"

/* Dispatch tables hold functions of every type as functions of none. */
#define ENTRY(id, function) { (id), (void (*)(void))(function) }
#define LAST_ENTRY { 0, NULL }

typedef struct {
  uint32_t number;
  EVP_PKEY *public_half; /* of the default provider */
} token_key;

token_key *token_key_new(void);
void token_key_free(token_key *key);

typedef enum { PADDING_NONE, PADDING_PKCS1, PADDING_PSS } token_padding;

typedef struct {
  const token_key *key;
  const char *digest; /* OpenSSL's name of the hash */
  token_padding padding;
  const unsigned char *message; /* what is to be signed, not its hash: the keeper of the key looks at it */
  size_t message_length;
} signing_request;

/*
 * Ask the JavaScript function of this thread. On success `*length` bytes, at most `size`, are in `signature`. On failure there is an
 * entry in OpenSSL's error queue and no JavaScript exception is left pending.
 */
int ask_for_signature(const signing_request *request, unsigned char *signature, size_t *length, size_t size);

/* Register the provider with this process, once. */
int load_token_provider(void);

/* Set when the provider is loaded, before any decoder runs. */
extern OSSL_FUNC_BIO_read_ex_fn *core_bio_read;

extern const OSSL_DISPATCH ec_key_functions[];
extern const OSSL_DISPATCH rsa_key_functions[];
extern const OSSL_DISPATCH ec_signature_functions[];
extern const OSSL_DISPATCH rsa_signature_functions[];
extern const OSSL_DISPATCH ec_decoder_functions[];
extern const OSSL_DISPATCH rsa_decoder_functions[];

#endif
