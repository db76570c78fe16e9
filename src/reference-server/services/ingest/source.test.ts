import { describe, expect, it } from 'vitest';
import { jobsUrlIn } from './source.ts';

describe('jobsUrlIn', () => {
  it('takes an http address', () => {
    expect(jobsUrlIn('{"jobs_url":"http://127.0.0.1:8000/api/v2"}')).toBe('http://127.0.0.1:8000/api/v2');
  });

  it.each([
    ['no JSON', 'jobs_url=http://127.0.0.1', 'not_json'],
    ['nothing', '', 'not_json'],
    ['a list', '[]', 'no_jobs_url'],
    ['null', 'null', 'no_jobs_url'],
    ['an object without it', '{"url":"http://127.0.0.1"}', 'no_jobs_url'],
    ['a number', '{"jobs_url":8000}', 'no_jobs_url'],
    ['a path', '{"jobs_url":"/api/v2"}', 'no_jobs_url'],
    ['a file', '{"jobs_url":"file:///etc/passwd"}', 'no_jobs_url'],
  ])('refuses %s with 400', (_why, body, code) => {
    expect(() => jobsUrlIn(body)).toThrow(expect.objectContaining({ status: 400, code }) as Error);
  });
});
