import type { Exporter } from '../model/exporter.ts';
import { bmf } from './bmf.ts';
import { gha } from './gha.ts';
import { junit } from './junit.ts';
import { markdown } from './markdown.ts';
import { openmetrics } from './openmetrics.ts';
import { otava } from './otava.ts';
import { uttera } from './uttera.ts';

export const exporters: readonly Exporter[] = [junit, markdown, otava, bmf, gha, openmetrics, uttera];
