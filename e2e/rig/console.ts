import type { Agent } from "./agent.ts";

/** The screens' own way to the agent: the one-use link is opened, and calls are made as its page makes them. */
export async function openConsole(agent: Agent): Promise<{ call(name: string, input: unknown): Promise<unknown> }> {
  const { url } = await agent.json<{ url: string }>(["console", "--no-open"]);
  const opened = await fetch(url, { redirect: "manual" });
  const cookie = opened.headers
    .getSetCookie()
    .map((one) => one.split(";", 1)[0])
    .join("; ");
  const { origin } = new URL(url);
  return {
    async call(name, input) {
      const answer = await fetch(`${origin}/api/call`, {
        method: "POST",
        headers: { "content-type": "application/json", "x-portail": "1", "sec-fetch-site": "same-origin", origin, cookie },
        body: JSON.stringify({ call: name, input }),
      });
      const body = (await answer.json()) as { output?: unknown };
      if (answer.status !== 200) throw new Error(`${name} was answered ${answer.status}: ${JSON.stringify(body)}`);
      return body.output;
    },
  };
}
