/**
 * The screens in the person's own browser: a loopback page server that is opened by a one-use link, distrusts everything that knocks
 * and goes away when nobody looks. It knows no call, only the dispatch it is given. The composition root may knock.
 */
export { type Console, type ConsoleLink, type ConsoleOptions, createConsole } from "./console.ts";
