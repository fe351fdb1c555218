// The maps that are open. They stay so while one looks at other views.
import { Opened } from './opened.ts';

const open = new Map<string, Promise<Opened>>();

/** The map of that name, read when it is not open yet. */
export function openMap(name: string): Promise<Opened> {
  let found = open.get(name);
  if (!found) {
    found = Opened.open(name);
    open.set(name, found);
    found.catch(() => open.delete(name)); // it is asked for again
  }
  return found;
}
