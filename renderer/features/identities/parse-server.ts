export interface Server {
  readonly host: string;
  readonly port: number;
}

/** `host`, `host:port`, `[::1]:443`; 443 where no port is written. Undefined for anything else. */
export function parseServer(text: string): Server | undefined {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:\s[\]]+))(?::(\d{1,5}))?$/.exec(text.trim());
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3] ?? 443);
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port };
}
