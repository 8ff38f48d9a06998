import { spawn } from "node:child_process";
import type { RequestListener } from "node:http";

/** Serves the repositories under `root` over HTTP by git's own CGI program, pushing included (`http.receivepack`). */
export function gitOverHttp(root: string): RequestListener {
  return (request, response) => {
    const url = new URL(request.url ?? "/", "http://origin");
    const child = spawn("git", ["http-backend"], {
      stdio: ["pipe", "pipe", "ignore"],
      env: {
        PATH: process.env["PATH"],
        GIT_PROJECT_ROOT: root,
        GIT_HTTP_EXPORT_ALL: "1",
        GIT_CONFIG_COUNT: "1",
        GIT_CONFIG_KEY_0: "safe.directory",
        GIT_CONFIG_VALUE_0: "*",
        REQUEST_METHOD: request.method,
        PATH_INFO: decodeURIComponent(url.pathname),
        QUERY_STRING: url.search.slice(1),
        CONTENT_TYPE: request.headers["content-type"] ?? "",
        CONTENT_LENGTH: request.headers["content-length"] ?? "",
        HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
        HTTP_GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
        REMOTE_ADDR: "127.0.0.1",
      },
    });
    request.pipe(child.stdin);
    child.stdin.on("error", ignoreClosedInput);
    const output: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
    child.once("close", () => {
      const answer = Buffer.concat(output);
      const split = answer.indexOf("\r\n\r\n");
      let status = 200;
      for (const line of answer.subarray(0, Math.max(split, 0)).toString("latin1").split("\r\n")) {
        const [name = "", value = ""] = line.split(/: (.*)/s);
        if (name.toLowerCase() === "status") status = Number(value.slice(0, 3));
        else if (name !== "") response.setHeader(name, value);
      }
      response.writeHead(split < 0 ? 500 : status).end(answer.subarray(split + 4));
    });
  };
}

/** The program may answer before it has read everything. */
function ignoreClosedInput(): void {}
