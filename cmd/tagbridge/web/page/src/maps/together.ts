// Drafts of several maps as one change: checked together, applied together or not at all.
import { useEffect, useState } from 'preact/hooks';
import { ApiError, isAbort } from '../api.ts';
import { apply, check, type Applied, type Draft, type Finding, type Problem } from './api.ts';
import { dirtyMaps, openMap } from './desk.ts';
import { keptFiles } from './kept.ts';
import type { Opened } from './opened.ts';

/** The change that drafts are together. */
export function combined(drafts: readonly Opened[]): { draft: Draft; base: Record<string, string> } {
  const draft: Draft = { files: {}, encodings: {} };
  const base: Record<string, string> = {};
  for (const o of drafts) {
    const one = o.change();
    Object.assign(draft.files, one.files);
    Object.assign(draft.encodings as Record<string, string>, one.encodings);
    base[o.name] = o.etag;
  }
  if (Object.keys(draft.encodings ?? {}).length === 0) delete draft.encodings;
  return { draft, base };
}

/** What became of an apply. */
export type Outcome = { done: Applied } | { conflict: true; collisions: number } | { refused: string; unanswered: boolean; problems: readonly Problem[] };

/** Applies drafts. When somebody else was faster, edits are carried over, to be looked at and applied again. */
export async function applyAll(drafts: readonly Opened[], comment: string): Promise<Outcome> {
  const texts = drafts.map((o) => o.text);
  const { draft, base } = combined(drafts);
  try {
    const { data } = await apply(draft, base, comment);
    drafts.forEach((o, n) => o.applied(texts[n] as string, data.etags[o.name] ?? o.etag));
    return { done: data };
  } catch (err) {
    if (!(err instanceof ApiError)) throw err;
    if (err.status === 409) return carryOver(drafts);
    for (const o of drafts) o.checkSoon(0);
    return { refused: err.text, unanswered: err.unreachable, problems: err.problems as Problem[] };
  }
}

async function carryOver(drafts: readonly Opened[]): Promise<Outcome> {
  try {
    for (const o of drafts) await o.rebase();
    return { conflict: true, collisions: drafts.reduce((n, o) => n + o.collisions.length, 0) };
  } catch (err) {
    return { refused: err instanceof ApiError ? err.text : String(err), unanswered: false, problems: [] };
  }
}

/** Others are the drafts of other maps that may go along. */
export interface Others {
  names: readonly string[];
  chosen: ReadonlySet<string>;
  choose: (name: string, to: boolean) => void;
  /** All that are to be applied: this one first. */
  drafts: readonly Opened[];
  /** What the bridge says of all together; undefined: it has not yet. */
  finding: Finding | undefined;
  fault: ApiError | undefined;
}

/** useOthers are drafts beside this one. Those that were changed since the page was opened are chosen from the beginning. */
export function useOthers(opened: Opened, files: readonly string[]): Others {
  const [names] = useState(() => [...new Set([...dirtyMaps(), ...keptFiles()])].filter((n) => n !== opened.name && files.includes(n)).sort());
  const [chosen, choose] = useState<ReadonlySet<string>>(() => new Set(names.filter((n) => dirtyMaps().includes(n))));
  const [others, found] = useState<readonly Opened[]>([]);
  const [said, say] = useState<{ finding?: Finding; fault?: ApiError }>();
  const list = [...chosen].join('\n');
  useEffect(() => {
    let there = true;
    void Promise.all([...chosen].map(openMap)).then(
      (all) => there && found(all),
      (err: unknown) => there && say({ fault: err instanceof ApiError ? err : new ApiError(-1, String(err)) }),
    );
    return () => {
      there = false;
    };
  }, [list]);
  const alone = chosen.size === 0;
  const complete = others.length === chosen.size;
  useEffect(() => {
    if (alone || !complete) return;
    const ending = new AbortController();
    check(combined([opened, ...others]).draft, ending.signal, 'together').then(
      ({ data }) => say({ finding: data }),
      (err: unknown) => !isAbort(err) && say({ fault: err instanceof ApiError ? err : new ApiError(-1, String(err)) }),
    );
    return () => ending.abort();
  }, [others, opened.finding, alone, complete]);
  return {
    names,
    chosen,
    choose: (name, to) => {
      say(undefined);
      found([]);
      choose(new Set(names.filter((n) => (n === name ? to : chosen.has(n)))));
    },
    drafts: alone ? [opened] : [opened, ...others],
    finding: alone ? opened.finding : said?.finding,
    fault: alone ? opened.fault : said?.fault,
  };
}
