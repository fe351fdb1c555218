// What rows gave when they were read once. A reading belongs to the row as it was: an edit of the row makes it another line,
// which has none.
import { valueText } from '../../number.ts';
import { classOf, signs } from '../../quality.ts';
import type { Line } from '../csvread.ts';
import type { Live } from '../grid.ts';
import type { Reading } from './api.ts';

export class Readings {
  private readonly of = new Map<Line, Live>();

  set(line: Line, r: Reading & { unit: string }): void {
    const kind = r.quality === '' ? 'bad' : classOf(r.quality);
    const shown = valueText(r.value);
    const value = shown === '' ? r.quality || r.error : `${shown}${r.unit ? ` ${r.unit}` : ''}`;
    const raw = r.raw.replace(/(....)(?=.)/g, '$1 ');
    const text = `⟳ ${kind === 'good' ? '' : `${signs[kind]} `}${value}${raw && raw.length < 12 ? ` · ${raw}` : ''}`;
    this.of.set(line, { text, kind, title: [r.quality, raw, r.error].filter((x) => x).join(' · ') });
  }

  get(line: Line): Live | undefined {
    return this.of.get(line);
  }

  clear(): void {
    this.of.clear();
  }
}
