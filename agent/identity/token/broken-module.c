/*
 * A PKCS#11 module that does what the worst ones do, for tests: by PORTAIL_TEST_MODULE it crashes, hangs, or claims absurd lengths. It
 * shows one token without login, one EC key, and nothing that works.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CK_PTR *
#define CK_DECLARE_FUNCTION(type, name) __attribute__((visibility("default"))) type name
#define CK_DECLARE_FUNCTION_POINTER(type, name) type(*name)
#define CK_CALLBACK_FUNCTION(type, name) type(*name)
#ifndef NULL_PTR
#define NULL_PTR 0
#endif
#include "pkcs11.h"

static int does(const char *what) {
  const char *wanted = getenv("PORTAIL_TEST_MODULE");
  return wanted != NULL && strcmp(wanted, what) == 0;
}

static void misbehave(void) {
  if (does("crash")) abort();
  while (does("hang")) sleep(1000);
}

static CK_RV initialize(void *arguments) { (void)arguments; return CKR_OK; }
static CK_RV finalize(void *reserved) { (void)reserved; return CKR_OK; }

static CK_RV get_slot_list(CK_BBOOL present, CK_SLOT_ID *slots, CK_ULONG *count) {
  (void)present;
  if (does("slots")) { *count = 1UL << 60; return CKR_OK; }
  if (does("negative-slots")) { *count = (CK_ULONG)-1; return CKR_OK; }
  if (slots != NULL) slots[0] = 7;
  *count = 1;
  return CKR_OK;
}

static CK_RV get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO *info) {
  (void)slot;
  memset(info, ' ', sizeof(*info));
  memcpy(info->label, "broken", 6);
  info->flags = CKF_TOKEN_INITIALIZED;
  /* Labels are text by the standard, and anything by some modules. */
  if (does("text")) memset(info->label + 6, 0xfe, sizeof(info->label) - 6);
  if (does("flags")) info->flags = (CK_FLAGS)-1;
  if (does("info")) return CKR_GENERAL_ERROR;
  return CKR_OK;
}

static CK_RV open_session(CK_SLOT_ID slot, CK_FLAGS flags, void *application, CK_NOTIFY notify, CK_SESSION_HANDLE *session) {
  (void)slot; (void)flags; (void)application; (void)notify;
  *session = 1;
  return CKR_OK;
}
static CK_RV close_session(CK_SESSION_HANDLE session) { (void)session; return CKR_OK; }

static CK_RV get_session_info(CK_SESSION_HANDLE session, CK_SESSION_INFO *info) {
  (void)session;
  memset(info, 0, sizeof(*info));
  return CKR_OK;
}

static int listed;
static CK_RV find_init(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG count) {
  (void)session; (void)template; (void)count;
  misbehave();
  listed = 0;
  return CKR_OK;
}
static CK_RV find(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *object, CK_ULONG max, CK_ULONG *count) {
  (void)session; (void)max;
  /* An endless list of the same object. */
  if (does("objects")) { object[0] = 1; *count = 1; return CKR_OK; }
  if (does("negative-objects")) { *count = (CK_ULONG)-1; return CKR_OK; }
  *count = listed++ == 0 ? 1 : 0;
  if (*count == 1) object[0] = 1;
  return CKR_OK;
}
static CK_RV find_final(CK_SESSION_HANDLE session) { (void)session; return CKR_OK; }

static CK_RV get_attribute(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *template, CK_ULONG count) {
  CK_ULONG i;
  (void)session; (void)object;
  for (i = 0; i < count; i++) {
    if (does("lengths")) { template[i].ulValueLen = 1UL << 60; continue; }
    if (does("negative-lengths")) { template[i].ulValueLen = (CK_ULONG)-1; continue; }
    if (does("gigabyte")) { template[i].ulValueLen = 1UL << 30; continue; }
    /* More at the second question than it said at the first. */
    if (does("growing") && template[i].pValue != NULL) { template[i].ulValueLen += 4096; continue; }
    if (template[i].pValue != NULL) memset(template[i].pValue, 0xff, template[i].ulValueLen);
    template[i].ulValueLen = 8;
  }
  return CKR_OK;
}

/* Reads every byte of the PIN that it is told of, so that a sanitizer sees a wrong length. */
static CK_RV login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR *pin, CK_ULONG length) {
  CK_ULONG i, sum = 0;
  for (i = 0; pin != NULL && i < length; i++) sum += pin[i];
  return pin == NULL ? CKR_ARGUMENTS_BAD : (session + user + sum) % 2 == 0 ? CKR_OK : CKR_PIN_INCORRECT;
}

static CK_FUNCTION_LIST functions = {
  .version = { 2, 40 },
  .C_Initialize = initialize,
  .C_Finalize = finalize,
  .C_GetSlotList = get_slot_list,
  .C_GetTokenInfo = get_token_info,
  .C_OpenSession = open_session,
  .C_CloseSession = close_session,
  .C_GetSessionInfo = get_session_info,
  .C_Login = login,
  .C_FindObjectsInit = find_init,
  .C_FindObjects = find,
  .C_FindObjectsFinal = find_final,
  .C_GetAttributeValue = get_attribute,
};

CK_RV C_GetFunctionList(CK_FUNCTION_LIST **list) {
  *list = &functions;
  return CKR_OK;
}
