// Only the text between the two region lines becomes part of the rendered client.

//#region rendered
/**
 * Returns true if this client knows the value, and narrows its type: `isKnownValue(event.event_type, EventTypes)`.
 *
 * @param values The values of a registry, such as `EventTypes`.
 */
export function isKnownValue<Known extends string>(
  value: string,
  values: Readonly<Record<Known, unknown>>,
): value is Known {
  return Object.hasOwn(values, value);
}
//#endregion
