/** Many tunnels on one HTTP/2 connection beside as many connections in mutual TLS, to the same far end: another Portail. */
import { freePort } from "./processes.mjs";
import { stream } from "./measuring.mjs";
import { portail, written } from "./subject-files.mjs";
import { streamFigures } from "./table-figures.mjs";
import { prepareTls } from "./tls-subjects.mjs";

const tunnels = 50;
const policy = "portail policy 1\npolicy all { when true allow }\n";

async function prepareGateway(folder) {
  const { certificates } = await prepareTls({ tickets: true })(folder);
  const { ca, server } = certificates;
  const port = await freePort();
  written(folder, "gateway.portail", policy);
  const config = `listeners:
  edge: { kind: proxy, listen: "127.0.0.1:${port}", users: any, tls: { cert: "${server.cert}", key: "${server.key}", client_ca: "${ca}" } }
policy: gateway.portail
`;
  return { serve: ["serve"], certificates, gateway: port, beside: [{ words: portail(folder, config), port }] };
}

const through =
  (kind) =>
  ({ port, folder, gateway, certificates: { ca, cert, key } }) => {
    written(folder, "all.portail", `${policy}route far { use ["far"] }\n`);
    return portail(
      folder,
      `listeners: { local: { kind: proxy, listen: "127.0.0.1:${port}" } }
policy: all.portail
identities: { laptop: { kind: file, cert: "${cert}", key: "${key}" } }
backends:
  far: { kind: ${kind}, address: "127.0.0.1:${gateway}", tls: { server_name: localhost, ca: "${ca}", identity: laptop } }
`,
    );
  };

const goals = [{ of: "connections", lower: 0.7 }];

export const http2Suite = {
  name: "http2",
  title: "Many tunnels on one HTTP/2 connection",
  words: `${tunnels} streams at once through Portail to another Portail, in mutual TLS: on a connection each, and all on one connection of HTTP/2.`,
  base: "connections",
  always: [],
  prepare: prepareGateway,
  subjects: {
    connections: { title: `${tunnels} TLS connections`, via: "socks5", command: through("http") },
    portail: { title: "one HTTP/2 connection", via: "socks5", command: through("http2") },
  },
  measures: [
    { name: "http2-up", run: stream(tunnels, "up"), warm: true, figures: streamFigures(`${tunnels} streams up`, goals, []) },
    { name: "http2-down", run: stream(tunnels, "down"), warm: true, figures: streamFigures(`${tunnels} streams down`, goals, []) },
  ],
};
