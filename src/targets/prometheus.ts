import { defineFinder } from '../model/target.ts';
import { unobserved } from './tree/unobserved.ts';

/** Credentials of a URL stay out of descriptions, which are kept. */
function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^/@]+@/, '//***@');
}

/** Nothing is read during the run, so there is nothing to find either. */
export const prometheus = defineFinder({
  id: 'prometheus',
  title: 'Nothing here: the series of a Prometheus, asked for when the run has ended',
  find: ({ url }, address) =>
    Promise.resolve(
      unobserved('prometheus', address, `memory comes from Prometheus at ${withoutCredentials(url)} after the run`),
    ),
});
