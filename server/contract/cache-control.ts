/** Unversioned URLs can change at any moment. URLs with a revision never change (`immutable`, RFC 8246). */
export const CURRENT = 'no-cache';
export const IMMUTABLE = 'public, max-age=31536000, immutable';
