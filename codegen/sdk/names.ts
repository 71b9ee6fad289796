/** `star_ship` as `StarShip`. Contains only letters and digits, and does not begin with a digit. */
export function pascalName(text: string): string {
  // An acronym keeps its form: a name that is valid already is not changed.
  if (/^[A-Z][A-Za-z0-9]*$/.test(text)) return text;
  const words = text.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
  const name = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  return /^\p{L}/u.test(name) ? name : `Type${name}`;
}

/** `star_ship` as `starShip`. */
export function camelName(text: string): string {
  const name = pascalName(text);
  const initials = /^\p{Lu}+(?=\p{Lu}\p{Ll}|$)/u.exec(name)?.[0];
  return initials && initials.length > 1
    ? initials.toLowerCase() + name.slice(initials.length)
    : name.charAt(0).toLowerCase() + name.slice(1);
}

/** Names of one scope. Each is given out once. */
export class NamePool {
  readonly #taken: Set<string>;

  constructor(reserved: Iterable<string> = []) {
    this.#taken = new Set(reserved);
  }

  /** The first of the names that is free, else the last one with the first number that makes it free. */
  claim(...names: [string, ...string[]]): string {
    const last = names.at(-1) as string;
    let name = names.find((each) => !this.#taken.has(each));
    for (let number = 2; name === undefined; number++) {
      if (!this.#taken.has(`${last}${number}`)) name = `${last}${number}`;
    }
    this.#taken.add(name);
    return name;
  }
}
