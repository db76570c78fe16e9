import { describe, expect, it } from 'vitest';
import { line, mib, sampleTable } from '../testing/build.ts';
import { targetGroup } from './cgroup.ts';

const group = (instance: string, seconds: number, limitMib: number | null) => ({
  [`cgroup/${instance}/non_reclaimable_bytes`]: line(seconds, () => 100 * mib),
  [`cgroup/${instance}/anon_bytes`]: line(seconds, () => 90 * mib),
  [`cgroup/${instance}/limit_bytes`]: line(seconds, () => (limitMib === null ? null : limitMib * mib)),
});

describe('targetGroup', () => {
  it.each([
    {
      why: 'one is tighter, though it was read less often',
      groups: { ...group('v1:/wide', 20, 900), ...group('v1:/tight', 5, 200) },
      instance: 'v1:/tight',
    },
    {
      why: 'both have one limit, and the server spent more time in the second',
      groups: { ...group('v2:/a.scope', 5, 200), ...group('v2:/b.scope', 20, 200) },
      instance: 'v2:/b.scope',
    },
    {
      why: 'neither has a limit',
      groups: { ...group('v2:/a.scope', 5, null), ...group('v2:/b.scope', 20, null) },
      instance: 'v2:/b.scope',
    },
    {
      why: 'an ancestor is sampled too, which is no group of the target',
      groups: {
        ...group('v2:/pod/c.scope', 20, 200),
        'cgroup/v2:/pod/usage_bytes': line(20, () => 150 * mib),
        'cgroup/v2:/pod/own_limit_bytes': line(20, () => 100 * mib),
      },
      instance: 'v2:/pod/c.scope',
    },
  ])('is $instance where $why', ({ groups, instance }) => {
    expect(targetGroup(sampleTable(groups))?.instance).toBe(instance);
  });

  it('is nothing where no group was sampled', () => {
    expect(targetGroup(sampleTable({}))).toBeNull();
  });
});
