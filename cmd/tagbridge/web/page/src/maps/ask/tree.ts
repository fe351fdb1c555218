// The nodes of an OPC UA server, as far as somebody has looked, and which of them are to become rows.
import type { Cells, Level, Node } from './api.ts';

/** A node that is shown. */
export interface Place extends Node {
  readonly path: readonly string[]; // names from the root down to it
}

/** More nodes below a place, that were not asked for yet. */
export interface Rest {
  readonly rest: number; // the first of them
  readonly parent: Place | undefined;
  readonly depth: number;
}

export class Tree {
  private readonly below = new Map<string, { places: Place[]; next: number | null }>();
  private readonly openOnes = new Set<string>();
  private readonly checked = new Map<string, Place>();

  /** Takes nodes below a place, after those that are there; undefined: the root. */
  take(parent: Place | undefined, level: Level): void {
    const path = parent?.path ?? [];
    const before = this.below.get(key(parent))?.places ?? [];
    const places = level.nodes.map((n) => ({ ...n, path: [...path, n.name] }));
    this.below.set(key(parent), { places: [...before, ...places], next: level.next });
  }

  knows(place: Place | undefined): boolean {
    return this.below.has(key(place));
  }

  isOpen(place: Place): boolean {
    return this.openOnes.has(key(place));
  }

  toggle(place: Place): void {
    if (!this.openOnes.delete(key(place))) this.openOnes.add(key(place));
  }

  isChecked(place: Place): boolean {
    return this.checked.has(key(place));
  }

  check(place: Place, to: boolean): void {
    if (to && place.rows.length > 0) this.checked.set(key(place), place);
    else this.checked.delete(key(place));
  }

  uncheckAll(): void {
    this.checked.clear();
  }

  /** Checks all that can be rows right below a place, or none of them when all are. */
  checkBelow(place: Place): void {
    const can = (this.below.get(key(place))?.places ?? []).filter((p) => p.rows.length > 0);
    const all = can.every((p) => this.isChecked(p));
    for (const p of can) this.check(p, !all);
  }

  /** The lines that are seen, in order. A server may have a node below itself: each is asked for by its path. */
  *lines(parent?: Place): Generator<Place | Rest> {
    const here = this.below.get(key(parent));
    if (!here) return;
    for (const place of here.places) {
      yield place;
      if (this.isOpen(place)) yield* this.lines(place);
    }
    if (here.next !== null) yield { rest: here.next, parent, depth: parent?.path.length ?? 0 };
  }

  /** The rows of what is checked. */
  rows(): Cells[] {
    return [...this.checked.values()].flatMap((p) => p.rows);
  }
}

const key = (place: Place | undefined) => (place ? JSON.stringify([place.path, place.address]) : '');
