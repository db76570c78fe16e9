/**
 * Common words of four letters. Each is one token after a space in the byte-pair vocabularies of GPT-2, GPT-4,
 * GPT-4o, Llama 2 and Llama 3 (checked word by word), so lengths in tokens can be told without a tokenizer.
 */
export const vocabulary: readonly string[] = (
  'area away back band base best blow blue body book both burn call calm card care ' +
  'case cell chip city clue coal code coin come cook cord core cost crew dare dark ' +
  'date dawn deal dear deep dock doll door draw drum each ease easy edge eggs even ' +
  'exit eyes fact fair farm fast feel feet felt file film find fire firm five flag ' +
  'flow folk foot fork fort four from fuel fund gain gate gene give glad gold golf ' +
  'grab gray grid grow half hall have head hear heat help hero high hill hold hole ' +
  'hook hope host hour idea into jump just keep kept kick kind lack laid lamp land ' +
  'late lead lean left life lift line link live load lock logo look loop luck lung ' +
  'mail main male many mark mass meat meet milk mill miss mode more most myth name ' +
  'neat neck nest news nice nine nose note once ones onto open pace pack paid pair ' +
  'part pass path peak pier pipe play plot pool port post pour pull pure quit race ' +
  'rain rate real rest rich ride rise road role roof root rose said sail sale salt ' +
  'sand save seed seek seen self send sent shop shot side sign sink site skin snow ' +
  'soil sold some song sort soul spin spot stay stem stop such sure tail tale talk ' +
  'tank task tell tend term test thin tied tiny tone tour town trip true type unit ' +
  'vice view wait walk want warm wear week west wide wind wire word work year zone'
).split(' ');

export const wordLetters = 4;

/** `count` words out of an integer below 256^count, separated; different integers give different words. */
export function wordsOfNumber(value: number, count: number, separator: string): string {
  return Array.from({ length: count }, (_, index) => vocabulary[(value >>> (8 * index)) & 255] ?? '').join(separator);
}
