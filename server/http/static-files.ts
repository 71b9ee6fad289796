import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import express, { type RequestHandler } from 'express';
import { type File, sendFile } from './send-file.ts';

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
};

/**
 * Serves files of a folder from memory, each below its name. A browser may store them, and revalidates each.
 * @param names the files. Default: all.
 */
export function staticFiles(folder: string, names: readonly string[] = readdirSync(folder)): RequestHandler {
  const router = express.Router({ caseSensitive: true, strict: true });
  for (const name of names) {
    const file = readFile(join(folder, name));
    router.get(`/${name}`, (request, response) => {
      response.setHeader('Cache-Control', 'no-cache');
      return sendFile(request, response, file);
    });
  }
  return router;
}

/** @throws Error for a file of a type that has no media type here. */
export function readFile(path: string): File {
  const mediaType = MEDIA_TYPES[extname(path)];
  if (!mediaType) throw new Error(`${path} has an unknown file type. Add its media type to MEDIA_TYPES.`);
  const content = readFileSync(path);
  return { content, digest: createHash('sha256').update(content).digest('base64url'), mediaType };
}
