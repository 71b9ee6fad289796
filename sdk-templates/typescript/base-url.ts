// Only the text between the two region lines becomes part of the rendered client.

//#region rendered
/** Validates the base URL and removes trailing slashes. */
function normalizeBaseUrl(baseUrl: string): string {
  if (!/^https?:\/\/[^/]/i.test(baseUrl)) {
    throw new TypeError(`baseUrl must be an http or https URL, such as https://hub.example.com; it is '${baseUrl}'`);
  }
  const { username, password, search, hash } = new URL(baseUrl);
  if (username || password || search || hash) {
    throw new TypeError('baseUrl must not have a user name, query or fragment; pass credentials as options');
  }
  return baseUrl.replace(/\/+$/, '');
}

//#endregion

export { normalizeBaseUrl };
