import { Leash } from "../base/index.ts";
import type { Carrying, End, Facts, FailureCode, Passage, PassageState, Request, Verdict } from "../connection/index.ts";
import { incidentOf } from "./ids.ts";
import type { Ports } from "./ports.ts";

/** The conductor's own side of a {@link Passage}: one object for the whole life of a connection. */
export class Journey implements Passage {
  readonly request: Request;
  readonly leash = new Leash();
  state: PassageState = "judging";
  verdict: Verdict | undefined;
  facts: Facts | undefined;
  backend: string | undefined;
  address: string | undefined;
  end: End | undefined;
  endedAt: number | undefined;
  carrying: Carrying | undefined;
  /** The client was told to carry: it must not be refused any more. */
  wasCarried = false;
  private readonly ports: Ports;
  private incidentName: string | undefined;

  constructor(request: Request, ports: Ports) {
    this.request = request;
    this.ports = ports;
  }

  get incident(): string {
    this.incidentName ??= incidentOf(this.request.id);
    return this.incidentName;
  }

  get up(): number {
    return this.carrying === undefined ? 0 : this.carrying.up;
  }

  get down(): number {
    return this.carrying === undefined ? 0 : this.carrying.down;
  }

  close(code: FailureCode): void {
    if (this.end === undefined) this.leash.pull(code);
  }

  /** Enter a state and tell the onlookers, whose troubles are not the connection's. */
  enter(state: PassageState): void {
    this.state = state;
    try {
      this.ports.observe(this);
    } catch (cause) {
      ignoreOnlooker(cause);
    }
  }
}

/** Who looks on may fail; the connection goes on. */
function ignoreOnlooker(_cause: unknown): void {}
