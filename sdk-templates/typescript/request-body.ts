// Only the text between the two region lines becomes part of the rendered client.

//#region rendered
/** The body of a request as it is sent. */
type RequestBody = string;

//#endregion

export type { RequestBody };
