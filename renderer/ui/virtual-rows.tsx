import { type KeyboardEvent, type ReactNode, type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

export interface VirtualRowsProps<T> {
  readonly rows: readonly T[];
  readonly rowHeight: number;
  readonly keyOf: (row: T) => string;
  /** The row that the keyboard is on; the first when it is not there. */
  readonly active: string | undefined;
  readonly onActive: (key: string) => void;
  readonly onEnter: (row: T) => void;
  readonly onDelete?: (row: T) => void;
  /** Fill one row; `rowProps` must be spread on its outermost element. */
  readonly children: (row: T, rowProps: RowProps) => ReactNode;
}

export interface RowProps {
  readonly role: "row";
  readonly tabIndex: 0 | -1;
  readonly "aria-rowindex": number;
  readonly "data-row": string;
  readonly onClick: () => void;
}

/** Rows outside of the view that are kept ready, on each side. */
const spare = 8;

/**
 * The body of a grid of any length: only the rows in view exist. Rows have one height; the keyboard moves one tab stop over them
 * (ARIA grid pattern), and the row that has the focus stays in existence while it scrolls out of view.
 */
export function VirtualRows<T>(props: VirtualRowsProps<T>) {
  const { rows, rowHeight, keyOf, children } = props;
  const viewport = useRef<HTMLDivElement>(null);
  const view = useView(viewport, rowHeight);
  const activeAt = Math.max(
    0,
    rows.findIndex((row) => keyOf(row) === props.active),
  );
  const from = Math.max(0, view.first - spare);
  const to = Math.min(rows.length, view.first + view.count + spare);
  const onKeyDown = useRowKeys(props, viewport, { activeAt, pageRows: Math.max(1, view.count - 2) });
  const shown = rows.slice(from, to).map((row, index) => ({ row, at: from + index }));
  const active = rows[activeAt];
  if (active !== undefined && (activeAt < from || activeAt >= to)) shown.push({ row: active, at: activeAt });

  return (
    <div ref={viewport} className="rows-viewport" role="rowgroup" tabIndex={-1} onKeyDown={onKeyDown}>
      <Stretch height={rows.length * rowHeight}>
        {shown.map(({ row, at }) => (
          <Placed key={keyOf(row)} top={at * rowHeight}>
            {children(row, {
              role: "row",
              tabIndex: at === activeAt ? 0 : -1,
              "aria-rowindex": at + 2,
              "data-row": keyOf(row),
              onClick: () => {
                props.onActive(keyOf(row));
                props.onEnter(row);
              },
            })}
          </Placed>
        ))}
      </Stretch>
    </div>
  );
}

interface View {
  readonly first: number;
  readonly count: number;
}

/** Which rows the viewport shows; follows scrolling and resizing. */
function useView(viewport: RefObject<HTMLDivElement | null>, rowHeight: number): View {
  const [view, setView] = useState<View>({ first: 0, count: 20 });
  useLayoutEffect(() => {
    const element = viewport.current;
    if (element === null) return;
    const measure = () => {
      const first = Math.floor(element.scrollTop / rowHeight);
      const count = Math.ceil(element.clientHeight / rowHeight) + 1;
      setView((before) => (before.first === first && before.count === count ? before : { first, count }));
    };
    measure();
    const watcher = new ResizeObserver(measure);
    watcher.observe(element);
    element.addEventListener("scroll", measure, { passive: true });
    return () => {
      watcher.disconnect();
      element.removeEventListener("scroll", measure);
    };
  }, [viewport, rowHeight]);
  return view;
}

interface Spot {
  readonly activeAt: number;
  readonly pageRows: number;
}

function useRowKeys<T>(props: VirtualRowsProps<T>, viewport: RefObject<HTMLDivElement | null>, { activeAt, pageRows }: Spot) {
  const { rows, rowHeight, keyOf, onActive, onEnter, onDelete } = props;
  const focusNext = useRef<string | undefined>(undefined);
  useEffect(() => {
    if (focusNext.current === undefined) return;
    viewport.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(focusNext.current)}"]`)?.focus({ preventScroll: true });
    focusNext.current = undefined;
  });
  const moveTo = (target: number) => {
    const at = Math.min(rows.length - 1, Math.max(0, target));
    const row = rows[at];
    const element = viewport.current;
    if (row === undefined || element === null) return;
    scrollToRow(element, at * rowHeight, rowHeight);
    focusNext.current = keyOf(row);
    onActive(keyOf(row));
  };
  return (event: KeyboardEvent) => {
    if (!(event.target instanceof HTMLElement) || event.target.dataset["row"] === undefined) return;
    const row = rows[activeAt];
    const steps: Record<string, number> = {
      ArrowDown: activeAt + 1,
      ArrowUp: activeAt - 1,
      PageDown: activeAt + pageRows,
      PageUp: activeAt - pageRows,
      Home: 0,
      End: rows.length - 1,
    };
    const target = steps[event.key];
    if (target !== undefined) moveTo(target);
    else if ((event.key === "Enter" || event.key === " ") && row !== undefined) onEnter(row);
    else if (event.key === "Delete" && row !== undefined && onDelete !== undefined) onDelete(row);
    else return;
    event.preventDefault();
  };
}

function scrollToRow(element: HTMLElement, top: number, rowHeight: number): void {
  if (top < element.scrollTop) element.scrollTop = top;
  const bottom = top + rowHeight;
  if (bottom > element.scrollTop + element.clientHeight) element.scrollTop = bottom - element.clientHeight;
}

/*
 * The two places where a size is computed. The page's Content-Security-Policy forbids style attributes in markup, not the
 * style object of an element, so sizes are set through it.
 */
function Stretch({ height, children }: { readonly height: number; readonly children: ReactNode }) {
  const set = useCallback((element: HTMLDivElement | null) => element?.style.setProperty("block-size", `${height}px`), [height]);
  return (
    <div ref={set} className="rows-stretch" role="presentation">
      {children}
    </div>
  );
}

function Placed({ top, children }: { readonly top: number; readonly children: ReactNode }) {
  const set = useCallback((element: HTMLDivElement | null) => element?.style.setProperty("transform", `translateY(${top}px)`), [top]);
  return (
    <div ref={set} className="rows-placed" role="presentation">
      {children}
    </div>
  );
}
