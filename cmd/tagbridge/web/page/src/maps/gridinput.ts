// Where the text of a cell is edited. It has the focus of the grid at all times, unseen until one types, so that dead keys,
// composed characters and the clipboard work as everywhere else.
import { element, place, type Grid } from './grid.ts';

export class CellInput {
  readonly box: HTMLTextAreaElement = element('textarea', 'cellinput');
  /** How editing began: by typing, so that arrows go on to the next cell, or in the text. */
  mode: 'no' | 'typed' | 'inside' = 'no';

  constructor(private readonly grid: Grid, label: string) {
    this.box.rows = 1;
    this.box.spellcheck = false;
    this.box.autocomplete = 'off';
    this.box.setAttribute('autocapitalize', 'off');
    this.box.setAttribute('aria-label', label);
    this.box.addEventListener('input', () => this.typed());
    this.box.addEventListener('blur', () => this.commit());
  }

  focus(): void {
    this.box.focus({ preventScroll: true });
  }

  place(left: number, top: number, width: number, height: number): void {
    if (this.mode === 'no') place(this.box, left, top, width, height);
  }

  /** Begins to edit what is in the active cell. */
  open(): void {
    if (!this.grid.source.editable) return;
    const { row, column } = this.grid.selection.active;
    const whole = this.grid.source.whole(row);
    this.begin('inside');
    this.box.value = whole ?? this.grid.source.cells(row)[column] ?? '';
    this.fit();
  }

  /** Takes what was typed. */
  commit(): void {
    if (this.mode === 'no') return;
    const { row, column } = this.grid.selection.active;
    const text = this.box.value;
    this.close();
    this.grid.actions.set(row, column, text);
  }

  close(): void {
    this.mode = 'no';
    this.box.value = '';
    this.box.classList.remove('editing');
    this.grid.select(this.grid.selection, false);
  }

  /** Puts a line end where the cursor is. */
  lineEnd(): void {
    this.box.setRangeText('\n', this.box.selectionStart, this.box.selectionEnd, 'end');
    this.fit();
  }

  private begin(mode: 'typed' | 'inside'): void {
    const { row, column } = this.grid.selection.active;
    this.grid.select({ active: { row, column }, other: { row, column } });
    this.mode = mode;
    this.box.classList.add('editing');
  }

  private typed(): void {
    if (!this.grid.source.editable) {
      this.box.value = '';
      return;
    }
    if (this.mode === 'no') this.begin('typed');
    this.fit();
  }

  /** Makes it as large as its text. */
  private fit(): void {
    const width = parseFloat(this.box.style.width);
    const lines = this.box.value.split('\n');
    const wanted = Math.max(...lines.map((l) => l.length)) * 8 + 24;
    this.box.style.width = `${Math.max(width, Math.min(wanted, 520))}px`;
    this.box.style.height = `${28 * Math.max(lines.length, Math.ceil(wanted / 520))}px`;
  }
}
