import { createAdmission } from '../../reference-server/services/images/admission.ts';
import { decodedBytes } from '../../reference-server/services/images/classify.ts';
import { imagesSettings } from '../../reference-server/services/images/settings.ts';
import {
  after,
  errorReply,
  okReply,
  plainService,
  type SimCall,
  type SimContext,
  type SimService,
} from './sim-service.ts';

const mib = 1024 ** 2;
const frontBytes = 64 * mib;
const workerBytes = 70 * mib;
const neverGone = new AbortController().signal;

/** Images that are decoded, held for a moment and labelled; what is noted of each is let go or kept. */
export function startImages({ host, clock, knobs }: SimContext): SimService {
  const settings = imagesSettings(knobs);
  host.spawn('ref-front', frontBytes, true).work(0.02);
  const worker = host.spawn('ref-image', workerBytes);
  const admission = createAdmission(settings.budgetBytes);
  let inFlight = 0;
  let notedBytes = 0;

  const classify = async (call: SimCall): Promise<void> => {
    const { width = 0, height = 0 } = call.item.traits;
    const bytes = decodedBytes({ width, height });
    if (inFlight >= settings.mostInFlight || bytes > settings.budgetBytes || width * height > settings.mostPixels) {
      call.answer(inFlight >= settings.mostInFlight ? errorReply(503, 'queue_full') : errorReply(413, 'too_large'));
      return;
    }
    inFlight += 1;
    const giveBack = await admission.take(bytes, neverGone);
    host.hold(worker, bytes);
    worker.work(0.4);
    await after(clock, settings.serviceMs);
    host.hold(worker, -bytes + (settings.drains ? 0 : settings.noteBytes));
    notedBytes += settings.noteBytes;
    giveBack();
    inFlight -= 1;
    worker.work(inFlight > 0 ? 0.4 : 0);
    call.answer(okReply);
  };
  return {
    ...plainService,
    handle: (call) => void classify(call),
    gauges: () => ({
      headroom_images_in_flight: inFlight,
      headroom_images_waiting: admission.waiting(),
      headroom_images_noted_bytes_total: notedBytes,
    }),
  };
}
