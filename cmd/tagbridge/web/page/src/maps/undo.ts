// What was done to a map, to be taken back and done again: a step for each edit, paste or fill. The steps that are longest
// ago are forgotten when all together hold too much.
import type { CsvText, Splice } from './csvtext.ts';

/** One thing that she did. */
export interface Step {
  readonly splices: readonly Splice[];
  readonly row: number; // where it was, to be shown again: a line of the map
  readonly column: number;
}

/** About how many bytes of memory steps may hold. */
const limit = 64 << 20;

export class Undo {
  private done: Step[] = [];
  private undone: Step[] = [];
  private size = 0;

  constructor(private readonly most = limit) {}

  get canUndo(): boolean {
    return this.done.length > 0;
  }

  get canRedo(): boolean {
    return this.undone.length > 0;
  }

  /** About how much the steps hold. */
  get held(): number {
    return this.size;
  }

  /** Does a step; one that changes nothing is none. */
  do(map: CsvText, step: Step): boolean {
    if (step.splices.every((s) => changes(s) === 0)) return false;
    for (const s of step.splices) map.apply(s);
    this.push(step);
    this.size -= sum(this.undone);
    this.undone = [];
    this.forget();
    return true;
  }

  undo(map: CsvText): Step | undefined {
    const step = this.done.pop();
    if (!step) return undefined;
    for (const s of [...step.splices].reverse()) map.revert(s);
    this.undone.push(step);
    return step;
  }

  redo(map: CsvText): Step | undefined {
    const step = this.undone.pop();
    if (!step) return undefined;
    for (const s of step.splices) map.apply(s);
    this.done.push(step);
    return step;
  }

  private push(step: Step): void {
    this.done.push(step);
    this.size += cost(step);
  }

  private forget(): void {
    let n = 0;
    while (this.size > this.most && n < this.done.length - 1) this.size -= cost(this.done[n++] as Step);
    this.done.splice(0, n);
  }
}

/** How many lines a splice changes. */
function changes(s: Splice): number {
  if (s.removed.length !== s.inserted.length) return Math.max(s.removed.length, s.inserted.length);
  return s.removed.filter((l, i) => l !== s.inserted[i]).length;
}

// A line costs its text in two bytes a character, its object and two places in lists.
function cost(step: Step): number {
  let n = 100;
  for (const s of step.splices) {
    for (const list of [s.removed, s.inserted]) for (const l of list) n += 8 + (s.removed[0] === l ? 0 : 48 + 2 * l.raw.length);
  }
  return n;
}

function sum(steps: readonly Step[]): number {
  return steps.reduce((n, s) => n + cost(s), 0);
}
