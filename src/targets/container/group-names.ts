import type { IsWanted } from '../tree/find-process-group.ts';

/** Twelve digits are what `docker ps` shows; fewer could be a name. */
const idPattern = /^[0-9a-f]{12,64}$/;
const podPattern = /^(?:pod)?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/;
/** Beside the container runs its monitor, in a group whose name ends alike. */
const monitorPattern = /conmon/;

/**
 * Which group a container or a pod has, by its name: docker-ID.scope, cri-containerd-ID.scope, crio-ID.scope and
 * libpod-ID.scope under systemd, ID alone under cgroupfs; a pod is podUID, under systemd with the class of
 * service before it and `_` for `-`. null if the text is neither an id nor a uid.
 */
export function groupNames(text: string): { isWanted: IsWanted; kind: 'container' | 'pod' } | null {
  const uid = podPattern.exec(text.toLowerCase())?.[1];
  if (uid !== undefined) {
    const names = [`pod${uid}`, `pod${uid.replaceAll('-', '_')}`];
    return {
      kind: 'pod',
      isWanted: (segment) => {
        const bare = segment.replace(/\.slice$/, '').replace(/^kubepods-(?:besteffort-|burstable-)?/, '');
        return names.includes(bare);
      },
    };
  }
  if (!idPattern.test(text)) {
    return null;
  }
  return {
    kind: 'container',
    isWanted: (segment) => {
      const match = /^(?:([a-z][a-z-]*)[-:])?([0-9a-f]{64})(?:\.scope)?$/.exec(segment.split(':').at(-1) ?? '');
      return match?.[2]?.startsWith(text) === true && !monitorPattern.test(match[1] ?? '');
    },
  };
}
