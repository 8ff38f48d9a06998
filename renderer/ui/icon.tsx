/** Line drawings on a 16 by 16 grid; they never carry meaning alone. */
const drawings = {
  status: "M2 9h2.5l1.8-5 3 9 2-6 1 2H14",
  connections: "M2 5h9.5M9 2.5 11.5 5 9 7.5M14 11H4.5M7 8.5 4.5 11 7 13.5",
  policy: "M4 2h6l3 3v9H4zM10 2v3h3M6.5 8h4M6.5 11h4",
  audit: "M3 3h10M3 6.5h10M3 10h5M10 12l1.5 1.5L14.5 10",
  settings:
    "M2.5 5h5M11 5h2.5M2.5 11H5M8.5 11h5M9.2 3.2a1.8 1.8 0 1 1 0 3.6 1.8 1.8 0 0 1 0-3.6M6.8 9.2a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6",
  search: "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9M10.3 10.3 14 14",
  copy: "M5.5 5.5h8v8h-8zM10.500 5.5v-3h-8v8h3",
  check: "M3 8.500 6.500 12 13 4.500",
  close: "M4 4l8 8M12 4l-8 8",
  pause: "M5.500 3.500v9M10.500 3.500v9",
  play: "M5 3.500v9l7-4.500z",
  up: "M8 13V3.500M4.500 7 8 3.500 11.500 7",
  down: "M8 3v9.500M4.500 9 8 12.500 11.500 9",
  warning: "M8 2.500 14.500 13.500h-13zM8 6.500v3.500M8 11.800v.2",
  key: "M5 4.800a3.200 3.200 0 1 1 0 6.400 3.200 3.200 0 0 1 0-6.400M8.200 8h6.300v3M11.800 8v2.200",
  identities:
    "M2 4h12v8.500H2zM4 9.800c.4-1.200 1.100-1.600 1.900-1.600s1.500.4 1.900 1.600M5.900 6a1 1 0 1 1 0 2 1 1 0 0 1 0-2M9.800 6.800h2.400M9.800 9.300h2.400",
  touch:
    "M6 8V3.300a1.300 1.300 0 0 1 2.600 0V7.500l3.200.7c.9.200 1.400.900 1.200 1.800l-.6 3.500H7L3.800 10c-.7-.900.4-2 1.300-1.300zM3.500 3.500c0-1 .4-1.600 1-2.100M11.100 3.500c0-1-.4-1.600-1-2.100",
  keypad: "M3.500 2h9v12h-9zM6 5h.1M8 5h.1M10 5h.1M6 8h.1M8 8h.1M10 8h.1M6 11h.1M8 11h.1M10 11h.1",
  server: "M2.500 3h11v4h-11zM2.500 9h11v4h-11zM5 5h.1M5 11h.1",
  plus: "M8 3.500v9M3.500 8h9",
  file: "M4 2h5l3 3v9H4zM9 2v3h3",
  hourglass: "M4.500 2.500h7M4.500 13.500h7M5.500 2.500v2.500L8 8l2.500-3V2.500M5.500 13.500V11L8 8l2.500 3v2.500",
  door: "M3 14V7a5 5 0 0 1 10 0v7M1.500 14h13M10 9.500v.5",
  terminal: "M2.500 3h11v10h-11zM5 6.500 7 8l-2 1.500M8.500 10H11",
  keyboard: "M1.500 4h13v8h-13zM4 6.500h.1M6.700 6.500h.1M9.300 6.500h.1M12 6.500h.1M4.500 9.500h7",
  arrow: "M3 8h10M9.500 4.500 13 8l-3.500 3.500",
  shield: "M8 1.800 13.500 4v4c0 3.400-2.300 5.400-5.500 6.500C4.800 13.400 2.500 11.400 2.500 8V4zM5.500 8l2 2 3.200-3.600",
} as const;
export type IconName = keyof typeof drawings;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={drawings[name]} />
    </svg>
  );
}
