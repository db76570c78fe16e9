import type { TargetFinder } from '../model/target.ts';
import { listeningSocket } from './listening-socket.ts';

export const targetFinders: readonly TargetFinder[] = [listeningSocket];
