/** Open resources, closed in reverse order: a resource closes before those that it uses. */
export class Resources {
  readonly #open: { close(): Promise<void> }[] = [];

  add<T extends { close(): Promise<void> }>(resource: T): T {
    this.#open.push(resource);
    return resource;
  }

  /**
   * Closes all of them, also if one fails.
   * @throws the first error.
   */
  async close(): Promise<void> {
    const errors: unknown[] = [];
    for (const resource of this.#open.reverse()) {
      await resource.close().catch((error) => errors.push(error));
    }
    if (errors.length > 0) throw errors[0];
  }
}
