// The maps that are open. They stay so while one looks at other views.
import { Opened } from './opened.ts';

const open = new Map<string, Promise<Opened>>();

const opened = new Map<string, Opened>();

/** The maps that are open and have edits. */
export function dirtyMaps(): string[] {
  return [...opened.values()].filter((o) => o.dirty).map((o) => o.name);
}

/** The map of that name, read when it is not open yet. */
export function openMap(name: string): Promise<Opened> {
  let found = open.get(name);
  if (!found) {
    found = Opened.open(name);
    open.set(name, found);
    found.then(
      (o) => opened.set(name, o),
      () => open.delete(name), // it is asked for again
    );
  }
  return found;
}
