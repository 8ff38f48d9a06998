import { formatPrintable } from "../text/index.ts";

/** Host and port in little room: a long name is cut, the port never. */
export function Destination({ connection }: { readonly connection: { readonly host: string; readonly port: number } }) {
  return (
    <span className="destination">
      <bdi className="ellipsis" title={formatPrintable(connection.host)}>
        {formatPrintable(connection.host)}
      </bdi>
      <span className="destination-port">:{connection.port}</span>
    </span>
  );
}
