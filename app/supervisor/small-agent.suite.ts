/** What the supervisor tests start in place of the agent: it greets as the agent does, and then lives or dies as `--manner` says. */
import { spawn } from "node:child_process";
import net from "node:net";
import { supervisionDescriptor } from "../../agent/contract/index.ts";

const manner = process.argv.find((word) => word.startsWith("--manner="))?.slice("--manner=".length) ?? "";

function greet(answer: string): void {
  const parent = new net.Socket({ fd: supervisionDescriptor, readable: true, writable: true });
  parent.setEncoding("utf8").once("data", (secret: string) => {
    process.stderr.write(`the secret has ${secret.trim().length} digits\n`);
    parent.write(answer);
  });
  parent.on("close", () => manner !== "deaf" && process.exit(0));
}

function ready(): string {
  const control = { kind: "socket", path: "/nowhere" };
  return `${JSON.stringify({ ready: { pid: process.pid, version: "0", stateDir: "/nowhere", control } })}\n`;
}

switch (manner) {
  case "well":
    greet(ready());
    break;
  case "leaves-when-asked":
    process.on("SIGTERM", () => process.exit(0));
    greet(ready());
    break;
  case "deaf":
    process.on("SIGTERM", () => process.stderr.write("no\n"));
    setInterval(() => undefined, 1000);
    greet(ready());
    break;
  case "garbled":
    setInterval(() => undefined, 1000);
    greet("good morning\n");
    break;
  case "leaves-a-child": {
    const child = spawn("sleep", ["30"], { stdio: ["ignore", "ignore", "inherit"] });
    process.stderr.write(`child ${child.pid}\n`, () => process.exit(1));
    break;
  }
  case "tells":
    process.stderr.write(`${JSON.stringify({ argv: process.argv.slice(2), env: process.env })}\n`, () => greet(ready()));
    break;
  default:
    process.stderr.write("portail.yaml:2:5: there is no such key\n", () => process.exit(2));
}
