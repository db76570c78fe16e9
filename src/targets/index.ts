import type { TargetFinder } from '../model/target.ts';
import { cgroup } from './cgroup.ts';
import { container } from './container.ts';
import { listeningSocket } from './listening-socket.ts';
import { pid } from './pid.ts';
import { prometheus } from './prometheus.ts';
import { unit } from './unit.ts';

export const targetFinders: readonly TargetFinder[] = [listeningSocket, pid, cgroup, unit, container, prometheus];
