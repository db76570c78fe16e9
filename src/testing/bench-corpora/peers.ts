import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { createRandom } from '../../base/random.ts';
import type { CorpusItem } from '../../model/corpus.ts';
import { clockRate } from './compose.ts';
import { type Row, shortNumber, skipped } from './row.ts';
import { openShipped } from './shipped.ts';

const peerMs = 15_000;
const sampleRate = 16_000;

interface Peer {
  name: string;
  command: string;
  audioSeconds: number;
  arguments(audioSeconds: number): string[];
}

const peers: readonly Peer[] = [
  {
    name: 'sox synth, pink noise',
    command: 'sox',
    audioSeconds: 200,
    arguments: (seconds) => [
      '-n',
      '-r',
      '16000',
      '-b',
      '16',
      '-c',
      '1',
      '-t',
      'wav',
      '/dev/null',
      'synth',
      String(seconds),
      'pinknoise',
    ],
  },
  {
    name: 'ffmpeg lavfi, pink noise',
    command: 'ffmpeg',
    audioSeconds: 600,
    arguments: (seconds) => ffmpegArguments(`anoisesrc=color=pink:r=16000:d=${seconds}`),
  },
  {
    name: 'ffmpeg lavfi, sine',
    command: 'ffmpeg',
    audioSeconds: 1200,
    arguments: (seconds) => ffmpegArguments(`sine=f=440:r=16000:d=${seconds}`),
  },
];

function ffmpegArguments(source: string): string[] {
  return ['-v', 'error', '-nostdin', '-y', '-f', 'lavfi', '-i', source, '-c:a', 'pcm_s16le', '-f', 'wav', '/dev/null'];
}

/** How many times as fast as the peer the generator is; the peer's own start counts, as it does for its users. */
function peerRow(peer: Peer, items: readonly CorpusItem[]): Row {
  const subject = `WAV, against ${peer.name}`;
  const ours = clockRate(items);
  const startMs = performance.now();
  const run = spawnSync(peer.command, peer.arguments(peer.audioSeconds), { stdio: 'ignore', timeout: peerMs });
  const elapsedMs = performance.now() - startMs;
  if (run.error !== undefined || run.status !== 0) {
    const isMissing = run.error !== undefined && 'code' in run.error && run.error.code === 'ENOENT';
    return skipped(subject, 'x', null, isMissing ? `${peer.command} is not installed` : `${peer.command} failed`);
  }
  const rate = (peer.audioSeconds * sampleRate * 2) / 1000 / elapsedMs;
  return { subject, figure: ours / rate, unit: 'x', goal: null, note: bothRates(ours, rate) };
}

function bothRates(ours: number, peers: number): string {
  return `by the clock: ${shortNumber(ours)} against ${shortNumber(peers)} MB/s`;
}

export function audioPeerRows(corpus: string): Row[] {
  const shipped = openShipped(corpus);
  return peers.map((peer) =>
    'reason' in shipped
      ? skipped(`WAV, against ${peer.name}`, 'x', null, shipped.reason)
      : peerRow(peer, shipped.items),
  );
}

type SharpEncode = (
  pixels: Uint8Array,
  options: { raw: { width: number; height: number; channels: 3 } },
) => { jpeg(options: { quality: number; chromaSubsampling: string }): { toBuffer(): Promise<Uint8Array> } };

/** Only where somebody has installed it: it is no dependency. */
function findSharp(): SharpEncode | null {
  const name = 'sharp';
  try {
    return createRequire(import.meta.url)(name) as SharpEncode;
  } catch {
    return null;
  }
}

export async function imagePeerRow(corpus: string): Promise<Row> {
  const subject = 'JPEG, against sharp';
  const sharp = findSharp();
  const shipped = openShipped(corpus);
  if (sharp === null || 'reason' in shipped) {
    return skipped(subject, 'x', null, 'reason' in shipped ? shipped.reason : 'sharp is not installed');
  }
  const [width, height] = [4096, 3072];
  const random = createRandom('noise');
  const pixels = Uint8Array.from({ length: width * height * 3 }, () => random.uint32() & 255);
  const ours = clockRate(shipped.items);
  const startMs = performance.now();
  const image = await sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 95, chromaSubsampling: '4:4:4' })
    .toBuffer();
  const rate = image.length / 1000 / (performance.now() - startMs);
  return { subject, figure: ours / rate, unit: 'x', goal: null, note: `noise at quality 95, ${bothRates(ours, rate)}` };
}
