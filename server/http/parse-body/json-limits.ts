import { invalidRequest } from '../../errors.ts';

/** Deeper than any application nests by hand, and far from what exhausts a stack. */
const MAX_NESTING = 1_000;
/** Objects, arrays and their members. A batch of 1,000 events with 50 properties each has some 60,000. */
const MAX_VALUES = 250_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Checks the shape of a JSON body on its bytes, before they are parsed: an empty object takes two bytes on the wire and
 * more than fifty in memory.
 *
 * @throws IhfError invalid_request if it is nested too deeply or has too many values.
 */
export function checkJsonLimits(bytes: Buffer): void {
  let depth = 0;
  let values = 0;
  for (let index = 0; index < bytes.length; index++) {
    switch (bytes[index]) {
      case QUOTE:
        index = endOfString(bytes, index);
        break;
      case OPEN_ARRAY:
      case OPEN_OBJECT:
        depth += 1;
        values += 1;
        if (depth > MAX_NESTING)
          throw exceeds('too_deep', `JSON nesting is limited to ${MAX_NESTING} levels. Flatten it.`);
        break;
      case CLOSE_ARRAY:
      case CLOSE_OBJECT:
        depth -= 1;
        break;
      case COMMA:
        values += 1;
        break;
    }
    if (values > MAX_VALUES) {
      throw exceeds(
        'too_many_values',
        `A JSON body is limited to ${MAX_VALUES} values. Send several smaller requests.`,
      );
    }
  }
}

/** The index of the quote that ends the string that begins at `start`, or the end of the bytes. */
function endOfString(bytes: Buffer, start: number): number {
  for (let index = start + 1; ; ) {
    const quote = bytes.indexOf(QUOTE, index);
    if (quote === -1) return bytes.length;
    let backslashes = 0;
    while (bytes[quote - 1 - backslashes] === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return quote;
    index = quote + 1;
  }
}

function exceeds(code: string, detail: string) {
  return invalidRequest([{ pointer: '#', code, detail }]);
}
