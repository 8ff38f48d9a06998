/**
 * Answers the control calls: the questions that people and screens ask, put to the rooms that know. It holds no state of its own and
 * changes nothing except through the functions it is given. `agent/main` may knock.
 */
export { type CallRooms, createHandlers } from "./handlers.ts";
export { type Judged, createMemory, type Memory } from "./memory.ts";
