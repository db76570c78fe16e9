import { checkCuda } from './cuda/open-driver.ts';

process.title = 'ref-check';
process.on('disconnect', () => process.exit(0));
const check = await checkCuda(process.env);
process.send?.(check, () => process.exit(0));
