/** Open resources, closed in reverse order: a resource closes before those that it uses. */
export class Resources {
  readonly #open: { close(): Promise<void> }[] = [];

  add<T extends { close(): Promise<void> }>(resource: T): T {
    this.#open.push(resource);
    return resource;
  }

  async close(): Promise<void> {
    for (const resource of this.#open.reverse()) await resource.close();
  }
}
