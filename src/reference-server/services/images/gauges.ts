import { constantRows, type Exposition } from '../../metrics.ts';
import type { ImagesState } from './images-state.ts';

/** The gauges of the image route. */
export function collectImages(exposition: Exposition, state: ImagesState): void {
  const gauge = (name: string, help: string, value: number): void =>
    exposition.gauge(`headroom_images_${name}`, help, value);
  exposition.counter('headroom_images_seen_total', 'Images that were answered.', state.seen);
  exposition.counter('headroom_images_refused_total', 'Images refused for want of room.', state.refused);
  gauge('in_flight', 'Images whose reply is not out.', state.inFlight);
  gauge('waiting', 'Uploaded images that wait for memory.', state.admission.waiting());
  gauge('decoded_bytes', 'Memory set aside for decoded images.', state.admission.heldBytes());
  gauge('budget_bytes', 'Memory that decoded images may take together.', state.budgetBytes);
  exposition.counter(
    'headroom_images_noted_bytes_total',
    'Bytes that the image worker ever took for notes on requests.',
    constantRows(state.worker.notedBytes),
  );
}
