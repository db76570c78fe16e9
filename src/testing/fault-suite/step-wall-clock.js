// Loaded before a program with --import: its wall clock steps once a file is there. Timers and hrtime do not.
import { existsSync } from 'node:fs';

const stepMs = Number(process.env.STEP_MS);
const sign = process.env.STEP_AT;
const RealDate = Date;
const nowMs = () => RealDate.now() + (existsSync(sign) ? stepMs : 0);

globalThis.Date = class extends RealDate {
  constructor(...parts) {
    super(...(parts.length === 0 ? [nowMs()] : parts));
  }

  static now() {
    return nowMs();
  }
};
