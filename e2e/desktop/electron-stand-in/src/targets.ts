import type { Cdp } from "./cdp.ts";
import { chromium } from "./browser.ts";
import { fromChromium } from "./pages.ts";
import { note } from "./strict.ts";

interface Attached {
  readonly sessionId: string;
  readonly targetInfo: { readonly targetId: string };
}

/** What a page wants to open, as Electron describes it. */
export interface OpenHandlerDetails {
  readonly url: string;
  readonly frameName: string;
  readonly features: string;
  readonly disposition: "foreground-tab" | "new-window";
  readonly referrer: { readonly url: string; readonly policy: "strict-origin-when-cross-origin" };
}
export type OpenHandler = (details: OpenHandlerDetails) => { readonly action: "deny" | "allow" };
type FindOpenHandler = () => OpenHandler | undefined;

interface WindowOpen {
  readonly url: string;
  readonly windowName: string;
  readonly windowFeatures: readonly string[];
}

const expecting = new Map<string, (sessionId: string) => void>();
const early = new Map<string, string>();
const creating = new Set<Promise<unknown>>();
/** Electron opens a window unless the application says no; so an application that forgot its handler shows up in a test. */
let decision: "deny" | "allow" = "allow";

/** Every page of the browser is attached to: our own windows by the window that asked, popups by the application's decision. */
export async function watchTargets(cdp: Cdp): Promise<void> {
  cdp.on("Target.attachedToTarget", ({ sessionId, targetInfo: { targetId } }: Attached) => {
    const own = expecting.get(targetId);
    if (own !== undefined) {
      own(sessionId);
      return;
    }
    early.set(targetId, sessionId);
    void Promise.allSettled(creating).then(() => {
      if (!early.delete(targetId)) return;
      const act =
        decision === "allow" ? cdp.send("Runtime.runIfWaitingForDebugger", {}, sessionId) : cdp.send("Target.closeTarget", { targetId });
      act.catch(ignoreGoneTarget);
    });
  });
  await cdp.send("Target.setAutoAttach", { autoAttach: true, waitForDebuggerOnStart: true, flatten: true, filter: [{ type: "page" }] });
}

/** A new page for a window. `handler` is asked when that page wants to open another one. */
export async function openTarget(
  { width, height }: { readonly width: number; readonly height: number },
  handler: FindOpenHandler,
): Promise<{ readonly targetId: string; readonly sessionId: string }> {
  const { cdp } = chromium();
  const made = cdp
    .send<{ targetId: string }>("Target.createTarget", { url: "about:blank", newWindow: true, width, height })
    .then(async ({ targetId }) => {
      const known = early.get(targetId);
      early.delete(targetId);
      const sessionId = known ?? (await new Promise<string>((resolve) => expecting.set(targetId, resolve)));
      return { targetId, sessionId };
    });
  creating.add(made);
  const target = await made.finally(() => creating.delete(made));
  cdp.on(`${target.sessionId}:Page.windowOpen`, ({ url, windowName, windowFeatures }: WindowOpen) => {
    const decide = handler();
    if (decide === undefined) note("SECURITY: window.open with no setWindowOpenHandler");
    const details: OpenHandlerDetails = {
      url: fromChromium(url),
      frameName: windowName,
      features: windowFeatures.join(","),
      disposition: windowFeatures.length > 0 ? "new-window" : "foreground-tab",
      referrer: { url: "", policy: "strict-origin-when-cross-origin" },
    };
    decision = decide?.(details).action ?? "allow";
  });
  return target;
}

/** A popup may close by itself before it was decided upon. */
function ignoreGoneTarget(): void {}
