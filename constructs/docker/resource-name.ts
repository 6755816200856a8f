/** Name of a container, network or volume: the environment and what it is, so that several environments can share an engine. */
export function resourceName(namespace: string, name: string): string {
  return `${namespace}-${name}`;
}
