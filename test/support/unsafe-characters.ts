/** Ranges of code points that ihf_is_plain_text rejects. */
export const REJECTED_RANGES: readonly (readonly [first: number, last: number])[] = [
  [0x01, 0x1f],
  [0x7f, 0x9f],
  [0x061c, 0x061c],
  [0x200e, 0x200f],
  [0x2028, 0x2029],
  [0x202a, 0x202e],
  [0x2066, 0x2069],
  [0xfdd0, 0xfdef],
  // The last two code points of each plane.
  ...Array.from({ length: 17 }, (_, plane) => [plane * 0x10000 + 0xfffe, plane * 0x10000 + 0xffff] as const),
];

/** Every rejected character. */
export const REJECTED: readonly string[] = REJECTED_RANGES.flatMap(([first, last]) =>
  Array.from({ length: last - first + 1 }, (_, index) => String.fromCodePoint(first + index)),
);

/** Unusual texts that are accepted: the syntax of YAML, other scripts, joined emoji, a byte order mark. */
export const ALLOWED: readonly string[] = [
  'on',
  'no',
  '~',
  '1_000',
  '0o17',
  '12:30:45',
  '2027-03-31',
  '---',
  '...',
  '%YAML 1.1',
  '- item',
  'key: value # comment',
  '&anchor *alias !!tag !tag',
  '{{ braces }} [',
  'both \' and "',
  'back\\slash',
  '| > @ `',
  ' surrounded by spaces ',
  'a\u00a0no-break space',
  '\ufeffmark',
  'Grüße, 日本語, עברית, العربية',
  '👩‍👩‍👧 and \u{10fffd}',
];
