import { type FunctionDefinition, func, method } from "./function-definition.ts";

/** The functions of lists and maps of any entries. */
export const collectionFunctions: readonly FunctionDefinition[] = [
  func("size", ["list"]).gives("int", (list) => list.length),
  method("size", ["list"]).gives("int", (list) => list.length),
  func("size", ["map"]).gives("int", (map) => map.size),
  method("size", ["map"]).gives("int", (map) => map.size),
];
