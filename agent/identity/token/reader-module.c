/*
 * A PKCS#11 module for tests: SoftHSM behind a reader that has a keypad, counts wrong PINs, loses its sessions, is unplugged, dies or lies.
 * What it does stands in files of the folder PORTAIL_TEST_READER, so that a test can change it while the module is loaded:
 *
 *   keypad      the PIN that the person types when C_Login gets none; "cancel": they press cancel
 *   tries       how many wrong PINs are left; 0: locked
 *   absent      the token is not in the reader
 *   slow        milliseconds that each signature takes
 *   answer      what C_Sign answers: "long", "negative", "empty", or "die" and "hang"
 *   once-sign   the CK_RV, in hexadecimal, of the next C_SignInit
 *   once-sleep  the next C_SignInit ends all sessions first, as a computer's sleep does
 *   log         is written: one line for each C_Login
 */
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pkcs11.h"

static CK_FUNCTION_LIST *real, ours;

static void path_of(char *path, const char *name) { snprintf(path, 4096, "%s/%s", getenv("PORTAIL_TEST_READER"), name); }

/* The content of a file without its line end; 0 when it is not there. */
static int says(const char *name, char *text, size_t size) {
  char path[4096];
  FILE *file;
  path_of(path, name);
  file = fopen(path, "r");
  if (file == NULL) return 0;
  if (fgets(text, (int)size, file) == NULL) text[0] = '\0';
  fclose(file);
  text[strcspn(text, "\n")] = '\0';
  return 1;
}

static int takes(const char *name, char *text, size_t size) {
  char path[4096];
  if (!says(name, text, size)) return 0;
  path_of(path, name);
  unlink(path);
  return 1;
}

static void note(const char *format, const char *what, unsigned long number) {
  char path[4096];
  FILE *file;
  path_of(path, "log");
  file = fopen(path, "a");
  if (file == NULL) return;
  fprintf(file, format, what, number);
  fclose(file);
}

/* -1: it does not count. */
static int tries_left(void) {
  char text[64];
  return says("tries", text, sizeof(text)) ? atoi(text) : -1;
}

static void set_tries(int left) {
  char path[4096];
  FILE *file;
  path_of(path, "tries");
  file = fopen(path, "w");
  if (file == NULL) return;
  fprintf(file, "%d", left);
  fclose(file);
}

static CK_RV get_slot_list(CK_BBOOL present, CK_SLOT_ID *slots, CK_ULONG *count) {
  char text[64];
  if (!says("absent", text, sizeof(text))) return real->C_GetSlotList(present, slots, count);
  *count = 0;
  return CKR_OK;
}

static CK_RV get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO *info) {
  char text[64];
  int left = tries_left();
  CK_RV rv = real->C_GetTokenInfo(slot, info);
  if (rv != CKR_OK) return rv;
  if (says("keypad", text, sizeof(text))) info->flags |= CKF_PROTECTED_AUTHENTICATION_PATH;
  if (left < 0) return rv;
  info->flags &= ~(CK_FLAGS)(CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_LOCKED);
  if (left == 0) info->flags |= CKF_USER_PIN_LOCKED;
  else if (left == 1) info->flags |= CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_COUNT_LOW;
  else if (left == 2) info->flags |= CKF_USER_PIN_COUNT_LOW;
  return rv;
}

static CK_RV login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR *pin, CK_ULONG length) {
  char typed[256];
  int left = tries_left();
  CK_RV rv;
  note("%s %lu\n", pin == NULL ? "keypad" : "pin", (unsigned long)user);
  if (left == 0) return CKR_PIN_LOCKED;
  if (pin == NULL) {
    if (!says("keypad", typed, sizeof(typed))) return CKR_ARGUMENTS_BAD;
    if (strcmp(typed, "cancel") == 0) return CKR_FUNCTION_CANCELED;
    pin = (CK_UTF8CHAR *)typed;
    length = strlen(typed);
  }
  rv = real->C_Login(session, user, pin, length);
  if (left > 0 && rv == CKR_PIN_INCORRECT) set_tries(left - 1);
  if (left > 0 && rv == CKR_OK) set_tries(3);
  return rv;
}

static CK_RV sign_init(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key) {
  char text[64];
  CK_SESSION_INFO info;
  if (takes("once-sign", text, sizeof(text))) return (CK_RV)strtoul(text, NULL, 16);
  if (takes("once-sleep", text, sizeof(text)) && real->C_GetSessionInfo(session, &info) == CKR_OK) real->C_CloseAllSessions(info.slotID);
  return real->C_SignInit(session, mechanism, key);
}

static CK_RV sign(CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG data_length, CK_BYTE *signature, CK_ULONG *length) {
  char text[64];
  CK_RV rv;
  if (says("slow", text, sizeof(text))) usleep((useconds_t)atoi(text) * 1000);
  if (!says("answer", text, sizeof(text))) return real->C_Sign(session, data, data_length, signature, length);
  if (strcmp(text, "die") == 0) raise(SIGKILL);
  while (strcmp(text, "hang") == 0) sleep(1000);
  rv = real->C_Sign(session, data, data_length, signature, length);
  if (strcmp(text, "long") == 0) *length = 1UL << 30;
  if (strcmp(text, "negative") == 0) *length = (CK_ULONG)-1;
  if (strcmp(text, "empty") == 0) *length = 0;
  return rv;
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list) {
  void *library = dlopen(getenv("PORTAIL_TEST_READER_MODULE"), RTLD_NOW);
  CK_C_GetFunctionList get_list;
  if (library == NULL) return CKR_GENERAL_ERROR;
  *(void **)&get_list = dlsym(library, "C_GetFunctionList");
  if (get_list == NULL || get_list(&real) != CKR_OK) return CKR_GENERAL_ERROR;
  ours = *real;
  ours.C_GetSlotList = get_slot_list;
  ours.C_GetTokenInfo = get_token_info;
  ours.C_Login = login;
  ours.C_SignInit = sign_init;
  ours.C_Sign = sign;
  *list = &ours;
  return CKR_OK;
}
