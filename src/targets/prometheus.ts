import { maskAddresses } from '../base/secret-text.ts';
import { defineFinder } from '../model/target.ts';
import { unobserved } from './tree/unobserved.ts';

export const prometheus = defineFinder({
  id: 'prometheus',
  title: 'Nothing here: the series of a Prometheus, asked for when the run has ended',
  find: ({ url }, address) =>
    Promise.resolve(
      unobserved('prometheus', address, `memory comes from Prometheus at ${maskAddresses(url)} after the run`),
    ),
});
