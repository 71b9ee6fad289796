// Only what stands between the two region lines is put into the rendered client.

//#region rendered
/** Whether this file knows a word, one of a registry's: `isKnownWord(event.event_type, EventTypes)`. */
export function isKnownWord<Word extends string>(value: string, words: Readonly<Record<Word, unknown>>): value is Word {
  return Object.hasOwn(words, value);
}
//#endregion
