/**
 * The composition root: the only place where rooms meet. It holds construction and order, no product. Nobody may knock; this file is the
 * program, both the agent and its command line.
 */
import { main } from "../cli/index.ts";
import { createCliIo } from "./cli-io.ts";
import { runAgent } from "./run-agent.ts";

const io = createCliIo(process, { version: __PORTAIL_VERSION__, runAgent: (options) => runAgent(options, __PORTAIL_VERSION__) });
process.exitCode = await main(process.argv.slice(2), io);
