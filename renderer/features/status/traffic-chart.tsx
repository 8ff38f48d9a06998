import { type Traffic, trafficSeconds } from "../../store/index.ts";
import { useText } from "../../text/index.ts";

const width = 240;
const height = 44;
const middle = 26;
const gap = 1.2;

/** The last minute as bars: down above the line, up below it. The two rates beside it say the same in words. */
export function TrafficChart({ traffic, now }: { readonly traffic: Traffic; readonly now: number }) {
  const { t, f } = useText();
  const words = t.status;
  const second = Math.floor(now / 1000);
  const recent = traffic.filter((entry) => entry.second > second - trafficSeconds);
  const busiest = Math.max(1, ...recent.map((entry) => Math.max(entry.down, entry.up)));
  const settled = recent.findLast((entry) => entry.second < second) ?? recent.at(-1);
  const step = width / trafficSeconds;
  return (
    <figure className="traffic">
      <figcaption className="hidden-text">{words.traffic}</figcaption>
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true" focusable="false">
        <path className="traffic-line" d={`M0 ${middle}H${width}`} />
        {recent.map((entry) => {
          const x = (trafficSeconds - 1 - (second - entry.second)) * step;
          const down = scale(entry.down, busiest) * (middle - 2);
          const up = scale(entry.up, busiest) * (height - middle - 2);
          return (
            <g key={entry.second}>
              <rect className="traffic-down" x={x} y={middle - down} width={step - gap} height={down} />
              <rect className="traffic-up" x={x} y={middle + 1} width={step - gap} height={up} />
            </g>
          );
        })}
      </svg>
      <dl className="traffic-rates">
        <div>
          <dt>
            <span className="traffic-key traffic-key-down" aria-hidden="true" />
            {words.down}
          </dt>
          <dd>{words.perSecond(f.bytes(settled?.down ?? 0))}</dd>
        </div>
        <div>
          <dt>
            <span className="traffic-key traffic-key-up" aria-hidden="true" />
            {words.up}
          </dt>
          <dd>{words.perSecond(f.bytes(settled?.up ?? 0))}</dd>
        </div>
      </dl>
    </figure>
  );
}

/** Small traffic stays visible beside large: the square root keeps order and compresses the range. */
const scale = (value: number, busiest: number) => Math.sqrt(value / busiest);
