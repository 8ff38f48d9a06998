/**
 * The command line: words in, text and an exit code out. It decides nothing about connections; it asks a running agent over the control
 * channel, or the offline tools of other rooms. The composition root may knock.
 */
export { type CliIo, type CliOutput, main, type RunOptions } from "./main.ts";
