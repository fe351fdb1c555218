// A plain table for some hundred rows. Values and Maps, which have thousands, have grids of their own.
import type { ComponentChildren } from 'preact';

export interface Column<Row> {
  /** Its heading. */
  head: string;
  /** What a row shows in it. */
  cell: (row: Row) => ComponentChildren;
  /** Numbers are set to the right. */
  right?: boolean;
  /** Takes the room that is left, and is cut where there is none. */
  wide?: boolean;
  /** On phones it is left out. */
  spare?: boolean;
  /** Explains the heading. */
  title?: string;
}

interface Props<Row> {
  /** Names the table to a screen reader. */
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  id: (row: Row) => string;
  rowClass?: (row: Row) => string;
}

function classesOf<Row>(c: Column<Row>): string {
  return [c.right ? 'right' : '', c.wide ? 'wide' : '', c.spare ? 'spare' : ''].join(' ').trim();
}

export function Table<Row>({ label, columns, rows, id, rowClass }: Props<Row>) {
  return (
    <div class="scroll" role="region" aria-label={label} tabIndex={0}>
      <table aria-label={label}>
        <thead>
          <tr>
            {columns.map((c) => (
              <th key={c.head} scope="col" class={classesOf(c)} {...(c.title ? { title: c.title } : {})}>
                {c.head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={id(row)} class={rowClass?.(row) ?? ''}>
              {columns.map((c) => (
                <td key={c.head} class={classesOf(c)}>
                  {c.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
