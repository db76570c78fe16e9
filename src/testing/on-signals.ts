const signalNumbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

/** What a shell says of a process that ended by a signal: 128 and its number. */
export type SignalStatus = 129 | 130 | 143;

/** Tidies up before a signal ends this process, once. Answers how to let go of the signals. */
export function onSignals(tidy: () => void, end: (status: SignalStatus) => void = process.exit): () => void {
  const names = Object.keys(signalNumbers) as (keyof typeof signalNumbers)[];
  const release = (): void => {
    for (const name of names) {
      process.off(name, onSignal);
    }
  };
  const onSignal = (name: NodeJS.Signals): void => {
    // A second signal ends it at once, as one does that nobody handles.
    release();
    tidy();
    end((128 + signalNumbers[name as keyof typeof signalNumbers]) as SignalStatus);
  };
  for (const name of names) {
    process.on(name, onSignal);
  }
  return release;
}
