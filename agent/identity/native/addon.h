/* What JavaScript sees of the native part; see addon.c for the whole list. */
#ifndef PORTAIL_ADDON_H
#define PORTAIL_ADDON_H

#include <stddef.h>
#include <stdint.h>

#define NAPI_VERSION 8
#include <node_api.h>

/* Throw; the NULL is what the function answers. */
napi_value addon_refuse(napi_env env, const char *why);

napi_value addon_login(napi_env env, napi_callback_info info);        /* login.c */
napi_value addon_forbid_dumps(napi_env env, napi_callback_info info); /* dumps.c */

#endif
