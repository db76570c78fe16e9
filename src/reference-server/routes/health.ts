import type { ServerResponse } from 'node:http';
import type { FrontState } from '../front-state.ts';
import { sendJson, sendText } from '../reply.ts';
import type { Route } from '../service.ts';

const methods = ['GET', 'HEAD'];

function sendReadiness(state: FrontState, response: ServerResponse): void {
  const isReady = state.device.totals() !== null && state.services.every((service) => service.isReady());
  sendJson(response, isReady ? 200 : 503, {
    status: isReady ? 'ok' : 'loading',
    device: { kind: state.device.kind },
    ...Object.assign({}, ...state.services.map((service) => service.health())),
  });
}

/**
 * Readiness (`/health`, `/ready`): 200 once every service can take work, 503 before. Liveness (`/healthz`,
 * `/v1/health`, `/ping`): 200 as long as the front answers at all, as in the incidents' servers.
 */
export function healthRoutes(state: FrontState): readonly Route[] {
  const ready = (path: string): Route => ({
    path,
    methods,
    handle: (_request, response) => sendReadiness(state, response),
  });
  const alive = (path: string): Route => ({
    path,
    methods,
    handle: (_request, response) => sendJson(response, 200, { status: 'ok' }),
  });
  return [
    ready('/health'),
    ready('/ready'),
    alive('/healthz'),
    alive('/v1/health'),
    { path: '/ping', methods, handle: (_request, response) => sendText(response, 200, 'pong') },
  ];
}
