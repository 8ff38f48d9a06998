import fs from "node:fs";
import path from "node:path";

export interface LogFile {
  add(text: string): void;
}

const maxBytes = 1024 * 1024;

/**
 * What the agent says, in a file that people can send along: at most two files of a megabyte. Written at once, because what matters most is
 * said right before an end. A disk that takes no more must not stop the agent: then the lines are only in memory.
 */
export function createLogFile(file: string): LogFile {
  let size = fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  const write = (text: string) => {
    if (size > maxBytes) {
      fs.renameSync(file, `${file}.1`);
      size = 0;
    }
    fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    fs.appendFileSync(file, text, { mode: 0o600 });
    size += Buffer.byteLength(text);
  };
  return {
    add: (text) => {
      try {
        write(text);
      } catch {
        // The last lines stay in memory, where the screen finds them.
      }
    },
  };
}
