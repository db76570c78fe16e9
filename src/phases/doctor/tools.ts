import type { HostView } from '../../model/target.ts';
import type { DoctorFacts, DoctorRow } from './row.ts';

type Row = Omit<DoctorRow, 'group'>;

function where(host: HostView, { path }: DoctorFacts, program: string): string | null {
  return path.map((folder) => `${folder}/${program}`).find((file) => host.size(file) !== null) ?? null;
}

function programRow(host: HostView, facts: DoctorFacts, program: string, purpose: string): Row {
  const file = where(host, facts, program);
  return file === null
    ? { what: program, state: 'absent', found: 'not on PATH', remedy: purpose }
    : { what: program, state: 'yes', found: file, remedy: null };
}

function systemdRow(host: HostView, facts: DoctorFacts): Row {
  const isRunning = host.size('/run/systemd/system') !== null;
  const file = where(host, facts, 'systemctl');
  return isRunning && file !== null
    ? { what: 'systemd', state: 'yes', found: file, remedy: null }
    : {
        what: 'systemd',
        state: 'absent',
        found: isRunning ? 'runs, but systemctl is not on PATH' : 'does not run here',
        remedy: "--unit then looks for the unit's name among the cgroups",
      };
}

function containerRow(host: HostView, facts: DoctorFacts): Row {
  const files = ['docker', 'podman', 'nerdctl', 'crictl'].flatMap((program) => where(host, facts, program) ?? []);
  return files.length > 0
    ? { what: 'containers', state: 'yes', found: files.join(', '), remedy: null }
    : {
        what: 'containers',
        state: 'absent',
        found: 'no docker, podman, nerdctl or crictl on PATH',
        remedy: '--container then takes 12 digits of an id, or the uid of a pod',
      };
}

function deviceRow(host: HostView, facts: DoctorFacts): Row {
  const what = 'GPU';
  const hasNvidia = host.read('/proc/driver/nvidia/version') !== null || host.size('/dev/nvidiactl') !== null;
  const cards = host.list('/sys/class/drm').filter((name) => /^card\d+$/.test(name));
  const vendors = cards.map((card) => host.read(`/sys/class/drm/${card}/device/vendor`)?.trim());
  const found = [
    ...(hasNvidia ? ['NVIDIA driver'] : []),
    ...(vendors.includes('0x1002') ? ['AMD card'] : []),
    ...(vendors.includes('0x8086') ? ['Intel card'] : []),
  ].join(', ');
  if (found === '') {
    return { what, state: 'absent', found: 'no driver of NVIDIA, AMD or Intel', remedy: null };
  }
  return hasNvidia && !facts.hasKoffi
    ? {
        what,
        state: 'partly',
        found: `${found}; koffi is not installed`,
        remedy: 'npm install koffi, so that the driver is asked directly',
      }
    : { what, state: 'yes', found, remedy: null };
}

/** Programs that some ways need; none is needed for all. */
export function toolRows(host: HostView, facts: DoctorFacts): readonly DoctorRow[] {
  const rows = [
    deviceRow(host, facts),
    systemdRow(host, facts),
    containerRow(host, facts),
    programRow(host, facts, 'k6', 'only k6 as the load generator needs it; the engine of bench needs nothing'),
    programRow(host, facts, 'go', 'only building k6 with extensions needs it'),
  ];
  return rows.map((row) => ({ group: 'tools', ...row }));
}
