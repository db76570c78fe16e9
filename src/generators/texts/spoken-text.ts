import { mix } from '../../base/random.ts';
import { digitWords, numberWords } from './number-words.ts';

/** What decides every character of a text to be spoken. */
export interface SpokenShape {
  /** Said at the start, digit by digit, so that no two texts of a corpus are the same. */
  index: number;
  digits: number;
  key: number;
  characters: number;
}

const slots: Readonly<Record<string, readonly string[]>> = {
  name: ['Anna', 'Boris', 'Clara', 'David', 'Emma', 'Farid', 'Grace', 'Henry', 'Irene', 'Jonas', 'Karin', 'Louis'],
  place: ['the harbour', 'the old mill', 'the station', 'our school', 'the north gate', 'the market', 'the bridge'],
  thing: ['a blue lantern', 'a box of nails', 'the spare key', 'a wool blanket', 'two maps', 'a jar of honey'],
  weather: ['rain', 'thick fog', 'strong wind', 'bright sun', 'light snow', 'warm air'],
  day: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'],
  manner: ['slowly', 'at once', 'without a word', 'with great care', 'once more', 'before noon'],
};

const templates = [
  '{name} left {thing} near {place} on {day}.',
  'We counted {number} boats before the {weather} came.',
  'Please take {thing} to {place} and come back {manner}.',
  'On {day} the train with {number} seats waited for {name}.',
  'There will be {weather} at {place} until {day}.',
  '{name} asked for room {number}, but {name} had it already.',
  'The road to {place} is {number} steps long.',
  'After the {weather}, {name} opened the windows {manner}.',
  'Did {name} really pay {number} for {thing}?',
  'Page {number} tells how {name} found {place}.',
] as const;

/** By length, so that a text can end at an exact character. */
const endings: readonly (readonly string[])[] = [
  ['tea', 'sun', 'oak', 'bee', 'map', 'ink'],
  ['rope', 'moss', 'fern', 'bell', 'lamp', 'silk'],
  ['stone', 'river', 'bread', 'cloud', 'grass', 'apple'],
  ['garden', 'winter', 'copper', 'meadow', 'ladder', 'barrel'],
  ['blanket', 'chimney', 'lantern', 'orchard', 'pebbles', 'thunder'],
  ['mountain', 'notebook', 'umbrella', 'doorbell', 'sunlight', 'elephant'],
  ['blueberry', 'chocolate', 'telephone', 'butterfly', 'newspaper', 'waterfall'],
];
const shortestEnding = 3;
const longestEnding = shortestEnding + endings.length - 1;
const listOpening = 'Then say ';
/** The opening, one shortest word and the full stop. */
const leastListCharacters = listOpening.length + shortestEnding + 1;
const longestDigit = 'seven'.length + 1;
const opening = 'Text';

/** The shortest text that any item with so many digits can have. */
export function leastCharacters(digits: number): number {
  return opening.length + digits * longestDigit + '. '.length + leastListCharacters;
}

function pick(list: readonly string[], key: number, position: number): string {
  return list[mix(key, position) % list.length] ?? '';
}

function sentenceAt(key: number, sentence: number): string {
  let position = sentence * 8;
  return pick(templates, key, position).replaceAll(/\{(\w+)\}/g, (_, slot: string) => {
    position += 1;
    return slot === 'number' ? numberWords(mix(key, position) % 10_000) : pick(slots[slot] ?? [], key, position);
  });
}

function endingAt(key: number, position: number, characters: number): string {
  return pick(endings[characters - shortestEnding] ?? [], key, position);
}

/** A sentence of exactly so many characters: a list of words whose lengths add up. */
function listOf(key: number, characters: number): string {
  const separator = ', ';
  const words: string[] = [];
  let left = characters - listOpening.length - 1;
  while (left > longestEnding) {
    const isLastPair = left <= 2 * longestEnding + separator.length;
    const half = Math.floor((left - separator.length) / 2);
    const letters = isLastPair ? half : longestEnding - (mix(key, -1 - words.length) % 4);
    words.push(endingAt(key, -100 - words.length, letters));
    left -= letters + separator.length;
  }
  words.push(endingAt(key, -100 - words.length, left));
  return `${listOpening}${words.join(separator)}.`;
}

/** Sentences of exactly so many characters in all; ASCII, numbers as words, and nothing that JSON must escape. */
export function spokenText({ index, digits, key, characters }: SpokenShape): string {
  let text = `${opening} ${digitWords(index, digits)}. `;
  for (let sentence = 0; ; sentence += 1) {
    const next = `${sentenceAt(key, sentence)} `;
    if (text.length + next.length + leastListCharacters > characters) {
      return text + listOf(key, characters - text.length);
    }
    text += next;
  }
}
