/** The first signal lets the run be sealed; a second one leaves at once, with a last word. */
export function catchSignals(
  onFirst: () => void,
  onSecond: () => void = () => undefined,
): {
  signal: AbortSignal;
  caught(): NodeJS.Signals | null;
  release(): void;
} {
  const controller = new AbortController();
  let caught: NodeJS.Signals | null = null;
  const on = (name: NodeJS.Signals): void => {
    if (caught !== null) {
      onSecond();
      process.exit(name === 'SIGINT' ? 130 : 143);
    }
    caught = name;
    onFirst();
    controller.abort(name);
  };
  process.on('SIGINT', on);
  process.on('SIGTERM', on);
  return {
    signal: controller.signal,
    caught: () => caught,
    release() {
      process.off('SIGINT', on);
      process.off('SIGTERM', on);
    },
  };
}
