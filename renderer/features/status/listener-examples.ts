import type { ListenerStatus } from "../../../agent/contract/index.ts";

export type ExampleName = "curl" | "ssh" | "git" | "browser" | "environment" | "psql" | "connect";

export interface ListenerExample {
  readonly name: ExampleName;
  readonly says: string;
  readonly command: string;
}

/** Commands that work as they are, for what the listener really listens on. */
export function examplesOf(listener: Pick<ListenerStatus, "kind" | "addresses">): readonly ListenerExample[] {
  const address = listener.addresses.find((one) => !one.startsWith("unix:"));
  if (address === undefined) return unixExamples(listener);
  if (listener.kind === "proxy") return proxyExamples(address);
  return listener.kind === "persona" ? personaExamples(address) : [];
}

function proxyExamples(address: string): readonly ListenerExample[] {
  return [
    { name: "curl", says: "curl", command: `curl -x socks5h://${address} https://example.com/` },
    { name: "ssh", says: "ssh", command: `ssh -o ProxyCommand="nc -X 5 -x ${address} %h %p" git.example.com` },
    { name: "git", says: "git", command: `git config http.proxy socks5h://${address}` },
    { name: "browser", says: "Browser", command: `chromium --user-data-dir="$HOME/.portail-browser" --proxy-server=socks5://${address}` },
    {
      name: "environment",
      says: "Shell",
      command: `export ALL_PROXY=socks5h://${address} HTTPS_PROXY=http://${address} HTTP_PROXY=http://${address}`,
    },
  ];
}

function personaExamples(address: string): readonly ListenerExample[] {
  const port = address.slice(address.lastIndexOf(":") + 1);
  const host = address.slice(0, address.lastIndexOf(":")).replace(/^\[|\]$/g, "");
  if (port === "5432") return [{ name: "psql", says: "psql", command: `psql "host=${host} port=${port}"` }];
  return [{ name: "connect", says: "nc", command: `nc ${host} ${port}` }];
}

function unixExamples({ kind, addresses }: Pick<ListenerStatus, "kind" | "addresses">): readonly ListenerExample[] {
  const path = addresses[0]?.replace(/^unix:/, "");
  if (kind !== "proxy" || path === undefined) return [];
  return [{ name: "curl", says: "curl", command: `curl -x socks5h://localhost${path} https://example.com/` }];
}
