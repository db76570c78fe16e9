import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';

/** Largest image that is fetched. */
const maxImageBytes = 250 * 1024 ** 2;
const tries = 3;
const stalledMs = 30_000;

/** The connections of one download. */
interface Held {
  agent: Agent;
  idle: Socket[];
}

function openIdle(url: URL): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(url.port === '' ? 80 : url.port), url.hostname, () => {
      socket.removeListener('error', reject);
      socket.on('error', () => socket.destroy());
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

function request(url: URL, agent: Agent): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const call = httpRequest(url, { agent, timeout: stalledMs });
    call.on('timeout', () => call.destroy(new Error(`the download stood still for ${stalledMs / 1000} s`)));
    call.on('error', reject);
    call.on('response', resolve);
    call.end();
  });
}

async function fetchOnce(url: URL, agent: Agent): Promise<{ again: boolean; why: string } | IncomingMessage> {
  const response = await request(url, agent);
  const status = response.statusCode ?? 0;
  if (status === 200) {
    return response;
  }
  response.resume();
  return { again: status >= 500, why: `GET ${url.pathname} was answered ${status}` };
}

/** Stops a body that is larger than any image. */
async function* bounded(response: IncomingMessage): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxImageBytes) {
      throw new Error(`the image is larger than ${maxImageBytes / 1024 ** 2} MiB`);
    }
    yield chunk;
  }
}

/**
 * Downloads images. `keptSockets` null: connections go from one download to the next. A number:
 * each download opens that many, as a session with a pool does, and keeps them until its batch is released.
 */
export class Downloads {
  readonly #keptSockets: number | null;
  readonly #shared: Agent;
  readonly #held = new Map<number, Held[]>();

  constructor(threads: number, keptSockets: number | null) {
    this.#keptSockets = keptSockets;
    this.#shared = new Agent({ keepAlive: true, maxSockets: threads });
  }

  /** The chunks of an image; rejects after three 5xx, on any other status, or when no connection can be had. */
  async open(address: string, batch: number): Promise<AsyncGenerator<Buffer>> {
    const url = new URL(address);
    const agent = this.#keptSockets === null ? this.#shared : await this.#openOwn(url, batch, this.#keptSockets);
    let why = '';
    for (let attempt = 0; attempt < tries; attempt += 1) {
      const answer = await fetchOnce(url, agent);
      if (!('again' in answer)) {
        return bounded(answer);
      }
      why = answer.why;
      if (!answer.again) {
        break;
      }
    }
    throw new Error(why);
  }

  /** Closes what the downloads of a batch have kept. */
  release(batch: number): void {
    for (const { agent, idle } of this.#held.get(batch) ?? []) {
      agent.destroy();
      for (const socket of idle) {
        socket.destroy();
      }
    }
    this.#held.delete(batch);
  }

  async #openOwn(url: URL, batch: number, count: number): Promise<Agent> {
    const own: Held = { agent: new Agent({ keepAlive: true, maxSockets: 1 }), idle: [] };
    this.#held.set(batch, [...(this.#held.get(batch) ?? []), own]);
    while (own.idle.length < count - 1) {
      // What was opened before a refusal stays held: that is how a full table stays full.
      own.idle.push(await openIdle(url));
    }
    return own.agent;
  }
}
