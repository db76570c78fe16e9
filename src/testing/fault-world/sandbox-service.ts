import { type SandboxSettings, sandboxSettings } from '../../reference-server/services/sandbox/settings.ts';
import { slotsThatFit } from '../../reference-server/services/sandbox/slots.ts';
import type { SimProcess } from './sim-host.ts';
import {
  after,
  errorReply,
  okReply,
  plainService,
  type SimCall,
  type SimContext,
  type SimReply,
  type SimService,
} from './sim-service.ts';

const mib = 1024 ** 2;
const frontBytes = 52 * mib;
const interpreterBytes = 9 * mib;
const stepMs = 50;
/** What a front that reads everything takes of a flood: 400 MB/s in the incident's trial. */
const floodBytesPerMs = 400_000;
/** Pages that an interpreter writes in a step. */
const touchBytesPerMs = 1.4 * mib;
const computeMs = 400;
/** A closed loop that is refused asks again at once: longer than on a quick host, so that a run has fewer records. */
const refusalMs = 50;
const killed: SimReply = { status: 200, outcome: 'semantic_error', errorCode: 'killed' };

class SimSandbox {
  readonly #context: SimContext;
  readonly #settings: SandboxSettings;
  readonly #front: SimProcess;
  readonly #killed = new Set<SimProcess>();
  running = 0;
  heldOutputBytes = 0;

  constructor(context: SimContext) {
    this.#context = context;
    this.#front = context.host.spawn('ref-front', frontBytes, true);
    this.#front.work(0.02);
    const asked = sandboxSettings(context.knobs);
    const { slots, childBytes, hasToFit } = asked;
    this.#settings =
      slots === null || !hasToFit
        ? asked
        : { ...asked, ...slotsThatFit({ slots, childBytes }, context.host.freeBytes()) };
    context.host.onKill = (victim) => this.#killed.add(victim);
  }

  get slots(): number {
    return this.#settings.slots ?? 0;
  }

  /** The arriving connection is counted too. */
  isConnectionRefused(): boolean {
    const { connectionLimit } = this.#settings;
    return connectionLimit !== null && this.running + 1 >= connectionLimit;
  }

  async execute(call: SimCall): Promise<void> {
    if (this.isConnectionRefused()) {
      await after(this.#context.clock, refusalMs);
      call.answer(errorReply(503, 'connection_limit'));
      return;
    }
    if (this.#settings.slots !== null && this.running >= this.#settings.slots) {
      await after(this.#context.clock, refusalMs);
      call.answer(errorReply(429, 'too_many_programs'));
      return;
    }
    this.running += 1;
    const reply = await this.#run(call);
    this.running -= 1;
    if (!this.#front.isGone) {
      call.answer(reply);
    }
  }

  async #run({ item }: SimCall): Promise<SimReply> {
    const { host, clock } = this.#context;
    const { allocateBytes = 0, holdSeconds = 0, stdoutBytes = 0, children = 0 } = item.traits;
    const program = host.spawn('python3', interpreterBytes);
    const family = [program, ...Array.from({ length: children }, () => host.spawn('python3', interpreterBytes / 2))];
    program.work(0.8);
    if (stdoutBytes > this.#floorOfAFlood()) {
      await this.#flood(program, stdoutBytes);
    } else if (allocateBytes > 0) {
      const takers = children > 0 ? family.slice(1) : [program];
      const eachBytes = allocateBytes / takers.length;
      const isRefused = eachBytes + interpreterBytes > this.#settings.childBytes;
      await Promise.all(takers.map((taker) => this.#take(taker, isRefused ? 0 : eachBytes)));
      program.work(0);
      await after(clock, isRefused ? computeMs : holdSeconds * 1000);
    } else {
      await after(clock, computeMs);
    }
    const isKilled = family.some((one) => this.#killed.delete(one));
    for (const one of family) {
      host.end(one);
    }
    return isKilled ? killed : okReply;
  }

  /** A capped reply is answered at once; of a short one nobody takes notice. */
  #floorOfAFlood(): number {
    return 1024 ** 2;
  }

  async #take(taker: SimProcess, bytes: number): Promise<void> {
    const { host, clock } = this.#context;
    for (let taken = 0; taken < bytes && !taker.isGone; taken += touchBytesPerMs * stepMs) {
      host.hold(taker, Math.min(bytes - taken, touchBytesPerMs * stepMs));
      await after(clock, stepMs);
    }
  }

  /** The front keeps it all until the program's end, or kills the program at its cap. */
  async #flood(program: SimProcess, stdoutBytes: number): Promise<void> {
    const { host, clock } = this.#context;
    const cap = this.#settings.outputCapBytes;
    if (cap !== null) {
      await after(clock, stepMs);
      return;
    }
    let kept = 0;
    while (kept < stdoutBytes && !this.#front.isGone && !program.isGone) {
      const bytes = Math.min(stdoutBytes - kept, floodBytesPerMs * stepMs);
      kept += bytes;
      this.heldOutputBytes += bytes;
      host.hold(this.#front, bytes);
      await after(clock, stepMs);
    }
    this.heldOutputBytes -= kept;
    host.hold(this.#front, -kept);
  }
}

/** Programs that are sent to it, each in a process of its own. */
export function startSandbox(context: SimContext): SimService {
  const sandbox = new SimSandbox(context);
  return {
    ...plainService,
    handle: (call) => void sandbox.execute(call),
    health: () => (sandbox.isConnectionRefused() ? 'refused' : 'ok'),
    gauges: () => ({
      headroom_sandbox_programs: sandbox.running,
      headroom_sandbox_slots: sandbox.slots,
      headroom_sandbox_output_bytes: sandbox.heldOutputBytes,
    }),
  };
}
