import { describe, expect, it } from 'vitest';
import { createCounter, createExposition } from './metrics.ts';

describe('createExposition', () => {
  it('prints families with help, type and labels, and leaves out what is null', () => {
    const counter = createCounter();
    counter.add({ route: 'HOT' });
    counter.add({ route: 'HOT' });
    counter.add({ route: 'say "x"' });
    const exposition = createExposition();
    exposition.counter('routes_total', 'By route.', counter);
    exposition.gauge('depth', 'Waiting.', 0);
    exposition.gauge('vram', 'Free.', null);
    expect(exposition.text()).toBe(
      [
        '# HELP routes_total By route.',
        '# TYPE routes_total counter',
        'routes_total{route="HOT"} 2',
        'routes_total{route="say \\"x\\""} 1',
        '# HELP depth Waiting.',
        '# TYPE depth gauge',
        'depth 0',
        '',
      ].join('\n'),
    );
  });

  it('shows a counter that never counted as 0', () => {
    const exposition = createExposition();
    exposition.counter('refused_total', 'Refused.', createCounter());
    expect(exposition.text()).toContain('\nrefused_total 0\n');
  });
});
