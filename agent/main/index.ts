/**
 * The composition root: the only place where rooms meet. It holds construction and order, no product. Nobody may knock; this file is the
 * program, both the agent and its command line.
 */
import { main } from "../cli/index.ts";
import { placesOf } from "../platform/index.ts";
import { createCliIo } from "./cli-io.ts";
import { keepCompiledCode } from "./compiled-code.ts";

const version = __PORTAIL_VERSION__;
const io = createCliIo(process, {
  version,
  // Late, because every other command does without the agent's rooms and starts faster for it.
  runAgent: async (options) => {
    keepCompiledCode(placesOf({ stateDir: options.stateDir }).stateDir, version);
    return (await import("./run-agent.ts")).runAgent(options, version);
  },
});
process.exitCode = await main(process.argv.slice(2), io);
