// The program's own manual as the API answers it, and finding words in it.

export interface Span {
  text: string;
  style?: string;
  to?: string;
}

export interface Block {
  kind: 'heading' | 'text' | 'item' | 'table' | 'code';
  level?: number;
  id?: string;
  spans?: Span[];
  rows?: Span[][][];
  code?: string;
}

export interface Chapter {
  name: string;
  title: string;
  blocks: Block[];
}

/** Hit is a block that has all the words: of which chapter, under which heading, and some of its text. */
export interface Hit {
  chapter: string;
  title: string;
  id: string;
  heading: string;
  text: string;
}

const mostHits = 60;
const around = 80;

const said = (spans: readonly Span[] | undefined) => (spans ?? []).map((s) => s.text).join('');

/** textsOf are the texts of a block, a row of a table being one. */
function textsOf(b: Block): string[] {
  if (b.rows) return b.rows.map((cells) => cells.map(said).join('  '));
  return [b.code ?? said(b.spans)];
}

/** find is where all words of the question are together: in headings first, then in the order of the manual. */
export function find(chapters: readonly Chapter[], question: string): Hit[] {
  const words = question.toLowerCase().split(/\s+/).filter((w) => w !== '');
  if (words.length === 0) return [];
  const inHeadings: Hit[] = [];
  const others: Hit[] = [];
  for (const c of chapters) {
    let id = '';
    let heading = c.title;
    for (const b of c.blocks) {
      if (b.kind === 'heading') [id, heading] = [b.id ?? '', said(b.spans)];
      for (const text of textsOf(b)) {
        const low = text.toLowerCase();
        if (!words.every((w) => low.includes(w))) continue;
        const hit = { chapter: c.name, title: c.title, id, heading, text: excerpt(text, low.indexOf(words[0]!)) };
        (b.kind === 'heading' ? inHeadings : others).push(hit);
      }
    }
  }
  return [...inHeadings, ...others].slice(0, mostHits);
}

/** excerpt is text about a place in it. */
function excerpt(text: string, at: number): string {
  const from = Math.max(0, at - around);
  const to = Math.min(text.length, at + 2 * around);
  return `${from > 0 ? '… ' : ''}${text.slice(from, to).trim()}${to < text.length ? ' …' : ''}`;
}

/** target is where a link of the manual leads: a chapter and a heading of it; undefined: an address of the web. */
export function target(to: string): { chapter: string; id: string } | undefined {
  if (/^[a-z][a-z0-9+.-]*:/i.test(to)) return undefined;
  const [chapter = '', id = ''] = to.split('#');
  return { chapter, id };
}
