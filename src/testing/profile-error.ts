import { BenchError } from '../base/errors.ts';
import { parseProfile } from '../model/parse-profile.ts';
import { detectorIds } from './profile-text.ts';

/** Message and hint of the error that a text brings. */
export function profileError(text: string): { code: string; message: string; hint: string | null } {
  try {
    parseProfile(text, 'profiles/x.yaml', detectorIds);
  } catch (error: unknown) {
    if (error instanceof BenchError) {
      return { code: error.code, message: error.message, hint: error.hint };
    }
    throw error;
  }
  throw new Error('The profile was accepted.');
}
