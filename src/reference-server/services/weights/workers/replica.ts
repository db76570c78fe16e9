import { liveAsChild } from '../../images/child-life.ts';
import { collectBytes } from '../../images/decode-image.ts';
import { createPromptCache } from '../prompt-cache.ts';
import type { FromReplica, ReplicaSetup, ToReplica } from './messages.ts';

const setup = JSON.parse(process.argv[2] ?? '{}') as ReplicaSetup;
const cache = createPromptCache(setup.entryBytes, setup.cacheBytes);

function send(message: FromReplica): void {
  if (process.connected) {
    process.send?.(message);
  }
}

liveAsChild('ref-replica');
process.on('message', ({ id, key }: ToReplica) => {
  const { hit, droppedBytes } = cache.look(key);
  collectBytes(droppedBytes);
  send({ type: 'looked', id, hit, size: cache.size() });
});
send({ type: 'ready' });
