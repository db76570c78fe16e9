import { expect } from 'vitest';
import { testCertificate, testKey } from '../../engines/native/certificate.fixture.ts';
import { closedRows, count, every, openRows } from '../contract-rows.ts';
import type { SinkOptions } from '../sink.ts';
import type { ContractCase } from './contract-case.ts';
import { runWithFewDescriptors, whyNoFewDescriptors } from './few-descriptors.ts';

const tls = { key: testKey, cert: testCertificate };

/** Nobody has port 9 of loopback on a machine that tests; it stands for a server that is not there. */
const deadUrl = new URL('http://127.0.0.1:9/');

interface CutConnections {
  id: string;
  what: string;
  onConnection: NonNullable<SinkOptions['onConnection']>;
}

const cutConnections: readonly CutConnections[] = [
  { id: 'close-at-connect', what: 'closes each connection at once', onConnection: () => 'fin' },
  { id: 'reset-at-connect', what: 'resets each connection at once', onConnection: () => 'rst' },
];

function cutConnectionsCase({ id, what, onConnection }: CutConnections): ContractCase {
  return {
    id,
    title: `backs off from a server that ${what}`,
    rows: () => closedRows(3, 0),
    durationMs: 600,
    graceMs: 500,
    run: async (trial) => {
      const { records, sink } = await trial.against(() => ({ do: 'answer' }), { sink: { onConnection } });
      expect(count(records, 'ok')).toBe(0);
      for (const record of records) {
        // A reset may overtake the news that the connection stands.
        expect(['closed_early', 'reset', 'refused']).toContain(record.outcome);
        expect(record.status).toBeNull();
      }
      expect(records.length).toBeGreaterThanOrEqual(3 * 3);
      expect(records.length).toBeLessThanOrEqual(3 * 8);
      expect(sink.connections()).toBeLessThanOrEqual(records.length);
      expect(sink.arrivalsMs).toHaveLength(0);
    },
  };
}

const refusedRows: ContractCase = {
  id: 'refused',
  title: 'records each row that finds no server as refused, once',
  rows: () => openRows(every(25, 20)),
  durationMs: 500,
  graceMs: 500,
  run: async (trial) => {
    const { records } = await trial.against(() => ({ do: 'answer' }), { context: { url: deadUrl } });
    expect(count(records, 'refused')).toBe(20);
    for (const record of records) {
      expect(record).toMatchObject({ errorCode: 'econnrefused', status: null, bytesOut: 0, bodySentMs: null });
    }
  },
};

const noSuchHost: ContractCase = {
  id: 'no-such-host',
  title: 'records rows to a host without an address as refused',
  rows: () => openRows(every(50, 4), { timeoutMs: 8000 }),
  durationMs: 200,
  graceMs: 8000,
  run: async (trial) => {
    const url = new URL('http://no-such-host.invalid/');
    const { records } = await trial.against(() => ({ do: 'answer' }), { context: { url } });
    expect(count(records, 'refused')).toBe(4);
    for (const record of records) {
      expect(record.errorCode).toMatch(/^(?:enotfound|eai_again)$/);
    }
  },
};

const unknownCertificate: ContractCase = {
  id: 'unknown-certificate',
  runsAlone: true,
  title: 'sends nothing to a server whose certificate nobody vouches for',
  rows: () => openRows(every(50, 4)),
  durationMs: 200,
  graceMs: 1000,
  run: async (trial) => {
    const { records, sink } = await trial.against(() => ({ do: 'answer' }), { sink: { tls } });
    expect(count(records, 'refused')).toBe(4);
    for (const record of records) {
      expect(record).toMatchObject({ status: null, bytesOut: 0 });
      expect(record.errorCode).toMatch(/cert|self_signed|tls|x509|unknown_authority/);
    }
    expect(sink.arrivalsMs).toHaveLength(0);
  },
};

const knownCertificate: ContractCase = {
  id: 'known-certificate',
  runsAlone: true,
  title: 'speaks TLS to a server whose certificate the user vouches for',
  rows: () => openRows(every(50, 4)),
  durationMs: 200,
  graceMs: 1000,
  run: async (trial) => {
    const { records, sink } = await trial.against(() => ({ do: 'answer' }), {
      sink: { tls },
      context: { tlsAuthorities: testCertificate },
    });
    expect(count(records, 'ok')).toBe(4);
    expect(sink.bodyBytes).toEqual([1000, 1000, 1000, 1000]);
  },
};

const noDescriptors: ContractCase = {
  id: 'no-descriptors',
  runsAlone: true,
  title: 'goes on when it may open no more connections, and records the rows that got none',
  rows: () => openRows(every(5, 100), { timeoutMs: 800 }),
  durationMs: 500,
  graceMs: 1500,
  skipped: whyNoFewDescriptors,
  run: async (trial) => {
    const { records, sink } = await runWithFewDescriptors(trial.engine.id);
    expect(records).toHaveLength(100);
    const refused = records.filter((record) => record.outcome === 'refused');
    expect(refused.length).toBeGreaterThan(30);
    expect(refused.every((record) => record.errorCode === 'emfile')).toBe(true);
    expect(count(records, 'timeout')).toBe(100 - refused.length);
    expect(sink.connections).toBeLessThanOrEqual(100 - refused.length);
  },
};

export const connectionCases: readonly ContractCase[] = [
  refusedRows,
  ...cutConnections.map(cutConnectionsCase),
  noSuchHost,
  unknownCertificate,
  knownCertificate,
  noDescriptors,
];
