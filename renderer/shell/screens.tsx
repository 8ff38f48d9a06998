import type { ComponentType } from "react";
import { AuditScreen } from "../features/audit/index.ts";
import { ConnectionsScreen } from "../features/connections/index.ts";
import { IdentitiesScreen } from "../features/identities/index.ts";
import { PolicyScreen } from "../features/policy/index.ts";
import { SettingsScreen } from "../features/settings/index.ts";
import { StatusScreen } from "../features/status/index.ts";
import type { Screen } from "../store/index.ts";

export const screenOf = {
  status: StatusScreen,
  connections: ConnectionsScreen,
  policy: PolicyScreen,
  identities: IdentitiesScreen,
  audit: AuditScreen,
  settings: SettingsScreen,
} as const satisfies Record<Screen, ComponentType>;
