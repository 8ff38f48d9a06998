import type { ConnectionView } from "../../../agent/contract/index.ts";
import { bridgeErrorOf, usePortail } from "../../store/index.ts";
import { failureText, formatPrintable, useText } from "../../text/index.ts";

/** End a living connection and say how it went. */
export function useCloseConnection(): (connection: ConnectionView) => void {
  const { bridge, notices } = usePortail();
  const { t } = useText();
  return (connection) => {
    if (connection.state === "ended") return;
    bridge.ask("connections.close", { id: connection.id }).then(
      () => notices.tell("done", t.connections.closed(formatPrintable(connection.host))),
      (cause: unknown) => notices.tell("failed", t.connections.closeFailed(failureText(bridgeErrorOf(cause).code).sentence)),
    );
  };
}
