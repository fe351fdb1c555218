// The cell that is worked on, and the range of cells that is selected from it.

export interface Spot {
  readonly row: number;
  readonly column: number;
}

/** Where a range begins and ends, both inclusive. */
export interface Range {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

export interface Selection {
  readonly active: Spot;
  readonly other: Spot; // the corner opposite to active
}

export interface Size {
  readonly rows: number;
  readonly columns: number;
  readonly page: number; // rows that are seen at a time
}

export function at(row: number, column: number): Selection {
  return { active: { row, column }, other: { row, column } };
}

export function rangeOf(s: Selection): Range {
  return {
    top: Math.min(s.active.row, s.other.row),
    left: Math.min(s.active.column, s.other.column),
    bottom: Math.max(s.active.row, s.other.row),
    right: Math.max(s.active.column, s.other.column),
  };
}

export function clamp(s: Selection, size: Size): Selection {
  const spot = (p: Spot) => ({ row: within(p.row, size.rows), column: within(p.column, size.columns) });
  return { active: spot(s.active), other: spot(s.other) };
}

function within(n: number, length: number): number {
  return Math.max(0, Math.min(n, length - 1));
}

export interface Key {
  readonly key: string;
  readonly shift: boolean;
  readonly ctrl: boolean;
}

/** What a key makes of a selection; undefined when it moves nothing. */
export function moved(s: Selection, k: Key, size: Size): Selection | undefined {
  if (k.key === ' ' && k.ctrl !== k.shift) {
    const { top, left, bottom, right } = rangeOf(s);
    const whole = k.ctrl ? { top: 0, bottom: size.rows - 1, left, right } : { top, bottom, left: 0, right: size.columns - 1 };
    return clamp({ active: { row: whole.top, column: whole.left }, other: { row: whole.bottom, column: whole.right } }, size);
  }
  if (k.key === 'a' && k.ctrl) return clamp({ active: { row: 0, column: 0 }, other: { row: size.rows - 1, column: size.columns - 1 } }, size);
  const from = k.shift ? s.other : s.active;
  const to = target(from, k, size);
  if (!to) return undefined;
  return clamp(k.shift ? { active: s.active, other: to } : { active: to, other: to }, size);
}

function target(from: Spot, k: Key, size: Size): Spot | undefined {
  const { row, column } = from;
  switch (k.key) {
    case 'ArrowUp':
      return { row: k.ctrl ? 0 : row - 1, column };
    case 'ArrowDown':
      return { row: k.ctrl ? size.rows - 1 : row + 1, column };
    case 'ArrowLeft':
      return { row, column: k.ctrl ? 0 : column - 1 };
    case 'ArrowRight':
      return { row, column: k.ctrl ? size.columns - 1 : column + 1 };
    case 'PageUp':
      return { row: row - size.page, column };
    case 'PageDown':
      return { row: row + size.page, column };
    case 'Home':
      return { row: k.ctrl ? 0 : row, column: 0 };
    case 'End':
      return { row: k.ctrl ? size.rows - 1 : row, column: size.columns - 1 };
    default:
      return undefined;
  }
}
