/** A file or folder whose files may all import the same. A file belongs to the first layer that matches it. */
export interface Layer {
  /** A file, a folder with everything in it (`folder/`), or only the files directly in a folder (`folder/*`). */
  path: string;
  /** The layers it may import. Its own layer is included only if listed: files of `server/http/` must not import each other. */
  mayImport: readonly string[];
  /** The packages it may import; undefined allows all. `node:` allows every module of Node. */
  packages?: readonly string[];
  /** Its files receive everything as arguments and must not use `process`. */
  pure?: true;
}
