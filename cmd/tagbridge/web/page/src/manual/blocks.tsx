// Blocks of a chapter as elements; texts stay texts.
import { href } from '../router.ts';
import { target, type Block, type Chapter, type Span } from './manual.ts';

function Text({ span, chapter }: { span: Span; chapter: string }) {
  switch (span.style) {
    case 'code': return <code>{span.text}</code>;
    case 'strong': return <strong>{span.text}</strong>;
    case 'link': {
      const to = target(span.to ?? '');
      if (to) return <a href={href('manual', { chapter: to.chapter || chapter, at: to.id })}>{span.text}</a>;
      if (/^https?:/.test(span.to ?? '')) return <a href={span.to} target="_blank" rel="noopener noreferrer">{span.text}</a>;
    }
  }
  return <>{span.text}</>;
}

const texts = (spans: readonly Span[] | undefined, chapter: string) => (spans ?? []).map((s, i) => <Text key={i} span={s} chapter={chapter} />);

function Drawn({ block: b, chapter }: { block: Block; chapter: string }) {
  switch (b.kind) {
    case 'heading': return (b.level ?? 1) <= 1 ? <h1 id={anchor(b.id)}>{texts(b.spans, chapter)}</h1> : (b.level === 2 ? <h2 id={anchor(b.id)}>{texts(b.spans, chapter)}</h2> : <h3 id={anchor(b.id)}>{texts(b.spans, chapter)}</h3>);
    case 'item': return <p class="item">{texts(b.spans, chapter)}</p>;
    case 'code': return <pre tabIndex={0}>{b.code}</pre>;
    case 'table': return <Rows rows={b.rows ?? []} chapter={chapter} />;
  }
  return <p>{texts(b.spans, chapter)}</p>;
}

function Rows({ rows, chapter }: { rows: Span[][][]; chapter: string }) {
  const [head, ...body] = rows;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={(head ?? []).map((c) => c.map((s) => s.text).join('')).join(', ')}>
      <table>
        <thead><tr>{(head ?? []).map((c, i) => <th key={i} scope="col">{texts(c, chapter)}</th>)}</tr></thead>
        <tbody>{body.map((row, i) => <tr key={i}>{row.map((c, j) => <td key={j}>{texts(c, chapter)}</td>)}</tr>)}</tbody>
      </table>
    </div>
  );
}

/** anchor is the identity of a heading in the page, which no other element has. */
export function anchor(id: string | undefined): string {
  return `manual-${id ?? ''}`;
}

export function Shown({ chapter: c }: { chapter: Chapter }) {
  return <article class="chapter">{c.blocks.map((b, i) => <Drawn key={i} block={b} chapter={c.name} />)}</article>;
}
