import type { Action } from "../command.ts";
import { printable } from "../printable.ts";
import { openRecord } from "../record.ts";
import { UsageMistake } from "../usage-mistake.ts";

export const verifyAudit: Action = async (words, world) => {
  const head = words.value("head");
  if (head !== undefined && !/^[0-9a-f]{64}$/.test(head))
    throw new UsageMistake("--head takes the 64 hexadecimal digits that an earlier check printed");
  const record = await openRecord(world);
  try {
    const found = await record.verify(head);
    if (words.has("json")) {
      world.printJson(found);
    } else if (found.ok) {
      world.print(
        `${world.paint.good("The chain holds")}: ${found.records} records${found.records === 0 ? "" : ` (${found.first} to ${found.last})`}.`,
      );
      if (found.head !== undefined) world.print(`head ${found.head}`);
    } else {
      const { problem } = found;
      world.print(
        `${world.paint.bad("The chain is broken")}${problem === undefined ? "" : ` at record ${problem.seq}: ${printable(problem.message)}`}`,
      );
    }
    return found.ok ? 0 : 1;
  } finally {
    record.close();
  }
};
