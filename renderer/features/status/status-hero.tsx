import type { Status } from "../../../agent/contract/index.ts";
import { formatPlace, useAgent, useNow } from "../../store/index.ts";
import { useText } from "../../text/index.ts";
import { TrafficChart } from "./traffic-chart.tsx";

/** The answer to "is it working?" in one sentence, with the last minute's traffic. */
export function StatusHero({ status }: { readonly status: Status }) {
  const { t, f } = useText();
  const now = useNow();
  const traffic = useAgent((state) => state.traffic);
  const words = t.status;
  const tone = status.state === "draining" || status.alarms.length > 0 ? "ask" : "allow";
  return (
    <section className={`hero panel tone-${tone}`}>
      <Gate />
      <div className="hero-words">
        <p className="hero-headline">{headlineOf(status, words)}</p>
        <p className="hero-carrying">{carryingOf(status.connections.live, words, f.count)}</p>
        <p className="quiet">{words.since(f.age(now - status.startedAt), f.clock(status.startedAt))}</p>
      </div>
      <Counts status={status} />
      <TrafficChart traffic={traffic} now={now} />
    </section>
  );
}

type Words = ReturnType<typeof useText>["t"]["status"];

function headlineOf(status: Status, words: Words): string {
  if (status.state === "draining") return words.draining;
  return status.alarms.length > 0 ? words.attention(status.alarms.length) : words.working;
}

function carryingOf(live: number, words: Words, count: (value: number) => string): string {
  if (live === 0) return words.quiet;
  return live === 1 ? words.carryingOne : words.carrying(count(live));
}

function Gate() {
  return (
    <svg className="hero-gate" viewBox="0 0 64 64" aria-hidden="true" focusable="false">
      <path
        className="hero-gate-arch"
        fillRule="evenodd"
        d="M6 58V32C6 17.600 17.600 6 32 6s26 11.600 26 26v26H45V32a13 13 0 0 0-26 0v26z"
      />
      <path className="hero-gate-light" d="M25 58V32.400a7 7 0 0 1 14 0V58z" />
    </svg>
  );
}

function Counts({ status }: { readonly status: Status }) {
  const { t, f } = useText();
  const words = t.status.counts;
  const { live, total, refused } = status.connections;
  const counts = [
    { says: words.live, value: live, details: { state: "live" } },
    { says: words.refused, value: refused, details: { verdict: "refused" } },
    { says: words.total, value: total, details: {} },
  ];
  return (
    <ul className="counts">
      {counts.map(({ says, value, details }) => (
        <li key={says}>
          <a className="count" href={formatPlace({ screen: "connections", details })}>
            <span className="count-value">{f.count(value)}</span> <span className="count-says">{says}</span>
          </a>
        </li>
      ))}
    </ul>
  );
}
