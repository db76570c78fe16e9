import type { CorpusItem } from '../../model/corpus.ts';

export const predictTasks = ['clip', 'facial-recognition', 'ocr'] as const;
export type PredictTask = (typeof predictTasks)[number];

/** What a request asks for, and the JSON of its field `entries`. */
export interface PredictEntries {
  task: PredictTask;
  entries: Readonly<Record<string, Readonly<Record<string, object>>>>;
}

/** `ocr/PP-OCRv5_mobile` names task and model; a name alone is for reading an image, or embedding a text. */
function taskOf(model: string, item: CorpusItem): { task: PredictTask; modelName: string } {
  if (item.mediaType.startsWith('text/')) {
    return { task: 'clip', modelName: model.replace(/^clip\//, '') };
  }
  const task = predictTasks.find((name) => model.startsWith(`${name}/`));
  return task === undefined ? { task: 'ocr', modelName: model } : { task, modelName: model.slice(task.length + 1) };
}

/** Detection and recognition go together, as such clients ask for them. */
export function entriesFor(model: string, item: CorpusItem): PredictEntries {
  const { task, modelName } = taskOf(model, item);
  const wanted = { modelName, options: {} };
  if (task === 'clip') {
    return { task, entries: { clip: { [item.mediaType.startsWith('text/') ? 'textual' : 'visual']: wanted } } };
  }
  return { task, entries: { [task]: { detection: wanted, recognition: wanted } } };
}
