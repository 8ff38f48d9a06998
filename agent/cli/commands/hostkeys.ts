import type { AcceptedHostKey, HostKeyQuestionView } from "../../contract/index.ts";
import type { Action } from "../command.ts";
import { type Column, formatTable } from "../table.ts";

/** What waits for an answer first, then what was accepted. */
export const listHostKeys: Action = async (words, world) => {
  const agent = await world.connect();
  const [{ hostKeys: questions }, accepted] = [await agent.call("identity.questions", {}), await agent.call("hostkeys.list", {})];
  if (words.has("json")) {
    world.printJson({ questions, accepted });
    return 0;
  }
  if (questions.length > 0) {
    world.print(formatTable(questionColumns, questions, world.width));
    world.remark("Compare the fingerprint with what the server's owner tells you, then: portail hostkeys accept ID");
  }
  if (accepted.length > 0) world.print(formatTable(acceptedColumns, accepted, world.width));
  if (questions.length + accepted.length === 0) world.remark("No key of an SSH server waits for you, and none was accepted.");
  return 0;
};

const acceptedColumns: readonly Column<AcceptedHostKey>[] = [
  { title: "SERVER", cell: (one) => one.address },
  { title: "KEY", cell: (one) => one.algorithm },
  { title: "FINGERPRINT", cell: (one) => one.fingerprint },
];

const questionColumns: readonly Column<HostKeyQuestionView>[] = [
  { title: "ID", cell: (one) => one.id },
  { title: "WAY OUT", cell: (one) => one.backend },
  { title: "SERVER", cell: (one) => one.address },
  { title: "KEY", cell: (one) => one.algorithm },
  { title: "FINGERPRINT", cell: (one) => one.fingerprint },
];
