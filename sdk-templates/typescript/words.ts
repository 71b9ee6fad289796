// Only what stands between the two region lines is put into the rendered client.

//#region rendered
/** Whether this file knows a word, one of a registry's: `isKnownWord(EventTypes, event.event_type)`. */
export function isKnownWord<Word extends string>(words: Readonly<Record<Word, unknown>>, value: string): value is Word {
  return Object.hasOwn(words, value);
}
//#endregion
