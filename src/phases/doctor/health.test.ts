import { describe, expect, it } from 'vitest';
import { healthSamples } from '../../probes/health-rtt.ts';
import { fakeHost } from '../../testing/fake-host.ts';
import { targetOn } from '../../testing/open-probe.ts';
import { badHealth } from './health.ts';
import { probeRows } from './target.ts';

type Answer = Parameters<typeof healthSamples>[1];
const answer = (status: number | null): Answer => ({
  rttMs: status === null ? null : 3,
  status,
  cut: status === null ? 'late' : 'no',
  body: status === null ? null : '',
});
const target = targetOn(fakeHost(), { healthPath: '/healthz', readyPath: '/ready' });

describe('badHealth', () => {
  it.each([
    { status: 404, found: '/healthz answers 404: there is no such page', remedy: '--health PATH', why: 'another path' },
    { status: 405, found: 'no such page', remedy: '--health PATH', why: 'a page that cannot be read' },
    { status: 401, found: 'asks for a key', remedy: 'open page', why: 'no header is sent with health' },
    { status: 307, found: 'not followed', remedy: 'behind it', why: 'a page of login' },
    { status: 503, found: 'not well', remedy: 'its log', why: 'it is the right page' },
    { status: 418, found: 'no 2xx', remedy: '--no-probe health-rtt', why: 'anything else' },
    { status: null, found: 'does not answer in time', remedy: 'until it is up', why: 'it hangs' },
  ])('says of $status what it means and what to do: $why', ({ status, found, remedy }) => {
    const bad = badHealth(healthSamples('health', answer(status)), target);
    expect(bad?.found).toContain(found);
    expect(bad?.found).toContain('a run would count it as a server that fails');
    expect(bad?.remedy).toContain(remedy);
  });

  it('names the page of readiness where that one is bad', () => {
    const samples = [...healthSamples('health', answer(200)), ...healthSamples('ready', answer(404))];
    expect(badHealth(samples, target)).toMatchObject({
      found: expect.stringContaining('/ready answers 404') as string,
      remedy: expect.stringContaining('--ready PATH') as string,
    });
  });

  it.each([
    { statuses: [200], why: 'well' },
    { statuses: [503, 204], why: 'it is up by now' },
    { statuses: [], why: 'never asked' },
  ])('is null for $statuses: $why', ({ statuses }) => {
    const samples = statuses.flatMap((status) => healthSamples('health', answer(status)));
    expect(badHealth(samples, target)).toBeNull();
  });

  it('makes the row of the probe partly', async () => {
    const samples = healthSamples('health', answer(404));
    const open = { read: () => Promise.resolve({ samples, events: [] }), close: () => Promise.resolve() };
    const probe = { id: 'health-rtt', title: 'health', metrics: [], open: () => Promise.resolve(open) };
    const [row] = await probeRows([probe], target, Promise.resolve());
    expect(row).toMatchObject({ what: 'health-rtt', state: 'partly' });
  });
});
