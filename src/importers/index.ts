import type { RecordImporter } from '../model/importer.ts';
import { aiperf } from './aiperf.ts';
import { guidellm } from './guidellm.ts';
import { k6Json } from './k6-json.ts';
import { vllmBench } from './vllm-bench.ts';

export const importers: readonly RecordImporter[] = [k6Json, vllmBench, aiperf, guidellm];
