import { BenchError } from '../../base/errors.ts';
import { scaleOut } from '../../phases/scale-out/scale-out.ts';
import { packageVersion } from '../library.ts';
import { type PlanOptions, prepareProfile } from '../prepare-profile.ts';
import { catchSignals } from '../signals.ts';
import { parseTarget } from '../target-option.ts';
import { openTerminal } from '../terminal.ts';

export interface ScaleOutCommandOptions extends PlanOptions {
  runners: number;
  target: string;
  out: string;
  model: string;
  path?: string;
  k6Image: string;
  benchImage: string;
}

export async function scaleOutCommand(profileName: string, options: ScaleOutCommandOptions): Promise<number> {
  const target = parseTarget(options.target);
  if (target.kind !== 'url') {
    throw new BenchError('USAGE', 'The reference server is started by bench run, and runners reach a URL.', {
      hint: 'For example --target http://my-service.my-namespace:8000.',
    });
  }
  if (options.runners < 1) {
    throw new BenchError('USAGE', '--runners 0 sends nothing.', { hint: 'Give at least one.' });
  }
  const prepared = await prepareProfile(profileName, { ...options, engine: 'native' });
  const signals = catchSignals(() => undefined);
  try {
    const { folder, volumeNeeded } = await scaleOut({
      prepared,
      runners: options.runners,
      target: target.url,
      adapterOptions: {
        model: options.model,
        check: 'auto',
        path: options.path ?? null,
        stream: false,
        template: null,
      },
      outFolder: options.out,
      k6Image: options.k6Image,
      benchImage: options.benchImage,
      toolVersion: packageVersion(),
      signal: signals.signal,
    });
    const terminal = openTerminal();
    const where = volumeNeeded ? 'on a volume' : 'in a ConfigMap';
    terminal.out(`${folder}: ${options.runners} runners, the corpus ${where}; the commands are in README.md`);
    return 0;
  } finally {
    signals.release();
  }
}
