// What a trend shows, as CSV for a spreadsheet.
import type { Track } from './track.ts';

/** csvOf is the points of tracks from a time to another, and the gaps. */
export function csvOf(tracks: readonly Track[], from: number, to: number): string {
  const rows: [number, string][] = [];
  for (const track of tracks) {
    const head = [track.name, track.unit].map(cell).join(',');
    for (const p of [track.past, track.live]) {
      p.times.forEach((time, i) => {
        if (time < from || time > to) return;
        rows.push([time, [iso(time), head, p.mean[i] ?? '', p.min[i] ?? '', p.max[i] ?? '', cell(p.quality[i] ?? ''), ''].join(',')]);
      });
    }
    for (const g of track.gaps) {
      if (g.to < from || g.from > to) continue;
      rows.push([g.from, [iso(g.from), head, '', '', '', '', cell(`${g.reason} (${iso(g.to)})`)].join(',')]);
    }
  }
  rows.sort((a, b) => a[0] - b[0]);
  return ['time,tag,unit,mean,min,max,quality,gap', ...rows.map(([, text]) => text), ''].join('\r\n');
}

function iso(time: number): string {
  return new Date(time * 1000).toISOString();
}

/** cell is text in quotes where that is needed. A spreadsheet must not take a name for a formula. */
export function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}

/** download has the browser keep text as a file. */
export function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob(['\ufeff', text], { type: 'text/csv' }));
  const a = document.createElement('a');
  a.href = url;
  a.download = name;
  a.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
