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
  // Object.hasOwn needs the library of ES2022.
  return Object.getOwnPropertyDescriptor(values, value) !== undefined;
}

/** The active and deprecated values of a registry, such as `UsableValue<typeof EventTypes>`. */
export type UsableValue<Values> = {
  [Value in keyof Values]: Values[Value] extends { readonly status: 'retired' } ? never : Value;
}[keyof Values] &
  string;

/**
 * Returns true if requests accept the value, as of `CONTRACT_REVISION`: it is active or deprecated. Narrows its type, so
 * that code guarded by it still compiles after a value is retired: `isUsableValue(event.event_type, EventTypes)`.
 *
 * @param values The values of a registry, such as `EventTypes`.
 */
export function isUsableValue<Values extends Readonly<Record<string, { readonly status: string }>>>(
  value: string,
  values: Values,
): value is UsableValue<Values> {
  return isKnownValue(value, values) && values[value]?.status !== 'retired';
}
//#endregion
